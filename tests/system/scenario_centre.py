"""Trust and the centre: a gateway with a TPM joins a console, IT's signed spec brings it up, and each person sees what it should."""
import base64
import contextlib
import json
import mmap
import os
import pathlib
import re
import sqlite3
import subprocess
import time
import unittest
import unittest.mock

import centre
import gateway
from gateway import SOURCE, wait_for

FACTORY = (SOURCE / "examples/factory.yaml").read_text()
PLANT = gateway.Gateway("centre")
WEB = SOURCE / "console/web"
SECRET = "correct horse battery staple"
HERE = {}  # console, signer, references: made by setUpModule and the first tests


def setUpModule():
    tpm = centre.HostTpm(PLANT.root)
    tpm.start()
    unittest.addModuleCleanup(tpm.stop)
    unittest.enterModuleContext(PLANT)
    # The command keeps its contexts where the test ends with them.
    unittest.enterModuleContext(unittest.mock.patch.dict(os.environ, XDG_CONFIG_HOME=str(PLANT.root / "config")))
    PLANT.tpm = tpm.tcti
    HERE["console"] = centre.Console(PLANT.root, "--round", "2s", "--web", WEB / "dist")
    HERE["console"].start()
    unittest.addModuleCleanup(HERE["console"].stop)
    for name in gateway.SIMULATORS:
        PLANT.start_simulator(name)
    PLANT.start_daemon()
    HERE["signer"] = centre.Signer(PLANT)


def attestations():
    return {name: item["attestation"] for name, item in PLANT.partitions().items()}


def wait_attested(seconds=60):
    try:
        wait_for("all are trusted", lambda: set(attestations().values()) == {"trusted"}, seconds)
    except gateway.Failed as failed:
        views = {name: admin().ask("GET", f"/gateways/press-line-3/partitions/{name}/attestation") for name in attestations()}
        raise gateway.Failed(f"{failed}: the gateway shows {attestations()}, the console {json.dumps(views)}") from failed


def admin():
    if "admin" not in HERE:
        HERE["admin"] = centre.Session("admin", HERE["console"].password())
    return HERE["admin"]


def next_round():
    """What the console says of the press when it has judged it once more."""
    def view():
        return admin().ask("GET", "/gateways/press-line-3/partitions/press/attestation")
    before = view()["attested_at"]
    return wait_for("another round", lambda: (now := view())["attested_at"] != before and now, 30)


def put_desired(envelope, expect=(200, 201, 202, 204)):
    return admin().ask("PUT", "/gateways/press-line-3/desired", json.loads(envelope.read_text()), expect)


def person(role, tenant=""):
    name = f"{role}-{tenant or 'all'}"
    if name not in HERE:
        made = admin().ask("POST", "/users", {"name": name, "role": role, "tenant": tenant})
        HERE[name] = centre.Session(name, made["password"])
    return HERE[name]


def log_in(session):
    """The context in which the command acts for this person."""
    name = session.who["user"]
    password = PLANT.root / f"password-{name}"
    password.write_text(session.password)
    PLANT.cli("login", centre.GRPC, "--user", name, "--password-file", password, "--context", name)
    return name


def sign_wrong(generation, *options):
    """The signed spec with the secret, by whose references no kernel is right."""
    references = json.loads(HERE["references"])
    references["images"]["partition-base"]["kernel"] = "0" * 64
    return HERE["signer"].sign(HERE["spec"], *options, references=json.dumps(references), generation=generation)


def reading():
    """What the application of it-admin has seen: it looks for its secret once a second."""
    return PLANT.reading("it-admin")


def gate():
    """What passes between the press and its CAN adapter, which it has only while it is trusted."""
    return next(item for item in PLANT.items("devices") if item.get("name") == "can-1").get("gate")


def fnv1a(text):
    """As the probe shows a secret that it has read."""
    value = 2166136261
    for byte in text.encode():
        value = (value ^ byte) * 16777619 % 2**32
    return value


def holds(path, wanted):
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) if os.path.getsize(path) else \
            contextlib.nullcontext(b"") as content:
        return any(content.find(what) >= 0 for what in wanted)


class Centre(unittest.TestCase):
    def test_without_a_console_nothing_is_attested(self):
        self.assertEqual(PLANT.status().get("console", ""), "")

    def test_a_wrong_pin_is_refused_before_anything_is_sent(self):
        join = HERE["console"].join()
        pin = join.split(",")[2]
        wrong = join.replace(pin, ("A" if pin[0] != "A" else "B") + pin[1:])
        error = PLANT.cli("enroll", wrong, "--it-key", HERE["signer"].public, "--name", "press-line-3", expect=1)
        self.assertIn("pin", error)
        # The token was not spent.
        HERE["join"] = join

    def test_one_string_joins(self):
        PLANT.cli("enroll", HERE["join"], "--it-key", HERE["signer"].public, "--name", "press-line-3")
        wait_for("the console sees it", lambda: [item for item in admin().items("/gateways")
                                                 if item["connection"] == "connected"], 30)

    def test_a_token_serves_once(self):
        error = PLANT.cli("enroll", HERE["join"], "--it-key", HERE["signer"].public, "--name", "another", expect=1)
        self.assertRegex(error, "token|enrolled")

    def test_reference_values_are_what_a_gateway_would_measure(self):
        spec = PLANT.root / "factory.yaml"
        spec.write_text(FACTORY)
        HERE["references"] = PLANT.cli("measure", "-f", spec)
        self.assertIn("partition-base", json.loads(HERE["references"])["images"])

    def test_the_console_takes_only_what_it_signed(self):
        envelope = HERE["signer"].sign(FACTORY, references=HERE["references"])
        put_desired(envelope, expect=403)
        HERE["console"].run("trust", "add", HERE["signer"].public)
        altered = envelope.with_suffix(".altered")
        text = envelope.read_text()
        place = text.index("payload") + 60
        altered.write_text(text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1:])
        put_desired(altered, expect=(400, 403, 422))
        put_desired(envelope)

    def test_the_gateway_comes_up_and_is_attested(self):
        wait_for("the gateway has the spec", lambda: PLANT.status().get("signed_generation"), 30)
        PLANT.wait_healthy(seconds=180)
        wait_attested()
        for name, item in PLANT.partitions().items():
            self.assertEqual(item["trust_anchor"], "software", name)
        self.assertRegex(PLANT.cli("get", "partitions"), r"robot-cell .*trusted \(software\), \d+ s ago")

    def test_a_local_apply_needs_a_reason(self):
        changed = FACTORY.replace('line: "3"', 'line: "4"')
        self.assertIn("--break-glass", PLANT.apply(changed, expect=1))
        PLANT.apply(changed, "--break-glass", "console is down, line stands")
        self.assertEqual(PLANT.status()["break_glass"], "console is down, line stands")
        wait_for("the console shows it", lambda: admin().items("/gateways")[0]["break_glass"], 30)

    def test_the_next_signed_spec_ends_it(self):
        put_desired(HERE["signer"].sign(FACTORY, references=HERE["references"]))
        wait_for("it is over", lambda: not PLANT.status().get("break_glass"), 30)

    def test_a_device_that_moves_under_its_partition_costs_no_trust(self):
        lives = PLANT.lives()
        (gateway.DEVICES / "moved").symlink_to(os.readlink(gateway.DEVICES / "can-1"))
        self.addCleanup((gateway.DEVICES / "moved").unlink)
        for place in ("moved", "can-1"):
            spec = FACTORY.replace("at: /run/bulkhead/devices/can-1", f"at: /run/bulkhead/devices/{place}")
            put_desired(HERE["signer"].sign(spec, "--allow-detach", "can-1", references=HERE["references"]))
            wait_for("the console knows that it is in force",
                     lambda: int(admin().items("/gateways")[0]["generation_applied"]) == HERE["signer"].generation, 60)
            self.assertTrue(next(item for item in PLANT.items("devices") if item.get("name") == "can-1")["at"].endswith(place))
            next_round()
            view = next_round()
            self.assertEqual(view["attestation"], "trusted", view)
            PLANT.wait_healthy("press")
        self.assertEqual(PLANT.lives(), lives, "and no restart")

    def test_a_refusal_ends_the_wait_at_once_with_the_gateways_reason(self):
        password = PLANT.root / "password"
        password.write_text(admin().password)
        PLANT.cli("login", centre.GRPC, "--user", "admin", "--password-file", password, "--context", "plant")
        larger = HERE["signer"].sign(FACTORY.replace("memory: 192MiB", "memory: 208MiB", 1), references=HERE["references"])
        begin = time.monotonic()
        error = PLANT.cli("--context", "plant", "apply", "-f", larger, "--wait", "--timeout", "2min", expect=1)
        self.assertLess(time.monotonic() - begin, 20)
        self.assertIn("running partition robot-cell would be stopped", error)
        self.assertIn("bulkhead sign --allow-restart robot-cell", error)
        again = HERE["signer"].sign(FACTORY, references=HERE["references"])
        PLANT.cli("--context", "plant", "apply", "-f", again, "--wait", "--timeout", "2min")

    def test_no_signed_change_so_far_was_an_alarm(self):
        rows = sqlite3.connect(next(HERE["console"].state.glob("*.db"))).execute(
            "SELECT partition, time, reason FROM history WHERE kind = 'attestation' AND value = 'untrusted'").fetchall()
        self.assertEqual(rows, [])

    def test_an_old_document_is_not_taken_again(self):
        old = HERE["signer"].generation
        self.assertEqual(put_desired(PLANT.root / f"it-{old - 1}.signed.json", expect=(403, 409, 422))["errors"][0]["code"],
                         "conflict")

    def test_a_stolen_console_changes_nothing(self):
        thief = centre.Signer(PLANT, "thief")
        HERE["console"].run("trust", "add", thief.public)
        before = PLANT.status()["signed_generation"]
        lives = PLANT.lives()
        put_desired(thief.sign(FACTORY.replace("192MiB", "128MiB"), generation=1000))
        wait_for("the gateway says no", lambda: PLANT.events("desired.refused"), 30)
        self.assertEqual(PLANT.status()["signed_generation"], before)
        self.assertEqual(PLANT.lives(), lives)

    def test_everything_runs_on_without_the_console(self):
        HERE["lives"] = PLANT.lives()
        HERE["console"].kill()
        for number in range(20):
            PLANT.cli("lock", "press", "--reason", f"test {number}")
            PLANT.cli("unlock", "press")
        self.assertEqual(PLANT.lives(), HERE["lives"])
        wait_for("events wait", lambda: int(PLANT.status().get("spooled", 0)) >= 40, 30)

    def test_every_event_arrives_once_and_in_order(self):
        HERE["console"].start()
        wait_for("all are delivered", lambda: PLANT.status().get("console_state") == "connected" and not int(PLANT.status().get("spooled", 0)), 90)
        rows = sqlite3.connect(next(HERE["console"].state.glob("*.db"))).execute(
            "SELECT id, code, text FROM event ORDER BY place").fetchall()
        theirs = [(int(row[0]), row[1], row[2]) for row in rows]
        mine = [(int(item["id"]), item["code"], item["text"]) for item in PLANT.events()]  # read later: it may have more
        self.assertEqual(theirs, [row for row in mine if row[0] >= theirs[0][0]][:len(theirs)])
        self.assertGreaterEqual(len(theirs), 40)

    def test_a_reconnect_restarts_nothing(self):
        wait_attested()
        self.assertEqual(PLANT.lives(), HERE["lives"])

    def test_what_is_not_heard_of_is_stale(self):
        PLANT.kill_daemon()
        wait_for("the console says so", lambda: {item["attestation"] for item in
                                                 admin().items("/partitions")} == {"stale"}, 60)
        PLANT.start_daemon()
        wait_attested(90)

    def test_every_page_comes_up_in_a_browser_and_asks_for_nothing_that_is_refused(self):
        done = subprocess.run(["node", "tests/live.mjs"], cwd=WEB, capture_output=True, text=True, timeout=300,
                              env={**os.environ, "BASE_URL": centre.HTTP, "USER": "admin", "PASSWORD": admin().password,
                                   "GATEWAY": "press-line-3", "PARTITION": "robot-cell"})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_vendor_sees_its_own_alone(self):
        acme = person("vendor", "acme")
        self.assertEqual([item["name"] for item in acme.items("/partitions")], ["robot-cell"])
        acme.ask("GET", "/gateways/press-line-3/partitions/press", expect=(403, 404))
        acme.ask("GET", "/users", expect=403)
        text = json.dumps([acme.items("/gateways/press-line-3/" + what) for what in ("devices", "zones", "conduits", "events")])
        self.assertNotIn("borealis", text)

    def test_a_vendor_captures_its_own_partition_and_no_other(self):
        vendor = log_in(person("vendor", "acme"))
        path = PLANT.root / "robot.pcapng"
        done = PLANT.try_cli("--context", vendor, "capture", "robot-cell", "-w", path, "--packets", "20", "--seconds", "60")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"capturing interface bh\S+ of robot-cell\n20 packets; ended after 20 packets\n")
        interface = PLANT.partition("robot-cell")["interfaces"][0]
        captured = centre.Capture(path)
        self.assertEqual(captured.interfaces, [interface["name"]])
        self.assertEqual(len(captured.frames), 20)
        mac = bytes.fromhex(interface["mac"].replace(":", ""))
        self.assertEqual([frame.hex() for frame in captured.frames if mac not in (frame[0:6], frame[6:12])], [])
        # Both ways.
        self.assertEqual({frame[6:12] == mac for frame in captured.frames}, {True, False})
        # Of the conduit to IT, its own end alone.
        PLANT.cli("--context", vendor, "capture", "readings", "-w", path, "--packets", "4")
        self.assertEqual(centre.Capture(path).interfaces, [interface["name"]], PLANT.events("switch.capture"))
        self.assertEqual(len(centre.Capture(path).frames), 4)
        absent = PLANT.cli("--context", vendor, "capture", "nothing", "-w", path, expect=1)
        for other in ("press", "it-admin", "forces", PLANT.partition("press")["interfaces"][0]["name"]):
            refused = PLANT.cli("--context", vendor, "capture", other, "-w", path, expect=1)
            self.assertEqual(refused, absent.replace("nothing", other))
        self.assertEqual(len(centre.Capture(path).frames), 4, "what was refused changes no file")
        for role in ("ot-operator", "auditor"):
            self.assertIn("has no right to capture", PLANT.cli(
                "--context", log_in(person(role)), "capture", "robot-cell", "-w", path, expect=1))

    def test_no_line_that_a_machine_has_is_tested_and_only_it_may_ask(self):
        for where in ((), ("--context", log_in(admin()))):
            self.assertIn("device can-1 can't be tested: a virtual machine has the line",
                          PLANT.cli(*where, "test", "device", "can-1", expect=1))
        refused = PLANT.cli("--context", log_in(person("ot-operator")), "test", "device", "can-1", expect=1)
        self.assertIn("has no right to test-devices", refused)
        self.assertEqual(PLANT.events("device.tested"), [])

    def test_it_captures_anything_of_a_gateway_and_who_did_is_on_record(self):
        path = PLANT.root / "forces.pcapng"
        PLANT.cli("capture", "it-admin", "-w", path, "--packets", "2")  # at the gateway itself
        self.assertEqual(len(centre.Capture(path).frames), 2)
        PLANT.cli("--context", log_in(admin()), "capture", "readings", "-w", path, "--packets", "6", "--gateway", "press-line-3")
        captured = centre.Capture(path)
        self.assertEqual(len(captured.frames), 6)
        self.assertEqual(sorted(captured.interfaces), sorted(PLANT.partition(name)["interfaces"][0]["name"]
                                                             for name in ("robot-cell", "it-admin")))
        wait_for("its end is told", lambda: len(PLANT.events("switch.capture")) == 8, 10)
        told = [(event["actor"], event["partition"], event["tenant"], event["text"]) for event in PLANT.events("switch.capture")]
        self.assertEqual(told[0][:3], ("user:vendor-acme", "robot-cell", "acme"))
        self.assertRegex(told[0][3], "of robot-cell: for 60 s or 20 packets at most$")
        self.assertRegex(told[1][3], "ended after [0-9]+ s with 20 packets: 20 packets$")
        self.assertEqual([row[:3] for row in told[4:]], [("uid:0", "it-admin", "it")] * 2 + [("user:admin", "", "")] * 2)
        # The vendor sees its own, and who looked into it.
        wait_for("the console has them", lambda: len([item for item in person("vendor", "acme").items("/events")
                                                      if item["code"] == "switch.capture"]) == 4, 30)
        rows = [row for row in person("auditor").items("/audit") if row["action"] == "switch.capture"]
        self.assertEqual([(row["actor"], row["subject"]) for row in rows],
                         [("user:admin", "press-line-3/readings"), ("user:vendor-acme", "press-line-3/readings"),
                          ("user:vendor-acme", "press-line-3/robot-cell")])

    def test_nobody_does_what_the_role_may_not(self):
        for who in (person("vendor", "acme"), person("auditor")):
            who.ask("POST", "/gateways/press-line-3/partitions/robot-cell/restart", expect=403)
        person("ot-operator").ask("POST", "/tokens", {}, expect=403)

    def test_an_operator_locks_and_the_lock_is_obeyed(self):
        operator = person("ot-operator")
        operator.ask("POST", "/gateways/press-line-3/partitions/robot-cell/lock", {"reason": "tool change"})
        admin().ask("POST", "/gateways/press-line-3/partitions/robot-cell/restart", expect=(403, 409, 423))
        self.assertEqual(PLANT.events("partition.locked")[-1]["actor"], "user:ot-operator-all")
        operator.ask("POST", "/gateways/press-line-3/partitions/robot-cell/unlock")

    def test_an_operator_restarts_and_it_is_attested_again(self):
        before = PLANT.partition("it-admin")["restarts"]
        person("ot-operator").ask("POST", "/gateways/press-line-3/partitions/it-admin/restart")
        wait_for("it was started", lambda: PLANT.partition("it-admin")["restarts"] == before + 1, 90)
        PLANT.wait_healthy("it-admin")
        wait_attested(90)

    def test_who_did_what_is_on_record(self):
        text = json.dumps(person("auditor").items("/audit"))
        for word in ("ot-operator-all", "restart", "lock", "desired"):
            self.assertIn(word, text)

    def test_a_secret_is_sealed_to_the_gateway_and_the_spec_shows_nothing_of_it(self):
        box = PLANT.cli("secret", "seal", "--gateway", "press-line-3", "--partition", "it-admin", "--name", "token",
                        stdin=SECRET).strip()
        self.assertNotIn(SECRET, box)
        HERE["spec"] = FACTORY.replace(
            "{path: historian, config: {port: 8883}}", f"{{path: probe, config: {{secret: token}}, secrets: {{token: {box}}}}}")
        HERE["spec"] = HERE["spec"].replace(
            "{device: can-1,", "{device: can-1, requires: trusted, onLoss: {action: detach, because: it presses},")
        spec = PLANT.root / "secret.yaml"
        spec.write_text(HERE["spec"])
        HERE["references"] = PLANT.cli("measure", "-f", spec)

    def test_another_kernel_than_it_signed_is_named(self):
        put_desired(sign_wrong(2000, "--allow-restart", "it-admin", "--allow-detach", "can-1"))
        wait_for("all are untrusted", lambda: set(attestations().values()) == {"untrusted"}, 60)
        view = admin().ask("GET", "/gateways/press-line-3/partitions/press/attestation")
        self.assertIn("kernel", view["text"] + view["record"])
        self.assertEqual(view["expected"], "0" * 64)
        self.assertRegex(view["seen"], "^[0-9a-f]{64}$")
        self.assertTrue(re.search("PARTITION_START", view["record"]))

    def test_an_untrusted_partition_is_given_no_secret(self):
        PLANT.wait_healthy("it-admin")
        wait_for("its application has looked for it", lambda: reading()["without token"] >= 3, 60)
        self.assertNotIn("secret token", reading())
        self.assertEqual(attestations()["it-admin"], "untrusted")

    def test_nor_a_device_that_it_must_be_trusted_to_have(self):
        wait_for("its owner holds it back", lambda: gate() == "closed", 60)
        wait_for("the press does without", lambda: "withheld" in PLANT.partition("press")["reason"], 60)
        self.assertRegex(PLANT.cli("get", "devices"), "can-1 .*withheld")

    def test_and_trusted_again_with_the_right_one(self):
        HERE["lives"] = PLANT.lives()
        put_desired(HERE["signer"].sign(HERE["spec"], references=HERE["references"], generation=2001))
        wait_attested()

    def test_its_application_then_finds_its_secret(self):
        wait_for("it is there", lambda: "secret token" in reading(), 30)
        self.assertEqual(reading()["secret token"], fnv1a(SECRET))
        self.assertEqual(PLANT.lives(), HERE["lives"], "without a restart")
        self.assertEqual(PLANT.events("secret.given")[-1]["partition"], "it-admin")

    def test_and_the_press_has_its_device(self):
        wait_for("its gate is open", lambda: gate() == "open", 30)
        PLANT.wait_healthy("press")
        self.assertEqual(PLANT.events("device.granted")[-1]["partition"], "press")

    def test_a_secret_stands_nowhere_on_gateway_and_console(self):
        wanted = [SECRET.encode(), base64.b64encode(SECRET.encode())]
        places = [PLANT.root, *map(pathlib.Path, ("/run/bulkhead", "/run/libvirt", "/etc/libvirt", "/var/log/libvirt",
                                                  "/var/lib/libvirt"))]
        files = [path for place in places for path in place.rglob("*") if path.is_file()]
        self.assertIn(PLANT.state / "state.db", files)
        self.assertIn(next(HERE["console"].state.glob("*.db")), files)
        self.assertEqual([str(path) for path in files if holds(path, wanted)], [])
        told = [json.dumps(PLANT.events()), PLANT.cli("get", "partitions", "-o", "json"),
                PLANT.cli("describe", "partition", "it-admin"), PLANT.cli("logs", "it-admin"),
                *(json.dumps(admin().ask("GET", path)) for path in (
                    "/events?gateway=press-line-3", "/audit", "/gateways/press-line-3/partitions/it-admin"))]
        self.assertEqual([text for text in told if SECRET in text], [])

    def test_it_is_taken_back_when_trust_is_lost(self):
        put_desired(sign_wrong(2002))
        wait_for("all are untrusted", lambda: set(attestations().values()) == {"untrusted"}, 60)
        wait_for("it has gone", lambda: "secret token" not in reading(), 30)
        self.assertEqual(PLANT.lives(), HERE["lives"], "and nothing was restarted")
        self.assertTrue(PLANT.events("secret.withheld"))
        wait_for("so is the device", lambda: gate() == "closed", 30)
        self.assertTrue(PLANT.events("device.withheld"))

    def test_a_line_that_is_down_takes_nothing_back(self):
        put_desired(HERE["signer"].sign(HERE["spec"], references=HERE["references"], generation=2003))
        wait_for("it is there again", lambda: "secret token" in reading(), 60)
        wait_for("and so is the device", lambda: gate() == "open", 60)
        HERE["console"].kill()
        PLANT.kill_daemon()
        PLANT.start_daemon()
        PLANT.wait_healthy("it-admin")
        self.assertEqual(attestations()["it-admin"], "unknown")
        self.assertEqual(gate(), "open")
        wait_for("its application has looked since", reading, 30)  # a new manager remembers no older reading
        self.assertEqual(reading()["secret token"], fnv1a(SECRET))
