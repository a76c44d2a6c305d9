"""Quote verification and rounds against the bare P-256 verification of `openssl speed` in the same run."""
import json
import re
import subprocess
import tempfile

import gateway
import table

SECONDS = 3


def openssl_verifications():
    """Per second, one core; the library's own loop, with key and context kept."""
    done = subprocess.run(["openssl", "speed", "-mr", "-seconds", str(SECONDS), "ecdsap256"], check=True, text=True,
                          capture_output=True)
    # +F4:<index>:<bits>:<signatures per second>:<verifications per second>; older ones give seconds each.
    sign, verify = map(float, re.search(r"^\+F4:\d+:\d+:([\d.]+):([\d.]+)", done.stdout, re.MULTILINE).groups())
    return verify if verify > 1 else 1 / verify


def run():
    against = openssl_verifications()
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        subprocess.run([gateway.BUILD / "benchmarks/attestation/bench-attestation", "--json", file.name], check=True)
        with open(file.name, encoding="utf-8") as lines:
            measured = [json.loads(line) for line in lines]
    rows = [table.Row("attestation", "openssl speed ecdsap256, verify", against, "/s", "itself", 1.0)]
    one = {row["name"]: row["value"] for row in measured}
    for row in measured:
        name, value = row["name"], row["value"]
        if name.startswith("bytes"):
            rows.append(table.Row("attestation", name, value, "B", "1 guest", value / one["bytes of evidence, 1 guest"]))
        elif name.startswith("round answered"):  # by swtpms, which sign more slowly than OpenSSL verifies
            checked = name.replace("answered", "checked")
            rows.append(table.Row("attestation", name, value, "/s", checked, value / one[checked]))
        else:
            rows.append(table.Row("attestation", name, value, "/s", "openssl speed, verify", value / against))
    return rows
