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


def bpftool(*words):
    return subprocess.run(["/usr/sbin/bpftool", *map(str, words)], capture_output=True, check=True, text=True, timeout=60).stdout


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

    def test_what_is_explained_is_what_happens(self):
        for words, verdict, reason in ((f"tcp {ALPHA}:40000 > {BETA}:8883", "passes", ""),
                                       (f"tcp {ALPHA}:40000 > {BETA}:9000", "dropped", "service"),
                                       (f"tcp {ALPHA}:40000 > {GAMMA}:8883", "dropped", "no_conduit")):
            said = json.loads(PLANT.cli("explain", "alpha", words, "-o", "json"))["items"][0]
            self.assertEqual((said["verdict"], said["reason"], said["disagreement"]), (verdict, reason, ""), words)
            self.assertTrue(said["program"].startswith(verdict), said)
        said = json.loads(PLANT.cli("explain", "alpha", f"tcp {ALPHA}:40000 > {BETA}:8883", "-o", "json"))["items"][0]
        self.assertEqual((said["conduit"], said["to"]), ("readings", "beta"))
        self.assertRegex(said["place"], r":\d+:\d+$")

    def test_isolation_is_proved_and_a_way_is_shown(self):
        self.assertTrue(json.loads(PLANT.cli("prove", "--all", "-o", "json"))["proved"])
        self.assertIn("no packet can", PLANT.cli("prove", "--no-path", "gamma", "beta"))
        shown = json.loads(PLANT.try_cli("prove", "--no-path", "alpha", "beta", "-o", "json").stdout)
        self.assertFalse(shown["proved"])
        self.assertEqual([hop["conduit"] for hop in shown["counterexample"]], ["readings"])
        self.assertEqual(shown["doubts"], [])

    def test_what_is_refused_and_what_is_open_is_listed(self):
        wait_for("a flow of the conduit", lambda: any(flow["conduit"] == "readings" and flow["from"] == "alpha"
                                                      for flow in PLANT.items("flows")), 20)
        reasons = {(item["from"], item["to"], item["service"], item["reason"]) for item in PLANT.items("denials")}
        # Gamma has no conduit: it is not even told where alpha is.
        self.assertLessEqual({("alpha", "beta", "tcp/9000", "service"), ("gamma", "", "", "unknown_neighbour")}, reasons)

    def test_what_the_kernel_does_not_announce_is_told_and_put_back(self):
        policy, = (pin for pin in PLANT.bpf.rglob("policy"))
        gone = json.loads(bpftool("-j", "map", "dump", "pinned", policy))[0]["key"]
        told = len(PLANT.events("switch.tampered"))
        bpftool("map", "delete", "pinned", policy, "key", *gone)
        wait_for("it is told", lambda: any("tcp/8883 was not in force" in event["text"] or "udp/5000 was not in force" in event["text"]
                                           for event in PLANT.events("switch.tampered")[told:]), 30)
        wait_for("it is back", lambda: gone in [entry["key"] for entry in json.loads(bpftool("-j", "map", "dump", "pinned", policy))], 30)

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

    def test_the_switch_of_an_older_version_is_replaced_under_partitions_that_run(self):
        before, told = PLANT.lives(), len(PLANT.events("switch.tampered"))
        PLANT.stop_daemon()
        policy, = PLANT.bpf.rglob("policy")
        policy.parent.rename(policy.parent.with_name("format-1"))
        PLANT.start_daemon()
        PLANT.wait_healthy()
        grows("alpha", f"dial {BETA}:8883")
        grows("gamma", f"fail {ALPHA}:8883")
        self.assertEqual(PLANT.reading("gamma")[f"dial {ALPHA}:8883"], 0)
        self.assertEqual(PLANT.lives(), before)
        self.assertEqual([pin.name for pin in PLANT.bpf.iterdir()], [policy.parent.name])
        self.assertEqual(PLANT.events("switch.tampered")[told:], [])
        self.assertTrue(json.loads(PLANT.cli("prove", "--all", "-o", "json"))["proved"])

    def test_a_conduit_is_closed_and_opened_while_its_partitions_run(self):
        before = PLANT.lives()
        PLANT.apply(plant())
        grows("alpha", f"fail {BETA}:8883")
        PLANT.apply(plant(ALLOWED, conduit("more", "gamma", "alpha", "tcp/8883")))
        grows("alpha", f"dial {BETA}:8883")
        grows("gamma", f"dial {ALPHA}:8883")
        self.assertEqual(PLANT.reading("gamma")[f"dial {BETA}:8883"], 0)
        self.assertEqual(PLANT.lives(), before)
