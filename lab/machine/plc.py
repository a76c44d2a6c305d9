"""A PLC at the far end of the gateway's serial card, and the application that reads it."""
import contextlib
import subprocess

from .inside import wait_for
from .places import RUN

SLOT, LINE = "0000:00:0f.0", "uart3.sock"  # the card's, and its other end's
READER = {"path": "modbus-collector", "config": {"unit": "1", "registers": "0-9", "period": "1s"}}


@contextlib.contextmanager
def at_the_line(build):
    """Use as a context manager. `build`: the folder that the simulator is taken from."""
    with contextlib.ExitStack() as stack:
        link = RUN / "plc"
        for command in ([build / "examples/simulators/plc-simulator", "--link", link], ["socat", f"UNIX-CONNECT:{LINE}", f"{link},raw,echo=0"]):
            process = subprocess.Popen([str(word) for word in command], cwd=RUN, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            stack.callback(process.wait, 30)
            stack.callback(process.terminate)
            wait_for("the PLC is at the line", link.exists, 30)
        yield
