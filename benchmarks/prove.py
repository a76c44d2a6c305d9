"""`bulkhead prove --all` over a switch of 20 tenants with 50 conduits each that runs, against the 2 s that it may take."""
import json
import statistics
import subprocess
import tempfile

import gateway
import table

GOAL = 2.0  # seconds


def run():
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        subprocess.run([gateway.BUILD / "benchmarks/prove/bench-prove", "--json", file.name], check=True)
        with open(file.name, encoding="utf-8") as lines:
            rounds = [json.loads(line) for line in lines]
    name = f"prove --all, {rounds[0]['rules']} rules, {rounds[0]['cases']} cases"
    return [table.Row("prove", label, value, "s", f"{GOAL} s", value / GOAL)
            for label, value in ((f"{name}, median of {len(rounds)}", statistics.median(r["proof"] for r in rounds)),
                                 (f"{name}, slowest", max(r["proof"] for r in rounds)),
                                 ("of it reading the kernel's state", statistics.median(r["reading"] for r in rounds)))]
