"""Apply-to-healthy of one and of three partitions, against bare QEMU boots of the same kernel and root to init, side by side
in the same number. Both include the same boots under the same accelerator; the ratio is what the manager, libvirt, the switch
and the agent's first heartbeat add."""
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

import gateway
from table import Row

ROUNDS = 3
INIT_SAYS = b"Bulkhead partition"

SPEC = """
apiVersion: bulkhead/v1alpha1
kind: Gateway
metadata: {{name: bench, site: bench}}
tenants: [{{name: acme, quota: {{cpus: 8, memory: 4GiB, disk: 1GiB, partitions: 8}}}}]
zones: [{{name: cell, tenant: acme, subnet: 10.99.0.0/24}}]
partitions:
{partitions}
"""
PARTITION = ("  - {{name: bench-{n}, tenant: acme, image: partition-base, cpus: 1, memory: 192MiB, "
             "interfaces: [{{zone: cell, address: 10.99.0.{address}}}]}}")


def spec(count):
    return SPEC.format(partitions="\n".join(PARTITION.format(n=n, address=n + 10) for n in range(count)))


def bare_boots(image, command_line, accelerator, count):
    """Seconds until the init of the last of `count` machines has spoken."""
    began = time.monotonic()
    machines = [subprocess.Popen(
        ["qemu-system-x86_64", "-M", "q35,usb=off", "-accel", accelerator, "-cpu", "host" if accelerator == "kvm" else "max",
         "-m", "192", "-smp", "1", "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-serial", "stdio",
         "-bios", "/usr/share/qemu/qboot.rom", "-kernel", str(image / "vmlinux"), "-initrd", str(image / "initrd.img"),
         # The image's init waits for this port before it speaks.
         "-device", "virtio-serial", "-chardev", "null,id=agent",
         "-device", "virtserialport,chardev=agent,name=org.bulkhead.agent.0",
         "-append", command_line],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for _ in range(count)]
    try:
        for machine in machines:
            for line in machine.stdout:
                if INIT_SAYS in line:
                    break
            else:
                raise RuntimeError("a bare machine ended before its init")
        return time.monotonic() - began
    finally:
        for machine in machines:
            machine.kill()
            machine.wait()


def apply_to_healthy(gw, count):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(spec(count))
        file.flush()
        began = time.monotonic()
        gw.cli("apply", "-f", file.name, "--wait", "--timeout", "5min")
        seconds = time.monotonic() - began
    gw.cli("teardown", "--yes")
    return seconds


def run():
    image = gateway.BUILD / "images/partition-base"
    command_line = json.loads((image / "manifest.json").read_text())["commandLine"]
    rows = []
    with gateway.Gateway("bench") as gw:
        gw.start_daemon()
        accelerator = json.loads(gw.cli("status", "-o", "json"))["accelerator"]
        for count in (1, 3):
            pairs = [(apply_to_healthy(gw, count), bare_boots(image, command_line, accelerator, count)) for _ in range(ROUNDS)]
            ours, bare = (statistics.median(column) for column in zip(*pairs))
            ratio = statistics.median(a / b for a, b in pairs)
            rows.append(Row("boot", f"bare QEMU to init, {count}", bare, "s", "itself", 1.0))
            rows.append(Row("boot", f"apply to healthy, {count}", ours, "s", f"bare QEMU to init, {count}", ratio))
    return rows
