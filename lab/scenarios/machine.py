"""The emulated machine itself: CAN, serial lines, USB adapters, IOMMU groups, network cards and watchdog, as README.md draws them."""
import subprocess
import unittest

from machine import inside, lab, usb
from machine.inside import output_of, wait_for
from machine.places import RUN, Failure
from machine.qmp import Qmp
from machine.sockets import connect

BY_DEFAULT = True
FRESH = False
SECONDS = 300
BUILD = RESULTS = None  # set by lab/run
PCI = "/sys/bus/pci/devices/0000:"
SLOTS = ("0000:00:0e.0", "0000:00:0f.0")


def group_of(place):
    return output_of(f"ls /sys/bus/pci/devices/{place}/iommu_group/devices").split()


class Machine(unittest.TestCase):
    def test_network_cards_have_their_names(self):
        self.assertEqual([inside.interface(f"0000:{place}") for place in ("00:02.0", "00:03.0", "00:04.0", "00:05.0")], ["mgmt0", "uplink0", "ot0", "outside0"])

    def test_it_reaches_the_outside_by_its_uplinks_router(self):
        output_of("ip netns add trial && ip link set uplink0 netns trial && ip -n trial addr add 172.30.2.15/24 dev uplink0 && "
                  "ip -n trial link set uplink0 up")
        try:
            output_of("ip netns exec trial ping -c 1 -w 20 172.30.2.2", timeout=60)
        finally:
            # A card of the machine's falls back to the host when its namespace ends.
            output_of("ip netns del trial")
        wait_for("the card is back", lambda: inside.call("ip link show uplink0").returncode == 0, 60)

    def test_controllers_and_uarts_are_alone_in_their_groups(self):
        for place in ("0000:00:08.0", "0000:00:09.0", "0000:00:0a.0", "0000:00:0b.0", *inside.behind(SLOTS[0]), *inside.behind(SLOTS[1])):
            self.assertEqual(group_of(place), [place])

    def test_only_cards_in_slots_can_be_reset(self):
        for slot in SLOTS:
            (card,) = inside.behind(slot)
            self.assertEqual(output_of(f"cat /sys/bus/pci/devices/{card}/reset_method").split(), ["bus"])
        # Without a way there is no such file.
        output_of(f"test -d {PCI}00:09.0 && test ! -s {PCI}00:09.0/reset_method")

    def test_what_stands_behind_one_bridge_is_in_one_group(self):
        cards = inside.behind("0000:00:0c.0")
        self.assertEqual(len(cards), 2)
        for card in cards:
            self.assertEqual(group_of(card), ["0000:00:0c.0", *cards])

    def test_what_one_can_controller_sends_the_other_hears(self):
        names = [inside.interface(f"0000:{place}") for place in ("00:08.0", "00:09.0")]
        for name in names:
            output_of(f"ip link set {name} down && ip link set {name} up type can bitrate 500000")
        for sender, hearer in (names, reversed(names)):
            # The kernel lists who listens to all frames of an interface.
            heard = output_of(f"timeout 60 candump -n 1 -L {hearer} & until grep -q '^ *{hearer} ' /proc/net/can/rcvlist_all; do sleep 0.1; done; "
                              f"cansend {sender} 123#DEADBEEF; wait", timeout=90)
            self.assertIn("123#DEADBEEF", heard)

    def exchange(self, socket_name, device):
        """Bytes both ways between a socket here and a line there."""
        # One descriptor for both ways: what comes while nobody has the line open is lost. It is the shell's terminal, so none of a
        # group in the background may read it.
        speaks = f"exec 3<>{device} && stty raw -echo 9600 <&3 && printf ping >&3 && timeout --foreground 60 head -c 4 <&3"
        with connect(socket_name, 60) as line, subprocess.Popen(lab.ssh(speaks), cwd=RUN, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as there:
            self.assertEqual(_receive(line, 4), b"ping")
            line.sendall(b"pong")
            self.assertEqual(there.communicate(timeout=90)[0], b"pong")

    def test_bytes_pass_over_its_uarts(self):
        ttys = sorted(output_of(f"ls {PCI}00:0a.0/tty").split())
        ttys.append(output_of(f"ls {PCI[:-5]}{inside.behind(SLOTS[1])[0]}/tty").strip())
        for socket_name, tty in zip(("uart1.sock", "uart2.sock", "uart3.sock"), ttys, strict=True):
            self.exchange(socket_name, f"/dev/{tty}")

    def adapter(self, port):
        """The tty of the USB adapter at that port of the controller, if one is plugged in."""
        found = inside.call(f"ls -d /sys/bus/usb/devices/*-{port}/*:1.0/ttyUSB*").stdout.split()
        return f"/dev/{found[0].rpartition('/')[2]}" if found else None

    def test_bytes_pass_over_its_usb_adapters(self):
        for port in (1, 2):
            self.exchange(f"usb{port}.sock", self.adapter(port))

    def test_an_adapter_that_is_pulled_out_and_plugged_in_is_at_its_port_again(self):
        other = self.adapter(2)
        with Qmp() as qmp:
            usb.unplug(qmp, 1)
            wait_for("it is gone", lambda: self.adapter(1) is None, 30)
            self.assertEqual(self.adapter(2), other)
            usb.plug(qmp, 1)
        wait_for("it is back", lambda: self.adapter(1), 30)
        self.exchange("usb1.sock", self.adapter(1))

    def test_it_has_a_watchdog(self):
        self.assertIn("i6300ESB", output_of("cat /sys/class/watchdog/watchdog0/identity"))


def _receive(line, count):
    data = b""
    while len(data) < count:
        part = line.recv(count - len(data))
        if not part:
            raise Failure("the line was closed")
        data += part
    return data
