"""Three real guests, two of them neighbours in one zone, and the conduits between them: what a conduit allows passes, all else
is dropped and counted."""
import json
import subprocess
import unittest

import gateway
from gateway import wait_for
from plant import address, conduit, document, partition

PLANT = gateway.Gateway("switch")
ALPHA, BETA, GAMMA = address(1), address(2), "10.30.1.20"
ALLOWED = conduit("readings", "alpha", "beta", "tcp/8883", "udp/5000")


def plant(*conduits):
    return document(
        partition("alpha", 1, {"dial": f"{BETA}:8883,{BETA}:9000,{GAMMA}:8883", "say": f"{BETA}:5000,{BETA}:5001",
                               "listen": "8883"}),
        partition("beta", 2, {"dial": f"{ALPHA}:8883", "listen": "8883,9000", "hear": "5000,5001"}),
        partition("gamma", 1, {"dial": f"{ALPHA}:8883,{BETA}:8883", "listen": "8883"},
                  interfaces=[{"zone": "alpha-cell", "address": GAMMA}]),
        conduits=conduits)


def setUpModule():
    unittest.enterModuleContext(PLANT)
    PLANT.start_daemon()
    PLANT.apply(plant(ALLOWED), "--wait", "--timeout", "2min")


def grows(partition_name, what, by=2, seconds=20):
    """Waits until the probe there has seen `what` some more times."""
    before = PLANT.reading(partition_name)[what]
    wait_for(f"{partition_name} sees '{what}' again", lambda: PLANT.reading(partition_name)[what] >= before + by, seconds)


def dropped(name):
    """Frames from that partition that were dropped, by reason."""
    return PLANT.partition(name)["interfaces"][0].get("dropped", {})


def to_guest(name):
    """Packets that the host's kernel has handed to that partition's guest."""
    tap = PLANT.taps[name]
    links = json.loads(subprocess.run(["ip", "-s", "-j", "link", "show", tap], capture_output=True, check=True).stdout)
    return links[0]["stats64"]["tx"]["packets"]


class Switch(unittest.TestCase):
    def test_what_a_conduit_allows_passes_both_ways(self):
        grows("alpha", f"dial {BETA}:8883")
        grows("beta", "hear 5000")

    def test_all_else_does_not(self):
        grows("alpha", f"fail {BETA}:9000")
        grows("alpha", f"fail {GAMMA}:8883")
        grows("beta", f"fail {ALPHA}:8883")
        grows("gamma", f"fail {ALPHA}:8883")
        alpha, beta, gamma = (PLANT.reading(name) for name in ("alpha", "beta", "gamma"))
        for seen, what in ((alpha, f"dial {BETA}:9000"), (alpha, f"dial {GAMMA}:8883"), (beta, "hear 5001"),
                           (beta, f"dial {ALPHA}:8883"), (gamma, f"dial {ALPHA}:8883"), (gamma, f"dial {BETA}:8883")):
            self.assertEqual(seen[what], 0, what)

    def test_drops_are_counted_by_reason(self):
        # Of one that no conduit leads to, a partition does not even learn the MAC address.
        for name, reasons in (("alpha", {"service", "unknown_neighbour"}), ("beta", {"service"}), ("gamma", {"unknown_neighbour"})):
            self.assertLessEqual(reasons, set(dropped(name)), name)
        first = int(dropped("gamma")["unknown_neighbour"])
        wait_for("gamma's count grows", lambda: int(dropped("gamma")["unknown_neighbour"]) > first, 10)

    def test_a_conduit_counts_what_passes(self):
        first = int(PLANT.items("conduits")[0]["packets"])
        wait_for("more packets", lambda: int(PLANT.items("conduits")[0]["packets"]) > first, 10)

    def test_a_dead_manager_opens_nothing_and_stops_nothing(self):
        PLANT.taps = {name: item["interfaces"][0]["name"] for name, item in PLANT.partitions().items()}
        before = {name: to_guest(name) for name in PLANT.taps}
        PLANT.kill_daemon()
        wait_for("frames go on to alpha and beta",
                 lambda: all(to_guest(name) > before[name] + 20 for name in ("alpha", "beta")), 20)
        self.assertEqual(to_guest("gamma"), before["gamma"])
        PLANT.start_daemon()
        PLANT.wait_healthy()
        grows("alpha", f"dial {BETA}:8883")
        self.assertEqual(PLANT.reading("gamma")[f"dial {ALPHA}:8883"], 0)

    def test_a_conduit_is_closed_and_opened_while_its_partitions_run(self):
        before = PLANT.lives()
        PLANT.apply(plant())
        grows("alpha", f"fail {BETA}:8883")
        PLANT.apply(plant(ALLOWED, conduit("more", "gamma", "alpha", "tcp/8883")))
        grows("alpha", f"dial {BETA}:8883")
        grows("gamma", f"dial {ALPHA}:8883")
        self.assertEqual(PLANT.reading("gamma")[f"dial {BETA}:8883"], 0)
        self.assertEqual(PLANT.lives(), before)
