"""Debian's kernel package: the uncompressed kernel for PVH boot, and the modules with what they depend on."""

import lzma
import re
import struct
import subprocess
from pathlib import Path

from .failure import Failure

XZ_MAGIC = b"\xfd7zXZ\0"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


def uncompressed(vmlinuz):
    """The ELF inside a bzImage (Documentation/arch/x86/boot.rst: setup_sects, payload_offset, payload_length)."""
    if vmlinuz[0x202:0x206] != b"HdrS":
        raise Failure("the kernel is no bzImage", "this recipe knows Debian's amd64 kernels only")
    setup_sectors = vmlinuz[0x1F1] or 4
    offset, length = struct.unpack_from("<II", vmlinuz, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    payload = vmlinuz[start : start + length]
    elf = _decompressed(payload)
    if elf[:4] != b"\x7fELF":
        raise Failure("the kernel's payload is no ELF file")
    return elf


def _decompressed(payload):
    """Debian 12 compresses with xz, Debian 13 with zstd. The kernel's build appends the length of what comes out, 4 bytes."""
    if payload.startswith(XZ_MAGIC):
        try:
            return lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(payload)
        except lzma.LZMAError as error:
            raise Failure(f"the kernel's payload is damaged: {error}") from None
    if not payload.startswith(ZSTD_MAGIC):
        raise Failure(f"the kernel's payload starts with {payload[:6].hex()}, not as xz or zstd does")
    try:
        done = subprocess.run(["zstd", "-dcq"], input=payload[:-4], capture_output=True, check=False)
    except FileNotFoundError:
        raise Failure("zstd is not installed", "apt-get install zstd") from None
    if done.returncode != 0 or len(done.stdout) != int.from_bytes(payload[-4:], "little"):
        raise Failure("the kernel's payload is damaged: zstd can't read it, or another length comes out")
    return done.stdout


class Modules:
    """The modules below lib/modules/<release>, by their canonical names (with underscores)."""

    def __init__(self, root):
        releases = [*Path(root).glob("lib/modules/*"), *Path(root).glob("usr/lib/modules/*")]
        if len(releases) != 1:
            raise Failure(f"the kernel package holds {len(releases)} releases, wanted one")
        self._folder = releases[0]
        self.release = releases[0].name
        self._files = {_canonical(path.name): path for path in self._folder.rglob("*.ko*")}
        builtin = (self._folder / "modules.builtin").read_text().split()
        self._builtin = {_canonical(path.rpartition("/")[2]) for path in builtin}

    def closure(self, wanted):
        """Name -> (path below lib/modules/<release>, content, names that it depends on), each after those. A module that is
        built into this kernel is left out."""
        done = {}
        for name in wanted:
            self._visit(_canonical(name), done, ())
        return done

    def _visit(self, name, done, above):
        if name in done or name in self._builtin:
            return
        if name not in self._files:
            raise Failure(f"the kernel has no module {name}" + (f" (for {above[-1]})" if above else ""))
        path = self._files[name]
        content = path.read_bytes()
        if path.suffix == ".xz":
            content = lzma.decompress(content)
        depends = _depends(content, name)
        for dependency in depends:
            self._visit(dependency, done, (*above, name))
        relative = path.relative_to(self._folder).as_posix().removesuffix(".xz")
        done[name] = (relative, content, [d for d in depends if d in done])


def dependency_table(modules):
    """modules.dep, as modprobe reads it: each module with all that it needs, the nearest first."""
    lines = []
    for relative, _, depends in modules.values():
        chain = []
        pending = list(depends)
        while pending:
            name = pending.pop(0)
            if name in chain:
                chain.remove(name)
            chain.append(name)
            pending += modules[name][2]
        lines.append(" ".join([f"{relative}:", *(modules[name][0] for name in chain)]))
    return "\n".join(lines) + "\n"


def _canonical(name):
    return name.split(".ko")[0].replace("-", "_")


def _depends(content, name):
    found = re.findall(rb"(?<=\0)depends=([^\0]*)\0", content)
    if len(found) != 1:
        raise Failure(f"module {name}: does not say what it depends on")
    return [_canonical(word) for word in found[0].decode().split(",") if word]
