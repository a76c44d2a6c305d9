"""What devices give a partition in the emulated gateway of lab/: CAN frames by each mode, and the time until an adapter that is plugged in
is usable. One partition has all modes at once, so all hear the same frames. Where the gateway is emulated its partition is so once more:
rates are no measure of a real gateway, and its CAN bus has no bit timing, so the sender is paced and its rate is told."""
import contextlib
import json
import pathlib
import sys
import time

from benchmarks.passthrough.climb import climb, of_frames
from table import Row

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(SOURCE / "lab"))

from machine import hardware, inside, lab, nested, usb  # noqa: E402
from machine.inside import interface, output_of, wait_for  # noqa: E402
from machine.places import Failure  # noqa: E402
from machine.qmp import Qmp  # noqa: E402
from machine.sockets import connect  # noqa: E402

BUS, SENDER, SLOT = "0000:00:08.0", "0000:00:09.0", "0000:00:0e.0"  # the board's controllers, and one that can be passed whole
UARTS, PORT = "0000:00:0a.0", 1
SLCAN_LINES = {"line-free": "uart1.sock", "line-guarded": "uart2.sock"}
MEDIATED = ("can-free", "can-guarded")
ADAPTER = "/dev/bulkhead/adapter"
GUARD = {"allow": ["receive 0x180/0x7f0"]}
IDENTIFIER = "181"
BUS_NAMES = {"card": "by VFIO", "can-free": "by a mediated bus", "can-guarded": "by a mediated bus, with a guard"}
LINE_NAMES = {"line-free": "by SLCAN", "line-guarded": "by SLCAN, with a guard"}
PLUGS = 5
BOOT_SECONDS = 600  # of a guest that is emulated within an emulation
LOOKS_AGAIN = 0.5  # seconds, of the probe for a line that is not there


def rows():
    with gateway():
        interfaces = start()
        sender = interface(SENDER)
        output_of(f"ip link set {sender} up type can bitrate 500000 && ip link set {sender} txqueuelen 10000")
        on_bus = climb(lambda rate, count: over_bus(sender, rate, count), lambda: heard(interfaces, BUS_NAMES))
        on_lines = climb(over_lines, lambda: heard(interfaces, LINE_NAMES))
        return [*of_frames(on_bus, BUS_NAMES, "can-free", "can-guarded"), *of_frames(on_lines, LINE_NAMES, "line-free", "line-guarded"), *of_plugs()]


@contextlib.contextmanager
def gateway():
    import gateway as tested  # its build folder is set by ./bench
    if lab.gateway().runs() or lab.DISK.exists():
        raise SystemExit("The lab is up or was cut from power, and these figures need a gateway of their own: lab/down")
    lab.up(tested.BUILD, hardware.Choice("auto", 2, 3072, False, ssh_port=0))
    try:
        nested.put_kvm_away()
        yield
    finally:
        lab.throw_away()


def start():
    """The interface that each device is in the guest, by the device's name."""
    ttys = output_of(f"ls /sys/bus/pci/devices/{UARTS}/tty").split()
    (card,) = inside.behind(SLOT)
    for place in (BUS, SENDER, card):
        output_of(f"ip link set {interface(place)} down")
    output_of("bulkhead apply -f -", stdin=document(card, sorted(ttys), usb.port(PORT)), timeout=300)
    inside.until("the application works", reading, BOOT_SECONDS)
    paths = {each["name"]: each["guest_path"] for each in inside.json_of("get devices")["items"] if each.get("partition")}
    controllers = sorted(BUS_NAMES, key=paths.get)  # the guest's kernel finds them in the order of their places
    return {name: f"can{number}" for number, name in enumerate(controllers)} | {name: paths[name] for name in LINE_NAMES}


def document(card, ttys, at):
    """JSON, which is YAML too."""
    def guard(name):
        return {"guard": GUARD} if name.endswith("guarded") else {}
    buses = [{"device": name, "bitrate": 500000, **guard(name)} for name in MEDIATED]
    lines = [{"device": name, "line": "115200 8N1", "protocol": "slcan", "bitrate": 500000, **guard(name)} for name in SLCAN_LINES]
    return json.dumps({
        "apiVersion": "bulkhead/v1alpha1", "kind": "Gateway", "metadata": {"name": "lab-gateway", "site": "lab"},
        "tenants": [{"name": "plant", "quota": {"cpus": 1, "memory": "512MiB", "disk": "64MiB", "partitions": 1}}],
        "devices": [{"name": "card", "kind": "pci", "at": card}, {"name": "adapter", "kind": "usb", "at": at},
                    *({"name": name, "kind": "serial", "at": f"/dev/{tty}"} for name, tty in zip(SLCAN_LINES, ttys)),
                    *({"name": name, "kind": "can", "at": BUS, "shared": True} for name in MEDIATED)],
        "partitions": [{"name": "station", "tenant": "plant", "image": "partition-base", "cpus": 1, "memory": "256MiB",
                        "application": {"path": "probe", "config": {"bus": "can0,can1,can2,slcan0,slcan1", "line": ADAPTER}},
                        "devices": [{"device": "card", "protocol": "can", "bitrate": 500000}, {"device": "adapter"}, *buses, *lines]}],
    })


def reading():
    (station,) = inside.json_of("get partitions")["items"]
    text = station.get("application", {}).get("last_output", "")
    return json.loads(text) if text.startswith("{") else {}


def heard(interfaces, names):
    """Frames, by device."""
    counts = reading()
    if not counts:
        raise Failure(f"the partition was started anew meanwhile\n{inside.evidence()}")
    return {name: counts[f"bus {interfaces[name]}"] for name in names}


def over_bus(sender, rate, count):
    """Seconds that it took, by the clock of the gateway, within which it is sent."""
    took = output_of(f"begin=$(date +%s%N); cangen {sender} -g {1000 / rate:g} -n {count} -I {IDENTIFIER} -L 8 -D i -p 10; echo $(($(date +%s%N) - begin))",
                     timeout=300)
    return int(took) / 1e9


def over_lines(rate, count):
    """The same frames to both lines, from outside; the seconds that it took."""
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(connect(name, 60)) for name in SLCAN_LINES.values()]
        begin = time.monotonic()
        for number in range(count):
            frame = f"t{IDENTIFIER}8{number:016x}\r".encode()
            for line in lines:
                line.sendall(frame)
            time.sleep(max(0.0, begin + (number + 1) / rate - time.monotonic()))  # the pace that is asked for
        return time.monotonic() - begin


def of_plugs():
    """From the adapter's return into its port until its partition speaks over it: host, owner, QEMU, guest's driver, application."""
    times = sorted(plugged() for _ in range(PLUGS))
    return [Row("passthrough", f"lab: USB adapter, from plug until its partition speaks, {name}", value, "s",
                f"the {LOOKS_AGAIN:g} s after which its application looks again", value / LOOKS_AGAIN)
            for name, value in (("median", times[len(times) // 2]), ("slowest", times[-1]))]


def plugged():
    with Qmp() as qmp:
        usb.unplug(qmp, PORT)
        wait_for("it is gone", lambda: not adapter().get("present", False), 60)
        with connect(f"usb{PORT}.sock", 120) as line:
            usb.plug(qmp, PORT)
            begin = time.monotonic()
            text = b""
            while b"tick" not in text:
                more = line.recv(256)
                if not more:
                    raise Failure("the adapter's line was closed")
                text += more
            return time.monotonic() - begin


def adapter():
    return next(each for each in inside.json_of("get devices")["items"] if each.get("name") == "adapter")
