"""The product as it is installed, and an image for its partitions, on a disk of their own: so what was just built is in the next
gateway without a new Debian."""
import json
import shutil
from pathlib import Path

from builder import elf

from .commands import digest, run, words_of
from .places import PROGRAMS, SOURCE, Failure

PREFIX = Path("/usr/local")  # where the disk is mounted, so where the build must install to
APPLICATIONS = ("modbus-collector", "can-logger", "historian")
ROOT = PROGRAMS / "root"
TREE = ROOT / PREFIX.relative_to("/")
DISK = PROGRAMS / "programs.img"
STAMP = PROGRAMS / "inputs"
SPACE = 1.3  # of what is on it, and MARGIN
MARGIN = 16 * 2**20


def build(folder):
    """As quickstart does it: nothing, if nothing changed."""
    run("configure", ["bash", "-c", '. setup/bundles.sh; setup_product "$1"', "setup", folder])
    run("build", ["ninja", "-C", folder])


def install(folder):
    """Into PROGRAMS/root."""
    if not (folder / "build.ninja").exists():
        raise Failure(f"{folder} is no build folder", "meson setup it, or leave out --build")
    options = {item["name"]: item["value"] for item in json.loads(" ".join(words_of("meson", "introspect", "--buildoptions", str(folder))))}
    if options["prefix"] != str(PREFIX):
        raise Failure(f"{folder} installs into {options['prefix']}, wanted {PREFIX}", f"meson configure --prefix={PREFIX} {folder}")
    shutil.rmtree(ROOT, ignore_errors=True)
    run("install", ["meson", "install", "-C", folder, "--no-rebuild", "--destdir", ROOT], mend=f"build it first: ninja -C {folder}")


def _installed():
    return [path for path in TREE.rglob("*") if path.is_file()]


def sonames():
    """Shared libraries that the programs ask for."""
    return sorted({soname for path in _installed() for soname in elf.needed(path.read_bytes(), path.name)})


def make_disk(folder):
    """Made anew if anything on it changed."""
    run("partition-image", [SOURCE / "images/build", "--agent", folder / "guest-agent/bulkhead-agent", *_applications(folder),
                            "--cache", PROGRAMS / "packages", "--output", PROGRAMS / "partition-base"])
    shutil.copytree(PROGRAMS / "partition-base", TREE / "lib/bulkhead-lab/images/partition-base")
    stamp = digest(_installed())
    if DISK.exists() and STAMP.exists() and STAMP.read_text() == stamp:
        return
    STAMP.unlink(missing_ok=True)
    DISK.unlink(missing_ok=True)
    size = sum(path.stat().st_size for path in _installed())
    run("programs-disk", ["mke2fs", "-q", "-F", "-t", "ext4", "-L", "programs", "-O", "^has_journal", "-E", "root_owner=0:0", "-d", TREE,
                          DISK, f"{int(size * SPACE + MARGIN) // 1024}k"])
    STAMP.write_text(stamp)


def _applications(folder):
    paths = {name: folder / "examples/apps" / name / name for name in APPLICATIONS} | {"probe": folder / "tests/system/probe"}
    return [word for name, path in paths.items() if path.exists() for word in ("--app", f"{name}={path}")]
