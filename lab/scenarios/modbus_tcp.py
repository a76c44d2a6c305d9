"""A Modbus/TCP server of the plant, reached over ot0 through a guard: reads pass, a write is refused in its name and counted."""
import json
import unittest

from machine import inside, segment
from machine.inside import output_of

BY_DEFAULT = True
FRESH = False
SECONDS = 600
BUILD = RESULTS = None  # set by lab/run
ADDRESS, MAC = segment.ADDRESS.partition("/")[0], segment.MAC
TARGET = f"{ADDRESS}:502"
READS = "unit 1 read holding-registers 0-9"
READ, WRITE, REFUSED = f"read {TARGET}", f"write {TARGET}", f"write {TARGET} exception 1"  # what the probe counts
BOOT_SECONDS = 240  # of a guest that is emulated within an emulation
LOOK = ("bulkhead describe conduit set-points", "ip -br link", "ip -s link show ot0")


def document(*rules):
    """JSON, which is YAML too: a partition that reads and writes a register of a PLC behind ot0."""
    return json.dumps({
        "apiVersion": "bulkhead/v1alpha1", "kind": "Gateway", "metadata": {"name": "lab-gateway", "site": "lab"},
        "tenants": [{"name": "plant", "quota": {"cpus": 1, "memory": "512MiB", "disk": "64MiB", "partitions": 1}}],
        "zones": [{"name": "cell", "tenant": "plant", "subnet": "10.30.1.0/24"},
                  {"name": "field", "tenant": "plant", "subnet": "172.30.3.0/24", "wire": {
                      "interface": "ot0", "hosts": [{"name": "plc-1", "mac": MAC, "address": ADDRESS}]}}],
        "partitions": [{"name": "recipes", "tenant": "plant", "image": "partition-base", "cpus": 1, "memory": "256MiB",
                        "application": {"path": "probe", "config": {"ask": TARGET}},
                        "interfaces": [{"zone": "cell", "address": "10.30.1.10"}]}],
        "conduits": [{"name": "set-points", "from": "recipes", "to": "plc-1", "allow": ["tcp/502"], "because": "recipes follow the press",
                      "guard": {"allow": list(rules)}}],
    })


def apply(*rules):
    output_of("bulkhead apply -f -", stdin=document(*rules), timeout=300)


def reading():
    text = inside.json_of("get partitions")["items"][0]["application"].get("last_output", "")
    return json.loads(text) if text.startswith("{") else {}


def guard():
    return inside.json_of("get conduits")["items"][0]["guard"]


def until(what, condition, seconds):
    return inside.until(what, condition, seconds, *LOOK)


def grows(*outcomes):
    """Until the application has had each of these once more than before."""
    before = reading()
    for what in outcomes:
        until(f"'{what}' again", lambda what=what: reading().get(what, 0) > before.get(what, 0), 60)


class ModbusTcp(unittest.TestCase):
    def plc(self):
        """On the segment until the test has ended."""
        self.enterContext(segment.machine(BUILD / "examples/simulators/plc-simulator", "--tcp", TARGET))

    @classmethod
    def tearDownClass(cls):
        output_of("bulkhead teardown --yes", timeout=180)

    def test_1_reads_pass_and_a_write_is_refused_with_its_exception(self):
        apply(READS)
        self.plc()
        until("the partition's application works", reading, BOOT_SECONDS)
        grows(READ, REFUSED)
        self.assertEqual(reading().get(WRITE, 0), 0)

    def test_2_what_was_refused_is_counted_and_told(self):
        self.plc()
        before = guard()
        until("both are counted", lambda: all(int(guard()[what]) > int(before[what]) for what in ("passed", "refused")), 60)
        self.assertIn("function 6, write holding-registers 7", guard()["last"])
        self.assertRegex(output_of("bulkhead get conduits"), r"REFUSED +BECAUSE\n.*set-points .* [1-9]\d* +recipes follow the press")
        self.assertRegex(output_of("bulkhead describe conduit set-points"), r"guard +[1-9]\d* refused, [1-9]\d* passed")
        # The manager looks at its guards now and then.
        until("it is told", lambda: "conduit.refused" in output_of("bulkhead get events"), 60)

    def test_3_a_machine_that_is_gone_is_silent_and_reached_again_when_it_is_back(self):
        grows(f"{READ} silence")
        self.plc()
        grows(READ, REFUSED)

    def test_4_with_another_rule_the_write_passes(self):
        self.plc()
        apply(READS, "unit 1 write holding-registers 7")
        grows(READ, WRITE)

    def test_5_nothing_is_left_of_it(self):
        output_of("bulkhead teardown --yes", timeout=180)
        self.assertEqual(inside.call("pidof bulkhead-guard").stdout, "")
        self.assertEqual(output_of("ls -A /run/bulkhead/guard"), "")
