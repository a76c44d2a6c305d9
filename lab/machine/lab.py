"""The lab's gateway: brought up, reached, cut from power, taken down."""
import contextlib
import fcntl
import json
import re
import shutil
import subprocess
from pathlib import Path

from . import accelerator, debian_root, hardware, programs
from .commands import run, uninterrupted, words_of
from .phases import Phases
from .places import IMAGE, KEY, LAB, RUN, SOURCE, Failure
from .processes import Process
from .qmp import Qmp
from .sockets import connect, free_port

STATE = RUN / "lab.json"
DISK = RUN / "disk.qcow2"
CONSOLE, SAID_BEFORE = RUN / "console.log", RUN / "console.before"  # the log goes on after a power cut; how long it was then
ROOM = 512 * 2**20     # bytes: the programs, and what a gateway writes in an hour; Debian's root asks for its own
BOOT_SECONDS = 600     # a starved machine emulates slowly; a gateway that hangs is found nevertheless
ANSWER_SECONDS = 300  # of sshd and of the manager, once they have started
POWER_OFF_SECONDS = 120
# What the gateway says on its console, in this order: /init and lab-reached@.service of lab/gateway.
FIRST_WORDS = "lab: kernel"
MARKS = {"kernel": "kernel", "ssh": "systemd, ssh", "libvirtd": "libvirtd", "bulkheadd": "bulkheadd"}


def gateway():
    return Process("qemu")


@contextlib.contextmanager
def alone(how=fcntl.LOCK_EX):
    """One command at a time changes the lab."""
    LAB.mkdir(exist_ok=True)
    with open(LAB / "lock", "w") as lock:
        try:
            fcntl.flock(lock, how | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure("another command of the lab is at work", "wait until it has ended") from None
        yield


def state():
    try:
        return json.loads(STATE.read_text())
    except (OSError, ValueError):
        return {}


def require_at_rest():
    """And neither starts nor ends, when ssh would fail without a word of why."""
    with alone(fcntl.LOCK_SH):
        require_up()


def require_up():
    if not gateway().runs():
        raise Failure("the lab is not up" + (", it was cut from power" if DISK.exists() else ""), "lab/up")


# Up

def up(build, choice):
    """`build`: a folder whose programs are taken as they are, or None for build/, built first if need be."""
    phases = Phases()
    with alone():
        if gateway().runs():
            return "is up already"
        _make(phases, build, choice)
        comes_back = DISK.exists()
        if not comes_back:
            _fresh_disk(choice)
        elif state().get("firmware") != choice.firmware:
            raise Failure("the gateway that was cut from power booted " + ("with" if state().get("firmware") else "without") + " firmware",
                          "start it so, or lab/down first, which throws its disk away")
        choice.ssh_port = free_port()
        _start(phases, choice)
    phases.total("all")
    return "came back with its disk" if comes_back else "is up"


def make(build, choice):
    """What `up` needs, and starts nothing."""
    with alone():
        if gateway().runs():
            raise Failure("the lab is up, and runs from what would be made", "lab/down")
        _make(Phases(), build, choice)


def _make(phases, build, choice):
    _require_room()
    _packages(phases, choice)
    _programs(phases, build)
    if not DISK.exists():  # a disk that comes back is written over the root that it began with
        with phases.phase("Debian root"):
            debian_root.make(programs.sonames())


def _require_room():
    free = shutil.disk_usage(LAB).free
    if free < ROOM:
        raise Failure(f"{LAB} has {free / 2**20:.0f} MiB free, and programs and the gateway's disk take {ROOM / 2**20:.0f}", "make room")


def up_again():
    """After a power cut: what is on the disks, with the same choices."""
    phases = Phases()
    kept = state()
    with alone():
        choice = hardware.Choice(**kept)
        choice.ssh_port = free_port()
        _start(phases, choice)


def _packages(phases, choice):
    missing = words_of("bash", "-c", ". setup/packages.sh; missing_packages run image lab")
    if missing:
        with phases.phase("packages"):
            run("packages", ["bash", "-c", ". setup/packages.sh; install_packages run image lab"])
    if choice.firmware and not Path(hardware.OVMF_CODE).exists():
        raise Failure(f"{hardware.OVMF_CODE} is not there", "apt-get install ovmf, or leave out --firmware")


def _programs(phases, build):
    if build is None:
        build = SOURCE / "build"
        with phases.phase("build"):
            programs.build(build)
    debian_root.make_key()
    with phases.phase("programs"):
        programs.install(build)
        programs.make_disk(build)


def _fresh_disk(choice):
    shutil.rmtree(RUN, ignore_errors=True)
    (RUN / "tpm").mkdir(parents=True)
    # Manufactured as a chip is: with an endorsement key, here of a certificate that nobody's roots know.
    run("tpm-setup", ["swtpm_setup", "--tpm2", "--tpmstate", RUN / "tpm", "--create-ek-cert", "--overwrite", "--pcr-banks", "sha256"])
    if choice.firmware:
        shutil.copy(hardware.OVMF_VARS, RUN / "firmware.fd")
    _write_state(choice)
    debian_root.make_overlay(DISK)


def _write_state(choice):
    STATE.write_text(json.dumps(vars(choice)))


def _start(phases, choice):
    choice.accelerator, why = accelerator.choose() if choice.accelerator == "auto" else (choice.accelerator, "as chosen")
    for name in ("qmp.sock", "console.sock", "tpm.sock", "ssh.sock", "qemu.pid", "tpm.pid"):
        (RUN / name).unlink(missing_ok=True)
    SAID_BEFORE.write_text(str(CONSOLE.stat().st_size if CONSOLE.exists() else 0))
    try:
        with phases.phase(f"machine ({choice.accelerator}: {why})"):
            with uninterrupted():
                _start_tpm()
                run("qemu", hardware.arguments(choice), cwd=RUN)
                gateway().remember()
            _write_state(choice)
            (RUN / "known_hosts").write_text(f"lab-gateway {(IMAGE / 'host.pub').read_text()}")
            console = connect("console.sock", BOOT_SECONDS)
            with Qmp() as qmp:
                qmp.command("cont")
        _follow(console, phases)
        _answers(phases)
    except BaseException:
        gateway().kill()
        Process("tpm").kill()
        raise


def _start_tpm():
    """Ends with QEMU, which is who its socket is for. A daemon leaves its folder, so only what it opens before may be relative."""
    run("tpm", ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={RUN / 'tpm'}", "--ctrl", "type=unixio,path=tpm.sock", "--terminate", "--daemon",
                "--pid", f"file={RUN / 'tpm.pid'}"], cwd=RUN)
    Process("tpm").remember()


def said_since_power_on():
    return CONSOLE.read_bytes()[int(SAID_BEFORE.read_text()):].decode(errors="replace")


def _follow(console, phases):
    """Until the gateway has said all that it says while it starts."""
    awaited = list(MARKS)
    text = ""
    while awaited:
        try:
            data = console.recv(65536)
        except TimeoutError:
            raise Failure(f"the gateway did not start: no '{awaited[0]}' in {BOOT_SECONDS} s", _look_at_console()) from None
        text += data.decode(errors="replace")
        for mark in list(awaited):
            if re.search(rf"lab: {mark}\b", text):
                awaited.remove(mark)
                phases.reached(MARKS[mark])
        trouble = re.search(r"lab: failed: .*|Kernel panic.*|You are in emergency mode", text)
        if trouble or not data:
            raise Failure(f"the gateway did not start: {trouble[0].strip() if trouble else 'QEMU ended'}", _look_at_console())
    console.close()


def _look_at_console():
    return f"see {(RUN / 'console.log').relative_to(SOURCE)} and {(LAB / 'qemu.log').relative_to(SOURCE)}"


def _answers(phases):
    _tried("ssh", "true")
    phases.reached("signed in")
    # Its unit counts as started when its process is there; its socket comes later.
    _tried("the manager", "until bulkhead status >/dev/null 2>&1; do sleep 0.2; done")
    phases.reached("manager answers")


def _tried(what, command):
    try:
        done = subprocess.run(ssh(command), cwd=RUN, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=ANSWER_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise Failure(f"the gateway runs, but {what} did not answer in {ANSWER_SECONDS} s", _look_at_console()) from None
    if done.returncode != 0:
        raise Failure(f"the gateway runs, but ssh fails: {done.stderr.strip()}", _look_at_console())


def ssh(*command, terminal=False):
    """The command line that runs `command` in the gateway; a shell without one. To be run in the run folder: all share one
    connection, whose socket is there."""
    return ["ssh", "-q", *(["-t"] if terminal else []), "-i", str(KEY), "-p", str(state()["ssh_port"]), "-o", "IdentitiesOnly=yes",
            "-o", f"UserKnownHostsFile={RUN / 'known_hosts'}", "-o", "HostKeyAlias=lab-gateway", "-o", "StrictHostKeyChecking=yes",
            "-o", "BatchMode=yes", "-o", "ControlMaster=auto", "-o", "ControlPersist=yes", "-o", "ControlPath=ssh.sock",
            "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=8", "-F", "none", "root@127.0.0.1", *command]


# Down

def power_cut():
    """As when the plug is pulled: nothing is told to the gateway. What its kernel had not yet handed to the disk is lost."""
    with alone():
        require_up()
        gateway().kill()


def down():
    """By the power button, then by force; its disk goes too."""
    with alone():
        said = "was not up"
        if gateway().runs():
            said = "is down" if _power_off() else f"did not power off in {POWER_OFF_SECONDS} s, and was ended"
            gateway().kill()
        elif DISK.exists():
            said = "had no power; its disk is gone"
        shutil.rmtree(RUN, ignore_errors=True)
        return said


def throw_away():
    """Without asking the gateway."""
    with alone():
        gateway().kill()
        shutil.rmtree(RUN, ignore_errors=True)


def _power_off():
    with Qmp() as qmp:
        qmp.command("system_powerdown")
        return qmp.wait_for_end(POWER_OFF_SECONDS)
