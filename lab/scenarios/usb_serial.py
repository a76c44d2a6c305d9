"""A USB-serial adapter by its port: bytes both ways with a partition, unplug and replug, the manager killed meanwhile, the next owner."""
import json
import unittest

from machine import inside, nested, usb
from machine.inside import output_of
from machine.places import Failure
from machine.qmp import Qmp
from machine.sockets import connect

BY_DEFAULT = False  # partitions that are emulated twice: ten minutes
FRESH = False
SECONDS = 1200
BUILD = RESULTS = None  # set by lab/run
PORT = 1  # of the controller
OUTSIDE = "usb1.sock"
BOOT_SECONDS = 400  # of a guest that is emulated within an emulation
LOOK = ("bulkhead describe device adapter", "ls -l /run/bulkhead/usb", "lsusb -t")
LINE = "line /dev/bulkhead/adapter"  # what the probe calls it


def partition(name, devices):
    return {"name": name, "tenant": "plant", "image": "partition-base", "cpus": 1, "memory": "256MiB",
            "application": {"path": "probe", "config": {"line": "/dev/bulkhead/adapter"}}, "devices": devices}


def document(at, owner, **more):
    """JSON, which is YAML too: one partition that has what is plugged in there."""
    return json.dumps({
        "apiVersion": "bulkhead/v1alpha1", "kind": "Gateway", "metadata": {"name": "lab-gateway", "site": "lab"},
        "tenants": [{"name": "plant", "quota": {"cpus": 1, "memory": "512MiB", "disk": "64MiB", "partitions": 1}}],
        "devices": [{"name": "adapter", "kind": "usb", "at": at, **more}],
        "partitions": [partition(owner, [{"device": "adapter"}])],
    })


def view():
    return next(each for each in inside.json_of("get devices")["items"] if each.get("name") == "adapter")


def driver(at):
    return inside.call(f"basename $(readlink -f /sys/bus/usb/devices/{at}:1.0/driver)").stdout.strip()


def heard():
    """Bytes that the partition's application heard; None before it said anything."""
    text = inside.json_of("get partitions")["items"][0]["application"].get("last_output", "")
    return json.loads(text).get(LINE) if text.startswith("{") else None


def until(what, condition, seconds):
    return inside.until(what, condition, seconds, *LOOK)


def says_outside(line):
    """The next whole line that the outside hears."""
    text = b""
    while text.count(b"\n") < 2:
        try:
            part = line.recv(256)
        except TimeoutError:
            raise Failure(f"the outside hears nothing, so far {text!r}\n{inside.evidence(*LOOK)}") from None
        if not part:
            raise Failure("the adapter's line was closed")
        text += part
    return text.split(b"\n")[1].decode()


def exchange():
    """Bytes both ways between the outside and the partition that has the adapter."""
    before = heard() or 0
    with connect(OUTSIDE, 120) as line:
        said = says_outside(line)
        if not said.startswith("tick "):
            raise Failure(f"the outside hears {said!r}, not what the probe says")
        line.sendall(b"x" * 100)
        until("the partition hears the outside", lambda: (heard() or 0) >= before + 100, 90)


class UsbSerial(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        nested.put_kvm_away()  # the adapter's interrupts end the gateway's kernel in the emulated SVM
        cls.at = usb.port(PORT)

    @classmethod
    def tearDownClass(cls):
        output_of("bulkhead teardown --yes", timeout=180)
        nested.bring_kvm_back()

    def test_1_the_inventory_says_how_it_is_named_and_that_it_is_free(self):
        adapter = next(each for each in inside.json_of("get devices")["items"] if each.get("id") == f"usb:{self.at}")
        self.assertEqual(adapter["at"], self.at)
        self.assertEqual(adapter.get("obstacles", []), [])
        self.assertEqual(driver(self.at), "ftdi_sio")

    def test_2_another_device_than_expected_is_not_given(self):
        output_of("bulkhead apply -f -", stdin=document(self.at, "press", expect={"vendor": "067b", "product": "2303"}), timeout=300)
        until("its owner says so", lambda: "wanted 067b:2303" in view().get("error", ""), 30)
        self.assertEqual(driver(self.at), "ftdi_sio")
        output_of("bulkhead teardown --yes", timeout=180)

    def test_3_it_goes_to_the_partition_and_bytes_pass_both_ways(self):
        output_of("bulkhead apply -f -", stdin=document(self.at, "press", expect={"vendor": "0403", "product": "6001"}), timeout=300)
        self.assertEqual(view()["health"], "ok")
        self.assertEqual(driver(self.at), "usbfs")
        until("the partition's application works", lambda: heard() is not None, BOOT_SECONDS)
        exchange()

    def test_4_pulled_out_it_degrades_its_partition_and_plugged_in_it_works_again(self):
        with Qmp() as qmp:
            usb.unplug(qmp, PORT)
            until("it is gone", lambda: not view().get("present", False), 30)
            until("its partition is degraded",
                  lambda: inside.json_of("get partitions")["items"][0].get("health") == "degraded", 30)
            usb.plug(qmp, PORT)
        until("it is back", lambda: view()["health"] == "ok", 30)
        exchange()

    def test_5_the_manager_may_be_killed_meanwhile_and_its_owner_goes_on(self):
        owner = output_of("pidof bulkhead-usb").split()
        output_of("systemctl kill --kill-whom=main -s KILL bulkheadd")
        until("it is back", lambda: inside.call("bulkhead status").returncode == 0, 60)
        self.assertEqual(output_of("pidof bulkhead-usb").split(), owner)
        exchange()

    def test_6_an_owner_that_is_killed_is_started_again(self):
        owner = output_of("pidof bulkhead-usb").split()
        output_of("kill -KILL $(pidof bulkhead-usb)")
        until("another one owns it", lambda: inside.call("pidof bulkhead-usb").stdout.split() not in ([], owner), 60)
        until("it is held", lambda: view()["health"] == "ok", 30)
        exchange()

    def test_7_released_it_has_its_driver_and_the_next_partition_gets_it(self):
        output_of("bulkhead teardown --yes", timeout=180)
        until("the kernel's driver has it", lambda: driver(self.at) == "ftdi_sio", 30)
        output_of("bulkhead apply -f -", stdin=document(self.at, "packer"), timeout=300)
        self.assertEqual(view()["partition"], "packer")
        until("the second partition's application works", lambda: heard() is not None, BOOT_SECONDS)
        exchange()

    def test_8_given_back_it_has_its_driver_again(self):
        output_of("bulkhead teardown --yes", timeout=180)
        until("the kernel's driver has it", lambda: driver(self.at) == "ftdi_sio", 30)
        self.assertEqual(inside.call("pidof bulkhead-usb").stdout, "")
