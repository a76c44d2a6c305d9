"""Open vSwitch, run by us in the bed's namespace and a folder of ours, with OpenFlow rules that guard the sender and match its
services exactly. Stateless, which is the faster way for it."""
import functools
import os
import signal
import socket
import struct
import subprocess

import gateway
from benchmarks.vnet.bed import A, B, Bed, pinned, run, scratch

SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"
BRIDGE = "bench"
STARTS_WITHIN = 30


class Daemons:
    """One ovsdb-server and one ovs-vswitchd, in the network namespace that `inside` enters."""

    def __init__(self, name, inside):
        self.folder = scratch(name)
        self.database = self.folder / "db.sock"
        path = self.folder / "conf.db"
        path.unlink(missing_ok=True)
        run("ovsdb-tool", "create", path, SCHEMA)
        self.environment = {**os.environ, "OVS_RUNDIR": str(self.folder)}
        self.processes = []
        self.start("ovsdb-server", path, f"--remote=punix:{self.database}", *self.logging())
        gateway.wait_for("ovsdb-server", self.database.exists, STARTS_WITHIN)
        # Segmentation offload is off in the userspace datapath unless asked for.
        self.control("--no-wait", "init", "--", "set", "Open_vSwitch", ".", "other_config:userspace-tso-enable=true")
        self.start(*inside("ovs-vswitchd", f"unix:{self.database}", *self.logging()))

    def logging(self):
        return ("-vconsole:off", "-vfile:warn", f"--log-file={self.folder / 'log'}", "--no-chdir")

    def start(self, *command):
        self.processes.append(subprocess.Popen([str(word) for word in command], env=self.environment, stdin=subprocess.DEVNULL))

    def control(self, *words):
        return run(*pinned(), "ovs-vsctl", f"--db=unix:{self.database}", "--timeout=30", *words, env=self.environment)

    def log(self):
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def end(self):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
            process.wait(30)


class OpenVSwitch(Bed):
    datapath = ""

    @classmethod
    def why_not(cls):
        """Makes a bridge of this datapath, in a namespace of its own."""
        run("ip", "netns", "add", "bench-ovs-trial")
        daemons = Daemons("trial", lambda *command: ("nsenter", "--net=/run/netns/bench-ovs-trial", *command))
        try:
            daemons.control("add-br", BRIDGE, "--", "set", "bridge", BRIDGE, f"datapath_type={cls.datapath}")
            if daemons.control("get", "bridge", BRIDGE, "datapath_id").strip() != "[]":
                return None
            return next((line.split("|", 4)[-1] for line in daemons.log().splitlines() if "|ERR|" in line), "no reason given")
        finally:
            daemons.end()
            run("ip", "netns", "delete", "bench-ovs-trial")

    def begin(self):
        self.daemons = Daemons(self.net, self.inside)
        self.daemons.control("add-br", BRIDGE, "--", "set", "bridge", BRIDGE, f"datapath_type={self.datapath}",
                             "fail_mode=secure")
        load_flows(self.daemons, flows({A: 1, B: 2}, A, self.rules))

    @functools.cached_property
    def controller(self):
        """From its first use on: one that says nothing for two minutes, while others are measured, is closed."""
        return OpenFlow(self.daemons.folder / f"{BRIDGE}.mgmt")

    def end(self):
        if "controller" in vars(self):
            self.controller.close()
        self.daemons.end()

    def attach(self, port, interface):
        self.attach_all([port])

    def attach_all(self, ports):
        words = []
        for port in ports:
            words += ["--", "add-port", BRIDGE, port.name, "--", "set", "interface", port.name, f"ofport_request={port.number}"]
        self.daemons.control(*words[1:])

    def detach(self, port, interface):
        self.daemons.control("del-port", BRIDGE, interface)

    def open_one(self, rule):
        self.controller.change(OpenFlow.ADD, rule)

    def close_one(self, rule):
        self.controller.change(OpenFlow.DELETE_STRICT, rule)


class Userspace(OpenVSwitch):
    title = "OVS userspace"
    datapath = "netdev"


class Kernel(OpenVSwitch):
    title = "OVS kernel"
    datapath = "system"


def flows(numbers, sender, rules):
    """Of rules from `sender`. `numbers`: {port: OpenFlow's number}; a rule for a port that is not there outputs nothing."""
    guard = "in_port={},{},dl_src={},nw_src={}"
    lines = []
    for rule in rules:
        number = numbers.get(rule.to)
        lines.append(f"{guard.format(numbers[sender], rule.transport, sender.mac, sender.address)},nw_dst={rule.to.address},"
                     f"tp_dst={rule.port},actions={f'output:{number}' if number else 'drop'}")
        if number:
            lines.append(f"{guard.format(number, rule.transport, rule.to.mac, rule.to.address)},nw_dst={sender.address},"
                         f"tp_src={rule.port},actions=output:{numbers[sender]}")
    return lines


def load_flows(daemons, lines):
    path = daemons.folder / "flows"
    path.write_text("\n".join(lines) + "\n")
    run(*pinned(), "ovs-ofctl", "add-flows", daemons.folder / f"{BRIDGE}.mgmt", path, env=daemons.environment)


class OpenFlow:
    """OpenFlow 1.0 without a process for each command: what a controller does."""
    HELLO, FLOW_MOD, BARRIER_REQUEST, BARRIER_REPLY, ERROR = 0, 14, 18, 19, 1
    ADD, DELETE_STRICT = 0, 4
    # OFPFW_ALL but for in_port, dl_src, dl_type, nw_proto, and nw_src and nw_dst whole.
    WILDCARDS = ((1 << 22) - 1) & ~(1 | 1 << 2 | 1 << 4 | 1 << 5 | 0x3f << 8 | 0x3f << 14)
    TP_SRC, TP_DST = 1 << 6, 1 << 7

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        self.message(self.HELLO)

    def close(self):
        self.socket.close()

    def message(self, kind, body=b""):
        self.socket.sendall(struct.pack("!BBHI", 1, kind, 8 + len(body), 1) + body)

    def change(self, command, rule):
        self.message(self.FLOW_MOD, self.flow(command, rule, (1, A), (2, rule.to), 0, rule.port))
        self.message(self.FLOW_MOD, self.flow(command, rule, (2, rule.to), (1, A), rule.port, 0))
        self.message(self.BARRIER_REQUEST)
        while (kind := self.read()) != self.BARRIER_REPLY:
            if kind == self.ERROR:
                raise RuntimeError("Open vSwitch refused a flow")

    def flow(self, command, rule, sender, receiver, source, destination):
        (in_port, sender), (out, receiver) = sender, receiver
        wildcards = self.WILDCARDS & ~(self.TP_DST if destination else self.TP_SRC)
        source_mac = bytes.fromhex(sender.mac.replace(":", ""))
        match = struct.pack("!IH6s6sHBxHBB2x4s4sHH", wildcards, in_port, source_mac, bytes(6), 0, 0, 0x800, 0,
                            {"tcp": 6, "udp": 17}[rule.transport], socket.inet_aton(sender.address),
                            socket.inet_aton(receiver.address), source, destination)
        change = struct.pack("!QHHHHIHH", 0, command, 0, 0, 0x8000, 0xffffffff, 0xffff, 0)
        return match + change + struct.pack("!HHHH", 0, 8, out, 0)

    def read(self):
        head = self.exactly(8)
        _, kind, length, _ = struct.unpack("!BBHI", head)
        self.exactly(length - 8)
        return kind

    def exactly(self, count):
        data = b""
        while len(data) < count:
            got = self.socket.recv(count - len(data))
            if not got:
                raise RuntimeError("Open vSwitch closed the connection")
            data += got
        return data
