"""A flow that matters beside a neighbour that floods who receives it: what is left of its latency."""
import contextlib
import os
import sys

from benchmarks.vnet.bed import A, B, IPERF_PORT, Port, Rule
from benchmarks.vnet.bridges import Bridge
from benchmarks.vnet.bulkhead import Bulkhead, tell_rules
from benchmarks.vnet.cell import cells
from benchmarks.vnet.forwarding import plugged, take_turns

QUESTION = "Latency there and back over raw taps beside a neighbour that floods the receiver, less is better"
NOISY = Port("noisy", 3)
LIMIT = 10_000_000  # bit/s, that the spec lets it send
SIZE = 64


class BesideOnBridge(Bridge):
    ports = (A, B, NOISY)


class Beside(Bulkhead):
    """Both may send to the receiver; the neighbour no more than its rate."""
    title = f"Bulkhead, neighbour limited to {LIMIT // 10**6} Mbit/s"
    ports = (A, B, NOISY)
    limit = LIMIT

    def begin(self):
        super().begin()
        self.attach(NOISY, "-")
        tell_rules(self.switch, [Rule(B, "udp", IPERF_PORT)], NOISY)
        self.switch.ask("open")

    def attach(self, port, interface):
        words = ("port", port.name, interface, port.mac, port.address)
        self.switch.ask(*words, *([self.limit] if port == NOISY and self.limit else []))


class BesideUnlimited(Beside):
    title = "Bulkhead, no limit"
    limit = None


KINDS = (BesideOnBridge, BesideUnlimited, Beside)


def measure(scale):
    """Rows for `quiet` and `flooded`, median and 99th percentile. The flood has a core of its own."""
    if len(os.sched_getaffinity(0)) < 2:
        print("left out: a flood needs a second core", file=sys.stderr)
        return []
    rows = []
    with contextlib.ExitStack() as stack:
        beds = [stack.enter_context(kind(1)) for kind in KINDS]
        stack.enter_context(plugged(beds, "tap"))
        for case, command in (("quiet", "latency"), ("flooded", "beside")):
            taken = take_turns(beds, lambda bed, command=command: bed.frames.ask(command, SIZE, scale.flood_ms), scale.rounds)
            for name in ("p50", "p99"):
                figures = {title: [each[name] for each in of_bed] for title, of_bed in taken.items()}
                rows += cells(QUESTION, f"{name}, {case}", figures, "s", False)
    return rows
