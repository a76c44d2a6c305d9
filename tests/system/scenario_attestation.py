"""A host with a TPM and no console: partitions get TPMs, starts are measured, and nothing is called trusted."""
import json
import os
import signal
import time
import unittest
from concurrent import futures

import gateway
from centre import HostTpm
from gateway import output_of, wait_for
from plant import document, partition

PLANT = gateway.Gateway("attestation")
SPEC = None  # made by setUpModule: its secret is sealed to the gateway's key


def setUpModule():
    tpm = HostTpm(PLANT.root)
    tpm.start()
    unittest.addModuleCleanup(tpm.stop)
    unittest.enterModuleContext(PLANT)
    PLANT.tpm = tpm.tcti
    PLANT.start_daemon()
    global SPEC
    box = PLANT.cli("secret", "seal", "--gateway", "test-plant", "--partition", "cell", "--name", "token", stdin="hunter2").strip()
    SPEC = document(partition("cell", 1, application={"path": "probe", "config": {"secret": "token"}, "secrets": {"token": box}}))


def starve(pid, until, seconds=60):
    """As on a busy gateway: 2 ms of more than a second for a process, until something has come of it."""
    end = time.monotonic() + seconds
    while not until():
        if time.monotonic() > end:
            raise gateway.Failed(f"nothing came of it within {seconds} s")
        os.kill(pid, signal.SIGSTOP)
        time.sleep(1.2)
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.002)


class Attestation(unittest.TestCase):
    def test_the_host_is_known_to_have_a_software_tpm(self):
        items = json.loads(PLANT.try_cli("doctor", "-o", "json").stdout)["items"]
        tpm = next(item for item in items if item["name"] == "tpm")
        self.assertIn("trust anchor software", tpm["detail"])

    def test_what_would_be_measured_can_be_asked_before_it_is_applied(self):
        type(self).references = json.loads(PLANT.cli("measure", "-f", "-", stdin=SPEC))
        self.assertEqual(list(self.references["argv"]), ["cell"])
        self.assertEqual(sorted(self.references["platform"]), ["firmware", "qemu", "swtpm"])

    def test_a_partition_runs_with_a_tpm_of_its_own(self):
        PLANT.apply(SPEC, "--wait", "--timeout", "3min")
        PLANT.wait_healthy("cell")
        self.assertIn("tpm-crb", output_of("virsh", "dumpxml", "cell"))
        self.assertEqual(len(gateway.processes("swtpm")), 2)  # the host's, and the partition's

    def test_what_was_measured_is_what_was_foretold(self):
        again = json.loads(PLANT.cli("measure", "-f", "-", stdin=SPEC))
        self.assertEqual(again, self.references)

    def test_a_tpm_that_is_too_late_for_its_guests_kernel_is_asked_again(self):
        console = PLANT.state / "console/cell.log"
        begin, before = console.stat().st_size, set(gateway.processes("swtpm"))

        def said():
            return console.read_bytes()[begin:].decode(errors="replace")

        # It ends when the guest has begun to boot, which may be too late to hold up its TPM.
        restart = self.enterContext(futures.ThreadPoolExecutor()).submit(PLANT.cli, "restart", "cell")
        wait_for("the next one serves", lambda: set(gateway.processes("swtpm")) - before)
        tpm = (set(gateway.processes("swtpm")) - before).pop()
        wait_for("the guest begins to boot", lambda: output_of("virsh", "domstate", "cell").strip() == "running")
        starve(tpm, lambda: "asking it again" in said())
        self.assertIn("Operation Timed out", said())
        wait_for("the TPM was asked again", lambda: "the TPM answers now" in said())
        restart.result()
        PLANT.wait_healthy("cell")

    def test_nothing_is_trusted_before_a_console_has_judged_it(self):
        cell = PLANT.partition("cell")
        self.assertEqual((cell["attestation"], cell["trust_anchor"]), ("unknown", "software"))

    def test_what_is_not_trusted_is_given_no_secret(self):
        wait_for("its application has looked for it", lambda: PLANT.reading("cell")["without token"] >= 3, 30)
        self.assertNotIn("secret token", PLANT.reading("cell"))
        self.assertEqual([event for event in PLANT.events() if event["code"].startswith("secret.")], [])

    def test_a_restart_of_the_daemon_goes_on_with_the_log(self):
        lives = PLANT.lives()
        PLANT.kill_daemon()
        PLANT.start_daemon()
        PLANT.wait_phase("applied")
        PLANT.wait_healthy("cell")
        self.assertEqual(PLANT.lives(), lives)
        self.assertEqual(PLANT.events("attestation.outside"), [])

    def test_a_partition_whose_tpm_lost_its_key_does_not_start_and_says_why(self):
        PLANT.cli("stop", "cell")
        wait_for("its TPM has ended", lambda: len(gateway.processes("swtpm")) == 1, 20)
        key = next((PLANT.state / "vtpm").glob("*/key.sealed"))
        kept = key.rename(key.with_name("kept"))
        said = PLANT.cli("start", "cell", expect=1)
        self.assertIn("the key of its state is gone", said)
        kept.rename(key)
        PLANT.cli("start", "cell", "--wait")
