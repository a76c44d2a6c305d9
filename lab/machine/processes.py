"""Processes that the lab started, by pid and start time, so that it ends those and no others."""
import os
import select
import signal

from .places import RUN


class Process:
    """One of the lab's, by its name; its pid is kept in the run folder."""

    def __init__(self, name):
        self._pid_file = RUN / f"{name}.pid"
        self._since_file = RUN / f"{name}.since"

    def remember(self):
        """To be called once the pid file is there."""
        self._since_file.write_text(_start_time(self.pid()) or "")

    def pid(self):
        try:
            return int(self._pid_file.read_text())
        except (OSError, ValueError):
            return None

    def runs(self):
        pid = self.pid()
        since = self._since_file.read_text() if self._since_file.exists() else ""
        return pid is not None and since != "" and _start_time(pid) == since

    def kill(self):
        """SIGKILL, and until it has gone."""
        pid = self.pid()
        try:
            handle = os.pidfd_open(pid or 0)
        except OSError:
            return
        try:
            if self.runs():  # asked when the handle is held: no other process can take its place any more
                signal.pidfd_send_signal(handle, signal.SIGKILL)
                select.select([handle], [], [], 30)
        except ProcessLookupError:
            pass
        finally:
            os.close(handle)


def _start_time(pid):
    """The kernel's, field 22 of /proc/PID/stat; the name before it may hold spaces."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]
