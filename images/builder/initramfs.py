"""A root file system as a cpio archive in the kernel's "newc" format (Documentation/driver-api/early-userspace/
buffer-format.rst). Written here and not by cpio(1), so that no root is needed for owners and device nodes, and nothing of the
building machine (times, inode numbers, order of its folders) reaches the archive."""

import stat


class Initramfs:
    def __init__(self):
        self._entries = {}  # path without leading slash -> (mode, content, rdev)

    def folder(self, path, mode=0o755):
        self._add(path, stat.S_IFDIR | mode, b"")

    def file(self, path, content, mode=0o644):
        self._add(path, stat.S_IFREG | mode, content)

    def link(self, path, target):
        self._add(path, stat.S_IFLNK | 0o777, target.encode())

    def character_device(self, path, major, minor, mode=0o600):
        self._add(path, stat.S_IFCHR | mode, b"", (major, minor))

    def _add(self, path, mode, content, rdev=(0, 0)):
        path = path.strip("/")
        parent = path.rpartition("/")[0]
        if parent and parent not in self._entries:
            self.folder(parent)
        self._entries[path] = (mode, content, rdev)

    def archive(self):
        out = bytearray()
        for inode, path in enumerate(sorted(self._entries), start=1):
            _append(out, inode, path, *self._entries[path])
        _append(out, 0, "TRAILER!!!", 0, b"", (0, 0))
        return bytes(out) + bytes(-len(out) % 512)


def _append(out, inode, path, mode, content, rdev):
    name = path.encode() + b"\0"
    links = 2 if stat.S_ISDIR(mode) else 1
    owner = group = modified = checksum = 0
    fields = (inode, mode, owner, group, links, modified, len(content), 0, 0, *rdev, len(name), checksum)
    out += b"070701" + b"".join(b"%08x" % field for field in fields) + name
    out += bytes(-len(out) % 4)
    out += content
    out += bytes(-len(out) % 4)
