"""What trust and the centre add: apply-to-attested beside apply-to-healthy, and the bytes of an idle gateway's line.

The bytes are those of the loopback interface of a network namespace in which nothing else talks, TLS and TCP included."""
import json
import pathlib
import time

import boot
import centre
import gateway
from table import Row

KUBEEDGE_MB_PER_DAY = 2.7  # a node's published figure (shared by 100,000 nodes)
IDLE_SECONDS = 120  # what is measured is what goes by in a time


def loopback_bytes():
    line = next(line for line in pathlib.Path("/proc/net/dev").read_text().splitlines() if line.strip().startswith("lo:"))
    return int(line.split()[1])


def run():
    rows = []
    with gateway.Gateway("bench") as gw:
        tpm, console = centre.HostTpm(gw.root), centre.Console(gw.root)
        tpm.start()
        console.start()
        try:
            gw.tpm = tpm.tcti
            gw.start_daemon()
            signer = centre.Signer(gw)
            console.run("trust", "add", signer.public)
            admin = centre.Session("admin", console.password())
            gw.cli("enroll", console.join(), "--it-key", signer.public, "--name", "bench")
            for count in (1, 3):
                rows += attested_beside_healthy(gw, admin, signer, count)
            rows += idle_line()
        finally:
            console.stop()
            tpm.stop()
    return rows


def wait_attested(gw):
    def missing():
        return {name: item.get("attestation_reason") or item["attestation"] for name, item in gw.partitions().items()
                if item["attestation"] != "trusted"}
    try:
        gateway.wait_for("all are trusted", lambda: not missing(), 120)
    except gateway.Failed as late:
        raise gateway.Failed(f"{late}: {missing()}") from late


def attested_beside_healthy(gw, admin, signer, count):
    document = boot.spec(count)
    path = gw.root / "bench.yaml"
    path.write_text(document)
    envelope = signer.sign(document, references=gw.cli("measure", "-f", path))
    began = time.monotonic()
    admin.ask("PUT", "/gateways/bench/desired", json.loads(envelope.read_text()))
    names = {f"bench-{n}" for n in range(count)}
    gateway.wait_for("they are there", lambda: names <= gw.partitions().keys(), 60)
    gw.wait_healthy(*names, seconds=300)
    healthy = time.monotonic() - began
    wait_attested(gw)
    attested = time.monotonic() - began
    against = f"signed apply to healthy, {count}"
    return [Row("centre", against, healthy, "s", "itself", 1.0),
            Row("centre", f"signed apply to attested, {count}", attested, "s", against, attested / healthy)]


def idle_line():
    before = loopback_bytes()
    time.sleep(IDLE_SECONDS)
    per_day = (loopback_bytes() - before) / IDLE_SECONDS * 86400 / 1e6
    return [Row("centre", "idle gateway, 3 partitions", per_day, "MB/day", "KubeEdge, published", per_day / KUBEEDGE_MB_PER_DAY)]
