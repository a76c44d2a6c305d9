"""A machine on the segment of ot0: a network namespace with a tap in it, whose frames go to QEMU's socket and come from there. Run as a
program inside the namespace; takes no right on this machine but that to a namespace."""
import contextlib
import fcntl
import os
import selectors
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))  # as a program

from machine.places import RUN, Failure  # noqa: E402
from machine.sockets import connect  # noqa: E402

ADDRESS, MAC = "172.30.3.40/24", "52:54:00:1a:b1:28"
CARD = "plant0"
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000  # linux/if_tun.h
FRAME = 65536
HEADER = struct.Struct("!I")  # the length before each frame (QEMU's net/stream.c)


def joined(address, mac, command):
    """The command line of this program, with the segment's line and the sign that it is taken."""
    taken = os.open(RUN / "ot.lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(taken, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Failure("another machine is on the segment of ot0", "end that lab/ot first") from None
    line = connect("ot.sock", None)
    for descriptor in (taken, line.fileno()):
        os.set_inheritable(descriptor, True)
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", "--net", *user, sys.executable, "-B", __file__, str(line.detach()), address, mac, *map(str, command)]


@contextlib.contextmanager
def machine(*command):
    """Use as a context manager. `command` says on stderr, in a line, that it is ready."""
    process = subprocess.Popen([RUN.parents[1] / "lab/ot", *map(str, command)], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        said = process.stderr.readline()
        if not said or said.startswith("lab/ot: "):
            raise Failure(f"no {command[0]} at ot0, exit {process.wait(30)}: {said}{process.stderr.read()}")
        yield
    finally:
        process.terminate()
        process.communicate(timeout=30)


def make_card(address, mac):
    """The tap's descriptor. No other card is there, so all that it has not goes to this one."""
    tap = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", CARD.encode(), IFF_TAP | IFF_NO_PI))
    for words in ("link set lo up", f"link set {CARD} address {mac} up", f"address add {address} dev {CARD}", f"route add default dev {CARD}"):
        subprocess.run(["ip", *words.split()], check=True)
    return tap


def frames_of(data):
    """Takes the whole frames out of what came over the line so far."""
    while len(data) >= HEADER.size and len(data) >= HEADER.size + (length := HEADER.unpack_from(data)[0]):
        yield bytes(data[HEADER.size : HEADER.size + length])
        del data[: HEADER.size + length]


def carry(line, tap, ends):
    """Frames both ways until `ends`, a descriptor, can be read; False if the gateway's end of the line has gone."""
    came = bytearray()
    with selectors.DefaultSelector() as selector:
        for each in (line, tap, ends):
            selector.register(each, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if ends in ready:
                return True
            if tap in ready:
                frame = os.read(tap, FRAME)
                line.sendall(HEADER.pack(len(frame)) + frame)
            if line in ready:
                data = line.recv(FRAME)
                if not data:
                    return False
                came += data
                for frame in frames_of(came):
                    os.write(tap, frame)


def main(descriptor, address, mac, *command):
    line = socket.socket(fileno=int(descriptor))
    os.set_inheritable(line.fileno(), False)
    tap = make_card(address, mac)
    # What runs there ends when the frames do.
    process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *command])
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, _: process.send_signal(number))
    if not carry(line, tap, os.pidfd_open(process.pid)):
        print("lab/ot: the gateway has ended", file=sys.stderr)
        process.terminate()
    return process.wait()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
