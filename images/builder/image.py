"""The image as bits: from a recipe, packages, the agent and the applications to kernel, initrd and manifest."""

import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

from . import debian, elf, kernel
from .initramfs import Initramfs

MERGED = ("bin", "sbin", "lib", "lib64")  # links into /usr, as Debian has them


@dataclass
class Programs:
    agent: bytes
    applications: dict  # name -> content


class Recipe:
    def __init__(self, folder):
        self.folder = Path(folder)
        data = tomllib.loads((self.folder / "recipe.toml").read_text())
        self.name = data["name"]
        self.command_line = " ".join(data["command_line"].split())
        self.modules = data["modules"]
        self.applets = data["applets"]
        self.kernel = data["kernel"]
        self.packages = data["packages"]  # name -> paths taken from it
        self.files = data["files"]


def build(recipe, sources, programs):
    """(kernel, initrd): the bits of the two parts."""
    linux = sources.kernel(recipe.kernel)
    sources.add([linux, *recipe.packages])
    modules = kernel.Modules(sources.root(linux))

    placed = {"/usr/bin/bulkhead-agent": programs.agent}
    placed |= {f"/opt/bulkhead/apps/{name}": content for name, content in programs.applications.items()}
    for name, paths in recipe.packages.items():
        placed |= {path: sources.read(name, path) for path in paths}
    placed |= _libraries(placed, sources)

    root = Initramfs()
    _skeleton(root)
    for path, content in placed.items():
        root.file(path, content, 0o755)
    for applet in recipe.applets:
        root.link(f"/usr/bin/{applet}", "busybox")
    for path, file in recipe.files.items():
        root.file(path, (recipe.folder / file["from"]).read_bytes(), file["mode"])
    _modules(root, modules, recipe.modules)
    return kernel.uncompressed(sources.read(linux, f"/boot/vmlinuz-{modules.release}")), root.archive()


def _skeleton(root):
    for path in ("dev", "etc", "opt/bulkhead/apps", "proc", "run", "sys", "usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "var"):
        root.folder(path)
    root.folder("root", 0o700)
    root.folder("tmp", 0o1777)
    root.link("var/run", "/run")
    root.character_device("dev/console", 5, 1)  # the kernel opens it for /init before anything is mounted
    for name in MERGED:
        root.link(name, f"usr/{name}")


def _libraries(placed, sources):
    """Path -> content of all shared libraries that the programs in `placed` need, directly or through others."""
    found = {}
    pending = [(path, content) for path, content in placed.items()]
    while pending:
        wanted = {soname for path, content in pending for soname in elf.needed(content, path)} - set(found)
        owners = {soname: debian.owner(soname) for soname in sorted(wanted)}
        sources.add({package for package, _ in owners.values()})
        fresh = {soname: sources.read(package, path) for soname, (package, path) in owners.items()}
        found |= fresh
        pending = list(fresh.items())
    return {_place(soname): content for soname, content in found.items()}


def _place(soname):
    # The loader's path is part of the ABI (psABI, "/lib64/ld-linux-x86-64.so.2").
    return f"/usr/lib64/{soname}" if soname.startswith("ld-linux") else f"/usr/lib/x86_64-linux-gnu/{soname}"


def _modules(root, modules, wanted):
    loaded = modules.closure(wanted)
    folder = f"usr/lib/modules/{modules.release}"
    for relative, content, _ in loaded.values():
        root.file(f"{folder}/{relative}", content)
    root.file(f"{folder}/modules.dep", kernel.dependency_table(loaded).encode())
    root.file("etc/modules", "".join(f"{name}\n" for name in loaded).encode())


def manifest(recipe, suite, parts, programs, packages):
    """The text of manifest.json. `parts`: kernel and initrd, as (file name, content)."""
    document = {
        "apiVersion": "bulkhead/v1alpha1",
        "kind": "Image",
        "name": recipe.name,
        "suite": suite,
        "commandLine": recipe.command_line,
        "parts": {part: {"file": file} | _described(content) for part, (file, content) in parts.items()},
        "agent": _described(programs.agent),
        "applications": {name: _described(content) for name, content in sorted(programs.applications.items())},
        "packages": [vars(package) for package in sorted(packages)],
    }
    return json.dumps(document, indent=2) + "\n"


def _described(content):
    return {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
