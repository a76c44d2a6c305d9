"""QEMU's control socket: one JSON object a line (QEMU's docs/interop/qmp-spec)."""
import json

from .places import Failure
from .sockets import connect


class Qmp:
    def __init__(self):
        self._socket = connect("qmp.sock")
        self._lines = self._socket.makefile("r")
        try:
            self._next()  # its greeting, which a second one at a time never gets
            self.command("qmp_capabilities")
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._lines.close()
        self._socket.close()

    def _next(self):
        line = self._lines.readline()
        if not line:
            raise Failure("QEMU ended")
        return json.loads(line)

    def command(self, name, **arguments):
        self._socket.sendall(json.dumps({"execute": name, "arguments": arguments}).encode() + b"\n")
        while True:
            answer = self._next()
            if "error" in answer:
                raise Failure(f"QEMU refuses {name}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def wait_for_end(self, seconds):
        """Until QEMU has ended; whether it did in that time."""
        self._socket.settimeout(seconds)
        try:
            while self._lines.readline():
                pass
        except TimeoutError:
            return False
        return True
