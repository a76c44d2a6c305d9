"""Debian's packages: which version is offered, fetched into a cache, checked, unpacked. Trust comes from apt's signed indexes:
apt names the SHA-256 of each file, and what is unpacked matches it."""

import hashlib
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from .failure import Failure


@dataclass(frozen=True, order=True)
class Package:
    name: str
    version: str
    sha256: str


def suite():
    try:
        text = Path("/etc/os-release").read_text()
    except OSError as error:
        raise Failure(f"/etc/os-release: {error.strerror}") from None
    fields = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    if fields.get("ID") != "debian":
        raise Failure(f"this is {fields.get('ID', 'an unknown system')}, not Debian", "build on Debian 12 or 13")
    return fields["VERSION_CODENAME"].strip('"')


def offered(names):
    """Name -> Package: what apt would install today."""
    done = _run(["apt-get", "-qq", "download", "--print-uris", *sorted(names)])
    if done.returncode != 0:
        raise Failure(f"apt does not offer {' '.join(sorted(names))}: {_last_line(done.stderr)}", "run 'apt-get update'")
    packages = {}
    for line in done.stdout.splitlines():
        match = re.fullmatch(r"'.*' ([^ _]+)_([^ _]+)_[a-z0-9]+\.deb \d+ SHA256:([0-9a-f]{64})", line)
        if match:
            name, version, digest = match.groups()
            packages[name] = Package(name, unquote(version), digest)
    for name in names:
        if name not in packages:
            raise Failure(f"apt offers no {name} with a SHA-256", "run 'apt-get update'")
    return packages


def kernel_package(meta):
    """The package with the kernel itself, that the meta package `meta` depends on."""
    done = _run(["apt-cache", "show", "--no-all-versions", meta])
    match = re.search(r"^Depends:.*?(linux-image-\d[^ ,]*)", done.stdout, re.MULTILINE)
    if not match:
        raise Failure(f"apt knows no kernel behind {meta}", "run 'apt-get update'")
    return match[1]


def owner(soname):
    """(package, path) of the installed library `soname`."""
    done = _run(["dpkg-query", "-S", f"*/{soname}"])
    for line in done.stdout.splitlines():
        package, _, path = line.partition(": ")
        name, _, architecture = package.partition(":")
        if architecture in ("amd64", "") and re.fullmatch(r"(/usr)?/lib(64|/x86_64-linux-gnu)/[^/]+", path):
            return name, path
    raise Failure(f"no installed Debian package owns {soname}", "link it statically, or use Debian's library")


class Cache:
    """Package files by their digest. Each is checked whenever it is used."""

    def __init__(self, folder, progress):
        self._folder = Path(folder)
        self._progress = progress
        self._folder.mkdir(parents=True, exist_ok=True)

    def file(self, package):
        path = self._folder / f"{package.name}_{package.sha256[:16]}.deb"
        if path.exists() and _sha256(path) == package.sha256:
            return path
        with tempfile.TemporaryDirectory(dir=self._folder) as scratch:
            what = f"{package.name}={package.version}"
            done = _run(["apt-get", "-qq", "download", what], scratch,
                        lambda: self._progress.growth(f"fetching {package.name} {package.version}", scratch))
            files = list(Path(scratch).glob("*.deb"))
            if done.returncode != 0 or len(files) != 1:
                raise Failure(f"can't fetch {package.name} {package.version}: {_last_line(done.stderr)}",
                              "check the network and run 'apt-get update'")
            seen = _sha256(files[0])
            if seen != package.sha256:
                raise Failure(f"{package.name} {package.version} has SHA-256 {seen}, wanted {package.sha256}")
            os.replace(files[0], path)
        return path

    def unpack(self, package, root):
        self._progress.say(f"unpacking {package.name} {package.version}")
        file = str(self.file(package))
        stated = _run(["dpkg-deb", "--show", "--showformat=${Package} ${Version}", file]).stdout
        if stated != f"{package.name} {package.version}":
            raise Failure(f"the package with SHA-256 {package.sha256} is {stated}, wanted {package.name} {package.version}")
        done = _run(["dpkg-deb", "-x", file, str(root)])
        if done.returncode != 0:
            raise Failure(f"can't unpack {package.name}: {_last_line(done.stderr)}")


def _run(command, folder=None, meanwhile=lambda: None):
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    try:
        process = subprocess.Popen(command, cwd=folder, env=environment, text=True, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except FileNotFoundError:
        raise Failure(f"{command[0]} is missing", "build on Debian 12 or 13") from None
    while True:
        try:
            out, err = process.communicate(timeout=0.2)
            return subprocess.CompletedProcess(command, process.returncode, out, err)
        except subprocess.TimeoutExpired:
            meanwhile()


def _last_line(text):
    lines = [line for line in text.splitlines() if not line.startswith("W:")]
    return lines[-1].removeprefix("E: ") if lines else "no reason given"


def _sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
