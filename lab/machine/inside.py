"""Commands and files inside the lab's gateway."""
import json
import subprocess
import time

from . import lab
from .places import RUN, Failure


def call(command, stdin=None, timeout=120):
    """`command` is the gateway's shell's; the result with its code, stdout and stderr."""
    try:
        return subprocess.run(lab.ssh(command), cwd=RUN, input=stdin, capture_output=True, text=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        raise Failure(f"in the gateway, not within {timeout} s: {command}") from None


def output_of(command, stdin=None, timeout=120, expect=0):
    done = call(command, stdin, timeout)
    if done.returncode != expect:
        raise Failure(f"in the gateway, exit {done.returncode}, expected {expect}: {command}\n{done.stdout}{done.stderr}")
    return done.stdout


def json_of(command, **more):
    return json.loads(output_of(f"bulkhead {command} -o json", **more))


def behind(bridge):
    """The functions behind a bridge or port of the board, by their addresses: who numbers the buses is the kernel's or the firmware's business."""
    return sorted(line.split("/")[-1] for line in output_of(f"ls -d /sys/bus/pci/devices/{bridge}/0000:??:??.?").split())


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
            raise Failure(f"not within {seconds} s: {what}")
        time.sleep(0.5)
    return value
