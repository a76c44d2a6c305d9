#!/usr/bin/env python3
"""The parts of lab/ that need no gateway: which processes it ends, its arguments for QEMU, when it makes things anew."""
import importlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import unittest
import unittest.mock
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lab"))

from machine import commands, hang, hardware, lab, processes, segment, sockets  # noqa: E402
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


    def test_an_interrupt_waits_until_what_was_started_is_on_record(self):
        done = []
        with self.assertRaises(KeyboardInterrupt):
            with commands.uninterrupted():
                signal.raise_signal(signal.SIGINT)
                done.append("started")
                done.append("on record")
        self.assertEqual(done, ["started", "on record"])
        with self.assertRaises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)

    def test_a_signal_to_end_ends_all_and_is_no_failed_case(self):
        program = textwrap.dedent("""
            import signal, unittest
            from machine import command_line
            class Case(unittest.TestCase):
                def test_1(self): signal.raise_signal(signal.SIGTERM)
                def test_2(self): print("went on")
            command_line.main("trial", lambda: unittest.main(argv=["trial"]), "nothing is left")
        """)
        ended = subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(SOURCE / "lab")}, capture_output=True, text=True)
        self.assertEqual(ended.returncode, -signal.SIGTERM, ended.stderr)
        self.assertEqual(ended.stdout, "")
        self.assertIn("lab/trial: interrupted; nothing is left", ended.stderr)

    def test_a_full_disk_is_named_since_it_takes_no_words(self):
        with unittest.mock.patch.object(commands.shutil, "disk_usage", lambda _: unittest.mock.Mock(free=0)):
            with self.assertRaisesRegex(Failure, "sh ended with 1: the disk of .* is full; make room"):
                commands.run("trial", ["sh", "-c", "exit 1"])


class Room(InFolder):
    def test_a_gateway_is_not_begun_without_room_for_it(self):
        self.enterContext(unittest.mock.patch.object(lab, "LAB", self.folder))
        with unittest.mock.patch.object(lab.shutil, "disk_usage", lambda _: unittest.mock.Mock(free=100 * 2**20)):
            with self.assertRaisesRegex(Failure, "has 100 MiB free, and .* take 512; make room"):
                lab._require_room()


class Alone(InFolder):
    def test_two_commands_do_not_change_the_lab_at_once(self):
        self.enterContext(unittest.mock.patch.object(lab, "LAB", self.folder))
        with lab.alone():
            with self.assertRaisesRegex(Failure, "another command of the lab is at work"), lab.alone():
                pass
            with self.assertRaisesRegex(Failure, "another command of the lab is at work"):
                lab.require_at_rest()

    def test_who_only_asks_for_the_gateway_disturbs_nobody_who_does(self):
        self.enterContext(unittest.mock.patch.object(lab, "LAB", self.folder))
        with lab.alone(lab.fcntl.LOCK_SH), self.assertRaisesRegex(Failure, "the lab is not up"):
            with unittest.mock.patch.object(lab, "gateway", lambda: unittest.mock.Mock(runs=lambda: False)):
                lab.require_at_rest()


SILENT = "exec sleep 60"  # of a gateway that answers nothing


class Hangs(InFolder):
    def setUp(self):
        super().setUp()
        for module, name, value in ((processes, "RUN", self.folder), (hang, "RUN", self.folder), (hang, "REGISTERS", self.folder / "hung.log"),
                                    (lab, "STATE", self.folder / "lab.json"), (lab, "CONSOLE", self.folder / "console.log"),
                                    (lab, "SAID_BEFORE", self.folder / "console.before"), (hang, "Qmp", self.no_qmp)):
            self.enterContext(unittest.mock.patch.object(module, name, value))
        (self.folder / "console.log").write_text("[  9.1] Kernel panic of a power cut before\nlab: kernel\nlab: bulkheadd\n")
        (self.folder / "console.before").write_text("39")

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
        patience = 0.2 if ssh == SILENT else 60  # what answers may do so late
        with unittest.mock.patch.object(lab, "ssh", lambda *_: [str(program)]), unittest.mock.patch.object(hang, "ANSWERS_SECONDS", patience), \
                unittest.mock.patch.object(hang, "_processor_seconds", self.seconds(gateway)):
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
        self.assertTrue(self.ended(SILENT))
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
        self.assertFalse(self.ended(SILENT, accelerator="kvm"))

    def test_so_is_one_that_idles(self):
        self.assertFalse(self.ended(SILENT, gateway="exec sleep 60"))

    def says(self, text):
        with open(self.folder / "console.log", "a", encoding="utf-8") as log:
            log.write(text)

    def test_so_is_one_whose_kernel_complained(self):
        self.says("[  9.1] Kernel panic - not syncing: trial\n")
        self.assertFalse(self.ended(SILENT))

    def test_one_that_started_anew_without_a_word_is_ended_though_it_answers(self):
        self.says("lab: kernel\nlab: ssh\n")
        self.assertTrue(self.ended("exit 0"))

    def test_one_that_said_why_it_starts_anew_is_a_verdict(self):
        self.says("[  9.1] Kernel panic - not syncing: trial\nlab: kernel\n")
        self.assertFalse(self.ended("exit 0"))

    PANIC = ("[  134.333775] BUG: TASK stack guard page was hit at 0000000049988241 (stack is 0000000084ee83c2..00000000636a7807)\n"
             "[  134.335673] stack guard page: 0000 [#1] PREEMPT SMP NOPTI\n"
             "[  134.336102] CPU: 0 PID: 874 Comm: CPU 0/KVM Not tainted 6.1.0-56-amd64 #1  Debian 6.1.192-2\n"
             "[  134.336382] RIP: 0010:error_entry+0xd/0x130\n" +
             "[  134.339591]  asm_exc_page_fault+0x22/0x30\n[  134.339704] RIP: 0010:exc_page_fault+0x1e/0x170\n" * 60 +
             "[  134.346497]  ? kvm_arch_vcpu_ioctl_run+0x454/0x1750 [kvm]\n[  134.346744]  ? kvm_vcpu_ioctl+0x2c8/0x720 [kvm]\n"
             "[  134.416377] Kernel panic - not syncing: Fatal exception in interrupt\n")

    def test_the_emulators_own_panic_is_no_verdict_while_it_lasts_and_after_it(self):
        self.says(self.PANIC)
        self.assertTrue(self.ended("exit 255", gateway="exec sleep 60"))
        self.says("lab: kernel\nlab: ssh\n")
        self.assertTrue(self.ended("exit 0"))

    def test_it_is_one_of_another_task_or_after_another_complaint(self):
        self.says("[  9.1] BUG: unable to handle page fault\n" + self.PANIC)
        self.assertFalse(self.ended("exit 0"))
        (self.folder / "console.before").write_text(str(lab.CONSOLE.stat().st_size))
        self.says(self.PANIC.replace("CPU 0/KVM", "bulkheadd"))
        self.assertFalse(self.ended("exit 0"))

    def test_a_processs_time_is_read(self):
        (self.folder / "qemu.pid").write_text(f"{os.getpid()}\n")
        before = hang._processor_seconds()
        while time.process_time() < before + 0.1:
            pass
        self.assertGreater(hang._processor_seconds(), before)


class Segment(InFolder):
    def setUp(self):
        super().setUp()
        self.gateway, self.line = socket.socketpair()
        self.machine, self.tap = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.ends, end = os.pipe()
        self.end = os.fdopen(end, "wb", buffering=0)
        for each in (self.gateway, self.line, self.machine, self.tap, self.end):
            self.addCleanup(each.close)
        self.addCleanup(os.close, self.ends)
        self.gateway.settimeout(10)
        self.machine.settimeout(10)

    def carried(self, work):
        """What carry() returned when `work` was done."""
        found = []
        carrier = threading.Thread(target=lambda: found.append(segment.carry(self.line, self.tap.fileno(), self.ends)), daemon=True)
        carrier.start()
        work()
        carrier.join(10)
        return found

    def test_frames_pass_both_ways_whole_however_the_line_splits_them(self):
        frames = [b"a" * 60, b"b" * 1514, b"c"]

        def work():
            whole = b"".join(len(frame).to_bytes(4, "big") + frame for frame in frames)
            for cut in (whole[:2], whole[2:70], whole[70:]):
                self.gateway.sendall(cut)
            self.assertEqual([self.machine.recv(2000) for _ in frames], frames)
            self.machine.send(b"d" * 64)
            self.assertEqual(self.gateway.recv(2000), (64).to_bytes(4, "big") + b"d" * 64)
            self.end.write(b"x")
        self.assertEqual(self.carried(work), [True])

    def test_the_end_of_the_gateway_is_told(self):
        self.assertEqual(self.carried(self.gateway.close), [False])

    def test_one_machine_at_a_time_is_there(self):
        for module in (segment, sockets):
            self.enterContext(unittest.mock.patch.object(module, "RUN", self.folder))
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.folder / "ot.sock"))
            listener.listen()
            words = segment.joined("172.30.3.40/24", "52:54:00:1a:b1:28", ["plc", "-v"])
            self.addCleanup(os.close, int(words[words.index(segment.__file__) + 1]))
            self.assertEqual(words[-2:], ["plc", "-v"])
            with self.assertRaisesRegex(Failure, "another machine is on the segment of ot0"):
                segment.joined("172.30.3.41/24", "52:54:00:1a:b1:29", ["plc"])


class Scenarios(unittest.TestCase):
    def test_every_scenario_says_what_it_shows_how_long_it_may_take_and_what_it_begins_with(self):
        names = [path.stem for path in (SOURCE / "lab/scenarios").glob("[a-z]*.py")]
        self.assertGreater(len(names), 3)
        for name in names:
            module = importlib.import_module(f"scenarios.{name}")
            self.assertEqual((type(module.BY_DEFAULT), type(module.FRESH), module.SECONDS > 0, bool(module.__doc__)), (bool, bool, True, True), name)


class Help(unittest.TestCase):
    def test_every_command_explains_itself(self):
        for name in ("up", "ssh", "run", "ot", "power-cut", "down"):
            done = subprocess.run([SOURCE / "lab" / name, "--help"], capture_output=True, text=True, check=False)
            self.assertEqual((name, done.returncode), (name, 0))
            self.assertIn(f"usage: lab/{name}", done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=0)
