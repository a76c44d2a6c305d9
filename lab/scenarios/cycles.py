"""500 hand-overs of a PCI function between two partitions: nothing is left behind by any of them. They take half an hour."""
import json
import re
import unittest

from machine import inside, nested
from machine.inside import output_of

BY_DEFAULT = False
FRESH = True  # begins with a gateway that no other scenario has changed
SECONDS = 2400
BUILD = RESULTS = None  # set by lab/run
SLOT = "0000:00:0e.0"
OWNERS = ("press", "packer")
FIRST, ALL = 50, 500  # what the first ones take, caches and pools, is no leak
MOST_MORE_KIB = 4096
LOOKS = 5  # at memory and threads: what a call needs for itself comes and goes, the least of it is what is held


def partition(name, devices):
    return {"name": name, "tenant": "plant", "image": "partition-base", "cpus": 1, "memory": "256MiB",
            "application": {"path": "probe"}, "devices": devices}


def document(at, owner):
    """JSON, which is YAML too: two partitions, one of which has the controller."""
    use = [{"device": "can-1", "protocol": "can", "bitrate": 500000}]
    return json.dumps({
        "apiVersion": "bulkhead/v1alpha1", "kind": "Gateway", "metadata": {"name": "lab-gateway", "site": "lab"},
        "tenants": [{"name": "plant", "quota": {"cpus": 2, "memory": "512MiB", "disk": "64MiB", "partitions": 2}}],
        "devices": [{"name": "can-1", "kind": "pci", "at": at}],
        "partitions": [partition(name, use if name == owner else []) for name in OWNERS],
    })


def held():
    """What the manager has open, and its memory; records, groups and mounts of the gateway."""
    pid = output_of("systemctl show -p MainPID --value bulkheadd").strip()
    looks = [output_of(f"cat /proc/{pid}/status") for _ in range(LOOKS)]
    return {
        "descriptors": int(output_of(f"ls /proc/{pid}/fd | wc -l")),
        "threads": min(int(re.search(r"Threads:\s+(\d+)", look).group(1)) for look in looks),
        "memory": min(int(re.search(r"VmRSS:\s+(\d+)", look).group(1)) for look in looks),
        "records": output_of("ls /run/bulkhead/pci").split(),
        "groups": output_of("ls /dev/vfio").split(),
    }


def token():
    return int(next(each for each in inside.json_of("get devices")["items"] if each.get("name") == "can-1")["token"])


class Cycles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        nested.put_kvm_away()  # a gateway that hangs after 400 is no use, and its partitions need not run
        (cls.card,) = inside.behind(SLOT)

    @classmethod
    def tearDownClass(cls):
        output_of("bulkhead teardown --yes", timeout=180)

    def hand_over(self, first, last):
        """In the gateway itself: each command from here would take its half a second."""
        for owner in OWNERS:
            output_of(f"cat > /root/{owner}.json", stdin=document(self.card, owner))
        output_of(f"for i in $(seq {first} {last}); do owner=press; [ $((i % 2)) = 0 ] || owner=packer; "
                  "bulkhead apply -f /root/$owner.json > /root/applied 2>&1 || { cat /root/applied; exit 1; }; done", timeout=SECONDS)

    def test_1_the_first_ones(self):
        output_of("bulkhead apply -f -", stdin=document(self.card, "press"), timeout=300)
        for owner in OWNERS:
            output_of(f"bulkhead stop {owner}", timeout=120)
        Cycles.first_token = token()
        self.hand_over(1, FIRST)
        Cycles.before = held()

    def test_2_all_of_them_leave_what_the_first_ones_left(self):
        self.hand_over(FIRST + 1, ALL)
        after = held()
        for what in ("descriptors", "threads", "records", "groups"):
            self.assertEqual(after[what], Cycles.before[what], what)
        self.assertLess(after["memory"] - Cycles.before["memory"], MOST_MORE_KIB)

    def test_3_the_kernel_has_nothing_to_say(self):
        said = output_of("dmesg")
        for word in ("WARNING:", "BUG:", "refcount", "leak"):
            self.assertNotIn(word, said)

    def test_4_each_hand_over_took_one_token(self):
        self.assertEqual(token() - Cycles.first_token, ALL)
