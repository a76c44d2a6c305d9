"""Commands and files inside the lab's gateway."""
import json
import subprocess
import time

from . import hang, lab
from .places import RUN, Failure

SSH_FAILED = 255  # ssh's own code; the gateway's shell rarely has it


def call(command, stdin=None, timeout=120):
    """`command` is the gateway's shell's; the result with its code, stdout and stderr."""
    try:
        done = subprocess.run(lab.ssh(command), cwd=RUN, input=stdin, capture_output=True, text=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        done = None
    if (done is None or done.returncode == SSH_FAILED) and hang.end_if_it_hangs():
        raise hang.Hung(f"the gateway's kernel hangs, and did not answer to: {command}")
    if done is None:
        raise Failure(f"in the gateway, not within {timeout} s: {command}")
    return done


def output_of(command, stdin=None, timeout=120, expect=0):
    done = call(command, stdin, timeout)
    if done.returncode != expect:
        raise _failure(f"in the gateway, exit {done.returncode}, expected {expect}: {command}\n{done.stdout}{done.stderr}")
    return done.stdout


def _failure(what):
    """In a gateway that hangs, or started anew meanwhile, it is no verdict."""
    return hang.Hung(f"the gateway's kernel hangs, or started anew: {what}") if hang.end_if_it_hangs() else Failure(what)


def json_of(command, **more):
    return json.loads(output_of(f"bulkhead {command} -o json", **more))


def behind(bridge):
    """The functions behind a bridge or port of the board, by their addresses: who numbers the buses is the kernel's or the firmware's business."""
    return sorted(line.split("/")[-1] for line in output_of(f"ls -d /sys/bus/pci/devices/{bridge}/0000:??:??.?").split())


def interface(place):
    """The network interface, CAN too, of a function of PCI."""
    return output_of(f"ls /sys/bus/pci/devices/{place}/net").strip()


def put(paths):
    """Files and folders of this machine, at the same places there."""
    pack = subprocess.Popen(["tar", "-cz", "--absolute-names", "--dereference", *map(str, paths)], stdout=subprocess.PIPE)
    unpack = subprocess.run(lab.ssh("tar -xz --absolute-names"), cwd=RUN, stdin=pack.stdout, capture_output=True, text=True, timeout=300, check=False)
    pack.stdout.close()
    if pack.wait() != 0 or unpack.returncode != 0:
        raise Failure(f"can't copy into the gateway: {unpack.stderr}")


def wait_for(what, condition, seconds):
    """Asks again until it is so: the gateway tells us of nothing by itself. Each question is a command by ssh, which takes its time."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise _failure(f"not within {seconds} s: {what}")
        time.sleep(0.5)
    return value


# What tells why a wait for something of a partition or a device ended in vain.
EVIDENCE = ("bulkhead get devices -o wide", "bulkhead get partitions", "bulkhead get events | tail -20", "journalctl -u bulkheadd --no-pager -n 40 -o cat",
            "dmesg | tail -15", "tail -25 /var/lib/bulkhead/console/*.log", "tail -5 /var/log/libvirt/qemu/*.log")


def evidence(*commands):
    return "\n".join(f"--- {command}\n{_said(command)}" for command in (*commands, *EVIDENCE))


def _said(command):
    """Evidence that can't be had must not hide what it is for."""
    try:
        return call(command, timeout=30).stdout
    except Failure as failure:
        return str(failure)


def until(what, condition, seconds, *commands):
    """As wait_for, and tells what these commands say when it was in vain."""
    try:
        return wait_for(what, condition, seconds)
    except hang.Hung:
        raise
    except Failure as failure:
        raise Failure(f"{failure}\n{evidence(*commands)}") from None
