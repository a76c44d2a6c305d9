"""A gateway under test: a partition manager with a layout of its own, simulators, and the CLI as users run it."""
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


class Gateway:
    """Use as a context manager; everything that it made is removed at the end."""

    def __init__(self, name):
        self.name = name
        self.root = pathlib.Path(tempfile.mkdtemp(prefix=f"bulkhead-{name}-"))
        os.chmod(self.root, 0o755)
        self.state = self.root / "state"
        self.run = self.root / "run"
        self.bpf = pathlib.Path("/sys/fs/bpf") / f"bulkhead-{name}"
        self.devices = self.root / "devices"
        self.devices.mkdir()
        self.daemon = None
        self.simulators = {}

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        try:
            if kind is not None:
                print(self.log()[-6000:])
            self.start_daemon()
            self.cli("teardown", "--yes")
        finally:
            self.stop_daemon()
            for name in list(self.simulators):
                self.stop_simulator(name)
            shutil.rmtree(self.root)

    # The daemon

    def start_daemon(self):
        if self.daemon is not None and self.daemon.poll() is None:
            return
        with open(self.root / "bulkheadd.log", "ab") as log:
            self.daemon = subprocess.Popen(
                [BUILD / "partition-manager/daemon/bulkheadd", "--state", self.state, "--run", self.run, "--bpf", self.bpf,
                 "--images", BUILD / "images", "--owner", self.name, "--policy", SOURCE / "tests/system/policy.yaml"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for("the daemon answers", lambda: self.try_cli("status").returncode == 0, 30)

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

    def start_simulator(self, name, program):
        self.simulators[name] = subprocess.Popen(
            [BUILD / "examples/simulators" / program, "--link", self.devices / name],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        wait_for(f"simulator {name}", (self.devices / name).exists, 10)

    def stop_simulator(self, name):
        process = self.simulators.pop(name)
        process.terminate()
        process.wait(10)

    # The CLI

    def try_cli(self, *arguments, stdin=None, timeout=300):
        return subprocess.run([BUILD / "cli/bulkhead", "--socket", self.run / "control.sock", *map(str, arguments)],
                              input=stdin, capture_output=True, text=True, timeout=timeout)

    def cli(self, *arguments, stdin=None, expect=0):
        done = self.try_cli(*arguments, stdin=stdin)
        if done.returncode != expect:
            raise Failed(f"bulkhead {' '.join(map(str, arguments))}: exit {done.returncode}, expected {expect}\n"
                         f"{done.stdout}{done.stderr}")
        return done.stdout

    def items(self, noun):
        return json.loads(self.cli("get", noun, "-o", "json"))["items"]

    def partition(self, name):
        return next(item for item in self.items("partitions") if item["name"] == name)

    def apply(self, document, *options, expect=0):
        return self.cli("apply", "-f", "-", *options, stdin=document, expect=expect)

    def wait_healthy(self, *names, seconds=180):
        def healthy():
            states = {item["name"]: item["health"] for item in self.items("partitions")}
            return all(states.get(name) == "ok" for name in names)
        wait_for(f"{', '.join(names)} healthy", healthy, seconds)

    def qemu_pid(self, partition):
        """The process of a running partition, by its agent socket, or None."""
        needle = str(self.run / "agent" / f"{partition}.sock").encode()
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if needle in (entry / "cmdline").read_bytes() and b"qemu" in (entry / "comm").read_bytes():
                    return int(entry.name)
            except OSError:
                continue
        return None
