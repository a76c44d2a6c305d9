"""The console under a fleet: resident set and processor time with 0 gateways, with all enrolled and with all connected; how fast
they connect, beside the handshakes of `openssl s_time` with the same keys; what a heartbeat weighs on the wire.

The gateways are the real client's lines over TLS 1.3, all in one process (benchmarks/fleet). Bytes are those of the loopback
interface of a network namespace in which nothing else talks, TLS and TCP included."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time

import centre
import gateway
from benchmarks.centre import loopback_bytes
from table import Row

GATEWAYS = int(os.environ.get("BULKHEAD_BENCH_GATEWAYS", "1000"))
AT_ONCE = 32  # handshakes that a client has in flight
SETTLE_SECONDS = 5  # being idle has no event, here and below
BEAT_SECONDS = 10  # console/server/gateway_line.cpp
QUIET_SECONDS = 2 * BEAT_SECONDS
REPORT_SECONDS = 60  # partition-manager/uplink/line.cpp: from then on reports go by too
HANDSHAKE_SECONDS = 5
# A bare gRPC server held 2,000 idle streams over mutual TLS in 239 MB.
BARE_STREAM_KIB = 239e6 / 1024 / 2000
PACKET_AND_ACK = 2 * (14 + 20 + 32)  # Ethernet, IPv4, TCP with time stamps: no message can cost less


def run():
    with tempfile.TemporaryDirectory() as root, tempfile.TemporaryDirectory(dir="/dev/shm") as identities:
        console = centre.Console(pathlib.Path(root), "--round", "1h")
        try:
            return measure(console, pathlib.Path(identities))
        finally:
            console.stop()


def measure(console, identities):
    console.start()
    alone = settled(console)
    console.stop()
    simulator("enrol", console.state, identities, centre.GRPC, GATEWAYS)
    handshakes = openssl_handshakes(console.state, identities / "simulated-0")
    console.start()
    enrolled = settled(console)
    crowd = subprocess.Popen(command("connect", identities, GATEWAYS, AT_ONCE), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             text=True)
    began, worked = time.monotonic(), processor_seconds(console)
    try:
        connected = told(crowd)
        worked = processor_seconds(console) - worked
        time.sleep(SETTLE_SECONDS)
        reports = time.monotonic() + QUIET_SECONDS > began + REPORT_SECONDS
        beat, busy = idle(console)
        holding = resident_kib(console)
        crowd.stdin.close()
        standing = json.loads(crowd.stdout.readline())["connected"]
        if standing != GATEWAYS:
            raise gateway.Failed(f"{GATEWAYS - standing} of {GATEWAYS} lines were cut:\n{console.log()[-2000:]}")
    finally:
        crowd.kill()
        crowd.wait()
    against = "console, 0 gateways"
    each = (holding - alone) / GATEWAYS
    return [
        memory(against, alone, "itself", alone),
        memory(f"console, {GATEWAYS} enrolled", enrolled, against, alone),
        memory(f"console, {GATEWAYS} connected", holding, against, alone),
        Row("fleet", "console, each connected", each, "KiB", "bare gRPC stream, measured before", each / BARE_STREAM_KIB),
        Row("fleet", f"console, {GATEWAYS} idle lines", busy * 100, "% of a core", "a core", busy),
        Row("fleet", "openssl s_time, mutual TLS 1.3", handshakes, "/s", "itself", 1.0),
        Row("fleet", "connections, to the welcome", connected["per_second"], "/s", "openssl s_time",
            connected["per_second"] / handshakes),
        Row("fleet", "connections, of the console's core", GATEWAYS / worked, "/s", "openssl s_time",
            GATEWAYS / worked / handshakes),
        Row("fleet", "heartbeat, keep-alive" + (", reports" if reports else ""), beat, "B", "a packet and its ACK",
            beat / PACKET_AND_ACK),
    ]


def memory(name, kib, against, other):
    return Row("fleet", name, kib / 1024, "MiB", against, kib / other)


def command(*arguments):
    return [str(gateway.BUILD / "benchmarks/fleet/bench-fleet"), *map(str, arguments)]


def simulator(*arguments):
    subprocess.run(command(*arguments), check=True, timeout=120)


def told(crowd):
    line = crowd.stdout.readline()
    connected = json.loads(line) if line else {"connected": 0}
    if connected["connected"] != GATEWAYS:
        raise gateway.Failed(f"{connected['connected']} of {GATEWAYS} gateways are connected; bench-fleet says why")
    return connected


def settled(console):
    time.sleep(SETTLE_SECONDS)
    return resident_kib(console)


def resident_kib(console):
    status = pathlib.Path(f"/proc/{console.process.pid}/status").read_text()
    return int(re.search(r"^VmRSS:\s+(\d+)", status, re.MULTILINE).group(1))


def processor_seconds(console):
    fields = pathlib.Path(f"/proc/{console.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def idle(console):
    """Bytes that go by for each heartbeat, and the share of a core that the console takes."""
    before, worked, began = loopback_bytes(), processor_seconds(console), time.monotonic()
    time.sleep(QUIET_SECONDS)
    seconds = time.monotonic() - began
    beats = GATEWAYS * seconds / BEAT_SECONDS
    return (loopback_bytes() - before) / beats, (processor_seconds(console) - worked) / seconds


def openssl_handshakes(state, identity):
    """Per second, with the console's key and a gateway's, one after the other."""
    certificate, said = state / "bench-client.pem", state / "bench-server.log"
    certificate.write_text(json.loads((identity / "membership.json").read_text())["certificate"])
    with open(said, "wb") as log:
        server = subprocess.Popen(["openssl", "s_server", "-accept", "127.0.0.1:0", "-tls1_3", "-Verify", "2",
                                   "-verify_return_error",
                                   "-cert", state / "server.pem", "-key", state / "server.key", "-CAfile", state / "ca.pem"],
                                  stdin=subprocess.PIPE, stdout=log, stderr=log)
    try:
        accept = gateway.wait_for("openssl s_server listens", lambda: re.search(r"^ACCEPT (\S+)", said.read_text(), re.MULTILINE))
        began = time.monotonic()
        done = subprocess.run(["openssl", "s_time", "-connect", accept.group(1), "-new", "-tls1_3",
                               "-time", str(HANDSHAKE_SECONDS),
                               "-cert", certificate, "-key", identity / "key.pem", "-CAfile", state / "ca.pem"],
                              capture_output=True, text=True, timeout=60)
        seconds = time.monotonic() - began  # s_time itself counts in whole ones
    finally:
        server.kill()
        server.wait()
    found = re.search(r"^(\d+) connections in \d+ real seconds", done.stdout, re.MULTILINE)
    if done.returncode != 0 or not found or found.group(1) == "0":
        raise gateway.Failed(f"openssl s_time: exit {done.returncode}\n{done.stdout[-500:]}{done.stderr[-500:]}")
    return int(found.group(1)) / seconds
