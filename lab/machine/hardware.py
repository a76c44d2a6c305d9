"""The emulated gateway as QEMU's arguments. Places on the buses are fixed: specs and scenarios name devices by them. README.md has
the picture. Paths of sockets are relative: QEMU runs in the run folder."""
from dataclasses import dataclass

from .places import IMAGE
from .programs import DISK

QBOOT = "/usr/share/qemu/qboot.rom"  # boots an uncompressed kernel by PVH, without a BIOS's seconds
OVMF_CODE, OVMF_VARS = "/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"
# Debian's kernel keeps room for four serial ports; these are six.
COMMAND_LINE = "console=ttyS0 root=/dev/vda rw intel_iommu=on quiet panic=-1 8250.nr_uarts=8"
# Seconds of boot under emulation that buy nothing here.
IMPATIENT = "tsc=reliable no_timer_check cryptomgr.notests"


@dataclass
class Choice:
    """What the user, or the host, decides."""
    accelerator: str
    cpus: int
    memory: int  # MiB
    firmware: bool
    ssh_port: int


def arguments(choice):
    return ["qemu-system-x86_64", "-name", "bulkhead-lab", "-nodefaults", "-display", "none", "-sandbox", "on,obsolete=deny,resourcecontrol=deny",
            *_machine(choice), *_boot(choice), *_disks(), *_tpm(), *_networks(choice.ssh_port), *_can(), *_serial(), *_usb(),
            *_group_of_two(), *_slots(), *_control()]


def _machine(choice):
    cpu = "host" if choice.accelerator == "kvm" else "max"
    accelerator = "kvm" if choice.accelerator == "kvm" else "tcg,thread=multi"
    chips = "q35,kernel-irqchip=split" if choice.accelerator == "kvm" else "q35"  # interrupt remapping needs it
    return ["-M", chips, "-accel", accelerator, "-cpu", cpu, "-smp", choice.cpus, "-m", choice.memory,
            "-device", "intel-iommu,intremap=on,caching-mode=on",  # VT-d; caching mode, so that VFIO works in the guest
            # The chipset's own watchdog takes a BIOS that sets it up; the direct boot has none.
            "-device", "i6300esb,addr=0xd", "-action", "watchdog=reset",
            "-object", "rng-random,id=entropy,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=entropy,addr=0x1c"]


def _boot(choice):
    line = COMMAND_LINE if choice.firmware else f"{COMMAND_LINE} {IMPATIENT}"
    kernel = ["-initrd", IMAGE / "initrd.img", "-append", line]
    if not choice.firmware:
        return ["-bios", QBOOT, "-kernel", IMAGE / "vmlinux", *kernel]
    return ["-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={OVMF_CODE}", "-drive", "if=pflash,unit=1,format=raw,file=firmware.fd",
            "-kernel", IMAGE / "vmlinuz", *kernel]


def _disks():
    return ["-drive", "id=root,if=none,format=qcow2,file=disk.qcow2,discard=unmap", "-device", "virtio-blk-pci,drive=root,addr=0x1d",
            "-drive", f"id=programs,if=none,format=raw,readonly=on,file={DISK}", "-device", "virtio-blk-pci,drive=programs,addr=0x1e"]


def _tpm():
    return ["-chardev", "socket,id=tpm,path=tpm.sock", "-tpmdev", "emulator,id=tpm,chardev=tpm", "-device", "tpm-crb,tpmdev=tpm"]


def _networks(ssh_port):
    def card(name, number, netdev):
        return ["-device", f"e1000e,netdev={netdev},mac=52:54:00:1a:b0:0{number},addr=0x{number + 1},id={name}"]
    return ["-netdev", f"user,id=management,net=172.30.1.0/24,host=172.30.1.2,dns=172.30.1.3,hostfwd=tcp:127.0.0.1:{ssh_port}-172.30.1.15:22",
            *card("mgmt0", 1, "management"),
            # The uplink's segment: the gateway's card, a router that reaches what the host reaches, and a card for the outside's end.
            "-netdev", "user,id=router,net=172.30.2.0/24,host=172.30.2.2,dns=172.30.2.3",
            "-netdev", "hubport,id=uplink-router,hubid=1,netdev=router",
            "-netdev", "hubport,id=uplink,hubid=1", *card("uplink0", 2, "uplink"),
            "-netdev", "hubport,id=outside,hubid=1", *card("outside0", 4, "outside"),
            # The plant's segment: nothing but the machine that lab/ot puts on it.
            "-netdev", "stream,id=ot,server=on,addr.type=unix,addr.path=ot.sock", *card("ot0", 3, "ot")]


def _can():
    """Two controllers on one bus, on the board: nothing resets them, so they stay with the gateway. One can be the outside's end."""
    return ["-object", "can-bus,id=field", "-device", "kvaser_pci,canbus=field,addr=0x8", "-device", "kvaser_pci,canbus=field,addr=0x9"]


def _line(name):
    return ["-chardev", f"socket,id={name},path={name}.sock,server=on,wait=off"]


def _serial():
    return [*_line("uart1"), *_line("uart2"), "-device", "pci-serial-2x,chardev1=uart1,chardev2=uart2,addr=0xa"]


def _usb():
    adapters = [word for port in (1, 2) for word in
                (*_line(f"usb{port}"), "-device", f"usb-serial,id=adapter{port},bus=xhci.0,port={port},chardev=usb{port},always-plugged=on")]
    return ["-device", "qemu-xhci,id=xhci,addr=0xb", *adapters]


def _group_of_two():
    """Two devices behind one bridge to conventional PCI: neither can be passed on without the other."""
    return ["-device", "pcie-pci-bridge,id=pci,addr=0xc", "-chardev", "null,id=nothing", "-object", "can-bus,id=lonely",
            "-device", "kvaser_pci,bus=pci,canbus=lonely,addr=0x1", "-device", "pci-serial,chardev=nothing,bus=pci,addr=0x2"]


def _slots():
    """Cards in slots of their own, whose buses can be reset: these can be passed on."""
    def slot(number):
        return ["-device", f"pcie-root-port,id=slot{number},chassis={number},addr=0x{0xd + number:x}"]
    return [*slot(1), "-device", "kvaser_pci,id=card1,canbus=field,bus=slot1,addr=0x0",
            *slot(2), *_line("uart3"), "-device", "pci-serial,id=card2,chardev=uart3,bus=slot2,addr=0x0"]


def _control():
    # Paused at first, so that nothing that it says is missed.
    return ["-chardev", "socket,id=console,path=console.sock,server=on,wait=off,logfile=console.log,logappend=on", "-serial", "chardev:console",
            "-qmp", "unix:qmp.sock,server=on,wait=off", "-pidfile", "qemu.pid", "-daemonize", "-S"]
