"""Frames per second of the redirect switch against a plain Linux bridge; the work is done by bench-switch."""
import subprocess
import tempfile

import gateway
import table


def run():
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        subprocess.run([gateway.BUILD / "benchmarks/vnet/bench-switch", "--json", file.name], check=True,
                       stdout=subprocess.DEVNULL)
        return table.read(file.name)
