"""The lock file: one line "name version sha256" per package, sorted."""

import re
from pathlib import Path

from .debian import Package
from .failure import Failure


def read(path):
    """Name -> Package; empty if there is no such file yet."""
    try:
        lines = Path(path).read_text().splitlines()
    except FileNotFoundError:
        return {}
    packages = {}
    for number, line in enumerate(lines, start=1):
        if not line or line.startswith("#"):
            continue
        if not re.fullmatch(r"[a-z0-9.+-]+ [0-9A-Za-z.+:~-]+ [0-9a-f]{64}", line):
            raise Failure(f"{path}:{number}: is not 'name version sha256'")
        package = Package(*line.split())
        packages[package.name] = package
    return packages


def text(packages):
    head = "# Packages of this image: name, version, SHA-256 of the .deb. Written by images/build.\n"
    return head + "".join(f"{p.name} {p.version} {p.sha256}\n" for p in sorted(packages))


def differences(old, new):
    """Lines for people: "busybox-static 1 -> 2". `old` may know packages that this image does not use."""
    lines = []
    for package in sorted(new):
        before = old.get(package.name)
        if before is None:
            lines.append(f"{package.name} (new) -> {package.version}")
        elif before != package:
            same_version = before.version == package.version
            lines.append(f"{package.name} {before.version} -> {package.version}" + (" with another SHA-256" if same_version else ""))
    return lines
