"""The sockets of the lab's gateway."""
import os
import socket

from .places import RUN, Failure


def connect(name, seconds=10):
    """To a socket in the run folder, by a short path: that of a unix socket may have 107 bytes only."""
    folder = os.open(RUN, os.O_PATH | os.O_DIRECTORY)
    line = socket.socket(socket.AF_UNIX)
    try:
        line.settimeout(seconds)
        line.connect(f"/proc/self/fd/{folder}/{name}")
    except OSError as error:
        line.close()
        raise Failure(f"the gateway's QEMU does not answer at {name}: {error.strerror}") from None
    finally:
        os.close(folder)
    return line


def free_port():
    """Of TCP on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
