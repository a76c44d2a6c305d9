"""The centre under test: a console, the host's TPM (swtpm), and IT's signing key. Runs beside a gateway.Gateway, in its namespaces."""
import http.cookiejar
import json
import pathlib
import re
import signal
import struct
import subprocess
import urllib.error
import urllib.request

import gateway
from gateway import Failed, wait_for

GRPC = "127.0.0.1:7443"
HTTP = "http://127.0.0.1:8080"


class HostTpm:
    """A software TPM on a socket, as quickstart starts it."""

    def __init__(self, root):
        self.state = root / "host-tpm"
        self.state.mkdir()
        self.socket = root / "host-tpm.sock"
        self.tcti = f"swtpm:path={self.socket}"
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self.state}", "--server", f"type=unixio,path={self.socket}",
             "--ctrl", f"type=unixio,path={self.socket}.ctrl", "--flags", "not-need-init,startup-clear"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for("the host's TPM listens", self.socket.exists, 10)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


class Console:
    def __init__(self, root, *options):
        self.root = root
        self.state = root / "console"
        self.options = options
        self.process = None

    def start(self):
        with open(self.root / "console.log", "ab") as log:
            self.process = subprocess.Popen(self.command("serve", "--listen", GRPC, "--http", HTTP.removeprefix("http://"),
                                                         *self.options),
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for("the console answers", self.answers, 30)

    def answers(self):
        if self.process.poll() is not None:
            raise Failed(f"bulkhead-console ended with {self.process.returncode}:\n{self.log()[-2000:]}")
        try:
            return urllib.request.urlopen(f"{HTTP}/healthz", timeout=5).status == 200
        except OSError:
            return False

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def log(self):
        return (self.root / "console.log").read_text(errors="replace")

    def command(self, verb, *arguments):
        return [str(gateway.BUILD / "console/server/bulkhead-console"), verb, *map(str, arguments), "--state", str(self.state)]

    def run(self, *arguments, expect=0):
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=60)
        if done.returncode != expect:
            raise Failed(f"bulkhead-console {' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout if expect == 0 else done.stderr

    def join(self):
        return re.search(r"bulkhead-join-v1,\S+", self.run("token", "create")).group(0)

    def password(self, user="admin"):
        """A new one, as an administrator at the console's shell makes it."""
        return self.run("user", "reset", user).split()[-1]


class Capture:
    """What a pcapng file of a machine like this one holds (draft-ietf-opsawg-pcapng)."""

    def __init__(self, path):
        self.interfaces, self.frames = [], []
        content = pathlib.Path(path).read_bytes()
        while content:
            kind, length = struct.unpack_from("=II", content)
            if length < 12 or length % 4 or length > len(content) or struct.unpack_from("=I", content, length - 4)[0] != length:
                raise Failed(f"{path} is no pcapng: a block of {length} bytes")
            self.read(kind, content[8:length - 4])
            content = content[length:]

    def read(self, kind, body):
        if kind == 1:
            code, size = struct.unpack_from("=HH", body, 8)
            self.interfaces.append(body[12:12 + size].decode() if code == 2 else "")
        elif kind == 6:
            interface, _, _, size, whole = struct.unpack_from("=IIIII", body)
            if interface >= len(self.interfaces) or size != whole:
                raise Failed(f"a frame of interface {interface}, {size} of {whole} bytes")
            self.frames.append(body[20:20 + size])


class Session:
    """A person signed in to the REST API."""

    def __init__(self, user, password):
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        self.password = password
        self.who = self.ask("POST", "/session", {"user": user, "password": password})

    def ask(self, method, path, body=None, expect=(200, 201, 202, 204)):
        request = urllib.request.Request(f"{HTTP}/api/v1{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        try:
            reply = self.opener.open(request, timeout=60)
            status, text = reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read().decode()
        if status not in (expect if isinstance(expect, tuple) else (expect,)):
            raise Failed(f"{method} {path}: {status} {text}")
        return json.loads(text) if text else None

    def items(self, path):
        return self.ask("GET", path)["items"]


class Signer:
    """IT, outside the console: a key, and what it signs."""

    def __init__(self, plant, name="it"):
        self.plant = plant
        self.path = plant.root / name
        self.public = pathlib.Path(f"{self.path}.pub")
        plant.cli("key", "generate", "--output", self.path)
        self.generation = 0

    def sign(self, document, *options, references=None, generation=None):
        """The path of the envelope."""
        self.generation = generation or self.generation + 1
        spec = self.plant.root / "spec.yaml"
        spec.write_text(document)
        out = self.plant.root / f"{self.path.name}-{self.generation}.signed.json"
        extra = []
        if references is not None:
            path = self.plant.root / "references.json"
            path.write_text(references)
            extra = ["--references", path]
        self.plant.cli("sign", "-f", spec, "--key", f"{self.path}.key", "--generation", self.generation, *extra, *options, "-o", out)
        return out
