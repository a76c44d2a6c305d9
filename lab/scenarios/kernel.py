"""Debian's own kernel: the manager starts, the kernel lacks nothing, and the component tests of switch, routers and lines pass on it."""
import json
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from machine import inside
from machine.places import Failure

BY_DEFAULT = True
FRESH = False
SECONDS = 900
BUILD = RESULTS = None  # set by lab/run

# Tests of real kernel parts. Where the development machine's kernel lacks something, they skip it there and run it here.
TESTS = ("vnet-switch", "vnet-trial", "vnet-differential", "vnet-control", "vnet-attacks", "router-site", "guest-agent-network",
         "passthrough-lines", "cli-capture")
SLOWER = 4  # than the machines that the tests' timeouts are for
# What no Debian 12 kernel has, and nothing else may be skipped here.
MAY_BE_SKIPPED = ("no tcx", "no pin", "does not tell where a checksum ends")


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


def component_tests():
    """Name -> what Meson knows of it."""
    known = json.loads((BUILD / "meson-info/intro-tests.json").read_text())
    return {test["name"]: test for test in known if test["name"] in TESTS}


class Components(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.known = component_tests()
        missing = [name for name in TESTS if name not in cls.known or not Path(cls.known[name]["cmd"][0]).exists()]
        if missing:
            raise Failure(f"{BUILD} has not built {', '.join(missing)}", "meson configure -Dtests=enabled, and ninja")
        source = Path(json.loads((BUILD / "meson-info/meson-info.json").read_text())["directories"]["source"])
        files = {word for test in cls.known.values() for word in (test["cmd"][0], *test["env"].values()) if Path(word).is_file()}
        inside.put([*sorted(files), source / "examples"])

    def passes(self, name):
        test = self.known[name]
        environment = " ".join(f"{key}='{value}'" for key, value in {"FUZZ_SECONDS": 10, **test["env"]}.items())
        seconds = min(test["timeout"], 600) * SLOWER
        result = f"/tmp/{name}.xml"
        done = inside.call(f"cd /tmp && {environment} timeout {seconds} {test['cmd'][0]} --gtest_output=xml:{result}", timeout=seconds + 60)
        written = inside.call(f"cat {result}").stdout
        if not written:
            self.fail(f"ended with {done.returncode} and no result:\n{done.stdout[-3000:]}{done.stderr[-2000:]}")
        cases = list(ElementTree.fromstring(written).iter("testcase"))
        failed = {f"{case.get('classname')}.{case.get('name')}": [each.get("message") for each in case.iter("failure")]
                  for case in cases if case.find("failure") is not None}
        self.assertEqual(failed, {})
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        skipped = [(case.get("name"), each.get("message")) for case in cases for each in case.iter("skipped")]
        self.assertEqual([each for each in skipped if not any(words in each[1] for words in MAY_BE_SKIPPED)], [])
        self.assertGreater(len(cases), len(skipped))


def _test(name):
    return lambda self: self.passes(name)


for _name in TESTS:
    setattr(Components, f"test_{_name.replace('-', '_')}_passes", _test(_name))
