"""Component tests of a build, run in the gateway: real kernel parts that the development machine's kernel may lack."""
import json
import sys
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from machine import inside
from machine.places import Failure

SLOWER = 4  # than the machines that the tests' timeouts are for
# What no Debian 12 kernel has, and nothing else may be skipped here.
MAY_BE_SKIPPED = ("no tcx", "no pin", "does not tell where a checksum ends")


class ComponentTests(unittest.TestCase):
    """Of a scenario: its module has BUILD. `TESTS` are the tests' names in Meson; with_tests() makes a method of each."""

    TESTS = ()

    @classmethod
    def setUpClass(cls):
        build = sys.modules[cls.__module__].BUILD
        known = json.loads((build / "meson-info/intro-tests.json").read_text()) if build.exists() else []
        cls.known = {test["name"]: test for test in known if test["name"] in cls.TESTS}
        missing = [name for name in cls.TESTS if name not in cls.known or not Path(cls.known[name]["cmd"][0]).exists()]
        if missing:
            raise Failure(f"{build} has not built {', '.join(missing)}", "name a build with tests by --build, or meson configure -Dtests=enabled, and ninja")
        source = Path(json.loads((build / "meson-info/meson-info.json").read_text())["directories"]["source"])
        files = {word for test in cls.known.values() for word in (test["cmd"][0], *test["env"].values()) if Path(word).is_file()}
        inside.put([*sorted(files), source / "examples"])

    def passes(self, name):
        test = self.known[name]
        environment = " ".join(f"{key}='{value}'" for key, value in {"FUZZ_SECONDS": 10, **test["env"]}.items())
        seconds = min(test["timeout"], 600) * SLOWER
        result = f"/tmp/{name}.xml"
        done = inside.call(f"cd /tmp && {environment} timeout {seconds} {test['cmd'][0]} --gtest_output=xml:{result}", timeout=seconds + 60)
        written = inside.call(f"cat {result}").stdout
        if not written:
            self.fail(f"ended with {done.returncode} and no result:\n{done.stdout[-3000:]}{done.stderr[-2000:]}")
        cases = list(ElementTree.fromstring(written).iter("testcase"))
        failed = [f"{case.get('classname')}.{case.get('name')}: {' '.join(each.get('message').split())}"
                  for case in cases for each in case.iter("failure")]
        if failed:
            self.fail("; ".join(failed))
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        skipped = [(case.get("name"), each.get("message")) for case in cases for each in case.iter("skipped")]
        self.assertEqual([each for each in skipped if not any(words in each[1] for words in MAY_BE_SKIPPED)], [])
        self.assertGreater(len(cases), len(skipped))


def with_tests(case):
    """Decorates a class of ComponentTests."""
    for name in case.TESTS:
        setattr(case, f"test_{name.replace('-', '_')}_passes", lambda self, name=name: self.passes(name))
    return case
