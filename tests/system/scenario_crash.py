"""The manager, libvirtd and the whole host die at bad moments; what runs goes on, and what was begun is finished."""
import os
import shutil
import signal
import subprocess
import unittest

import gateway
from gateway import kill_libvirtd, output_of, processes, start_libvirtd, wait_for
from plant import address, conduit, document, partition

PLANT = gateway.Gateway("crash")
NAMES = ("one", "two", "three")
TARGET = f"{address(3)}:8883"
SPEC = document(
    partition("one", 1, {"dial": TARGET}, volumes=[{"name": "data", "size": "16MiB", "mount": "/data"}]),
    partition("two", 2, {"dial": TARGET}, devices=[{"device": "rs485-1", "line": "9600 8N1"}]),
    partition("three", 3, {"listen": "8883"}),
    conduits=[conduit("first", "one", "three", "tcp/8883"), conduit("second", "two", "three", "tcp/8883")],
    devices=["rs485-1"])


def setUpModule():
    unittest.enterModuleContext(PLANT)
    PLANT.start_simulator("rs485-1")


class ManagerKilled(unittest.TestCase):
    """In the middle of an apply, and started again."""

    def tearDown(self):
        PLANT.cli("teardown", "--yes")
        found = gateway.footprint()
        self.assertEqual((found["links"], found["domains"]), (["lo"], []))

    def crash_when(self, moment):
        """Begins an apply, and kills the manager when `moment` has come, which is told of that apply."""
        running = subprocess.Popen(PLANT.command("apply", "-f", "-"), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        running.stdin.write(SPEC)
        running.stdin.close()
        moment(running)
        PLANT.kill_daemon()
        running.stderr.read()
        running.stderr.close()
        self.assertEqual(running.wait(30), 3)
        return {name: PLANT.qemu_pid(name) for name in NAMES}

    def crash_at(self, words):
        """Kills it as soon as apply says that such a step is done."""
        def said(running):
            self.assertTrue(any(words in line and "done" in line for line in running.stderr), f"apply never said '{words}'")
        return self.crash_when(said)

    def check_recovery(self, before):
        PLANT.start_daemon()
        wait_for("the plan is empty", lambda: PLANT.status()["phase"] == "applied" and PLANT.plan(SPEC) == ([], []), 60)
        PLANT.wait_healthy(*NAMES)
        for name, pid in before.items():
            self.assertIn(pid, (None, PLANT.qemu_pid(name)), f"{name} ran and was restarted")
        found = gateway.footprint()
        self.assertEqual((len(found["links"]), sorted(found["domains"])), (4, sorted(NAMES)))
        self.assertEqual(len(processes("bulkhead-serial")), 1)
        self.assertEqual({item["restarts"] for item in PLANT.partitions().values()}, {0})
        self.assertEqual(len(PLANT.events("operation.resumed")), self.resumed + 1)

    def setUp(self):
        PLANT.start_daemon()
        self.resumed = len(PLANT.events("operation.resumed"))

    def test_after_a_port_is_made_it_makes_the_rest(self):
        self.check_recovery(self.crash_at("port"))

    def test_after_a_machine_is_defined_it_makes_the_rest(self):
        self.check_recovery(self.crash_at("define partition"))

    def test_while_a_machine_is_being_started_it_starts_none_twice(self):
        def starting(_):
            wait_for("a QEMU", lambda: processes("qemu-system-x86_64"), 30)
        self.check_recovery(self.crash_when(starting))

    def test_after_a_machine_is_started_it_starts_the_others_only(self):
        before = self.crash_at("start partition")
        self.assertTrue(any(before.values()))
        self.check_recovery(before)


class HostInTrouble(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        PLANT.start_daemon()
        PLANT.apply(SPEC, "--wait")

    @classmethod
    def tearDownClass(cls):
        PLANT.cli("teardown", "--yes")

    def test_libvirtd_killed_the_manager_says_so_and_partitions_run_on(self):
        before = PLANT.lives()
        kill_libvirtd()
        PLANT.wait_phase("waiting", 30)
        self.assertIn("libvirt", PLANT.status()["reason"])
        heard = PLANT.reading("one")[f"dial {TARGET}"]
        wait_for("traffic goes on", lambda: PLANT.reading("one")[f"dial {TARGET}"] > heard, 10)
        start_libvirtd()
        PLANT.wait_phase("applied", 30)
        self.assertEqual(PLANT.lives(), before)
        self.assertEqual({item["restarts"] for item in PLANT.partitions().values()}, {0})

    def test_libvirtd_absent_when_the_manager_starts_it_waits(self):
        before = PLANT.lives()
        PLANT.stop_daemon()
        kill_libvirtd()
        PLANT.start_daemon()
        PLANT.wait_phase("waiting", 30)
        start_libvirtd()
        PLANT.wait_phase("applied", 30)
        PLANT.wait_healthy()
        self.assertEqual(PLANT.lives(), before)

    def test_a_serial_owner_that_is_killed_is_started_again(self):
        before = PLANT.lives()
        owner = processes("bulkhead-serial")[0]
        os.kill(owner, signal.SIGKILL)
        wait_for("another owner", lambda: processes("bulkhead-serial") not in ([], [owner]), 30)
        PLANT.wait_healthy()
        self.assertEqual(PLANT.lives(), before)

    def test_after_a_reboot_of_the_host_all_comes_back_from_the_stored_spec(self):
        PLANT.kill_daemon()
        PLANT.stop_simulator("rs485-1")
        for name in NAMES:
            subprocess.run(["virsh", "-q", "destroy", name], check=True)
        kill_libvirtd()
        for pid in processes("bulkhead-serial", "virtlogd"):
            os.kill(pid, signal.SIGKILL)
        for link in gateway.footprint()["links"]:
            if link != "lo":
                subprocess.run(["ip", "link", "delete", link], check=True)
        for folder in ("/run/bulkhead", "/run/libvirt", "/sys/fs/bpf/bulkhead"):
            shutil.rmtree(folder, ignore_errors=True)
        self.assertNotIn("bulkhead", output_of("tc", "qdisc", "show"))

        subprocess.run(["virtlogd", "-d"], check=True)
        PLANT.start_simulator("rs485-1")
        PLANT.start_daemon()
        start_libvirtd()
        PLANT.wait_phase("applied", 90)
        PLANT.wait_healthy()
        self.assertEqual(PLANT.plan(SPEC), ([], []))
        heard = PLANT.reading("two")[f"dial {TARGET}"]
        wait_for("conduits work", lambda: PLANT.reading("two")[f"dial {TARGET}"] > heard, 10)
