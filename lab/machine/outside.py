"""The outside of the gateway: a console, on the machine that runs the lab. The gateway finds that machine at 172.30.1.2."""
import json
import os
import re
import subprocess
import urllib.request

from .inside import wait_for
from .places import RUN, Failure
from .sockets import free_port

HOST = "172.30.1.2"


class Console:
    """Use as a context manager. `build`: the folder that bulkhead-console and bulkhead are taken from."""

    def __init__(self, build, *options):
        self._build = build
        self._state = RUN / "console"
        self._options = options
        self._process = None
        self._grpc, self._http = (free_port() for _ in range(2))

    def __enter__(self):
        self._state.mkdir(mode=0o700, exist_ok=True)
        with open(RUN / "bulkhead-console.log", "ab") as log:
            self._process = subprocess.Popen(
                self._command("serve", "--listen", f"127.0.0.1:{self._grpc}", "--http", f"127.0.0.1:{self._http}", "--address",
                              f"{HOST}:{self._grpc}", *self._options), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for("the console answers", self._answers, 30)
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(30)

    def _answers(self):
        if self._process.poll() is not None:
            raise Failure(f"bulkhead-console ended with {self._process.returncode}: see {RUN / 'bulkhead-console.log'}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._http}/healthz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def _command(self, verb, *arguments):
        return [str(self._build / "console/server/bulkhead-console"), verb, *map(str, arguments), "--state", str(self._state)]

    def run(self, *arguments):
        return _output(self._command(*arguments))

    def bulkhead(self, *arguments):
        """The command, with contexts of its own."""
        return _output([str(self._build / "cli/bulkhead"), *map(str, arguments)], XDG_CONFIG_HOME=str(self._state))

    def join(self):
        return re.search(r"bulkhead-join-v1,\S+", self.run("token", "create")).group(0)

    def sign_in(self):
        """As the administrator; the context is `lab`."""
        password = self._state / "password"
        password.write_text(self.run("user", "reset", "admin").split()[-1])
        pin = self.join().split(",")[2]
        self.bulkhead("login", f"127.0.0.1:{self._grpc}", "--user", "admin", "--password-file", password, "--pin", pin, "--context", "lab")

    def gateways(self):
        return json.loads(self.bulkhead("--context", "lab", "get", "gateways", "-o", "json"))["items"]


def _output(command, **environment):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env={**os.environ, **environment}, check=False)
    if done.returncode != 0:
        raise Failure(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout

