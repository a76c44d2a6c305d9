#!/usr/bin/python3
"""The parts of images/build that need no packages and no network."""

import lzma
import stat
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "images"))

from builder import debian, elf, image, kernel, lock  # noqa: E402
from builder.failure import Failure  # noqa: E402
from builder.initramfs import Initramfs  # noqa: E402
from builder.sources import Sources  # noqa: E402


def entries(archive):
    """Path -> (mode, content, rdev, owner, mtime) of a newc archive, read independently of the writer."""
    found, at = {}, 0
    while True:
        assert archive[at : at + 6] == b"070701"
        fields = [int(archive[at + 6 + 8 * i : at + 14 + 8 * i], 16) for i in range(13)]
        _, mode, uid, gid, _, mtime, size, _, _, major, minor, name_size, _ = fields
        name = archive[at + 110 : at + 110 + name_size - 1].decode()
        start = (at + 110 + name_size + 3) & ~3
        if name == "TRAILER!!!":
            return found
        found[name] = (mode, archive[start : start + size], (major, minor), (uid, gid), mtime)
        at = (start + size + 3) & ~3


class InitramfsTest(unittest.TestCase):
    def test_holds_what_was_put_in(self):
        root = Initramfs()
        root.file("/usr/bin/tool", b"12345", 0o755)
        root.link("/bin", "usr/bin")
        root.character_device("/dev/console", 5, 1)
        found = entries(root.archive())
        self.assertEqual(found["usr/bin/tool"], (stat.S_IFREG | 0o755, b"12345", (0, 0), (0, 0), 0))
        self.assertEqual(found["bin"][:2], (stat.S_IFLNK | 0o777, b"usr/bin"))
        self.assertEqual(found["dev/console"][2], (5, 1))
        self.assertEqual(found["usr"][0], stat.S_IFDIR | 0o755)

    def test_parents_stand_before_their_children(self):
        root = Initramfs()
        root.file("b/c/d", b"")
        root.file("a", b"")
        self.assertEqual(list(entries(root.archive())), ["a", "b", "b/c", "b/c/d"])

    def test_does_not_depend_on_the_order_of_making(self):
        one, two = Initramfs(), Initramfs()
        for name in ("x", "y/z"):
            one.file(name, name.encode())
        for name in ("y/z", "x"):
            two.file(name, name.encode())
        self.assertEqual(one.archive(), two.archive())


class ElfTest(unittest.TestCase):
    def test_needs_what_the_loader_would_look_for(self):
        program = Path("/bin/sh").resolve()
        listed = subprocess.run(["readelf", "-dW", program], capture_output=True, text=True, check=True).stdout
        wanted = {line.split("[")[1].rstrip("]\n") for line in listed.splitlines() if "(NEEDED)" in line}
        self.assertEqual(elf.needed(program.read_bytes(), "sh"), wanted | {"ld-linux-x86-64.so.2"})

    def test_a_script_needs_nothing(self):
        self.assertEqual(elf.needed(b"#!/bin/sh\n", "script"), set())

    def test_a_program_cut_short_is_refused(self):
        whole = Path("/bin/sh").resolve().read_bytes()
        for length in (4, 20, 64, 100, 600, 4096):
            with self.assertRaises(Failure):
                elf.needed(whole[:length], "cut")

    def test_a_program_of_another_machine_is_refused(self):
        other = bytearray(Path("/bin/sh").resolve().read_bytes())
        other[18:20] = b"\xb7\x00"  # AArch64
        with self.assertRaises(Failure):
            elf.needed(bytes(other), "other")


def bz_image(payload):
    head = bytearray(1024)
    head[0x1F1] = 1
    head[0x202:0x206] = b"HdrS"
    struct.pack_into("<II", head, 0x248, 16, len(payload))
    return bytes(head) + bytes(16) + payload + b"tail"


class KernelTest(unittest.TestCase):
    def test_is_the_payload_named_in_the_boot_header(self):
        self.assertEqual(kernel.uncompressed(bz_image(lzma.compress(b"\x7fELF and so on"))), b"\x7fELF and so on")

    def test_with_anything_else_inside_is_refused(self):
        whole = lzma.compress(b"\x7fELF and so on")
        for broken in (b"MZ", bz_image(b"\x28\xb5\x2f\xfd"), bz_image(lzma.compress(b"PE")), bz_image(whole[:20] + b"x" + whole[21:])):
            with self.assertRaises(Failure):
                kernel.uncompressed(broken)


class ModulesTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = Path(scratch.name)
        self.folder = self.root / "lib/modules/6.1.0-1-amd64"
        self.folder.mkdir(parents=True)
        (self.folder / "modules.builtin").write_text("kernel/lib/crc16.ko\n")

    def module(self, name, depends, compress=bytes):
        path = self.folder / "kernel" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(compress(b"\0license=GPL\0depends=" + depends.encode() + b"\0name=x\0"))

    def test_come_after_what_they_depend_on(self):
        self.module("slcan.ko", "can-dev")
        self.module("can-dev.ko.xz", "crc16,core", lzma.compress)
        self.module("core.ko", "")
        found = kernel.Modules(self.root).closure(["slcan", "core"])
        self.assertEqual(list(found), ["core", "can_dev", "slcan"])
        self.assertEqual(found["can_dev"][0], "kernel/can-dev.ko")
        self.assertEqual(kernel.dependency_table(found).splitlines()[2],
                         "kernel/slcan.ko: kernel/can-dev.ko kernel/core.ko")

    def test_that_are_missing_are_named_with_who_wants_them(self):
        self.module("slcan.ko", "can-dev")
        with self.assertRaisesRegex(Failure, r"no module can_dev \(for slcan\)"):
            kernel.Modules(self.root).closure(["slcan"])


class LockTest(unittest.TestCase):
    one = debian.Package("busybox-static", "1:1.35", "a" * 64)

    def test_reads_what_it_wrote(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(lock.text({self.one}))
            file.flush()
            self.assertEqual(lock.read(file.name), {"busybox-static": self.one})

    def test_with_a_damaged_line_is_refused_with_its_number(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("# head\nbusybox-static 1.35\n")
            file.flush()
            with self.assertRaisesRegex(Failure, f"{file.name}:2:"):
                lock.read(file.name)

    def test_differences_name_old_and_new(self):
        newer = debian.Package("busybox-static", "1:1.36", "b" * 64)
        other = debian.Package("libc6", "2.36", "c" * 64)
        self.assertEqual(lock.differences({"busybox-static": self.one}, {newer, other}),
                         ["busybox-static 1:1.35 -> 1:1.36", "libc6 (new) -> 2.36"])
        self.assertEqual(lock.differences({"busybox-static": self.one}, {self.one}), [])


class SourcesTest(unittest.TestCase):
    """What is read from a package stays in it, however its links point."""

    def setUp(self):
        self.sources = Sources(None, {}, False)
        self.addCleanup(self.sources.__exit__)
        self.root = self.sources.root("tool")
        (self.root / "lib/x").mkdir(parents=True)

    def test_links_are_followed_inside_the_package(self):
        (self.root / "lib/x/libtool.so.1.2").write_bytes(b"library")
        (self.root / "lib/x/libtool.so.1").symlink_to("libtool.so.1.2")
        (self.root / "lib/libtool.so").symlink_to("/lib/x/libtool.so.1")
        self.assertEqual(self.sources.read("tool", "/usr/lib/libtool.so"), b"library")

    def test_links_out_of_the_package_lead_nowhere(self):
        (self.root / "lib/passwd").symlink_to("/etc/passwd")
        (self.root / "lib/up").symlink_to("../../../../../../../../etc/passwd")
        (self.root / "lib/loop").symlink_to("loop")
        for name in ("passwd", "up", "loop"):
            with self.assertRaises(Failure):
                self.sources.read("tool", f"/lib/{name}")


class RecipeTest(unittest.TestCase):
    def test_command_line_is_one_line_that_the_manifest_takes(self):
        recipe = image.Recipe(ROOT / "images/partition-base")
        self.assertRegex(recipe.command_line, r"^[!-~]+( [!-~]+)*$")
        self.assertLess(len(recipe.command_line), 2048)


if __name__ == "__main__":
    unittest.main()
