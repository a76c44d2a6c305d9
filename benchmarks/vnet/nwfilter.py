"""libvirt's own guard, `clean-traffic`, on a bridge: put on the ports by libvirtd, as it does for a guest's interface. It guards
the sender, and has no rules."""
import functools
import pathlib
import statistics
import subprocess
import time

from benchmarks.vnet.bed import A, run, scratch
from benchmarks.vnet.bridges import Bridge

seconds_each = []  # that libvirtd took for an interface
FILTERS = pathlib.Path("/usr/share/libvirt/nwfilter")


@functools.cache
def define_filters():
    """The run's libvirtd begins without any. A filter can be defined once all that it refers to are."""
    left = sorted(FILTERS.glob("*.xml"))
    while left:
        refused = [path for path in left
                   if subprocess.run(["virsh", "-q", "nwfilter-define", path], capture_output=True).returncode != 0]
        if refused == left:
            run("virsh", "-q", "nwfilter-define", left[0])
        left = refused


def bind(interface, port):
    path = scratch("nwfilter") / f"{interface}.xml"
    path.write_text(f"""<filterbinding>
        <owner><name>{interface}</name><uuid>00000000-0000-4000-8000-{port.number:012x}</uuid></owner>
        <portdev name='{interface}'/><mac address='{port.mac}'/>
        <filterref filter='clean-traffic'><parameter name='IP' value='{port.address}'/></filterref>
        </filterbinding>""")
    run("virsh", "-q", "nwfilter-binding-create", path)


class CleanTraffic(Bridge):
    title = "nwfilter"
    namespace = False  # where libvirtd is
    most_rules = 1, "clean-traffic has no rules"

    @classmethod
    def why_not(cls):
        try:
            define_filters()
            run("ip", "tuntap", "add", "trial", "mode", "tap")
            bind("trial", A)
            run("virsh", "-q", "nwfilter-binding-delete", "trial")
            return None
        except RuntimeError as error:
            return str(error).splitlines()[-1]
        finally:
            subprocess.run(["ip", "link", "delete", "trial"], capture_output=True)

    def begin(self):
        super().begin()
        self.bound = []

    def attach(self, port, interface):
        super().attach(port, interface)
        # The filters go by the interface's name, and outlive it: made again under that name, it is guarded as before.
        if interface not in self.bound:
            began = time.monotonic()
            bind(interface, port)
            seconds_each.append(time.monotonic() - began)
            self.bound.append(interface)

    @staticmethod
    def remark():
        return f"; libvirtd took {statistics.median(seconds_each):.1f} s for an interface" if seconds_each else ""

    def end(self):
        for interface in self.bound:
            run("virsh", "-q", "nwfilter-binding-delete", interface)
        run("ip", "link", "delete", "bench")
