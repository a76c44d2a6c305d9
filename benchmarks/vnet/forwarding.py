"""How fast frames get through each bed: packets per second, latency, and TCP with segmentation offload."""
import contextlib
import json
import subprocess

from benchmarks.vnet.bed import B, IPERF_PORT, pinned, run
from benchmarks.vnet.cell import cells

SIZES = (64, 512, 1500)
NAMES = {"veth": "veths", "tap": "raw taps"}


def questions(kind):
    return (f"Packets per second over {NAMES[kind]}, more is better",
            f"Latency there and back over {NAMES[kind]}, less is better")


TCP = "TCP with segmentation offload over veths, bit/s, more is better"


def take_turns(beds, measure, rounds):
    """{title: figures}. Each round begins with another bed, so that what else the machine does hits all alike; a first one
    warms up."""
    figures = {bed.title: [] for bed in beds}
    for turn in range(rounds + 1):
        for bed in beds[turn % len(beds):] + beds[:turn % len(beds)]:
            figure = measure(bed)
            if turn > 0:
                figures[bed.title].append(figure)
    return figures


def frames(beds, kind, case, impossible, scale):
    rate, latency = questions(kind)
    rows = []
    with plugged(beds, kind):
        for size in SIZES:
            figures = take_turns(beds, lambda bed, size=size: bed.rate(size, scale.slice_ms), scale.rounds)
            rows += cells(rate, f"{size} B, {case}", figures, "frames/s", True, impossible)
        pairs = take_turns(beds, lambda bed: bed.latency(SIZES[0], scale.slice_ms), scale.rounds)
        for index, name in enumerate(("p50", "p99")):
            figures = {title: [pair[index] for pair in of_bed] for title, of_bed in pairs.items()}
            rows += cells(latency, f"{name}, {case}", figures, "s", False, impossible)
    return rows


def tcp(beds, case, impossible, scale):
    with plugged(beds, "tcp") as stack:
        for bed in beds:
            stack.enter_context(iperf_server(bed))
        return cells(TCP, case, take_turns(beds, lambda bed: iperf(bed, 1), scale.tcp_rounds), "bit/s", True, impossible)


@contextlib.contextmanager
def plugged(beds, kind):
    with contextlib.ExitStack() as stack:
        for bed in beds:
            stack.callback(bed.unplug)
            bed.plug(kind)
        yield stack


@contextlib.contextmanager
def iperf_server(bed):
    server = subprocess.Popen(["ip", "netns", "exec", bed.ends[1], *pinned(), "iperf3", "-s", "-p", str(IPERF_PORT),
                               "--forceflush"], stdout=subprocess.PIPE, text=True)
    try:
        for line in server.stdout:
            if "listening" in line:
                break
        yield
    finally:
        server.kill()
        server.wait()


def iperf(bed, seconds):
    said = run("ip", "netns", "exec", bed.ends[0], *pinned(), "iperf3", "-c", B.address, "-p", IPERF_PORT, "-t", seconds, "-J",
               "--connect-timeout", "5000")
    return json.loads(said)["end"]["sum_received"]["bits_per_second"]
