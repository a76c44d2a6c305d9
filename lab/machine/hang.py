"""A gateway whose kernel hangs in the emulator. Where there is no KVM, the gateway's own KVM runs on QEMU's emulation of SVM, in which its
kernel stops now and then for good: nothing answers, nothing is said, and QEMU's processors spin. Or the processor is reset, and the kernel
starts anew without a word of its end, or with the word of one panic (EMULATORS). Such a gateway is no verdict on the product; one whose
kernel complains of anything else, or idles, is one."""
import os
import re
import subprocess
import time
from pathlib import Path

from . import lab
from .places import LAB, RUN, Failure
from .qmp import Qmp

REGISTERS = LAB / "hung.log"
ANSWERS_SECONDS = 60  # a new connection on a starved machine takes some; a kernel that hangs never does
COMPLAINS = re.compile(r"Kernel panic|BUG:|Oops|Out of memory|general protection|soft lockup|hung_task|blocked for more than")
# A thread that runs a partition's processor leaves it with what is not its own GS, faults when it reads that, and again on that, until its
# stack has ended. Between the two nothing runs but Debian's KVM and QEMU's SVM.
EMULATORS = re.compile(r"BUG: TASK stack guard page was hit.{1,400}? Comm: CPU \d+/KVM ", re.DOTALL)


class Hung(Failure):
    """Raised where a command was not answered since the gateway's kernel hangs. The gateway is ended by then."""


def end_if_it_hangs():
    """Whether it did. Its processors' state is kept in build-lab/hung.log."""
    if lab.state().get("accelerator") != "tcg" or not lab.gateway().runs():
        return False
    if (_started_anew() or _is_the_emulators_panic()) and not _complains():
        lab.gateway().kill()
        return True
    began, busy = time.monotonic(), _processor_seconds()
    if _answers() or not lab.gateway().runs() or _processor_seconds() - busy < (time.monotonic() - began) / 2 or _complains():
        return False
    _keep_registers()
    lab.gateway().kill()
    return True


def _answers():
    """On a connection of its own: the one that is shared may be what is broken."""
    command, *options = lab.ssh("true")
    try:
        return subprocess.run([command, "-o", "ControlPath=none", "-o", f"ConnectTimeout={ANSWERS_SECONDS}", *options], cwd=RUN,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=ANSWERS_SECONDS, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def _processor_seconds():
    fields = Path(f"/proc/{lab.gateway().pid()}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _is_the_emulators_panic():
    return EMULATORS.search(lab.said_since_power_on())


def _complains():
    """Of something else, before the emulator's panic if there was one: what follows that is its consequence."""
    said = lab.said_since_power_on()
    panic = EMULATORS.search(said)
    return COMPLAINS.search(said[:panic.start()] if panic else said)


def _started_anew():
    """No scenario tells the gateway to."""
    return lab.said_since_power_on().count(lab.FIRST_WORDS) > 1


def _keep_registers():
    with open(REGISTERS, "a", encoding="utf-8") as log:
        log.write(f"--- {time.strftime('%F %T')}\n")
        try:
            with Qmp() as qmp:
                log.write(qmp.command("human-monitor-command", **{"command-line": "info registers -a"}) + "\n")
        except (Failure, OSError) as error:  # whoever runs the scenario may hold QEMU's one control connection
            log.write(f"{error}\n")
