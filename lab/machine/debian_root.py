"""The root of the gateway: Debian with its standard kernel and what Bulkhead needs at run time. Made once, and again when what it
is made of changes; what is new in Debian is taken up by removing build-lab/image."""
import os
import shutil
import subprocess

from builder import debian, kernel

from .commands import digest, run, words_of
from .places import IMAGE, KEY, SOURCE, Failure

STAMP = "inputs"
SPACE_NEEDED = 4 * 2**30  # packages, their contents, and the image
RELEASES = ("bookworm", "trixie")


def make_key():
    if not KEY.exists():
        KEY.parent.mkdir(exist_ok=True)
        run("key", ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", KEY])


def make(sonames):
    """`sonames`: shared libraries that the programs ask for."""
    suite = debian.suite()
    listed = [name.partition("|")[0] for name in words_of("bash", "-c", ". setup/packages.sh; packages_for run gateway")]
    own = [path for path in (SOURCE / "lab/gateway").rglob("*") if path.is_file()]
    stamp = digest([*own, SOURCE / "setup/debian_root.sh", KEY.with_suffix(".pub")], suite, *sorted(listed), *sonames)
    if (IMAGE / STAMP).exists() and (IMAGE / STAMP).read_text() == stamp:
        return
    if suite not in RELEASES:
        raise Failure(f"this is Debian {suite}", f"the lab runs on {' and '.join(RELEASES)}")
    free = shutil.disk_usage(IMAGE.parent).free
    if free < SPACE_NEEDED:
        raise Failure(f"{IMAGE.parent} has {free / 2**30:.1f} GiB free, and the root takes {SPACE_NEEDED / 2**30:.0f}", "make room")
    fresh = IMAGE.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    run("root", [SOURCE / "lab/gateway/make", suite, fresh, KEY.with_suffix(".pub"), *sorted({*listed, *_packages_of(sonames)})],
        mend="if a package is not found or not fetched: apt-get update, and try again")
    (fresh / "vmlinux").write_bytes(kernel.uncompressed((fresh / "vmlinuz").read_bytes()))
    (fresh / STAMP).write_text(stamp)
    shutil.rmtree(IMAGE, ignore_errors=True)
    os.replace(fresh, IMAGE)


def _packages_of(sonames):
    """And of a library that tpm2-tss loads by name."""
    return {debian.owner(soname)[0] for soname in sonames} | {"libtss2-tcti-device0"}


def make_overlay(disk):
    """A disk that begins as the root and keeps what is written beside it."""
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", IMAGE / "root.img", disk], check=True)
