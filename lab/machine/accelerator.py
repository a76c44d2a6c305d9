"""KVM where it runs code, QEMU's own emulation else. That /dev/kvm opens says little: on some hosts a guest never gets to its first
instruction. So QEMU runs one that ends with a number."""
import os
import re
import subprocess
import tempfile
from pathlib import Path

SECONDS = 5
PORT = 0xF4
ROM_SIZE = 64 * 1024
RESET = -16  # where an x86 CPU begins, from the end of its ROM
#             mov al, 2+3    mov dx, PORT       out dx, al
CODE = bytes([0xB0, 0x05, 0xBA, PORT, 0x00, 0xEE, 0xF4])  # hlt
ENDS_WITH = 5 << 1 | 1  # isa-debug-exit (QEMU's hw/misc/debugexit.c)


def choose():
    """("kvm" or "tcg", why)."""
    flags = re.search(r"^flags\s*:(.*)", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    if not {"vmx", "svm"} & set(flags[1].split() if flags else []):
        return "tcg", "CPU has no vmx/svm"
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "tcg", "/dev/kvm is not there, or not for this user"
    if not runs_code("kvm"):
        return "tcg", "KVM runs no code"
    return "kvm", "KVM runs code"


def runs_code(accelerator):
    rom = bytearray(ROM_SIZE)
    rom[RESET : RESET + len(CODE)] = CODE
    with tempfile.NamedTemporaryFile() as file:
        file.write(rom)
        file.flush()
        try:
            done = subprocess.run(["qemu-system-x86_64", "-M", "q35", "-accel", accelerator, "-nodefaults", "-display", "none", "-m", "16",
                                   "-bios", file.name, "-device", f"isa-debug-exit,iobase={PORT},iosize=1"],
                                  stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return False
    return done.returncode == ENDS_WITH
