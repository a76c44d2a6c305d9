"""A tenant's router on a running gateway: real guests behind it, two uplinks and a world beyond them."""
import os
import signal
import unittest

import gateway
from gateway import output_of, processes, wait_for
from plant import address, conduit, document, partition
from world import World, ip

WORLD = World({"enp1s0": "192.0.2.129/25", "enp2s0": "192.0.2.1/25", "enp3s0": "198.51.100.1/25"})
PLANT = gateway.Gateway("router")
BEYOND = "203.0.113.7"
ALLOWED = conduit("updates", "robot", "beyond", "tcp/80")


def uplink(name, card, network, priority):
    return {"name": name, "interface": card, "address": f"{network}.10/25", "gateway": f"{network}.1", "priority": priority,
            "probe": {"targets": [f"icmp/{network}.1"], "every": "500ms", "failures": 2}}


def plant(*conduits):
    faces = [{"zone": "robot-cell", "address": address(1), "dhcp": True}]
    return document(
        partition("robot", 1, {"dial": f"{BEYOND}:80,{BEYOND}:81"}, interfaces=faces),
        partition("press", 2, {"dial": f"{BEYOND}:80"}),
        conduits=conduits,
        outsides=[{"name": "beyond", "prefixes": ["203.0.113.0/24"]}],
        uplinks=[uplink("wan", "enp2s0", "192.0.2", 10), uplink("mobile", "enp3s0", "198.51.100", 20)],
        routers=[{"tenant": "plant", "zones": ["robot-cell", "press-cell"], "uplinks": ["wan", "mobile"]}])


def setUpModule():
    unittest.enterModuleContext(WORLD)
    WORLD.serve(BEYOND, 80, 81)
    # The host's own card: the way to the gateway leads over it.
    ip("addr", "add", "192.0.2.130/25", "dev", "enp1s0")
    ip("link", "set", "enp1s0", "up")
    unittest.enterModuleContext(PLANT)
    PLANT.start_daemon()
    PLANT.apply(plant(ALLOWED), "--wait", "--timeout", "2min")


def router():
    return PLANT.items("routers")[0]


def used():
    return [each["name"] for each in router()["uplinks"] if each.get("used")]


def comes_from(sender):
    """Waits until the world sees another connection to port 80, and from that address."""
    before = len(WORLD.seen())
    wait_for(f"the world sees {sender}", lambda: (80, sender) in WORLD.seen()[before:], 30)


class Router(unittest.TestCase):
    def test_who_may_go_out_does_so_under_the_uplinks_address(self):
        comes_from("192.0.2.10")
        self.assertEqual((router()["state"], used(), router()["leases"]), ("working", ["wan"], 1))

    def test_all_else_stays_inside(self):
        # Port 81 is no conduit's, and the press has none.
        for name, target in (("robot", f"{BEYOND}:81"), ("press", f"{BEYOND}:80")):
            before = PLANT.reading(name)[f"fail {target}"]
            wait_for(f"{name} fails again", lambda: PLANT.reading(name)[f"fail {target}"] > before, 30)
            self.assertEqual(PLANT.reading(name)[f"dial {target}"], 0)
        self.assertEqual({port for port, _ in WORLD.seen()}, {80})

    def test_the_way_out_is_explained_and_the_rest_is_proved_shut(self):
        said = PLANT.json("explain", "robot", f"tcp {address(1)}:40000 > {BEYOND}:80")["items"][0]
        self.assertEqual((said["verdict"], said["to"], said["conduit"], said["disagreement"]), ("passes", "beyond", "updates", ""))
        proof = PLANT.json("prove", "--all")
        self.assertTrue(proof["proved"], proof)
        self.assertIn("no packet can", PLANT.cli("prove", "--no-path", "press", "beyond"))

    def test_an_uplink_that_leads_nowhere_is_left_and_taken_again(self):
        WORLD.ip("addr", "del", "192.0.2.1/25", "dev", "far-enp2s0")
        wait_for("the other uplink", lambda: used() == ["mobile"], 30)
        comes_from("198.51.100.10")
        wait_for("it is told", lambda: any("wan of plant leads nowhere" in event["text"] for event in PLANT.events("uplink.changed")))
        WORLD.ip("addr", "add", "192.0.2.1/25", "dev", "far-enp2s0")
        wait_for("the first uplink", lambda: used() == ["wan"], 30)
        comes_from("192.0.2.10")

    def test_a_router_that_is_killed_comes_back_and_its_guests_stay(self):
        before = PLANT.lives()
        pid, = processes("bulkhead-router")
        os.kill(pid, signal.SIGKILL)
        wait_for("another router", lambda: processes("bulkhead-router") not in ([], [pid]), 30)
        wait_for("it works", lambda: router()["state"] == "working", 30)
        comes_from("192.0.2.10")
        self.assertEqual(PLANT.lives(), before)

    def test_it_outlives_the_manager(self):
        before = processes("bulkhead-router", "dnsmasq")
        PLANT.kill_daemon()
        comes_from("192.0.2.10")
        PLANT.start_daemon()
        PLANT.wait_healthy()
        self.assertEqual(processes("bulkhead-router", "dnsmasq"), before)

    def test_a_way_out_is_closed_while_its_partition_runs(self):
        PLANT.apply(plant())
        before = PLANT.reading("robot")[f"fail {BEYOND}:80"]
        wait_for("robot fails", lambda: PLANT.reading("robot")[f"fail {BEYOND}:80"] > before + 1, 30)
        before = len(WORLD.seen())
        PLANT.apply(plant(ALLOWED))
        comes_from("192.0.2.10")

    def test_a_card_that_the_host_uses_is_not_taken(self):
        taken = plant(ALLOWED).replace('"enp3s0"', '"enp1s0"')
        self.assertIn("the host has the address 192.0.2.130/25 on it", PLANT.apply(taken, expect=1))
        self.assertIn("inet 192.0.2.130/25", output_of("ip", "addr", "show", "enp1s0"))
        PLANT.apply(plant(ALLOWED), "--wait", "--timeout", "1min")
        self.assertEqual(router()["state"], "working")
