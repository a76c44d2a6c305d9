"""Partitions where the gateway itself is emulated. Its KVM runs on QEMU's emulation of SVM: fast, and now and then the gateway's kernel
hangs in it, starts anew without a word, or panics."""
from . import inside, lab

PUT_AWAY = "/etc/modprobe.d/lab.conf"


def put_kvm_away():
    """For what takes long, or has many interrupts: partitions are emulated once more, and boot in minutes."""
    if lab.state()["accelerator"] == "kvm":
        return
    _restart_manager(f"echo blacklist kvm_amd > {PUT_AWAY} && rmmod kvm_amd")


def bring_kvm_back():
    if inside.call(f"test -e {PUT_AWAY}").returncode == 0:
        _restart_manager(f"rm {PUT_AWAY} && modprobe kvm_amd")


def _restart_manager(meanwhile):
    inside.output_of(f"systemctl stop bulkheadd && {meanwhile} && systemctl start bulkheadd")
    inside.wait_for("the manager answers", lambda: inside.call("bulkhead status").returncode == 0, 120)
