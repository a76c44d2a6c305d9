"""TCP between two virtual machines, whose taps a bed joins: the partition image's kernel, with iperf3 in place of the agent."""
import contextlib
import json
import pathlib
import re
import subprocess
import sys

import gateway
from benchmarks.vnet.bed import A, B, IPERF_PORT, run, scratch
from benchmarks.vnet.cell import cells
from benchmarks.vnet.forwarding import plugged, take_turns

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "images"))
from builder.initramfs import Initramfs  # noqa: E402  images/ is no package

TCP = "TCP with segmentation offload between two virtual machines, bit/s, more is better"
PROGRAM = "/usr/bin/iperf3"

# Told by the kernel's command line who it is; serves, or waits on its second serial line to be told to measure.
INIT = """#!/bin/sh
export PATH=/usr/bin:/usr/sbin
mount -t proc proc /proc
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /tmp
modprobe -a $(cat /etc/modules)
option() { sed -n "s/^\\(.* \\)\\?$1=\\([^ ]*\\).*/\\2/p" /proc/cmdline; }
exec </dev/ttyS1 >/dev/ttyS1
stty -F /dev/ttyS1 raw -echo
ip link set lo up
ip link set eth0 up
ip address add "$(option bench.address)/24" dev eth0
busybox arp -s "$(option bench.peer)" "$(option bench.peer_mac)"
port=$(option bench.port)
if [ "$(option bench.role)" = server ]; then
    iperf3 -s -p "$port" --forceflush
    poweroff -f
fi
echo ready
while read -r seconds; do
    iperf3 -c "$(option bench.peer)" -p "$port" -t "$seconds" -J --connect-timeout 20000 >/tmp/said 2>&1
    tr -d '\\n\\t' </tmp/said
    echo
done
"""


def initramfs():
    """What lies over the image's own: the kernel unpacks one archive after the other."""
    root = Initramfs()
    root.file("init", INIT.encode(), 0o755)
    libraries = re.findall(r"(?:=> )?(/\S+) \(0x", run("ldd", PROGRAM))
    for path in (PROGRAM, *libraries):
        root.file(re.sub("^/lib", "/usr/lib", path), pathlib.Path(path).read_bytes(), 0o755)
    return root.archive()


def accelerator():
    """KVM where the processor has what it takes; /dev/kvm alone says nothing."""
    capable = re.search(r"^flags\s*:.*\b(vmx|svm)\b", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return "kvm" if capable and pathlib.Path("/dev/kvm").exists() else "tcg"


class Guest:
    def __init__(self, bed, port, peer, role, initrd, image):
        accel = accelerator()
        options = (f"console=ttyS0 quiet tsc=reliable no_timer_check cryptomgr.notests panic=-1 ipv6.disable_ipv6=1 "
                   f"bench.role={role} bench.address={port.address} bench.peer={peer.address} bench.peer_mac={peer.mac} "
                   f"bench.port={IPERF_PORT}")
        inside = ("nsenter", f"--net=/run/netns/{bed.net}") if bed.net else ()
        self.process = subprocess.Popen(
            [*inside, "qemu-system-x86_64", "-M", "q35,usb=off", "-accel", accel, "-cpu", "host" if accel == "kvm" else "max",
             "-m", "192", "-smp", "1", "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
             "-serial", "null", "-serial", "stdio", "-bios", "/usr/share/qemu/qboot.rom",
             "-kernel", str(image / "vmlinux"), "-initrd", str(initrd), "-append", options,
             "-netdev", f"tap,id=net,ifname={port.name},script=no,downscript=no,vnet_hdr=on",
             "-device", f"virtio-net-pci,netdev=net,mac={port.mac}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def wait_for(self, words):
        for line in self.process.stdout:
            if words in line:
                return line
        raise RuntimeError(f"a virtual machine of the benchmark ended before it said '{words}'")

    def ask(self, seconds):
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        said = json.loads(self.wait_for("{"))
        if "error" in said:
            raise RuntimeError(f"iperf3 in a virtual machine: {said['error']}")
        return said["end"]["sum_received"]["bits_per_second"]

    def end(self):
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def booted(beds):
    """{title: the guest that measures}"""
    image = gateway.BUILD / "images/partition-base"
    initrd = scratch("guests") / "initrd"
    initrd.write_bytes((image / "initrd.img").read_bytes() + initramfs())
    with contextlib.ExitStack() as stack:
        pairs = {}
        for bed in beds:
            pairs[bed.title] = [Guest(bed, port, peer, role, initrd, image)
                                for port, peer, role in ((A, B, "client"), (B, A, "server"))]
            for guest in pairs[bed.title]:
                stack.callback(guest.end)
        for client, server in pairs.values():
            server.wait_for("listening")
            client.wait_for("ready")
        yield {title: client for title, (client, _) in pairs.items()}


def tcp(beds, case, impossible, scale):
    with plugged(beds, "guest"), booted(beds) as clients:
        return cells(TCP, case, take_turns(beds, lambda bed: clients[bed.title].ask(scale.guest_seconds), scale.tcp_rounds),
                     "bit/s", True, impossible)
