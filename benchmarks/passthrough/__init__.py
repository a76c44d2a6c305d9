"""Serial lines through the gateway beside the same line without it: one run, in turns. The lines are pseudo-terminals, which have no
bit time, so every microsecond is the path's own; what a real line would take is worked out and stands beside it. No virtual
machine: its emulated UART and its own driver come on top, with a guard or without. What partitions get is lab.py's, which --quick leaves
out."""
import dataclasses
import json
import pathlib
import statistics
import subprocess
import tempfile

import gateway
from benchmarks.passthrough import lab
from benchmarks.vnet.bed import pinned, quiet, run as run_command
from benchmarks.vnet.line_process import LineProcess
from table import Row, show as show_table

REQUEST, ANSWER = 8, 25  # bytes: ten holding registers are read
SPEEDS = (9600, 19200, 115200)
SLCAN_FRAME = 22  # bytes of a standard frame with eight bytes of data
GUARD_GOAL = 0.05  # of the round trip on a line
HAND_OVER_GOAL = 1.0  # seconds


@dataclasses.dataclass(frozen=True)
class Scale:
    requests: int
    hand_overs: int
    frames: int
    judgements: int
    conduit_requests: int


FULL = Scale(requests=20_000, hand_overs=50, frames=50, judgements=200, conduit_requests=20_000)
QUICK = Scale(requests=2_000, hand_overs=10, frames=10, judgements=50, conduit_requests=2_000)


def run(quick=False):
    scale = QUICK if quick else FULL
    with tempfile.TemporaryDirectory(prefix="bench-passthrough-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        plcs = [folder / f"plc-{n}" for n in range(5)]
        simulators = [start_plc(link) for link in plcs]
        try:
            trips = measure("round-trips", folder, scale.requests, *plcs[:4])
            hand_overs = measure("hand-overs", folder, scale.hand_overs, plcs[4])
        finally:
            for simulator in simulators:
                simulator.terminate()
                simulator.communicate()
        frames = measure("frames", folder, scale.frames)
        judged = measure("judgements", folder, scale.judgements)
        conduits = over_conduits(folder, scale.conduit_requests)
    return [*of_trips(trips), *of_lines(trips), *of_conduits(conduits), *of_frames(frames), *of_judgements(judged), *of_hand_overs(hand_overs),
            *([] if quick else lab.rows())]


def start_plc(link):
    program = gateway.BUILD / "examples/simulators/plc-simulator"
    simulator = subprocess.Popen([*pinned(), program, "--link", link], stderr=subprocess.PIPE, text=True)
    if not simulator.stderr.readline():
        raise RuntimeError(f"plc-simulator ended with {simulator.wait()}")
    return simulator


def measure(what, folder, rounds, *terminals):
    """On one core, owners and all: which of them the scheduler puts together costs more than a guard."""
    program, programs = gateway.BUILD / "benchmarks/passthrough/bench-line", gateway.BUILD / "passthrough"
    done = subprocess.run([*pinned(), program, what, programs, folder, str(rounds), *terminals], stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout)


# Machines behind wires of the switch, each in a network namespace: card, MAC address, address.
CLIENT = ("benchclient", "02:00:00:00:01:01", "10.9.1.10")
SERVER = ("benchserver", "02:00:00:00:02:01", "10.9.2.10")


def over_conduits(folder, rounds):
    """In turns over two conduits between the same machines, one of them guarded."""
    program = gateway.BUILD / "benchmarks/passthrough/bench-conduit"
    guard = gateway.BUILD / "vnet/guard/process/bulkhead-guard"
    processes, stations = [], []
    try:
        for card, mac, address in (CLIENT, SERVER):
            make_station(card, mac, address)
            stations.append(card)
        processes.append(LineProcess(*pinned(), program, "stand", guard, folder, *CLIENT, *SERVER))
        processes[-1].answer()
        processes.append(LineProcess(*pinned(), *within(SERVER[0]), program, "serve", SERVER[2]))
        processes[-1].answer()
        return json.loads(run_command(*pinned(), *within(CLIENT[0]), program, "ask", SERVER[2], str(rounds)))
    finally:
        for process in reversed(processes):
            process.end()
        for card in stations:
            run_command("ip", "netns", "delete", card)


def within(namespace):
    return ("nsenter", f"--net=/run/netns/{namespace}")


def make_station(card, mac, address):
    run_command("ip", "netns", "add", card)
    quiet(card)
    run_command("ip", "link", "add", "name", card, "type", "veth", "peer", "name", "eth0", "netns", card)
    for words in (("link", "set", "eth0", "address", mac, "up"), ("address", "add", f"{address}/24", "dev", "eth0"),
                  ("route", "add", "default", "dev", "eth0")):
        run_command("ip", "-n", card, *words)


def p99(values):
    return statistics.quantiles(values, n=100)[-1]


def in_pairs(values, others):
    """The median of the rounds' ratios: what else the machine did meanwhile is in both of a pair."""
    return statistics.median(value / other for value, other in zip(values, others))


def line_time(speed, characters):
    """Seconds: 8N1 has ten bits a character, and 3.5 characters of silence end a frame, 1.75 ms above 19200 Bd (MODBUS over Serial
    Line V1.02, 2.5.1.1)."""
    gap = 35 / speed if speed <= 19200 else 0.00175
    return characters * 10 / speed + 2 * gap


def added(trips, key, to):
    """Seconds, the median of the rounds' differences."""
    return statistics.median(more - less for more, less in zip(trips[key], trips[to])) / 1e9


def of_trips(trips):
    names = {"direct": "libmodbus at the terminal", "owner": "at an owner's socket", "guard": "at an owner's socket, with a guard",
             "shared": "at a line of two in turns, with a guard"}
    base = trips["direct"]
    rows = []
    for key, name in names.items():
        values = trips[key]
        rows += [Row("passthrough", f"round trip, {name}, median", statistics.median(values) / 1e3, "us", names["direct"], in_pairs(values, base)),
                 Row("passthrough", f"round trip, {name}, p99", p99(values) / 1e3, "us", names["direct"], p99(values) / p99(base)),
                 Row("passthrough", f"requests, {name}", 1e9 / statistics.mean(values), "1/s", names["direct"],
                     statistics.mean(base) / statistics.mean(values))]
    return [*rows, Row("passthrough", "round trip without a bit time, guard beside none", statistics.median(trips["guard"]) / 1e3, "us", names["owner"],
                       in_pairs(trips["guard"], trips["owner"])),
            Row("passthrough", "round trip without a bit time, a line of two in turns beside one's own", statistics.median(trips["shared"]) / 1e3, "us",
                names["guard"], in_pairs(trips["shared"], trips["guard"]))]


def of_conduits(trips):
    """A guarded request is two connections, and a process between them."""
    names = {"straight": "over a conduit", "guard": "over a guarded conduit"}
    base = trips["straight"]
    rows = []
    for key, name in names.items():
        values = trips[key]
        rows += [Row("passthrough", f"Modbus over TCP, round trip {name}, median", statistics.median(values) / 1e3, "us", names["straight"],
                     in_pairs(values, base)),
                 Row("passthrough", f"Modbus over TCP, round trip {name}, p99", p99(values) / 1e3, "us", names["straight"], p99(values) / p99(base))]
    return rows


def of_lines(trips):
    """What turns add holds the silence of 1.75 ms that RTU wants before the next request, which the others leave to the master."""
    gateway_adds, guard_adds, turns_add = added(trips, "guard", "direct"), added(trips, "guard", "owner"), added(trips, "shared", "guard")
    rows = []
    for speed in SPEEDS:
        wire = line_time(speed, REQUEST + ANSWER)
        against = f"the {wire * 1e3:.2f} ms of the line at {speed} Bd"
        rows += [Row("passthrough", f"all that the gateway adds, at {speed} Bd", gateway_adds * 1e6, "us", against, gateway_adds / wire),
                 Row("passthrough", f"of it the guard, at {speed} Bd", guard_adds * 1e6, "us", against, guard_adds / wire)]
    # Against the last, whose setting the line has.
    return [*rows, Row("passthrough", f"turns add, at {SPEEDS[-1]} Bd", turns_add * 1e6, "us", against, turns_add / wire)]


def of_frames(frames):
    def rate(key):
        return 1e12 / statistics.median(frames[key])

    line = 115200 / 10 / SLCAN_FRAME
    return [Row("passthrough", f"SLCAN frames, {name}", rate(key), "1/s", f"the {line:.0f}/s of a line at 115200 Bd", rate(key) / line)
            for key, name in (("direct", "at the terminal"), ("owner", "at an owner's socket"), ("guard", "at an owner's socket, with a guard"))]


def of_judgements(judged):
    per_request, per_frame = (statistics.median(judged[key]) / 1e9 for key in ("request", "frame"))
    return [Row("passthrough", "judging a Modbus request, 64 rules", per_request * 1e6, "us", "the line at 115200 Bd",
                per_request / line_time(115200, REQUEST + ANSWER)),
            Row("passthrough", "judging a CAN frame, 64 rules", per_frame * 1e6, "us", "the line at 115200 Bd",
                per_frame / (SLCAN_FRAME * 10 / 115200))]


def of_hand_overs(times):
    rows = []
    for key, name in (("serving", "until the next owner serves"), ("answered", "until the next partition has an answer")):
        for label, value in (("median", statistics.median(times[key]) / 1e9), ("slowest", max(times[key]) / 1e9)):
            rows.append(Row("passthrough", f"hand-over, {name}, {label}", value * 1e3, "ms", f"{HAND_OVER_GOAL:g} s", value / HAND_OVER_GOAL))
    return rows


def show(rows):
    show_table(rows)
    print("\nGoals")
    for row in rows:
        if row.name.startswith("of it the guard"):
            goal(row.name, row.ratio, GUARD_GOAL)
        if row.name.startswith("hand-over") and row.name.endswith("slowest"):
            goal(row.name, row.ratio, HAND_OVER_GOAL)
        if row.name.startswith("lab: CAN frames lost"):
            print(f"  {'MISSED' if row.value else 'met   '}  {row.name}: {row.value:.0f} of {row.against}, none wanted")


def goal(name, got, wanted):
    print(f"  {'met   ' if got <= wanted else 'MISSED'}  {name}: {100 * got:.2g} % of the limit's time, at most {100 * wanted:g} %")
