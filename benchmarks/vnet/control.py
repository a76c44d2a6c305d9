"""What a change costs: one conduit in force and out of it again; all of a gateway after its start, and the memory of that."""
import contextlib
import os
import pathlib
import time

from benchmarks.vnet.bed import A, B, CORE, EXTRA, OTHERS, Impossible, pinned
from benchmarks.vnet.bridges import NftSets
from benchmarks.vnet.cell import cells
from benchmarks.vnet.forwarding import plugged, take_turns

PORTS = [A, B, *OTHERS]
RULES = 10_000
CONDUIT = "One conduit, until a frame tells that it is in force, or out of it; less is better, ratio to nft sets"
START = f"{len(PORTS)} taps with {RULES:,} rules in force after a start, less is better"
MEMORY = f"Memory that is charged for {len(PORTS)} taps with {RULES:,} rules, less is better"


def conduit(beds, case, impossible, rounds):
    able, unable = [], dict(impossible)
    with plugged(beds, "veth"):
        for bed in beds:
            try:
                bed.open_one(EXTRA)
                bed.close_one(EXTRA)
                able.append(bed)
            except Impossible as reason:
                unable[bed.title] = str(reason)
        with on_the_core():
            pairs = take_turns(able, there_and_back, rounds)
    rows = []
    for index, name in enumerate(("in", "out")):
        figures = {title: [pair[index] for pair in pairs[title]] for title in sorted(pairs, key=NftSets.title.__ne__)}
        rows += cells(CONDUIT, f"{name}, {case}", figures, "s", False, unable)
    return rows


@contextlib.contextmanager
def on_the_core():
    """Who measures is scheduled as those are who are told to change something."""
    cores, policy, priority = os.sched_getaffinity(0), os.sched_getscheduler(0), os.sched_getparam(0)
    os.sched_setaffinity(0, {CORE})
    if "chrt" in pinned():
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, priority)
        os.sched_setaffinity(0, cores)


def there_and_back(bed):
    return seconds_until(bed, bed.open_one, True), seconds_until(bed, bed.close_one, False)


def seconds_until(bed, change, wanted):
    """To the moment when the frame was sent that told: that none comes takes a while to see."""
    began = time.monotonic()
    change(EXTRA)
    while True:
        sent = time.monotonic()
        if bed.passes(EXTRA) == wanted:
            return sent - began


def start(kinds, impossible, rounds):
    unable = {**impossible, **{kind.title: kind.most_rules[1] + kind.remark() for kind in kinds if kind.most_rules}}
    kinds = [kind for kind in kinds if not kind.most_rules]
    taken, charged, maps = {}, {}, {}
    for turn in range(rounds):
        for kind in kinds[turn % len(kinds):] + kinds[:turn % len(kinds)]:
            seconds, charge, of_maps = one_start(kind(RULES))
            taken.setdefault(kind.title, []).append(seconds)
            charged.setdefault(kind.title, []).append(charge)
            maps.setdefault(kind.title, []).append(of_maps or charge)
    titles = [kind.title for kind in kinds]  # the bridge first, Bulkhead last
    taken, charged = ({title: figures[title] for title in titles} for figures in (taken, charged))
    maps = {title: maps[title] for title in (titles[0], titles[-1])}
    return [*cells(START, "start", taken, "s", False, unable, base_competes=False),
            *cells(START, "start, RCU expedited", expedited_starts([kinds[0], kinds[-1]], rounds), "s", False, base_competes=False),
            *cells(MEMORY, "kernel and daemons", charged, "B", False, unable, base_competes=False),
            *cells(MEMORY, "BPF maps and programs, by memlock", maps, "B", False, base_competes=False)]


def expedited_starts(kinds, rounds):
    """How much of a start is the kernel's wait for a grace period of RCU, at each program that is attached by a link."""
    taken = {kind.title: [] for kind in kinds}
    knob = pathlib.Path("/sys/kernel/rcu_expedited")
    before = knob.read_text()
    knob.write_text("1")
    try:
        for _ in range(rounds):
            for kind in kinds:
                taken[kind.title].append(one_start(kind(RULES))[0])
    finally:
        knob.write_text(before)
    return taken


def one_start(bed):
    """Seconds; bytes that are charged; bytes of BPF maps, if there are any."""
    bed.make_namespace()
    try:
        bed.group = new_group(bed.net or "bench")
        began = time.monotonic()
        bed.bring_up(PORTS)
        seconds = time.monotonic() - began
        maps = bed.settle()
        return seconds, charge(bed.group), maps
    finally:
        bed.take_down()
        if bed.group:
            bed.group.rmdir()


def new_group(name):
    """A cgroup that is charged for memory, of version 1 or 2."""
    root = pathlib.Path("/sys/fs/cgroup")
    parent = root / "memory" if (root / "memory").is_dir() else root
    if parent == root and "memory" not in (root / "cgroup.subtree_control").read_text():
        raise Impossible("no cgroup here is charged for memory")
    group = parent / name
    group.mkdir(exist_ok=True)
    return group


def charge(group):
    """Bytes of processes and of what the kernel holds for them; files in its cache are nobody's fault."""
    stat = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
    of_kernel = group / "memory.kmem.usage_in_bytes"
    if of_kernel.exists():
        return int(stat["rss"]) + int(of_kernel.read_text())
    return int(stat["anon"]) + int(stat["kernel"])
