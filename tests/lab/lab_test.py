#!/usr/bin/env python3
"""The parts of lab/ that need no gateway: which processes it ends, its arguments for QEMU, when it makes things anew."""
import importlib
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lab"))

from machine import commands, hang, hardware, lab, processes  # noqa: E402
from machine.places import SOURCE, Failure  # noqa: E402


class InFolder(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))


class Processes(InFolder):
    def setUp(self):
        super().setUp()
        self.enterContext(unittest.mock.patch.object(processes, "RUN", self.folder))
        self.child = subprocess.Popen(["sleep", "60"])
        self.addCleanup(self.child.wait)
        self.addCleanup(self.child.kill)
        (self.folder / "qemu.pid").write_text(f"{self.child.pid}\n")
        self.process = processes.Process("qemu")

    def test_ends_its_own(self):
        self.process.remember()
        self.assertTrue(self.process.runs())
        self.process.kill()
        self.assertEqual(self.child.wait(10), -9)
        self.assertFalse(self.process.runs())

    def test_leaves_a_process_alone_that_has_its_number_and_began_at_another_time(self):
        (self.folder / "qemu.since").write_text("1")
        self.assertFalse(self.process.runs())
        self.process.kill()
        self.assertIsNone(self.child.poll())

    def test_leaves_all_alone_when_it_remembers_none(self):
        (self.folder / "qemu.pid").unlink()
        self.process.remember()
        self.assertFalse(self.process.runs())
        self.process.kill()
        self.assertIsNone(self.child.poll())


class Hardware(unittest.TestCase):
    def arguments(self, accelerator="tcg", firmware=False):
        return [str(word) for word in hardware.arguments(hardware.Choice(accelerator, 2, 2048, firmware, 2222))]

    def test_no_two_devices_have_one_place(self):
        words = self.arguments()
        devices = [dict(part.partition("=")[::2] for part in word.split(",")) for before, word in zip(words, words[1:]) if before == "-device"]
        places = [(device.get("bus", "root"), place) for device in devices if (place := device.get("addr") or device.get("port"))]
        self.assertGreater(len(places), 10)
        self.assertEqual(len(places), len(set(places)))

    def test_sockets_are_in_the_run_folder(self):
        sockets = re.findall(r"(?:path=|unix:)([^,]+)", " ".join(self.arguments()))
        self.assertGreater(len(sockets), 5)
        self.assertEqual([path for path in sockets if "/" in path], [])

    def test_only_loopback_is_listened_to(self):
        self.assertEqual(re.findall(r"hostfwd=\w+:([^:]*):", " ".join(self.arguments())), ["127.0.0.1"])

    def test_with_kvm_interrupts_can_be_remapped(self):
        self.assertIn("q35,kernel-irqchip=split", self.arguments("kvm"))

    def test_firmware_boots_the_kernel_that_it_can_measure(self):
        self.assertTrue(any(word.endswith("/vmlinuz") for word in self.arguments(firmware=True)))
        self.assertTrue(any(word.endswith("/vmlinux") for word in self.arguments()))


class Commands(InFolder):
    def setUp(self):
        super().setUp()
        self.enterContext(unittest.mock.patch.object(commands, "LAB", self.folder))
        self.enterContext(unittest.mock.patch.object(commands, "SOURCE", self.folder))

    def test_a_program_that_fails_is_quoted_and_what_mends_it_is_said(self):
        with self.assertRaisesRegex(Failure, r"sh ended with 3; trial.log ends with:\n  no such mirror; ask for another"):
            commands.run("trial", ["sh", "-c", "echo no such mirror >&2; exit 3"], mend="ask for another")

    def test_a_program_that_is_not_there_is_named(self):
        with self.assertRaisesRegex(Failure, "no-such-program is not there"):
            commands.run("trial", ["no-such-program"])

    def test_a_digest_changes_with_content_name_mode_and_text(self):
        file, other = self.folder / "a", self.folder / "b"
        file.write_text("1")
        other.write_text("1")
        seen = {commands.digest([file]), commands.digest([other]), commands.digest([file], "text")}
        file.chmod(0o755)
        seen.add(commands.digest([file]))
        file.write_text("2")
        seen.add(commands.digest([file]))
        self.assertEqual(len(seen), 5)


class Alone(InFolder):
    def test_two_commands_do_not_change_the_lab_at_once(self):
        self.enterContext(unittest.mock.patch.object(lab, "LAB", self.folder))
        with lab.alone():
            with self.assertRaisesRegex(Failure, "another command of the lab is at work"), lab.alone():
                pass


class Hangs(InFolder):
    def setUp(self):
        super().setUp()
        for module, name, value in ((processes, "RUN", self.folder), (hang, "RUN", self.folder), (hang, "REGISTERS", self.folder / "hung.log"),
                                    (lab, "STATE", self.folder / "lab.json"), (hang, "ANSWERS_SECONDS", 0.2), (hang, "Qmp", self.no_qmp)):
            self.enterContext(unittest.mock.patch.object(module, name, value))
        (self.folder / "console.log").write_text("lab: bulkheadd\n")

    @staticmethod
    def no_qmp():
        raise TimeoutError("somebody else holds it")

    def ended(self, ssh, accelerator="tcg", gateway="while :; do :; done"):
        running = subprocess.Popen(["sh", "-c", gateway])
        self.addCleanup(running.wait)
        self.addCleanup(running.kill)
        (self.folder / "qemu.pid").write_text(f"{running.pid}\n")
        processes.Process("qemu").remember()
        lab.STATE.write_text(f'{{"accelerator": "{accelerator}"}}')
        program = self.folder / "ssh"
        program.write_text(f"#!/bin/sh\n{ssh}\n")
        program.chmod(0o755)
        with unittest.mock.patch.object(lab, "ssh", lambda *_: [str(program)]), unittest.mock.patch.object(hang, "_processor_seconds", self.seconds(gateway)):
            found = hang.end_if_it_hangs()
        self.assertEqual(found, not processes.Process("qemu").runs())
        return found

    @staticmethod
    def seconds(gateway):
        """Of a gateway that spins as many as passed, whatever else this machine does."""
        return time.monotonic if "while" in gateway else lambda: 1.0

    def test_a_gateway_that_answers_is_left_alone(self):
        self.assertFalse(self.ended("exit 0"))

    def test_one_that_spins_and_says_nothing_is_ended_and_it_is_on_record(self):
        self.assertTrue(self.ended("exec sleep 60"))
        self.assertIn("somebody else holds it", hang.REGISTERS.read_text())

    def test_one_that_breaks_connections_off_is_ended_too(self):
        self.assertTrue(self.ended("sleep 0.1; exit 255"))

    def test_one_that_ended_meanwhile_is_no_hang(self):
        (self.folder / "lab.json").write_text('{"accelerator": "tcg"}')
        running = subprocess.Popen(["sleep", "60"])
        (self.folder / "qemu.pid").write_text(f"{running.pid}\n")
        processes.Process("qemu").remember()

        def ends():
            running.kill()
            running.wait()
            return False
        with unittest.mock.patch.object(hang, "_answers", ends):
            self.assertFalse(hang.end_if_it_hangs())

    def test_with_kvm_a_hang_is_a_verdict(self):
        self.assertFalse(self.ended("exec sleep 60", accelerator="kvm"))

    def test_so_is_one_that_idles(self):
        self.assertFalse(self.ended("exec sleep 60", gateway="exec sleep 60"))

    def test_so_is_one_whose_kernel_complained(self):
        (self.folder / "console.log").write_text("[  9.1] Kernel panic - not syncing: trial\n")
        self.assertFalse(self.ended("exec sleep 60"))

    def test_a_processs_time_is_read(self):
        (self.folder / "qemu.pid").write_text(f"{os.getpid()}\n")
        before = hang._processor_seconds()
        while time.process_time() < before + 0.1:
            pass
        self.assertGreater(hang._processor_seconds(), before)


class Scenarios(unittest.TestCase):
    def test_every_scenario_says_what_it_shows_how_long_it_may_take_and_what_it_begins_with(self):
        names = [path.stem for path in (SOURCE / "lab/scenarios").glob("[a-z]*.py")]
        self.assertGreater(len(names), 3)
        for name in names:
            module = importlib.import_module(f"scenarios.{name}")
            self.assertEqual((type(module.BY_DEFAULT), type(module.FRESH), module.SECONDS > 0, bool(module.__doc__)), (bool, bool, True, True), name)


class Help(unittest.TestCase):
    def test_every_command_explains_itself(self):
        for name in ("up", "ssh", "run", "power-cut", "down"):
            done = subprocess.run([SOURCE / "lab" / name, "--help"], capture_output=True, text=True, check=False)
            self.assertEqual((name, done.returncode), (name, 0))
            self.assertIn(f"usage: lab/{name}", done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=0)
