"""What is wrong is said with its place and how to mend it, and nothing is changed."""
import json
import os
import shutil
import sqlite3
import subprocess
import unittest

import gateway
from gateway import wait_for
from plant import document, partition

WRONG = """apiVersion: bulkhead/v1alpha1
kind: Gateway
metadata: {name: test-plant}
tenants:
  - {name: plant, quota: {cpus: 1, memory: 256MiB, disk: 64MiB, partitions: 1}}
zones:
  - {name: cell, tenant: plant, subnet: 10.30.1.0/24}
partitions:
  - name: cell
    tenant: plant
    image: partition-base
    cpus: 1
    memory: 160 apples
    interfaces: [{zone: cell, address: 10.31.1.10}]
    aplication: {path: probe}
"""


class Errors(unittest.TestCase):
    def setUp(self):
        self.plant = self.enterContext(gateway.Gateway("errors"))

    def test_all_errors_of_a_spec_come_at_once_with_their_places(self):
        self.plant.start_daemon()
        path = self.plant.root / "wrong.yaml"
        path.write_text(WRONG)
        said = self.plant.cli("apply", "-f", path, expect=1)
        for place, what in (("13:13", "160 apples"), ("14:40", "10.31.1.10"), ("15:5", "aplication")):
            self.assertRegex(said, rf"error\[\w+\]: {path}:{place}: .*{what}")
        self.assertIn("application", said)
        self.assertIn("3 errors", said)
        self.assertEqual((self.plant.status()["generation"], self.plant.items("partitions")), ("0", []))
        self.assertFalse((self.plant.state / "volumes").exists())

    def test_what_policy_forbids_is_refused_with_the_rule(self):
        self.plant.start_daemon()
        text = json.loads(document(partition("cell", 1), devices=["tty"]))
        text["devices"][0]["at"] = "/dev/ttyS0"
        said = self.plant.apply(json.dumps(text), expect=1)
        self.assertIn("device/host-console", said)
        self.assertEqual(self.plant.status()["generation"], "0")

    def test_a_tampered_image_is_refused_by_the_name_of_the_part(self):
        images = self.plant.root / "images"
        shutil.copytree(gateway.BUILD / "images/partition-base", images / "partition-base")
        with open(images / "partition-base/initrd.img", "r+b") as initrd:
            initrd.seek(1000)
            initrd.write(b"tampered")
        self.plant.images = images
        self.plant.start_daemon()
        said = self.plant.apply(document(partition("cell", 1)), expect=1)
        self.assertRegex(said, r"initrd")
        self.assertEqual(self.plant.status()["generation"], "0")
        self.assertEqual(gateway.footprint()["domains"], [])

    def test_state_of_a_newer_version_is_left_alone(self):
        self.plant.start_daemon()
        self.plant.stop_daemon()
        database = self.plant.state / "state.db"
        kept = self.plant.root / "kept.db"
        with sqlite3.connect(database) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
        shutil.copy(database, kept)
        with sqlite3.connect(database) as connection:
            connection.execute(f"PRAGMA user_version = {version + 1}")
        self.plant.launch_daemon()
        self.assertEqual(self.plant.daemon.wait(20), 1)
        self.assertIn('"code":"newer"', self.plant.log())
        shutil.copy(kept, database)

    def test_a_full_disk_leaves_nothing_half_made(self):
        self.plant.state.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m,mode=711", "tmpfs", self.plant.state], check=True)
        self.plant.start_daemon()
        volume = {"name": "data", "size": "64MiB", "mount": "/data"}
        said = self.plant.apply(document(partition("cell", 1, volumes=[volume])), expect=1)
        self.assertRegex(said, r"there is no room for a volume of 64MiB")
        self.assertEqual(list((self.plant.state / "volumes").rglob("*.*")), [])
        self.assertEqual(self.plant.lives()["cell"][0], None)
        volume["size"] = "8MiB"
        self.plant.apply(document(partition("cell", 1, volumes=[volume])), "--wait")

    def test_without_a_manager_the_command_says_so(self):
        said = self.plant.cli("get", "partitions", expect=3)
        self.assertIn("/run/bulkhead/control.sock", said)

    def test_only_root_may_talk_to_the_manager(self):
        self.plant.start_daemon()
        path = str(self.plant.run / "control.sock")
        os.chmod(path, 0o666)  # so that the socket's own mode is not what refuses

        def connects():
            os.setgid(65534)
            os.setuid(65534)
        done = subprocess.run(self.plant.command("status"), capture_output=True, text=True, preexec_fn=connects)
        self.assertEqual(done.returncode, 3, done.stderr)
        wait_for("the daemon says whom it refused", lambda: '"uid":"65534"' in self.plant.log(), 10)
        os.chmod(path, 0o600)
        self.assertEqual(self.plant.try_cli("status").returncode, 0)
