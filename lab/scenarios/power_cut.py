"""Power is cut in the middle of an apply: after the next boot the spec is in force, nothing was made twice and the journal is clean."""
import json
import subprocess
import unittest

from machine import inside, lab
from machine.inside import wait_for
from machine.places import RUN

BY_DEFAULT = True
FRESH = True  # begins with a gateway that no other scenario has changed
SECONDS = 600
BUILD = RESULTS = None  # set by lab/run
NAMES = ("one", "two")


def document():
    """JSON, which is YAML too. Nothing waits for the guests to boot: they are emulated within an emulation here."""
    return json.dumps({
        "apiVersion": "bulkhead/v1alpha1", "kind": "Gateway", "metadata": {"name": "lab-gateway", "site": "lab"},
        "tenants": [{"name": "plant", "quota": {"cpus": 2, "memory": "1GiB", "disk": "256MiB", "partitions": 2}}],
        "zones": [{"name": f"{name}-cell", "tenant": "plant", "subnet": f"10.30.{number}.0/24"} for number, name in enumerate(NAMES, 1)],
        "partitions": [{"name": name, "tenant": "plant", "image": "partition-base", "cpus": 1, "memory": "160MiB",
                        "volumes": [{"name": "data", "size": "16MiB", "mount": "/data"}],
                        "interfaces": [{"zone": f"{name}-cell", "address": f"10.30.{number}.10"}]}
                       for number, name in enumerate(NAMES, 1)],
        "conduits": [{"name": "pair", "from": "one", "to": "two", "allow": ["tcp/8883"], "because": "the scenario needs it"}],
    })


def steps_left():
    """The plan's steps, with those that it has refused."""
    plan = json.loads(inside.call("bulkhead plan -f - -o json", stdin=document()).stdout)
    return plan.get("steps", []), plan.get("refusals", [])


def domains():
    return sorted(inside.output_of("virsh -q list --name").split())


class PowerCut(unittest.TestCase):
    def tearDown(self):
        inside.output_of("bulkhead teardown --yes", timeout=180)
        self.assertEqual(domains(), [])

    def cut_when(self, words):
        """Begins an apply, and cuts the power as soon as it says that such a step is done."""
        self.resumed = len(self.events("operation.resumed"))
        apply = subprocess.Popen(lab.ssh("bulkhead apply -f -"), cwd=RUN, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        with apply:
            apply.stdin.write(document())
            apply.stdin.close()
            said = any(words in line and "done" in line for line in apply.stderr)
            lab.power_cut()
            apply.kill()
        lab.up_again()
        self.assertTrue(said, f"apply never said '{words}'")

    def events(self, code):
        return [event for event in inside.json_of("get events --limit 1000")["items"] if event["code"] == code]

    def check_all_is_there_once(self):
        wait_for("the spec is in force", lambda: inside.json_of("status")["phase"] == "applied", 180)
        self.assertEqual(steps_left(), ([], []))
        self.assertEqual(domains(), sorted(NAMES))
        self.assertEqual(int(inside.output_of("pgrep -c qemu-system")), len(NAMES))
        self.assertEqual(len(inside.output_of("ls /var/lib/bulkhead/volumes -1R | grep -c '[.]img$' || true").split()), 1)
        self.assertEqual(len(self.events("operation.resumed")), self.resumed + 1)

    def test_after_a_port_is_made(self):
        self.cut_when("port")
        self.check_all_is_there_once()

    def test_after_a_partition_is_started(self):
        self.cut_when("start partition")
        self.check_all_is_there_once()
