"""A PCI card that is pulled out of a partition that runs: the manager and the partition go on, and the card serves again when it is back."""
import unittest

from machine import inside
from machine.inside import output_of, wait_for
from machine.qmp import Qmp
from scenarios import vfio_can
from scenarios.vfio_can import BOOT_SECONDS, device, document, driver, reading

BY_DEFAULT = True
FRESH = False
SECONDS = 400
BUILD = RESULTS = None  # set by lab/run
CARD = {"id": "card1", "driver": "kvaser_pci", "canbus": "field", "bus": "slot1", "addr": "0x0"}  # machine/hardware.py
PLACE = None


def qemu(command, **arguments):
    with Qmp() as qmp:
        qmp.command(command, **arguments)


def press():
    return inside.json_of("get partitions")["items"][0]


def is_there():
    return inside.call(f"test -e /sys/bus/pci/devices/{PLACE}").returncode == 0


class PciUnplug(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        global PLACE
        (PLACE,) = inside.behind(vfio_can.SLOT)
        output_of("bulkhead apply -f -", stdin=document(PLACE), timeout=300)
        wait_for("the partition's application works", reading, BOOT_SECONDS)

    @classmethod
    def tearDownClass(cls):
        output_of("bulkhead teardown --yes", timeout=180)
        output_of(f"ip link set {inside.interface(vfio_can.OTHER)} down")

    def test_1_pulled_out_it_degrades_its_partition_which_goes_on(self):
        qemu("device_del", id=CARD["id"])
        wait_for("the partition is told", lambda: press()["health"] == "degraded", 60)
        self.assertIn("pulled out", press()["reason"])
        self.assertIn("pulled out", device(PLACE)["error"])
        self.assertEqual(press()["state"], "running")

    def test_2_the_manager_is_at_work_meanwhile(self):
        output_of("bulkhead apply -f -", stdin=document(PLACE), timeout=60)
        output_of("bulkhead lock press --reason 'the card is out'", timeout=30)
        output_of("bulkhead unlock press", timeout=30)

    def test_3_the_card_leaves_with_the_partitions_end(self):
        output_of("bulkhead stop press", timeout=120)
        wait_for("the kernel has let it go", lambda: not is_there(), 60)

    def test_4_back_in_its_slot_it_is_taken_and_serves_again(self):
        qemu("device_add", **CARD)
        wait_for("it is taken", lambda: is_there() and driver(PLACE) == "vfio-pci", 60)
        output_of("bulkhead start press", timeout=120)
        wait_for("the partition's application works", lambda: press()["health"] == "ok", BOOT_SECONDS)
        other = inside.interface(vfio_can.OTHER)
        output_of(f"ip link set {other} up type can bitrate 500000")
        self.assertIn("123#", output_of(f"timeout 120 candump -n 1 -L {other},123:7FF", timeout=150))
