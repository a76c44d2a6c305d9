"""A CAN controller by VFIO: frames pass between a partition that has one and the gateway's other controller, both ways."""
import json
import unittest

from machine import inside
from machine.inside import interface, output_of, wait_for

BY_DEFAULT = True
FRESH = False
SECONDS = 600
BUILD = RESULTS = None  # set by lab/run
SLOT, BRIDGE = "0000:00:0e.0", "0000:00:0c.0"
OTHER = "0000:00:09.0"  # on the same bus; nothing resets it
PASSED = SHARED = NEIGHBOUR = None  # in the slot; behind the bridge
BOOT_SECONDS = 240  # of a guest that is emulated within an emulation


def document(*places):
    """JSON, which is YAML too: one partition with a controller at each place."""
    names = [f"can-{number}" for number, _ in enumerate(places, 1)]
    return json.dumps({
        "apiVersion": "bulkhead/v1alpha1", "kind": "Gateway", "metadata": {"name": "lab-gateway", "site": "lab"},
        "tenants": [{"name": "plant", "quota": {"cpus": 1, "memory": "512MiB", "disk": "64MiB", "partitions": 1}}],
        "devices": [{"name": name, "kind": "pci", "at": place} for name, place in zip(names, places)],
        "partitions": [{"name": "press", "tenant": "plant", "image": "partition-base", "cpus": 1, "memory": "256MiB",
                        "application": {"path": "probe", "config": {"can": "can0"}},
                        "devices": [{"device": name, "protocol": "can", "bitrate": 500000} for name in names]}],
    })


def devices():
    return inside.json_of("get devices")["items"]


def device(place):
    return next(each for each in devices() if each.get("id") == f"pci:{place}")


def reasons(place):
    return [each["why"] for each in device(place).get("obstacles", [])]


def driver(place):
    return output_of(f"basename $(readlink -f /sys/bus/pci/devices/{place}/driver)").strip()


def reading():
    text = inside.json_of("get partitions")["items"][0]["application"].get("last_output", "")
    return json.loads(text) if text.startswith("{") else {}


class VfioCan(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        global PASSED, SHARED, NEIGHBOUR
        (PASSED,), (SHARED, NEIGHBOUR) = inside.behind(SLOT), inside.behind(BRIDGE)
        for place in (PASSED, OTHER):
            output_of(f"ip link set {interface(place)} down")

    @classmethod
    def tearDownClass(cls):
        output_of("bulkhead teardown --yes", timeout=180)
        output_of(f"ip link set {interface(OTHER)} down")

    def test_1_the_inventory_says_what_could_go_and_what_stays_and_why(self):
        self.assertEqual(reasons(PASSED), [])
        self.assertEqual(device(PASSED)["driver"], "kvaser_pci")
        self.assertEqual(reasons(SHARED), [f"shares IOMMU group {device(SHARED)['group']} with {NEIGHBOUR}"])
        self.assertIn("carries the gateway's own addresses, mgmt0", reasons("0000:00:02.0"))
        self.assertTrue(any("usb:1-1" == each["id"] for each in devices()))

    def test_2_a_controller_that_shares_its_group_is_refused_with_its_place_in_the_document(self):
        refused = inside.call("bulkhead plan -f -", stdin=document(SHARED))
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn(f"device can-1: {SHARED} shares IOMMU group", refused.stderr)
        self.assertIn(":1:", refused.stderr)
        self.assertEqual(driver(SHARED), "kvaser_pci")

    def test_2_one_that_nothing_resets_is_refused(self):
        refused = inside.call("bulkhead plan -f -", stdin=document(OTHER))
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn(f"device can-1: {OTHER} can't be reset", refused.stderr)

    def test_3_one_of_its_own_goes_to_the_partition(self):
        output_of("bulkhead apply -f -", stdin=document(PASSED), timeout=300)
        self.assertEqual(driver(PASSED), "vfio-pci")
        self.assertEqual(driver(OTHER), "kvaser_pci")
        self.assertEqual(device(PASSED)["partition"], "press")

    def test_4_frames_pass_both_ways(self):
        other = interface(OTHER)
        output_of(f"ip link set {other} up type can bitrate 500000")
        wait_for("the partition's application works", reading, BOOT_SECONDS)
        heard = output_of(f"timeout 120 candump -n 1 -L {other},123:7FF", timeout=150)
        self.assertIn("123#", heard)
        before = reading()["can can0"]
        for _ in range(20):
            output_of(f"cansend {other} 181#DEADBEEF")
        wait_for("the partition hears the gateway", lambda: reading().get("can can0", 0) >= before + 20, 60)

    def test_5_the_manager_may_be_killed_meanwhile(self):
        before = reading()["can can0"]
        output_of("systemctl kill --kill-whom=main -s KILL bulkheadd")
        wait_for("it is back", lambda: inside.call("bulkhead status").returncode == 0, 60)
        self.assertEqual(driver(PASSED), "vfio-pci")
        output_of(f"cansend {interface(OTHER)} 181#00")
        wait_for("the bus goes on", lambda: reading().get("can can0", 0) > before, 60)

    def test_6_what_is_given_back_has_its_driver_again(self):
        output_of("bulkhead teardown --yes", timeout=180)
        self.assertEqual(driver(PASSED), "kvaser_pci")
        wait_for("its interface is back", lambda: interface(PASSED), 30)
        self.assertEqual(device(PASSED).get("partition", ""), "")
