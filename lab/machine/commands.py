"""Runs other programs, with their words in a log that is shown when they fail."""
import contextlib
import hashlib
import os
import shutil
import signal
import subprocess

from .places import LAB, SOURCE, Failure

LINES_SHOWN = 15
FULL = 2**20  # bytes that are left: a disk that was full may have been cleared up by who failed


def run(name, command, mend="", cwd=SOURCE):
    """Its output goes to build-lab/NAME.log."""
    LAB.mkdir(exist_ok=True)
    log = LAB / f"{name}.log"
    with open(log, "wb") as out:
        process = _start(command, out, cwd)
        try:
            code = process.wait()
        except BaseException:
            # In a group of its own: what it started ends with it, and takes away what it made.
            os.killpg(process.pid, signal.SIGINT)
            process.wait()
            raise
    if code != 0:
        if shutil.disk_usage(LAB).free < FULL:  # it may have had no room for its words either
            raise Failure(f"{command[0]} ended with {code}: the disk of {LAB} is full", "make room, and try again")
        tail = "\n  ".join(log.read_text(errors="replace").splitlines()[-LINES_SHOWN:])
        raise Failure(f"{command[0]} ended with {code}; {log.relative_to(SOURCE)} ends with:\n  {tail}", mend)


@contextlib.contextmanager
def uninterrupted():
    """An interrupt that comes within is raised at the end: what was just started must be on record, or nobody ends it."""
    came = []
    former = {number: signal.signal(number, lambda number, _: came.append(number)) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
    if came:
        signal.raise_signal(came[0])


def _start(command, out, cwd):
    try:
        return subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=cwd,
                                process_group=0)
    except FileNotFoundError:
        raise Failure(f"{command[0]} is not there", "run this as root once, which installs what setup/packages.txt names for the lab") from None


def words_of(*command):
    """What it prints, as words."""
    done = subprocess.run(command, capture_output=True, text=True, cwd=SOURCE, check=False)
    if done.returncode != 0:
        raise Failure(f"{command[0]} failed: {done.stderr.strip()}")
    return done.stdout.split()


def digest(files, *texts):
    """Of files, by their path here and their content, and of further texts."""
    whole = hashlib.sha256()
    for path in sorted(files):
        content = path.read_bytes()
        whole.update(f"{os.path.relpath(path, SOURCE)} {path.stat().st_mode & 0o111} {len(content)}\n".encode() + content)
    for text in texts:
        whole.update(f"{len(text)}\n{text}".encode())
    return whole.hexdigest()
