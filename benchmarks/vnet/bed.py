"""What is measured: two ports, A and B, that a switch joins, and a list of rules. Each bed has a network namespace of its own,
so that all can stand at once and take turns."""
import dataclasses
import functools
import os
import pathlib
import subprocess

import gateway
from benchmarks.vnet.line_process import LineProcess

CORE = max(os.sched_getaffinity(0))
RT_BUDGET = pathlib.Path("/sys/fs/cgroup/cpu/cpu.rt_runtime_us")  # cgroups of version 1 start with none


@functools.cache
def pinned():
    """What a command has before it, so that all work for a frame is done on one core, and nothing else of the machine gets in
    between where the kernel grants that."""
    if RT_BUDGET.exists():
        RT_BUDGET.write_text("950000")
    priority = ("chrt", "--rr", "1")
    if subprocess.run([*priority, "true"], capture_output=True).returncode != 0:
        priority = ("nice", "-n", "-20")
    return ("taskset", "-c", str(CORE), *priority)

PEERS = 98  # that A has rules to, besides B; not running, so only their rules are there
IPERF_PORT = 5201


@dataclasses.dataclass(frozen=True)
class Port:
    name: str
    number: int

    @property
    def mac(self):
        return f"02:00:00:00:{self.number >> 8:02x}:{self.number & 255:02x}"

    @property
    def address(self):
        return f"10.0.{self.number >> 8}.{self.number & 255}"


@dataclasses.dataclass(frozen=True)
class Rule:
    """A may open a flow to that service of `to`, and `to` may answer."""
    to: Port
    transport: str
    port: int


A, B = Port("left", 1), Port("right", 2)
OTHERS = [Port(f"p{n}", 256 + n) for n in range(1, PEERS + 1)]
EXTRA = Rule(B, "udp", 7777)  # of the conduit that comes and goes


def rules_of(count):
    """`count` of them, and one for TCP; frames that are measured match one of the last two."""
    rules = [Rule(OTHERS[n % PEERS], "udp", 1 + n // PEERS) for n in range(count - 1)]
    return [*rules, Rule(B, "tcp", IPERF_PORT), Rule(B, "udp", IPERF_PORT)]


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout[-500:]}{done.stderr[-1500:]}")
    return done.stdout


class Impossible(Exception):
    """This host can't make the bed; the text says why."""


class Bed:
    """First the rules, in force before there are ports; then pairs of ports of one kind after the other, under the same names:
    veth (the ends are A and B), tap, tcp (as veth, each end in a network namespace with an address), or guest (taps that virtual
    machines hold)."""
    title = ""
    most_rules = None  # that it can be given, and why so
    ports = (A, B)  # that have interfaces
    namespace = True  # False: it stands in the namespace of whoever runs the benchmark

    def __init__(self, count):
        self.rules = rules_of(count)
        self.plugged = None
        self.frames = None  # bench-frames on the ports
        self.ends = []  # namespaces
        self.group = None  # a cgroup that is charged for what is made
        self.net = f"bench-{type(self).__name__.lower()}" if self.namespace else None

    # To be told by each kind of bed

    @classmethod
    def why_not(cls):
        """Why this host can't make any of this kind, found out by trying; or None."""
        return None

    def begin(self):
        """Makes the switch and puts the rules in force."""
        raise NotImplementedError

    def end(self):
        """Takes away what does not go with the namespace."""

    def attach(self, port, interface):
        """Joins an interface to the switch, as that port."""
        raise NotImplementedError

    def detach(self, port, interface):
        """Before the interface goes away."""

    def bring_up(self, ports):
        """What there is to do after a start of the machine: taps for all ports, and the rules."""
        self.begin()
        self.run("ip", "-batch", "-", input="".join(
            f"tuntap add {port.name} mode tap vnet_hdr\nlink set {port.name} up\n" for port in ports))
        self.attach_all(ports)

    def attach_all(self, ports):
        raise NotImplementedError

    def settle(self):
        """After bring_up(): ends what was needed for it alone. Bytes of BPF maps that stay, or nothing."""

    def take_down(self):
        self.end()
        if self.net:
            run("ip", "netns", "delete", self.net)

    def open_one(self, rule):
        """Puts one more rule in force; what may be said about it passes."""
        raise Impossible("it has no rules")

    def close_one(self, rule):
        raise Impossible("it has no rules")

    # For all alike

    def make_namespace(self):
        if self.net:
            run("ip", "netns", "add", self.net)
        quiet(self.net)

    def __enter__(self):
        try:
            self.make_namespace()
            self.begin()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind, value, trace):
        self.unplug()
        self.end()
        if self.net:
            run("ip", "netns", "delete", self.net)

    def inside(self, *command):
        if self.group:
            command = ("sh", "-c", f'echo $$ > {self.group}/cgroup.procs && exec "$@"', "charged", *command)
        return (*pinned(), *(("nsenter", f"--net=/run/netns/{self.net}") if self.net else ()), *command)

    def run(self, *command, **options):
        return run(*self.inside(*command), **options)

    def start(self, *command):
        return LineProcess(*self.inside(*command))

    def plug(self, kind):
        self.plugged = kind
        for port in self.ports:
            self.make(port)
            self.attach(port, port.name)
        if kind in ("veth", "tap"):
            first, second, *others = [f"{port.name}={port.mac}={port.address}" for port in self.ports]
            self.frames = self.start(gateway.BUILD / "benchmarks/vnet/bench-frames", kind, first, second, IPERF_PORT, *others)

    def unplug(self):
        if not self.plugged:
            return
        if self.frames:
            self.frames.end()
            self.frames = None
        for port in self.ports:
            if self.has(port):
                self.detach(port, port.name)
                self.run("ip", "link", "delete", port.name)
        while self.ends:
            run("ip", "netns", "delete", self.ends.pop())
        self.plugged = None

    def make(self, port):
        """The interface that a switch joins has the port's name; the other end of a veth has it with -end."""
        if self.plugged in ("tap", "guest"):
            self.run("ip", "tuntap", "add", port.name, "mode", "tap", "vnet_hdr")
        else:
            # Frames are for the port's MAC address, and the raw end has another: what comes out is counted and dropped at
            # once, as not its own.
            mac = port.mac if self.plugged == "tcp" else port.mac.replace("02:", "06:", 1)
            self.run("ip", "link", "add", "name", f"{port.name}-end", "address", mac, "type", "veth", "peer", "name", port.name)
            if self.plugged == "tcp":
                self.make_end(port, B if port == A else A)
            else:
                self.run("ip", "link", "set", f"{port.name}-end", "up")
        self.run("ip", "link", "set", port.name, "up")

    def make_end(self, port, other):
        namespace = f"{self.net or 'bench'}-{port.name}"
        run("ip", "netns", "add", namespace)
        self.ends.append(namespace)
        quiet(namespace)
        link = f"{port.name}-end"
        self.run("ip", "link", "set", link, "netns", namespace)
        for words in (("link", "set", link, "up"), ("address", "add", port.address + "/24", "dev", link),
                      ("neigh", "add", other.address, "lladdr", other.mac, "dev", link)):
            run("ip", "-n", namespace, *words)

    def has(self, port):
        return subprocess.run(self.inside("ip", "link", "show", port.name), capture_output=True).returncode == 0

    def passes(self, rule):
        return self.frames.ask("passes", rule.port)["passed"]

    def rate(self, size, milliseconds):
        """Frames per second."""
        got = self.frames.ask("rate", size, milliseconds)
        return got["frames"] / got["seconds"]

    def latency(self, size, milliseconds):
        """Seconds there and back, p50 and p99."""
        got = self.frames.ask("latency", size, milliseconds)
        return got["p50"], got["p99"]


def quiet(namespace):
    """No frames of IPv6's own, and no bridge pays for a firewall that is not there."""
    script = "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6; echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6; " \
             "for file in /proc/sys/net/bridge/bridge-nf-call-*; do [ ! -f $file ] || echo 0 > $file; done"
    command = ("sh", "-c", script)
    run(*(("nsenter", f"--net=/run/netns/{namespace}", *command) if namespace else command))


def scratch(name):
    """A folder for the run; its place is in the run's own /run."""
    folder = pathlib.Path("/run/bench-vnet") / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder
