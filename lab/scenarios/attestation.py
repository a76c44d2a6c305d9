"""The gateway's TPM: what started is measured into it, and a console outside finds the host trusted, also after a power cut."""
import json
import unittest
from pathlib import Path

from machine import inside, lab
from machine.inside import wait_for
from machine.outside import Console
from machine.places import RUN

BY_DEFAULT = True
FRESH = True  # begins with a gateway that no other scenario has changed
SECONDS = 600
BUILD = RESULTS = None  # set by lab/run
NAME = "lab-gateway"
SPEC = """
apiVersion: bulkhead/v1alpha1
kind: Gateway
metadata: {name: lab-gateway, site: lab}
"""
HERE = {}  # the console


def setUpModule():
    HERE["console"] = unittest.enterModuleContext(Console(BUILD, "--round", "2s"))


def pcr(number):
    return inside.output_of(f"cat /sys/class/tpm/tpm0/pcr-sha256/{number}").strip()


def verdict():
    """What the console says of the host, as the gateway has heard it."""
    return inside.json_of("status").get("attestation", {})


def hear(words):
    def heard():
        now = verdict()
        return now.get("attestation") == words and now
    return wait_for(f"the host is {words}, and not {verdict()}", heard, 90)


class Attestation(unittest.TestCase):
    def test_the_manager_found_the_machines_own_tpm(self):
        found = json.loads(inside.call("bulkhead doctor -o json").stdout)["items"]
        tpm = next(item for item in found if item["name"] == "tpm")
        self.assertIn("/dev/tpmrm0, trust anchor software", tpm["detail"])

    def test_its_start_is_measured(self):
        self.assertNotEqual(set(pcr(13)), {"0"})

    def test_so_is_the_firmware_where_it_measures(self):
        with_firmware = lab.state()["firmware"]
        self.assertEqual(set(pcr(0)) != {"0"}, with_firmware)
        log = inside.call("wc -c </sys/kernel/security/tpm0/binary_bios_measurements")
        self.assertEqual(log.returncode == 0 and int(log.stdout) > 0, with_firmware)

    def test_it_joins_a_console_outside(self):
        console = HERE["console"]
        console.bulkhead("key", "generate", "--output", RUN / "it")
        console.run("trust", "add", RUN / "it.pub")
        console.sign_in()
        inside.output_of("cat >/root/it.pub", stdin=Path(f"{RUN}/it.pub").read_text())
        inside.output_of(f"bulkhead enroll '{console.join()}' --it-key /root/it.pub --name {NAME}")
        wait_for("the console sees it", lambda: [item["name"] for item in console.gateways()] == [NAME], 60)

    def test_without_references_it_is_not_trusted(self):
        heard = wait_for("the console has judged", lambda: (now := verdict()).get("reason") == "no-reference" and now, 90)
        self.assertEqual((heard["attestation"], heard["trust_anchor"]), ("unknown", "software"))

    def test_with_its_references_signed_the_host_is_trusted(self):
        console, spec, references = HERE["console"], RUN / "spec.yaml", RUN / "references.json"
        spec.write_text(SPEC)
        references.write_text(inside.output_of("bulkhead measure -f -", stdin=SPEC))
        signed = RUN / "spec.signed.json"
        console.bulkhead("sign", "-f", spec, "--references", references, "--key", RUN / "it.key", "-o", signed)
        console.bulkhead("--context", "lab", "apply", "-f", signed, "--wait", "--timeout", "2min")
        self.assertEqual(hear("trusted")["trust_anchor"], "software")

    def test_after_a_power_cut_it_is_trusted_again(self):
        before = inside.output_of("cat /proc/sys/kernel/random/boot_id")
        lab.power_cut()
        lab.up_again()
        self.assertNotEqual(inside.output_of("cat /proc/sys/kernel/random/boot_id"), before)
        hear("trusted")
