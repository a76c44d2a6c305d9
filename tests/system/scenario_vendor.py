"""docs/VENDOR.md, word for word, on a gateway as quickstart leaves it."""
import os
import re
import shutil
import subprocess
import unittest

import gateway
from gateway import wait_for

PLANT = gateway.Gateway("vendor")


def setUpModule():
    unittest.enterModuleContext(PLANT)
    PLANT.start_daemon()
    for name in gateway.SIMULATORS:
        PLANT.start_simulator(name)
    PLANT.apply((gateway.SOURCE / "examples/factory.yaml").read_text(), "--wait", "--timeout", "3min")


def commands(title):
    """The indented lines of the chapter that begins so; "" is what stands before the first."""
    chapters = re.split(r"^## ", (gateway.SOURCE / "docs/VENDOR.md").read_text(), flags=re.MULTILINE)
    chapter = next(text for text in chapters if text.startswith(title))
    return [line[4:] for line in chapter.splitlines() if line.startswith("    ")]


class Vendor(unittest.TestCase):
    def test_every_command_of_the_guide_does_what_it_says(self):
        # The one folder that the guide makes outside of the clone is made inside of ours here.
        folder = PLANT.root / "vendor"
        lines = [line for title in ("#", "1.", "2.", "3.", "4.") for line in commands(title)]
        script = "\n".join(lines).replace("/tmp/vendor", str(folder))
        # In a real clone the build folder is named build.
        script = script.replace("$PWD/build/cli", str(gateway.BUILD / "cli"))
        done = subprocess.run(["bash", "-euxc", script], cwd=gateway.SOURCE, capture_output=True, text=True, timeout=300,
                              env={**os.environ, "NO_COLOR": "1"})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("hello every 1s", done.stdout)
        wait_for("the collector reads the PLC",
                 lambda: "rpm" in PLANT.partition("robot-cell")["application"]["last_output"], 60)
        self.assertTrue(PLANT.partition("robot-cell")["application"]["name"].startswith("modbus-collector@sha256:"))
        shutil.rmtree(folder)
