"""The example factory, as quickstart brings it up: three partitions, a Modbus PLC and a press on a CAN bus."""
import json
import os
import pty
import subprocess
import unittest

import gateway
from gateway import SOURCE, wait_for

FACTORY = (SOURCE / "examples/factory.yaml").read_text()
PLANT = gateway.Gateway("factory")


def setUpModule():
    unittest.enterModuleContext(PLANT)
    for name in gateway.SIMULATORS:
        PLANT.start_simulator(name)
    PLANT.start_daemon()


class Factory(unittest.TestCase):
    maxDiff = None

    def test_comes_up_with_one_command(self):
        PLANT.apply(FACTORY, "--wait", "--timeout", "3min")
        for name, item in PLANT.partitions().items():
            self.assertEqual((item["state"], item["health"]), ("running", "ok"), name)

    def test_readings_change_as_the_machines_do(self):
        def readings():
            return {name: item.get("application", {}).get("last_output", "") for name, item in PLANT.partitions().items()}
        wait_for("all have read", lambda: "kN" in readings()["press"] and all("rpm" in readings()[name] for name in ("robot-cell", "it-admin")))
        first = readings()
        wait_for("both change", lambda: all(readings()[name] != first[name] for name in ("robot-cell", "press")))

    def test_the_table_is_the_readme_s(self):
        lines = PLANT.cli("get", "partitions").splitlines()
        self.assertRegex(lines[0], r"^GATEWAY press-line-3   hall-2   accelerator (tcg|kvm) .*   generation 1 applied$")
        self.assertEqual(lines[1].split(), "PARTITION TENANT STATE HEALTH SINCE ATTESTATION DEVICES ZONE LAST READING".split())
        self.assertRegex(lines[2], r"^robot-cell +acme +running +ok +\d.* +rs485-1 /dev/ttyS1 +acme-cell +spindle \d+ rpm")
        self.assertRegex(lines[3], r"^press +borealis +running +ok +\d.* +can-1 slcan0 +borealis-cell +0x181 force [\d.]+ kN$")
        self.assertRegex(lines[4], r"^it-admin +it +running +ok +\d.* +- +management +robot-cell spindle \d+ rpm$")

    def test_json_has_what_scripts_rely_on(self):
        reply = json.loads(PLANT.cli("get", "partitions", "-o", "json"))
        self.assertEqual(reply["apiVersion"], "bulkhead/v1alpha1")
        self.assertIn("next", reply)
        for item in reply["items"]:
            for field in ("gateway", "name", "uid", "tenant", "state", "health", "reason", "since", "image_digest", "devices",
                          "zones", "restarts", "application"):
                self.assertIn(field, item, item["name"])
            self.assertIn("state", item["application"])
            self.assertIn("last_output", item["application"])
            self.assertEqual(item["gateway"], "press-line-3")
            self.assertEqual(item["restarts"], 0)
            self.assertRegex(item["image_digest"], r"^(sha256:)?[0-9a-f]{64}$")
        self.assertEqual({item["name"]: item["application"]["state"] for item in reply["items"]},
                         {"robot-cell": "running", "press": "running", "it-admin": "running"})

    def test_applied_again_it_changes_nothing(self):
        before = PLANT.lives()
        self.assertEqual(PLANT.plan(FACTORY), ([], []))
        self.assertEqual(PLANT.cli("diff", "-f", "-", stdin=FACTORY), "")
        PLANT.apply(FACTORY)
        self.assertEqual(PLANT.lives(), before)

    def test_a_write_to_the_plc_is_refused_and_counted(self):
        """The application asks for it when it begins, until it is answered; the guard of its line lets it read."""
        wait_for("it was answered", lambda: "setpoint 4=900 refused: Illegal function" in PLANT.cli("logs", "robot-cell"))
        guard = next(item for item in PLANT.items("devices") if item["name"] == "rs485-1")["guard"]
        self.assertEqual(guard["rules"], "modbus; unit 1 read holding-registers 0-9")
        self.assertGreaterEqual(int(guard["refused"]), 1)
        self.assertEqual(guard["last"], "unit 1, function 6, write holding-registers 4: no rule allows this")
        self.assertGreater(int(guard["passed"]), 0)
        self.assertRegex(PLANT.cli("describe", "device", "rs485-1"), r"guard +\d+ refused, \d+ passed")

    def test_a_press_is_heard_and_nothing_is_sent_to_it(self):
        guard = next(item for item in PLANT.items("devices") if item["name"] == "can-1")["guard"]
        self.assertEqual(guard["rules"], "slcan 500000; receive 0x180/0x7f0; receive 0x701")

    def test_both_conduits_are_open(self):
        self.assertEqual({item["name"]: item["open"] for item in PLANT.items("conduits")}, {"readings": True, "forces": True})

    def test_readings_pass_over_ipv6_and_are_counted(self):
        wait_for("IT has them", lambda: "robot-cell spindle" in PLANT.cli("logs", "it-admin"))
        flow = next(flow for flow in PLANT.items("flows") if flow["conduit"] == "readings")
        self.assertEqual((flow["from"], flow["to"], flow["target"], flow["state"]),
                         ("robot-cell", "it-admin", "[fd20:9::2]:8883", "established"))
        readings, forces = (next(item for item in PLANT.items("conduits") if item["name"] == name) for name in ("readings", "forces"))
        self.assertGreaterEqual(int(readings["connections"]), 1)
        self.assertGreater(int(readings["packets"]), int(forces.get("packets", 0)))

    def test_the_router_gave_the_robot_its_address(self):
        router, = PLANT.items("routers")
        self.assertEqual((router["tenant"], router["state"], router["leases"]), ("acme", "working", 1))
        # It has none but that of a lease: without one, the partition would say so.
        self.assertEqual(PLANT.partition("robot-cell")["health"], "ok")

    def test_logs_show_what_an_application_prints(self):
        self.assertIn("reading: spindle", PLANT.cli("logs", "robot-cell"))

    def test_attach_shows_the_console_and_lets_go_of_it(self):
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        attached = subprocess.Popen(PLANT.command("attach", "it-admin"), stdin=slave, stdout=slave, stderr=subprocess.PIPE)
        os.close(slave)
        self.addCleanup(attached.stderr.close)
        self.addCleanup(attached.kill)
        said = b""
        while b"\n" not in said:
            said += os.read(attached.stderr.fileno(), 4096)
        self.assertIn(b"it-admin", said)
        # The guest's own terminal echoes what arrives there.
        os.write(master, b"hello")
        echoed = b""
        while b"hello" not in echoed:
            echoed += os.read(master, 4096)
        os.write(master, b"\x1d")
        self.assertEqual(attached.wait(10), 0)

    def test_killed_the_manager_adopts_what_runs(self):
        before = PLANT.lives()
        PLANT.kill_daemon()
        PLANT.start_daemon()
        PLANT.wait_healthy()
        self.assertEqual(PLANT.lives(), before)
        self.assertEqual({item["restarts"] for item in PLANT.partitions().values()}, {0})

    def test_a_plc_that_stops_answering_degrades_its_partition_alone(self):
        PLANT.stop_simulator("rs485-1")
        wait_for("robot-cell says so", lambda: PLANT.partition("robot-cell")["health"] == "degraded", 20)
        self.assertEqual(PLANT.partition("press")["health"], "ok")
        wait_for("with the reason", lambda: "no answer from unit 1 for 5 s" in PLANT.partition("robot-cell")["reason"], 20)

    def test_a_plc_that_comes_back_is_read_again(self):
        before = PLANT.lives()
        PLANT.start_simulator("rs485-1")
        PLANT.wait_healthy("robot-cell", seconds=30)
        self.assertEqual(PLANT.lives(), before)

    def test_a_can_adapter_that_goes_and_comes_back_does_the_same(self):
        PLANT.stop_simulator("can-1")
        wait_for("press says so", lambda: PLANT.partition("press")["health"] == "degraded", 20)
        PLANT.start_simulator("can-1")
        PLANT.wait_healthy("press", seconds=30)

    def test_no_application_asked_for_what_its_profile_denies(self):
        self.assertEqual(PLANT.events("application.violation"), [])
