"""What a program needs to be loaded, read from its ELF headers (System V gABI, chapters 4 and 5) without running it."""

import struct

from .failure import Failure

PT_LOAD, PT_DYNAMIC, PT_INTERP = 1, 2, 3
DT_NEEDED, DT_STRTAB = 1, 5


def is_elf(content):
    return content[:4] == b"\x7fELF"


def needed(content, name):
    """Sonames and the loader's path that `content` asks for; none for a static program or a script."""
    if not is_elf(content):
        return set()
    try:
        return _needed(content)
    except (struct.error, ValueError, UnicodeDecodeError, StopIteration):
        raise Failure(f"{name}: is a damaged ELF file") from None


def _needed(content):
    if content[4:6] != b"\x02\x01" or content[18:20] != b"\x3e\x00":
        raise ValueError("not x86-64")
    (table,) = struct.unpack_from("<Q", content, 0x20)
    size, count = struct.unpack_from("<HH", content, 0x36)
    segments = [struct.unpack_from("<IIQQQQQQ", content, table + size * i) for i in range(count)]
    names = set()
    for kind, _, offset, _, _, length, _, _ in segments:
        if kind == PT_INTERP:
            names.add(_text(content, offset).rpartition("/")[2])
        if kind == PT_DYNAMIC:
            entries = list(struct.iter_unpack("<QQ", content[offset : offset + length]))
            strings = next(value for tag, value in entries if tag == DT_STRTAB)
            base = next(o - a for k, _, o, a, _, n, _, _ in segments if k == PT_LOAD and a <= strings < a + n)
            names |= {_text(content, base + strings + value) for tag, value in entries if tag == DT_NEEDED}
    return names


def _text(content, offset):
    return content[offset : content.index(b"\0", offset)].decode()
