"""A serial line that two partitions have in turns: both read the PLC at its end, through the death of an owner and of who gives the turns."""
import json
import unittest

from machine import inside, plc
from machine.inside import output_of, until, wait_for

BY_DEFAULT = False  # two partitions at once on an emulated SVM end the gateway's kernel time and again (lab/README.md, Limits)
FRESH = False
SECONDS = 900
BUILD = RESULTS = None  # set by lab/run
BOOT_SECONDS = 300  # of two guests that are emulated within an emulation
PARTITIONS = ("press", "metering")


def partition(name):
    return {"name": name, "tenant": "plant", "image": "partition-base", "cpus": 1, "memory": "256MiB",
            "application": plc.READER,
            "devices": [{"device": f"line-of-{name}", "line": "9600 8N1", "protocol": "modbus", "answerWithin": 500,
                         "guard": {"allow": ["unit 1 read holding-registers 0-9"]}}]}


def document(at):
    """JSON, which is YAML too."""
    return json.dumps({
        "apiVersion": "bulkhead/v1alpha1", "kind": "Gateway", "metadata": {"name": "lab-gateway", "site": "lab"},
        "tenants": [{"name": "plant", "quota": {"cpus": 2, "memory": "1GiB", "disk": "64MiB", "partitions": 2}}],
        "devices": [{"name": f"line-of-{name}", "kind": "serial", "at": at, "shared": True} for name in PARTITIONS],
        "partitions": [partition(name) for name in PARTITIONS],
    })


def turns(name):
    found = next(each for each in inside.json_of("get devices")["items"] if each.get("name") == f"line-of-{name}")
    return found.get("turns") or {}


def answered(name):
    return int(turns(name).get("answered", 0))


def both_are_answered_again():
    before = {name: answered(name) for name in PARTITIONS}
    for name in PARTITIONS:
        until(f"{name} is answered", lambda name=name: answered(name) > before[name], 90)


class SharedLine(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        (card,) = inside.behind(plc.SLOT)
        cls.at = next(each["at"] for each in inside.json_of("get devices")["items"]
                      if each["kind"] == "serial" and each.get("parent") == f"pci:{card}")

    @classmethod
    def tearDownClass(cls):
        output_of("bulkhead teardown --yes", timeout=180)

    def test_1_both_partitions_read_the_plc_in_turns(self):
        output_of("bulkhead apply -f -", stdin=document(self.at), timeout=300)
        with plc.at_the_line(BUILD):
            for name in PARTITIONS:
                until(f"{name} is answered", lambda name=name: answered(name) > 0, BOOT_SECONDS)
            both_are_answered_again()
        self.assertEqual(int(turns("press")["devices"]), 2)
        self.assertEqual(len(output_of("pidof bulkhead-line").split()), 1)

    def test_2_an_owner_that_is_killed_is_started_again_and_the_other_goes_on(self):
        owners = set(output_of("pidof bulkhead-serial").split())
        output_of(f"kill -KILL {sorted(owners)[0]}")
        wait_for("there are two again", lambda: len(set(inside.call("pidof bulkhead-serial").stdout.split()) - owners) == 1, 90)
        with plc.at_the_line(BUILD):
            both_are_answered_again()

    def test_3_who_gives_the_turns_is_killed_and_both_are_answered_again(self):
        former = output_of("pidof bulkhead-line").split()
        output_of("kill -KILL $(pidof bulkhead-line)")
        wait_for("there is another", lambda: inside.call("pidof bulkhead-line").stdout.split() not in ([], former), 90)
        with plc.at_the_line(BUILD):
            for name in PARTITIONS:
                until(f"{name} is answered", lambda name=name: answered(name) > 0, 90)

    def test_4_nothing_is_left_of_it(self):
        output_of("bulkhead teardown --yes", timeout=180)
        self.assertEqual(inside.call("pidof bulkhead-line bulkhead-serial").stdout, "")
        self.assertEqual(output_of("ls -A /run/bulkhead/line"), "")
