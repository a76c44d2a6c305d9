"""A gateway whose kernel hangs. Where there is no KVM, the gateway's own KVM runs on QEMU's emulation of SVM, in which its kernel stops
now and then for good: nothing answers any more, and QEMU takes two processors whole. Such a gateway is no verdict on the product."""
import subprocess

from . import lab
from .places import LAB, RUN
from .qmp import Qmp

HUNG = RUN / "hung"  # goes with the gateway
REGISTERS = LAB / "hung.log"
ANSWERS_SECONDS = 60  # a new connection on a starved machine takes some; a kernel that hangs never does


def end_if_it_hangs():
    """Whether it did. Its processors' state is kept in build-lab/hung.log."""
    if lab.state().get("accelerator") != "tcg" or not lab.gateway().runs() or _answers():
        return False
    _keep_registers()
    HUNG.touch()
    lab.gateway().kill()
    return True


def was_found():
    return HUNG.exists()


def _answers():
    """On a connection of its own: the one that is shared may be what is broken."""
    command, *options = lab.ssh("true")
    try:
        return subprocess.run([command, "-o", "ControlPath=none", *options], cwd=RUN, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=ANSWERS_SECONDS, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def _keep_registers():
    """Twice: what moves between the two does not hang."""
    with Qmp() as qmp, open(REGISTERS, "a", encoding="utf-8") as log:
        for _ in range(2):
            log.write(qmp.command("human-monitor-command", **{"command-line": "info registers -a"}) + "\n")
