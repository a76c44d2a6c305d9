"""Resident sets of the manager and of the agent. The agent is measured beside qemu-ga, both on the host, both idle on a unix
socket of their own, so that the same kernel counts the same way."""
import pathlib
import subprocess
import tempfile
import time

import gateway
from table import Row

SETTLE_SECONDS = 3  # what is measured is an idle program, and being idle has no event


def pss_kib(pid):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise RuntimeError(f"no Pss of process {pid}")


def idle_pss(arguments):
    process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(SETTLE_SECONDS)
        if process.poll() is not None:
            raise RuntimeError(f"{arguments[0]} ended with {process.returncode}")
        return pss_kib(process.pid)
    finally:
        process.terminate()
        process.wait()


def run():
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        master, slave = f"{folder}/master", f"{folder}/slave"
        pair = subprocess.Popen(["socat", f"pty,raw,echo=0,link={master}", f"pty,raw,echo=0,link={slave}"])
        try:
            gateway.wait_for("a pty pair", pathlib.Path(slave).exists, 10)
            peer = idle_pss(["qemu-ga", "-m", "isa-serial", "-p", slave, "-t", folder, "-f", f"{folder}/pid"])
            ours = idle_pss([gateway.BUILD / "guest-agent/bulkhead-agent", "--no-poweroff", slave])
        finally:
            pair.terminate()
            pair.wait()
    rows.append(Row("memory", "qemu-ga", peer / 1024, "MiB", "itself", 1.0))
    rows.append(Row("memory", "bulkhead-agent", ours / 1024, "MiB", "qemu-ga", ours / peer))
    with gateway.Gateway("bench") as gw:
        gw.start_daemon()
        manager = pss_kib(gw.daemon.pid)
        libvirtd = pss_kib(int(subprocess.run(["pgrep", "-o", "libvirtd"], capture_output=True, text=True).stdout))
        rows.append(Row("memory", "libvirtd", libvirtd / 1024, "MiB", "itself", 1.0))
        rows.append(Row("memory", "bulkheadd", manager / 1024, "MiB", "libvirtd", manager / libvirtd))
    return rows
