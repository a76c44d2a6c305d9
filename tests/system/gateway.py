"""A gateway under test: a partition manager with a layout of its own, simulators, and the CLI as users run it.

Everything here runs inside tests/system/private-libvirtd --net, where /run, libvirt, the network, bpffs and the processes are
the test's own. So paths are those of a real gateway, and the policy is the one that is shipped."""
import collections
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

BUILD = pathlib.Path("build-check")  # set by run.py
SOURCE = pathlib.Path(__file__).resolve().parents[2]
DEVICES = pathlib.Path("/run/bulkhead/devices")
UNDER_TEST = []  # gateways that are up, for whoever reports a failure
SIMULATORS = {"rs485-1": "plc-simulator", "can-1": "can-adapter-simulator"}


class Failed(Exception):
    """A command ended otherwise than expected; the text shows what it printed."""


def wait_for(what, condition, seconds=60):
    """Polls `condition` until it is true; what is observed is another process's state, which has no event for us."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failed(f"not within {seconds} s: {what}")
        time.sleep(0.1)


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=60).stdout


def processes(*names):
    """Pids of the processes whose program is one of `names`; zombies are none."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            program = (entry / "cmdline").read_bytes().split(b"\0")[0].decode()
        except OSError:
            continue
        if pathlib.PurePath(program).name in names:
            found.append(int(entry.name))
    return sorted(found)


def footprint():
    """All that a gateway could leave behind on its host."""
    return {
        "links": sorted(line.split(": ")[1] for line in output_of("ip", "-o", "link").splitlines()),
        "qdiscs": sorted(output_of("tc", "qdisc", "show").splitlines()),
        "namespaces": output_of("ip", "netns").split(),
        "domains": output_of("virsh", "-q", "list", "--all", "--name").split(),
        "networks": output_of("virsh", "-q", "net-list", "--all", "--name").split(),
        "pins": sorted(str(path) for path in pathlib.Path("/sys/fs/bpf").rglob("*") if not path.name.endswith(".debug")),
        "processes": processes("qemu-system-x86_64", "bulkhead-serial", "bulkhead-line", "bulkhead-usb", "bulkhead-can", "bulkhead-router", "bulkhead-guard", "bulkheadd", "bulkhead-console", "dnsmasq", "swtpm",
                                *SIMULATORS.values()),
    }


def start_libvirtd():
    subprocess.run(["libvirtd", "-d"], check=True, timeout=60)
    wait_for("libvirtd answers", lambda: subprocess.run(["virsh", "-q", "list"], capture_output=True).returncode == 0, 60)


def kill_libvirtd():
    pids = processes("libvirtd")
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    wait_for("libvirtd has gone", lambda: not processes("libvirtd"), 10)


class Gateway:
    """Use as a context manager; everything that it made is removed at the end, and that this is so is checked."""

    def __init__(self, name):
        assert os.environ.get("BULKHEAD_PRIVATE"), "run me inside tests/system/private-libvirtd --net"
        self.name = name
        self.root = pathlib.Path(tempfile.mkdtemp(prefix=f"bulkhead-{name}-", dir="/var/tmp"))
        os.chmod(self.root, 0o755)
        self.state = self.root / "state"
        self.run = pathlib.Path("/run/bulkhead")
        self.bpf = pathlib.Path("/sys/fs/bpf/bulkhead")
        self.images = BUILD / "images"
        self.daemon = None
        self.tpm = None  # a TCTI string: the host has a TPM there
        self.simulators = {}

    def __enter__(self):
        self.before = footprint()
        UNDER_TEST.append(self)
        return self

    def __exit__(self, kind, value, trace):
        try:
            if not processes("libvirtd"):
                start_libvirtd()
            self.start_daemon()
            for name in [item["name"] for item in self.items("partitions") if item.get("lock")]:
                self.try_cli("unlock", name)
            self.cli("teardown", "--yes")
        finally:
            self.stop_daemon()
            for name in list(self.simulators):
                self.stop_simulator(name)
            UNDER_TEST.remove(self)
            if self.state.is_mount():
                subprocess.run(["umount", self.state], check=True)
            shutil.rmtree(self.root)
            shutil.rmtree(self.run, ignore_errors=True)
        after = footprint()
        left = {what: (self.before[what], after[what]) for what in after if self.before[what] != after[what]}
        if left:
            raise Failed(f"the host is not as it was before (before, after): {left}")

    # The daemon

    def launch_daemon(self):
        """Starts it, and does not wait until it answers."""
        with open(self.root / "bulkheadd.log", "ab") as log:
            self.daemon = subprocess.Popen(
                [BUILD / "partition-manager/daemon/bulkheadd", "--state", self.state, "--images", self.images,
                 *(["--tpm", self.tpm] if self.tpm else [])],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def start_daemon(self):
        if self.daemon is not None and self.daemon.poll() is None:
            return
        self.launch_daemon()
        wait_for("the daemon answers", self.answers, 30)

    def answers(self):
        if self.daemon.poll() is not None:
            raise Failed(f"bulkheadd ended with {self.daemon.returncode}:\n{self.log()[-2000:]}")
        return self.try_cli("status").returncode == 0

    def stop_daemon(self):
        if self.daemon is not None:
            self.daemon.terminate()
            self.daemon.wait(60)
            self.daemon = None

    def kill_daemon(self):
        self.daemon.send_signal(signal.SIGKILL)
        self.daemon.wait()
        self.daemon = None

    def log(self):
        path = self.root / "bulkheadd.log"
        return path.read_text(errors="replace") if path.exists() else ""

    # Simulators

    def start_simulator(self, name):
        DEVICES.mkdir(parents=True, exist_ok=True)
        self.simulators[name] = subprocess.Popen(
            [BUILD / "examples/simulators" / SIMULATORS[name], "--link", DEVICES / name],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(f"simulator {name}", (DEVICES / name).exists, 10)

    def stop_simulator(self, name):
        process = self.simulators.pop(name)
        process.terminate()
        process.wait(10)

    # The CLI

    def command(self, *arguments):
        return [str(BUILD / "cli/bulkhead"), *map(str, arguments)]

    def try_cli(self, *arguments, stdin=None, timeout=300):
        return subprocess.run(self.command(*arguments), input=stdin, capture_output=True, text=True, timeout=timeout)

    def cli(self, *arguments, stdin=None, expect=0):
        """What it printed on stdout; with a failure that is expected, on stderr."""
        done = self.try_cli(*arguments, stdin=stdin)
        if done.returncode != expect:
            raise Failed(f"bulkhead {' '.join(map(str, arguments))}: exit {done.returncode}, expected {expect}\n"
                         f"{done.stdout}{done.stderr}")
        return done.stdout if expect == 0 else done.stderr

    def json(self, *arguments):
        return json.loads(self.cli(*arguments, "-o", "json"))

    def items(self, noun, *arguments):
        return self.json("get", noun, *arguments)["items"]

    def partition(self, name):
        return next(item for item in self.items("partitions") if item["name"] == name)

    def partitions(self):
        return {item["name"]: item for item in self.items("partitions")}

    def status(self):
        return json.loads(self.cli("status", "-o", "json"))

    def events(self, code=None):
        found = self.items("events", "--limit", "1000")
        return [event for event in found if code in (None, event["code"])]

    def apply(self, document, *options, expect=0):
        return self.cli("apply", "-f", "-", *options, stdin=document, expect=expect)

    def plan(self, document, *options):
        """The steps, as short texts, and the refusals' rules."""
        done = self.try_cli("plan", "-f", "-", "-o", "json", *options, stdin=document)
        reply = json.loads(done.stdout)
        return [f"{step['action']} {step['kind']} {step['subject']}" for step in reply.get("steps", [])], \
            [refusal["rule"] for refusal in reply.get("refusals", [])]

    def wait_phase(self, phase, seconds=60):
        wait_for(f"phase {phase}", lambda: self.status()["phase"] == phase, seconds)

    def wait_healthy(self, *names, seconds=120):
        def healthy():
            return all(item["state"] == "running" and item["health"] == "ok"
                       for name, item in self.partitions().items() if not names or name in names)
        wait_for(f"{', '.join(names) or 'all'} healthy", healthy, seconds)

    def lives(self):
        """What tells one life of each partition from the next: the pid of its QEMU and the boot id of its guest."""
        return {name: (self.qemu_pid(name), item.get("agent", {}).get("boot_id")) for name, item in self.partitions().items()}

    def qemu_pid(self, partition):
        """The process of a running partition, or None."""
        for pid in processes("qemu-system-x86_64"):
            try:
                if f"guest={partition},".encode() in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes():
                    return pid
            except OSError:
                continue
        return None

    def reading(self, name):
        """What the probe of that partition has seen, by what it did."""
        text = self.partition(name).get("application", {}).get("last_output", "")
        return collections.Counter(json.loads(text) if text.startswith("{") else {})
