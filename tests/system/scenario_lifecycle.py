"""One partition through its life, and a neighbour that must not notice."""
import os
import signal
import subprocess
import unittest

import gateway
from gateway import output_of, wait_for
from plant import document, partition

PLANT = gateway.Gateway("lifecycle")
DATA = {"name": "data", "size": "16MiB", "mount": "/data"}


def cell(**more):
    return partition("cell", 1, {"count": "/data/starts"}, volumes=[DATA], **more)


NEIGHBOUR = partition("neighbour", 2)
SPEC = document(cell(), NEIGHBOUR)


def setUpModule():
    unittest.enterModuleContext(PLANT)
    PLANT.start_daemon()
    PLANT.apply(SPEC, "--wait", "--timeout", "2min")


def starts():
    """How often the application started, as its volume remembers."""
    wait_for("the probe reports", lambda: PLANT.reading("cell")["starts"], 30)
    return PLANT.reading("cell")["starts"]


class Lifecycle(unittest.TestCase):
    def setUp(self):
        self.neighbour = PLANT.lives().get("neighbour")

    def tearDown(self):
        self.assertEqual(PLANT.lives().get("neighbour"), self.neighbour, "the neighbour was disturbed")

    def generation(self):
        return PLANT.status()["generation"]

    def test_stopped_by_a_person_it_stays_stopped(self):
        self.assertEqual(starts(), 1)
        PLANT.cli("stop", "cell")
        stopped = PLANT.partition("cell")
        self.assertEqual((stopped["state"], stopped["conditions"]), ("stopped", ["held"]))
        self.assertEqual(PLANT.plan(SPEC), ([], []))
        PLANT.stop_daemon()
        PLANT.start_daemon()
        PLANT.wait_phase("applied")
        PLANT.wait_healthy("neighbour")
        self.assertIsNone(PLANT.qemu_pid("cell"))

    def test_started_by_a_person_it_finds_its_data(self):
        PLANT.cli("start", "cell", "--wait")
        self.assertEqual(starts(), 2)

    def test_restarted_it_has_another_life(self):
        before = PLANT.lives()["cell"]
        PLANT.cli("restart", "cell", "--wait")
        self.assertNotEqual(PLANT.lives()["cell"], before)
        self.assertEqual(starts(), 3)

    def test_locked_nothing_disturbs_it(self):
        self.assertIn("a reason is missing", PLANT.cli("lock", "cell", expect=2))
        PLANT.cli("lock", "cell", "--reason", "tool change")
        self.assertEqual(PLANT.partition("cell")["lock"]["reason"], "tool change")
        before = PLANT.lives()
        larger = document(cell(memory="176MiB"), NEIGHBOUR)
        for refused in (PLANT.cli("stop", "cell", expect=1), PLANT.cli("restart", "cell", expect=1),
                        PLANT.apply(larger, "--allow-restart", "cell", expect=1)):
            self.assertRegex(refused, r"error\[locked\]: .*locked by uid:0: tool change(.|\n)*bulkhead unlock cell")
        self.assertEqual(PLANT.lives(), before)
        PLANT.cli("unlock", "cell")

    def test_a_change_that_needs_a_restart_waits_for_a_word(self):
        before, generation = PLANT.lives(), self.generation()
        larger = document(cell(memory="176MiB"), NEIGHBOUR)
        refused = PLANT.apply(larger, expect=1)
        self.assertRegex(refused, r"error\[refused\]: .*memory 160MiB -> 176MiB(.|\n)*--allow-restart cell")
        self.assertEqual((PLANT.lives(), self.generation()), (before, generation))
        PLANT.apply(larger, "--allow-restart", "cell", "--wait")
        self.assertNotEqual(PLANT.lives()["cell"], before["cell"])
        self.assertEqual(PLANT.partition("cell")["memory"], "176MiB")
        self.assertEqual(starts(), 4)
        PLANT.apply(SPEC, "--allow-restart", "cell", "--wait")
        self.assertEqual(starts(), 5)

    def test_killed_it_is_started_again_and_its_data_survive_the_power_cut(self):
        before = PLANT.partition("cell")["restarts"]
        os.kill(PLANT.qemu_pid("cell"), signal.SIGKILL)
        wait_for("a start is counted", lambda: PLANT.partition("cell")["restarts"] == before + 1, 30)
        PLANT.wait_healthy("cell")
        self.assertEqual(starts(), 6)

    def test_killed_again_it_waits_a_little_longer_each_time(self):
        def time_of_next_start():
            known = len(PLANT.events("partition.started"))
            pid = PLANT.qemu_pid("cell")
            os.kill(pid, signal.SIGKILL)
            wait_for("it is started again", lambda: len(PLANT.events("partition.started")) > known, 60)
            return int(PLANT.events("partition.started")[-1]["monotonic_ms"])
        times = [time_of_next_start() for _ in range(3)]
        pauses = [later - earlier for earlier, later in zip(times, times[1:])]
        self.assertGreater(pauses[1], pauses[0] + 1000, "4 s longer, less what a slow start takes of it")
        PLANT.wait_healthy("cell")

    def test_a_reboot_of_the_guest_is_a_start_of_ours(self):
        PLANT.cli("restart", "cell", "--wait")  # forgets the pauses
        before, restarts = PLANT.lives()["cell"], PLANT.partition("cell")["restarts"]
        # It fails if QEMU is gone before it has answered.
        subprocess.run(["virsh", "qemu-monitor-command", "cell", "--hmp", "system_reset"], capture_output=True)
        wait_for("another QEMU", lambda: PLANT.qemu_pid("cell") not in (None, before[0]), 30)
        wait_for("a start is counted", lambda: PLANT.partition("cell")["restarts"] == restarts + 1, 10)
        PLANT.wait_healthy("cell")

    def test_a_foreign_domain_of_the_same_name_is_left_alone(self):
        xml = PLANT.root / "stranger.xml"
        xml.write_text("<domain type='qemu'><name>stranger</name><memory unit='MiB'>32</memory>"
                       "<os><type arch='x86_64'>hvm</type></os></domain>")
        subprocess.run(["virsh", "-q", "define", str(xml)], check=True, capture_output=True)
        self.addCleanup(subprocess.run, ["virsh", "-q", "undefine", "stranger"], check=True)
        definition = output_of("virsh", "dumpxml", "stranger")
        refused = PLANT.apply(document(cell(), NEIGHBOUR, partition("stranger", 3)), expect=1)
        self.assertRegex(refused, r"error\[conflict\]: .*stranger.*not ours")
        self.assertEqual(output_of("virsh", "dumpxml", "stranger"), definition)
        PLANT.apply(SPEC)
        self.assertEqual(output_of("virsh", "dumpxml", "stranger"), definition)

    def test_removed_from_the_spec_it_goes_with_a_word_and_its_volume_stays(self):
        without = document(NEIGHBOUR)
        kept = starts()
        volume = PLANT.state / "volumes/cell/data.img"
        self.assertRegex(PLANT.apply(without, expect=1), r"error\[refused\](.|\n)*--allow-restart cell")
        self.assertIn("cell/data", PLANT.cli("plan", "-f", "-", "--allow-restart", "cell", stdin=without))
        PLANT.apply(without, "--allow-restart", "cell")
        self.assertEqual(list(PLANT.partitions()), ["neighbour"])
        self.assertTrue(volume.exists())
        PLANT.apply(SPEC, "--wait")
        self.assertEqual(starts(), kept + 1)

    def test_a_volume_is_deleted_only_by_name(self):
        volume = PLANT.state / "volumes/cell/data.img"
        PLANT.apply(document(NEIGHBOUR), "--allow-restart", "cell", "--delete-volume", "cell/data")
        self.assertFalse(volume.exists())
        self.assertFalse(volume.parent.exists())
