"""A CAN bus that two partitions share: frames both ways with the gateway's other controller and between the two, identifiers refused by
the guard, an owner killed, everything given back."""
import json
import unittest

from machine import inside
from machine.inside import interface, output_of

BY_DEFAULT = True
FRESH = False
SECONDS = 700
BUILD = RESULTS = None  # set by lab/run
BUS, OTHER = "0000:00:08.0", "0000:00:09.0"  # two controllers on one bus: the gateway's, and the outside
BOOT_SECONDS = 300  # of two guests that are emulated within an emulation
LOOK = ("bulkhead describe device can-robot", "bulkhead describe device can-press", "ip -details -statistics link show type can",
        "ip -details link show type vcan")
PROBE_SAYS = "123"  # each partition's application says that once a second


def partition(name, device, allow):
    return {"name": name, "tenant": "plant", "image": "partition-base", "cpus": 1, "memory": "192MiB",
            "application": {"path": "probe", "config": {"can": "can0"}},
            "devices": [{"device": device, "bitrate": 500000, "guard": {"allow": allow}}]}


def document():
    """JSON, which is YAML too: the robot may speak, the press only listens."""
    return json.dumps({
        "apiVersion": "bulkhead/v1alpha1", "kind": "Gateway", "metadata": {"name": "lab-gateway", "site": "lab"},
        "tenants": [{"name": "plant", "quota": {"cpus": 2, "memory": "512MiB", "disk": "64MiB", "partitions": 2}}],
        "devices": [{"name": name, "kind": "can", "at": BUS, "shared": True} for name in ("can-robot", "can-press")],
        "partitions": [partition("robot", "can-robot", ["send 0x123", "receive 0x180/0x7f0"]),
                       partition("press", "can-press", ["receive 0x123", "receive 0x180/0x7f0"])],
    })


def view(name):
    return next(each for each in inside.json_of("get devices")["items"] if each.get("name") == name)


def is_up(name):
    return "UP" in output_of(f"ip -o link show {name}").split("<")[1].split(">")[0].split(",")


def ports():
    return output_of("ip -o link show type vcan").split("\n")[:-1]


def heard(name):
    """Frames that the partition's application heard; None before it said anything."""
    found = next(each for each in inside.json_of("get partitions")["items"] if each["name"] == name)
    text = found["application"].get("last_output", "")
    return json.loads(text).get("can can0") if text.startswith("{") else None


def until(what, condition, seconds):
    return inside.until(what, condition, seconds, *LOOK)


class MediatedCan(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bus, cls.other = interface(BUS), interface(OTHER)
        for name in (cls.bus, cls.other):
            output_of(f"ip link set {name} down")

    @classmethod
    def tearDownClass(cls):
        output_of("bulkhead teardown --yes", timeout=180)
        output_of(f"ip link set {cls.other} down")

    def test_1_the_bus_can_be_assigned_by_its_place(self):
        found = next(each for each in inside.json_of("get devices")["items"] if each["id"] == f"can:{BUS}")
        self.assertEqual((found["at"], found.get("obstacles", [])), (BUS, []))

    def test_2_one_that_somebody_works_at_another_rate_is_refused(self):
        output_of(f"ip link set {self.bus} up type can bitrate 250000")
        refused = inside.call("bulkhead apply -f -", stdin=document(), timeout=300)
        output_of(f"ip link set {self.bus} down")
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn(f"{self.bus} is up at 250000 bit/s, and it was not us who brought it up", refused.stdout + refused.stderr)

    def test_3_two_partitions_get_a_port_each(self):
        output_of("bulkhead apply -f -", stdin=document(), timeout=300)
        self.assertTrue(is_up(self.bus))
        self.assertEqual(len(ports()), 2)
        self.assertEqual([view(name)["health"] for name in ("can-robot", "can-press")], ["ok", "ok"])
        output_of(f"ip link set {self.other} up type can bitrate 500000")

    def test_4_frames_pass_both_ways_and_what_the_guard_refuses_does_not(self):
        for name in ("robot", "press"):
            until(f"{name}'s application works", lambda name=name: heard(name) is not None, BOOT_SECONDS)
        said = output_of(f"timeout 120 candump -n 3 -L {self.other}", timeout=150)
        self.assertEqual({line.split()[2].split("#")[0] for line in said.strip().split("\n")}, {PROBE_SAYS})
        before = heard("robot"), heard("press")
        for _ in range(20):
            output_of(f"cansend {self.other} 181#DEADBEEF && cansend {self.other} 201#00")
        until("the robot hears the outside", lambda: heard("robot") >= before[0] + 20, 90)
        # The press hears the robot, too, who speaks through another port of this gateway.
        until("the press hears both", lambda: heard("press") >= before[1] + 22, 90)
        refused = view("can-press")["guard"]
        self.assertGreater(int(refused["refused"]), 0)
        self.assertEqual(refused["last"], "send 0x123: no rule allows it")
        self.assertEqual(int(view("can-press")["can"].get("to_bus", 0)), 0)
        # Neither 201, which nobody may hear, nor what each says itself.
        self.assertLess(int(view("can-robot")["can"]["to_guest"]), 40)

    def test_5_an_owner_that_is_killed_is_started_again(self):
        owners = set(output_of("pidof bulkhead-can").split())
        self.assertEqual(len(owners), 2)
        output_of(f"kill -KILL {' '.join(owners)}")
        until("others own the ports", lambda: len(set(inside.call("pidof bulkhead-can").stdout.split()) - owners) == 2, 90)
        before = heard("robot")
        until("the outside is heard again",
              lambda: output_of(f"cansend {self.other} 182#00") == "" and heard("robot") > before, 60)

    def test_6_a_bus_that_somebody_sets_down_is_up_again(self):
        output_of(f"ip link set {self.bus} down")
        until("it is up", lambda: is_up(self.bus), 60)
        until("the device is there", lambda: view("can-robot")["health"] == "ok", 30)

    def test_7_what_is_given_back_is_as_it_was(self):
        output_of("bulkhead teardown --yes", timeout=180)
        self.assertFalse(is_up(self.bus))
        self.assertEqual(ports(), [])
        self.assertEqual(inside.call("pidof bulkhead-can").stdout, "")
        self.assertEqual(output_of(f"cat /sys/class/net/{self.bus}/ifalias").strip(), "")
