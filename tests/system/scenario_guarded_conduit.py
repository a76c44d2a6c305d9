"""A guard in a conduit: a real guest reads a Modbus controller behind a wire and may not write it, whatever befalls the guard."""
import json
import os
import pathlib
import signal
import unittest

import gateway
from gateway import output_of, processes, wait_for
from plant import conduit, document, partition
from world import World

CONTROLLER, MAC, PORT = "10.30.9.40", "02:00:00:00:03:28", 502
WORLD = World({"enp4s0": f"{CONTROLLER}/24"})
PLANT = gateway.Gateway("guarded-conduit")
TARGET = f"{CONTROLLER}:{PORT}"
READS = "unit 1 read holding-registers 0-49"
READ, WRITE = 3, 6  # function codes of MODBUS


def guarded(*rules):
    return {**conduit("set-points", "recipes", "plc-1", f"tcp/{PORT}"), "guard": {"allow": list(rules)}}


def plant(*conduits):
    made = json.loads(document(partition("recipes", 1, {"ask": TARGET}), conduits=conduits))
    made["zones"].append({"name": "field", "tenant": "plant", "subnet": "10.30.9.0/24", "wire": {
        "interface": "enp4s0", "hosts": [{"name": "plc-1", "mac": MAC, "address": CONTROLLER}]}})
    return json.dumps(made)


def setUpModule():
    unittest.enterModuleContext(WORLD)
    WORLD.ip("link", "set", "far-enp4s0", "address", MAC)
    WORLD.ip("route", "add", "default", "dev", "far-enp4s0")
    WORLD.start(gateway.BUILD / "tests/vnet/guard/controller", CONTROLLER)
    unittest.enterModuleContext(PLANT)
    PLANT.start_daemon()
    PLANT.apply(plant(guarded(READS)), "--wait", "--timeout", "2min")


def grows(*outcomes):
    """Waits until the guest has had each of these twice more."""
    before = PLANT.reading("recipes")
    for what in outcomes:
        wait_for(f"'{what}' again", lambda what=what: PLANT.reading("recipes")[what] >= before[what] + 2, 30)


def reads_and_does_not_write(exception=1):
    grows(f"read {TARGET}", f"write {TARGET} exception {exception}")


def asked():
    """Function codes of the requests that the controller has got."""
    return [each["function"] for each in WORLD.told()]


def guard():
    return PLANT.items("conduits")[0]["guard"]


def guard_port():
    """Name of the host's end of the guard's pair, if there is one."""
    return [link for link in pathlib.Path("/sys/class/net").iterdir() if link.name.startswith("bhg")]


def said_by_the_guest():
    """Packets that came out of the guest so far."""
    links = json.loads(output_of("ip", "-s", "-j", "link", "show", PLANT.tap))
    return links[0]["stats64"]["rx"]["packets"]


def networks_of(pids):
    return {os.stat(f"/proc/{pid}/ns/net").st_ino for pid in pids}


def every_network():
    found = set()
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            found.add(os.stat(process / "ns/net").st_ino)
        except OSError:  # it has ended
            continue
    return found


class GuardedConduit(unittest.TestCase):
    def test_1_what_is_allowed_passes_and_a_write_is_refused_in_the_controllers_name(self):
        reads_and_does_not_write()
        self.assertEqual(set(asked()), {READ})
        # The controller sees the guest, and no guard.
        self.assertEqual({each["from"] for each in WORLD.told()}, {"10.30.1.10"})
        self.assertEqual(PLANT.reading("recipes")[f"write {TARGET}"], 0)
        self.assertTrue(PLANT.json("prove", "--all")["proved"])

    def test_2_it_is_counted_and_told(self):
        before = guard()
        wait_for("both are counted", lambda: all(int(guard()[what]) > int(before[what]) for what in ("passed", "refused")), 20)
        self.assertEqual((before.get("problem", ""), before["rules"]), ("", READS))
        self.assertIn("function 6, write holding-registers 7", before["last"])
        self.assertRegex(PLANT.cli("get", "conduits"), r"REFUSED +BECAUSE\n.*set-points .* [1-9]\d* +the scenario needs it")
        self.assertRegex(PLANT.cli("describe", "conduit", "set-points"),
                         r"guard +\d+ refused, \d+ passed\n(.*\n)*.*refused last +unit 1, function 6, write holding-registers 7")
        wait_for("it is told", lambda: PLANT.events("conduit.refused"), 20)
        told = PLANT.events("conduit.refused")
        self.assertEqual(len(told), 1, "an event now and then, and not one for each request")
        self.assertIn("conduit set-points: ", told[0]["text"])

    def test_3_a_guard_that_is_killed_comes_back_by_itself(self):
        lives, made = PLANT.lives(), len(PLANT.events("guard.created"))
        (former,) = processes("bulkhead-guard")
        os.kill(former, signal.SIGKILL)
        wait_for("another guard", lambda: processes("bulkhead-guard") not in ([], [former]), 30)
        reads_and_does_not_write()
        self.assertEqual(set(asked()), {READ})
        self.assertEqual(PLANT.lives(), lives)
        self.assertGreater(len(PLANT.events("guard.created")), made)
        self.assertEqual(PLANT.events("switch.tampered"), [])

    def test_4_without_one_nothing_passes_around_it(self):
        PLANT.tap = PLANT.partition("recipes")["interfaces"][0]["name"]
        # Nobody is there who would start another one.
        PLANT.kill_daemon()
        (former,) = processes("bulkhead-guard")
        os.kill(former, signal.SIGKILL)
        wait_for("its port is gone", lambda: not guard_port(), 30)
        tried = said_by_the_guest()
        wait_for("the guest tries", lambda: said_by_the_guest() > tried + 3, 30)
        before = len(asked())
        tried = said_by_the_guest()
        wait_for("the guest goes on trying", lambda: said_by_the_guest() > tried + 6, 30)
        self.assertEqual(len(asked()), before)
        PLANT.start_daemon()
        reads_and_does_not_write()
        self.assertEqual(set(asked()), {READ})

    def test_5_other_rules_are_in_force_when_they_are_applied(self):
        lives, pids = PLANT.lives(), processes("bulkhead-guard")
        PLANT.apply(plant(guarded(READS, "unit 1 write holding-registers 7")))
        grows(f"read {TARGET}", f"write {TARGET}")
        PLANT.apply(plant(guarded("unit 1 read holding-registers 8", "unit 1 write holding-registers 8")))
        grows(f"read {TARGET} exception 2", f"write {TARGET} exception 2")
        before = len(asked())
        grows(f"read {TARGET} exception 2", f"write {TARGET} exception 2")
        self.assertEqual(len(asked()), before)
        PLANT.apply(plant(guarded(READS)))
        reads_and_does_not_write()
        self.assertEqual((PLANT.lives(), processes("bulkhead-guard")), (lives, pids))

    def test_6_without_the_conduit_the_flow_is_cut_and_the_guard_is_gone(self):
        network = networks_of(processes("bulkhead-guard"))
        self.assertEqual(len(network), 1)
        PLANT.apply(plant())
        self.assertEqual((processes("bulkhead-guard"), guard_port(), network & every_network()), ([], [], set()))
        self.assertEqual(list(pathlib.Path("/run/bulkhead/guard").iterdir()), [])
        grows(f"read {TARGET} silence", f"write {TARGET} silence")
        before = len(asked())
        grows(f"read {TARGET} silence", f"write {TARGET} silence")
        self.assertEqual(len(asked()), before)
