"""Two partitions read one PLC at one serial line, in turns, through the death of whatever stands between."""
import json
import os
import pathlib
import signal
import unittest

import gateway
from gateway import processes, wait_for
from plant import document, partition

PLANT = gateway.Gateway("shared-line")
NAMES = ("robot", "meter")
LINE = {"line": "9600 8N1", "protocol": "modbus"}
APPLICATION = {"path": "modbus-collector", "config": {"unit": "1", "registers": "0-9", "period": "1s"}}


def spec(answer_within=500):
    guard = {"allow": ["unit 1 read holding-registers 0-9"]}
    made = json.loads(document(*(
        partition(name, number, application=APPLICATION, devices=[{"device": f"line-{name}", **LINE, "answerWithin": answer_within, "guard": guard}])
        for number, name in enumerate(NAMES, 1))))
    made["devices"] = [{"name": f"line-{name}", "kind": "serial", "at": "/run/bulkhead/devices/rs485-1", "shared": True} for name in NAMES]
    return json.dumps(made)


def setUpModule():
    unittest.enterModuleContext(PLANT)
    PLANT.start_simulator("rs485-1")
    PLANT.start_daemon()


def answered(name):
    found = next(each for each in PLANT.items("devices") if each["name"] == f"line-{name}")
    return int((found.get("turns") or {}).get("answered", 0))


def last_reading(name):
    return PLANT.partition(name).get("application", {}).get("last_output", "")


class SharedLine(unittest.TestCase):
    def both_are_answered(self):
        before = {name: answered(name) for name in NAMES}
        for name in NAMES:
            wait_for(f"{name} is answered", lambda name=name: answered(name) > before[name], 60)

    def test_1_both_read_the_plc_by_one_line(self):
        PLANT.apply(spec(), "--wait", "--timeout", "3min")
        wait_for("both have read", lambda: all("rpm" in last_reading(name) for name in NAMES), 120)
        self.both_are_answered()
        self.assertEqual((len(processes("bulkhead-line")), len(processes("bulkhead-serial"))), (1, 2))
        self.assertRegex(PLANT.cli("describe", "device", "line-robot"), r"turns +\d+, at a line of 2 devices: \d+ answered")
        self.assertEqual(PLANT.plan(spec()), ([], []))

    def test_2_the_manager_may_be_killed_and_both_go_on(self):
        owners = processes("bulkhead-line", "bulkhead-serial")
        PLANT.kill_daemon()
        PLANT.start_daemon()
        self.assertEqual(processes("bulkhead-line", "bulkhead-serial"), owners)
        self.both_are_answered()

    def test_3_who_gives_the_turns_is_killed_and_started_again(self):
        (former,) = processes("bulkhead-line")
        os.kill(former, signal.SIGKILL)
        wait_for("there is another", lambda: processes("bulkhead-line") not in ([], [former]), 60)
        wait_for("both are answered by it", lambda: all(answered(name) > 0 for name in NAMES), 60)
        PLANT.wait_healthy(*NAMES)

    def test_4_a_plc_that_goes_and_comes_back_is_read_by_both(self):
        PLANT.stop_simulator("rs485-1")
        wait_for("both are degraded", lambda: all(PLANT.partition(name)["health"] == "degraded" for name in NAMES), 60)
        PLANT.start_simulator("rs485-1")
        PLANT.wait_healthy(*NAMES)
        self.both_are_answered()

    def test_5_another_time_for_answers_is_in_force_while_both_run(self):
        lives = PLANT.lives()
        self.assertIn("--allow-detach line-", PLANT.apply(spec(700), expect=1))
        PLANT.apply(spec(700), *(word for name in NAMES for word in ("--allow-detach", f"line-{name}")))
        (command,) = (pathlib.Path(f"/proc/{pid}/cmdline").read_text() for pid in processes("bulkhead-line"))
        self.assertIn("in turns of 700 ms", command)
        self.both_are_answered()
        PLANT.wait_healthy(*NAMES)
        self.assertEqual(PLANT.lives(), lives)

    def test_6_nothing_is_left(self):
        PLANT.cli("teardown", "--yes")
        self.assertEqual(processes("bulkhead-line", "bulkhead-serial"), [])
