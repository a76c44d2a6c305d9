"""The USB ports of the gateway, and the adapters that are plugged in and pulled out from outside."""
from .inside import output_of, wait_for
from .places import Failure

CONTROLLER = "0000:00:0b.0"  # hardware.py


def port(number):
    """The kernel's name of that port of the controller, as a spec has it: its bus is an order of discovery."""
    found = output_of(f"ls -d /sys/bus/pci/devices/{CONTROLLER}/usb*/*-*").split()
    return next(name for name in (path.rpartition("/")[2] for path in found) if name.endswith(f"-{number}"))


def unplug(qmp, number):
    qmp.command("device_del", id=f"adapter{number}")


def plug(qmp, number):
    """QEMU lets go of the old one a moment after it was told to."""
    def plugged():
        try:
            qmp.command("device_add", driver="usb-serial", id=f"adapter{number}", bus="xhci.0", port=str(number), chardev=f"usb{number}",
                        **{"always-plugged": True})
        except Failure as failure:
            if "Duplicate" in str(failure) or "in use" in str(failure):
                return False
            raise
        return True
    wait_for("the adapter can be plugged in", plugged, 10)
