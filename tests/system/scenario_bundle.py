"""A vendor's bundle from an empty folder to a running application; and everything that is refused on the way."""
import json
import os
import unittest

import gateway
from gateway import wait_for
from plant import document, partition

PLANT = gateway.Gateway("bundle")
APPLICATION = """#!/bin/sh
while :; do
    echo "reading: $1 $(cat share/greeting) every $BULKHEAD_PERIOD as $(id -un)"
    sleep 1
done
"""


def setUpModule():
    unittest.enterModuleContext(PLANT)
    PLANT.start_daemon()
    for name in ("vendor", "stranger"):
        PLANT.cli("key", "generate", "--output", PLANT.root / name)


def make(name, version="1.0.0", greeting="hello"):
    """A folder with a bundle in it, as a vendor writes it."""
    folder = PLANT.root / f"{name}-{version}"
    PLANT.cli("bundle", "init", folder, "--name", name, "--tenant", "plant")
    path = folder / "bundle.yaml"
    path.write_text(path.read_text().replace("0.1.0", version).replace("arguments: []", "arguments: [good]"))
    (folder / "share").mkdir()
    (folder / "share/greeting").write_text(greeting)
    program = folder / "bin" / name
    program.write_text(APPLICATION)
    program.chmod(0o755)
    return folder


def built(folder, key="vendor"):
    path = PLANT.root / (folder.name + ".tar")
    reference = PLANT.cli("bundle", "build", "--output", path, folder).strip()
    if key:
        PLANT.cli("bundle", "sign", "--key", PLANT.root / f"{key}.key", path)
    return path, reference


def spec(reference, keys=("vendor",), config=None, **more):
    cell = partition("cell", 1, **more)
    cell["application"] = {"bundle": reference, "config": config or {"period": "1s"}}
    text = json.loads(document(cell))
    text["tenants"][0]["keys"] = [PLANT.cli("key", "show", PLANT.root / f"{key}.pub").strip() for key in keys]
    return json.dumps(text, indent=1)


class Bundle(unittest.TestCase):
    def refused(self, document, *parts):
        said = PLANT.apply(document, expect=1)
        for part in parts:
            self.assertIn(part, said)
        self.assertEqual(gateway.footprint()["domains"], [])

    def test_a_bundle_that_was_never_pushed_is_refused(self):
        _, reference = built(make("greeter", "0.9.0"))
        self.refused(spec(reference), "is not on this gateway", "bulkhead bundle push")

    def test_an_unsigned_bundle_is_refused(self):
        path, reference = built(make("greeter", "0.9.1"), key=None)
        PLANT.cli("bundle", "push", path)
        self.refused(spec(reference), "is unsigned")

    def test_a_bundle_of_a_stranger_is_refused(self):
        path, reference = built(make("greeter", "0.9.2"), key="stranger")
        PLANT.cli("bundle", "push", path)
        self.refused(spec(reference), "is not trusted here")

    def test_a_tenant_without_keys_runs_no_bundle(self):
        path, reference = built(make("greeter", "0.9.3"))
        PLANT.cli("bundle", "push", path)
        self.refused(spec(reference, keys=()), "has no key that signs bundles")

    def test_a_bundle_cut_short_is_refused_on_the_way_and_leaves_nothing(self):
        path, _ = built(make("greeter", "0.9.4"))
        os.truncate(path, 4000)
        self.assertIn("truncated", PLANT.cli("bundle", "push", path, expect=1))

    def test_a_setting_that_it_does_not_know_is_refused_with_the_one_that_was_meant(self):
        path, reference = built(make("greeter", "0.9.5"))
        PLANT.cli("bundle", "push", path)
        self.refused(spec(reference, config={"perod": "1s"}), "knows no setting 'perod'", "write period")

    def test_a_signed_bundle_runs_as_the_user_app_with_its_arguments_and_settings(self):
        path, reference = built(make("greeter"))
        PLANT.cli("bundle", "push", path)
        PLANT.apply(spec(reference), "--wait", "--timeout", "2min")
        wait_for("the application speaks", lambda: PLANT.partition("cell")["application"]["last_output"], 30)
        cell = PLANT.partition("cell")
        self.assertEqual(cell["application"]["last_output"], "good hello every 1s as app")
        self.assertEqual(cell["application"]["name"], reference)
        self.assertEqual(PLANT.plan(spec(reference)), ([], []))
        self.assertIn("bundle.stored", [event["code"] for event in PLANT.events()])

    def test_another_bundle_takes_a_restart_that_somebody_allowed(self):
        path, reference = built(make("greeter", "1.1.0", "servus"))
        PLANT.cli("bundle", "push", path)
        steps, refusals = PLANT.plan(spec(reference))
        self.assertIn("stop partition cell", steps)
        self.assertEqual(len(refusals), 1)
        PLANT.apply(spec(reference), "--allow-restart", "cell", "--wait", "--timeout", "2min")
        wait_for("the new one speaks",
                 lambda: PLANT.partition("cell")["application"]["last_output"] == "good servus every 1s as app", 30)

    def test_a_bundle_is_removed_unless_a_partition_names_it(self):
        listed = {item["reference"]: item for item in json.loads(PLANT.cli("bundle", "list", "--output", "json"))["items"]}
        runs = PLANT.partition("cell")["application"]["name"]
        self.assertEqual(listed[runs]["partitions"], ["cell"])
        self.assertIn("partition cell runs it", PLANT.cli("bundle", "remove", runs, expect=1))
        others = set(listed) - {runs}
        self.assertGreaterEqual(len(others), 4)
        for reference in others:
            PLANT.cli("bundle", "remove", reference)
        self.assertIn(runs, PLANT.cli("bundle", "list"))
        self.assertEqual([path.name for path in (PLANT.state / "bundles").glob("*/*")], [runs.split(":")[-1]])
        self.assertIn("there is no bundle", PLANT.cli("bundle", "remove", others.pop(), expect=1))
        self.assertEqual(PLANT.partition("cell")["state"], "running")

    def test_a_bundle_that_was_altered_on_the_gateway_is_refused(self):
        name, digest = json.loads(PLANT.cli("get", "partitions", "-o", "json"))["items"][0]["application"]["name"].split(
            "@sha256:")
        stored = PLANT.state / "bundles" / name / digest / "bundle.tar"
        bits = bytearray(stored.read_bytes())
        bits[bits.index(b"servus")] ^= 1
        stored.write_bytes(bits)
        said = PLANT.apply(spec(f"{name}@sha256:{digest}", memory="192MiB"), "--allow-restart", "cell", expect=1)
        self.assertIn("it was altered", said)
        self.assertEqual(PLANT.partition("cell")["state"], "running")
        PLANT.cli("bundle", "push", PLANT.root / "greeter-1.1.0.tar")
        self.assertEqual(PLANT.plan(spec(f"{name}@sha256:{digest}")), ([], []))
