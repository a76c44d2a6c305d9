"""Debian's own kernel: the manager starts, the kernel lacks nothing, and what the switch, captures and devices ask of it, it does."""
import json
import unittest

from machine import inside
from machine.component_tests import ComponentTests, with_tests

BY_DEFAULT = True
FRESH = False
SECONDS = 900
BUILD = RESULTS = None  # set by lab/run


class Kernel(unittest.TestCase):
    def test_it_is_debians(self):
        self.assertRegex(inside.output_of("cat /proc/version"), r"Debian \d")

    def test_the_manager_finds_all_that_it_needs(self):
        found = json.loads(inside.call("bulkhead doctor -o json").stdout)["items"]
        self.assertGreater(len(found), 10)
        self.assertEqual([item for item in found if item.get("verdict") == "missing"], [])

    def test_it_has_networks_with_vlans(self):
        inside.output_of("ip netns add trial && ip -n trial link add name a type veth peer name b && "
                         "ip -n trial link add link a name a.20 type vlan id 20 && ip netns del trial")


@with_tests
class Components(ComponentTests):
    TESTS = ("vnet-switch", "vnet-differential", "passthrough-usb", "passthrough-can", "vnet-capture-process")
