"""Partitions where the gateway itself is emulated. Its KVM runs on QEMU's emulation of SVM: fast, and now and then the gateway's kernel
hangs in it, or starts anew without a word."""
from . import inside, lab


def put_kvm_away():
    """For what takes long, or has many interrupts: partitions are emulated once more, and boot in minutes."""
    if lab.state()["accelerator"] == "kvm":
        return
    inside.output_of("systemctl stop bulkheadd && echo blacklist kvm_amd > /etc/modprobe.d/lab.conf && rmmod kvm_amd && systemctl start bulkheadd")
    inside.wait_for("the manager answers", lambda: inside.call("bulkhead status").returncode == 0, 120)
