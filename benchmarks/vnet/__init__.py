"""Bulkhead's switch beside what else divides a network on one machine: one run, the same core, the same frames, in turns."""
import contextlib
import dataclasses
import sys
import time

from benchmarks.vnet import bridges, bulkhead, cell, control, forwarding, goals, guests, neighbour, nwfilter, openvswitch

KINDS = (bridges.Bridge, bridges.NftLinear, bridges.NftSets, nwfilter.CleanTraffic, openvswitch.Userspace, openvswitch.Kernel,
         bulkhead.Bulkhead)

# Emulated machines are slow beside any of these: three of them tell as much as all.
GUEST_KINDS = (bridges.Bridge, bridges.NftSets, bulkhead.Bulkhead)
GUEST_RULES = 10_000


@dataclasses.dataclass(frozen=True)
class Scale:
    rules: tuple
    rounds: int
    slice_ms: int
    tcp_rounds: int
    change_rounds: int
    flood_ms: int
    guest_seconds: int
    left_out: dict  # {kind of bed: why}


QUESTIONS = [*forwarding.questions("veth"), *forwarding.questions("tap"), forwarding.TCP, guests.TCP, neighbour.QUESTION, control.CONDUIT, control.START,
             control.MEMORY]
FULL = Scale(rules=(1, 100, 10_000, 100_000), rounds=25, slice_ms=20, tcp_rounds=5, change_rounds=5, flood_ms=100, guest_seconds=3, left_out={})
QUICK = Scale(rules=(1, 10_000), rounds=7, slice_ms=10, tcp_rounds=2, change_rounds=2, flood_ms=50, guest_seconds=1,
              left_out={nwfilter.CleanTraffic: "left out of --quick: libvirtd takes more than 10 s for an interface"})


def run(quick=False):
    scale = QUICK if quick else FULL
    impossible = {kind.title: why for kind, why in scale.left_out.items()}
    for kind in KINDS:
        if kind not in scale.left_out and (why := kind.why_not()):
            impossible[kind.title] = f"not possible here: {why}"
    rows = []
    for count in scale.rules:
        with contextlib.ExitStack() as stack:
            beds, unable = [], dict(impossible)
            for kind in KINDS:
                if kind.most_rules and count > kind.most_rules[0]:
                    unable[kind.title] = kind.most_rules[1]
                elif kind.title not in unable:
                    say(f"{kind.title}, {count} rules")
                    beds.append(stack.enter_context(kind(count)))
            case = f"{count:,} rule{'s' if count > 1 else ''}"
            for kind in ("veth", "tap"):
                say(f"{kind}, {case}")
                rows += forwarding.frames(beds, kind, case, unable, scale)
            say(f"TCP, {case}")
            rows += forwarding.tcp(beds, case, unable, scale)
            if count == GUEST_RULES:
                say(f"virtual machines, {case}")
                rows += guests.tcp([bed for bed in beds if type(bed) in GUEST_KINDS], case, {}, scale)
            if count >= control.RULES:
                say(f"conduits, {case}")
                rows += control.conduit(beds, case, unable, scale.change_rounds)
    say("a neighbour that floods")
    rows += neighbour.measure(scale)
    say("starts")
    able = [kind for kind in KINDS if kind.title not in impossible]
    return rows + control.start(able, impossible, scale.change_rounds)


def say(what):
    print(f"{time.strftime('%T')} vnet: {what}", file=sys.stderr, flush=True)


def show(rows):
    print("Beside each figure its ratio to the bridge's of the same round (median of rounds) and the spread of that in percent.")
    for question in sorted(dict.fromkeys(row.question for row in rows), key=QUESTIONS.index):
        kinds = {neighbour.QUESTION: neighbour.KINDS, guests.TCP: GUEST_KINDS}.get(question, KINDS)
        cell.show(question, [row for row in rows if row.question == question], [kind.title for kind in kinds])
    goals.show(rows)
