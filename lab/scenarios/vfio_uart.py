"""A serial card by VFIO: Modbus RTU between a partition and a PLC at the card's line; reset before the next partition has it."""
import json
import unittest

from machine import inside, plc
from machine.inside import output_of, wait_for

BY_DEFAULT = True
FRESH = False
SECONDS = 600
BUILD = RESULTS = None  # set by lab/run
BOOT_SECONDS = 240  # of a guest that is emulated within an emulation
TRACING = "/sys/kernel/tracing"


def document(at, owner):
    """JSON, which is YAML too: one partition that has the card."""
    return json.dumps({
        "apiVersion": "bulkhead/v1alpha1", "kind": "Gateway", "metadata": {"name": "lab-gateway", "site": "lab"},
        "tenants": [{"name": "plant", "quota": {"cpus": 1, "memory": "512MiB", "disk": "64MiB", "partitions": 1}}],
        "devices": [{"name": "plc-line", "kind": "pci", "at": at}],
        "partitions": [{"name": owner, "tenant": "plant", "image": "partition-base", "cpus": 1, "memory": "256MiB",
                        "application": plc.READER,
                        "devices": [{"device": "plc-line"}]}],
    })


def driver(place):
    return output_of(f"basename $(readlink -f /sys/bus/pci/devices/{place}/driver)").strip()


def reading(partition):
    found = [each for each in inside.json_of("get partitions")["items"] if each["name"] == partition]
    return found[0].get("application", {}).get("last_output", "") if found else ""


def resets():
    """Resets of PCI functions that the kernel did and that worked, since it was asked to count them."""
    return sum(line.endswith("answer=0") for line in output_of(f"cat {TRACING}/trace").splitlines())


class VfioUart(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        (cls.card,) = inside.behind(plc.SLOT)
        output_of(f"echo 'r:reset_done __pci_reset_function_locked answer=$retval:s32' > {TRACING}/kprobe_events && "
                  f"echo 1 > {TRACING}/events/kprobes/reset_done/enable")

    @classmethod
    def tearDownClass(cls):
        output_of("bulkhead teardown --yes", timeout=180)
        output_of(f"echo 0 > {TRACING}/events/kprobes/reset_done/enable && echo > {TRACING}/kprobe_events")

    def test_1_it_goes_to_the_partition_which_reads_the_plc(self):
        output_of("bulkhead apply -f -", stdin=document(self.card, "press"), timeout=300)
        self.assertEqual(driver(self.card), "vfio-pci")
        with plc.at_the_line(BUILD):
            wait_for("the partition reads the PLC", lambda: "rpm" in reading("press"), BOOT_SECONDS)

    def test_2_it_is_reset_and_the_next_partition_reads_the_plc(self):
        before = resets()
        output_of("bulkhead apply --allow-restart press -f -", stdin=document(self.card, "packer"), timeout=300)
        self.assertGreater(resets(), before)
        with plc.at_the_line(BUILD):
            wait_for("the next one reads the PLC", lambda: "rpm" in reading("packer"), BOOT_SECONDS)

    def test_3_given_back_it_has_its_driver_again(self):
        output_of("bulkhead teardown --yes", timeout=180)
        self.assertEqual(driver(self.card), "serial")
