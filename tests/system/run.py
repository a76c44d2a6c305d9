"""Runs the system scenarios, one per file scenario_*.py, and writes JUnit results.

    private-libvirtd --net python3 run.py --build DIR --results DIR [SCENARIO...]

Each scenario is a unittest module that tells a story: its tests run in the order in which they stand, and their names are
sentences.
"""
import argparse
import importlib
import pathlib
import re
import sys
import time
import unittest
import xml.etree.ElementTree as ElementTree

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True


class Loader(unittest.TestLoader):
    """Takes the tests of a class in the order in which they stand."""

    def getTestCaseNames(self, case):
        return [name for name in vars(case) if name.startswith("test_")]


class Recorder(unittest.TextTestResult):
    """Keeps the time and outcome of each case, and shows the daemon's log at the moment of a failure."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.cases = []

    def startTest(self, test):
        self.began = time.monotonic()
        super().startTest(test)

    def record(self, test, outcome, detail=""):
        seconds = time.monotonic() - getattr(self, "began", time.monotonic())
        self.cases.append((test.id(), seconds, outcome, detail))
        if outcome == "passed":
            print(f"    {seconds:.1f} s", file=sys.stderr)
        if outcome == "failure":
            import gateway
            for under_test in gateway.UNDER_TEST:
                print(detail, under_test.log()[-5000:], sep="\n", file=sys.stderr)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.record(test, "passed")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.record(test, "failure", self._exc_info_to_string(err, test))

    def addError(self, test, err):
        super().addError(test, err)
        self.record(test, "failure", self._exc_info_to_string(err, test))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.record(test, "skipped", reason)


def printable(text):
    """XML 1.0 has no place for control characters, such as a terminal's colours, but for three."""
    return re.sub(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]", "?", text)


def write_junit(path, name, cases):
    suite = ElementTree.Element("testsuite", name=name, tests=str(len(cases)))
    for identifier, seconds, outcome, detail in cases:
        classname, _, case = identifier.rpartition(".")
        element = ElementTree.SubElement(suite, "testcase", classname=classname, name=case, time=f"{seconds:.3f}")
        if outcome != "passed":
            detail = printable(detail)
            ElementTree.SubElement(element, outcome, message=detail.strip().splitlines()[-1]).text = detail
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--results", required=True, type=pathlib.Path)
    parser.add_argument("--failfast", action="store_true", help="end a scenario at its first failure")
    parser.add_argument("scenario", nargs="*")
    arguments = parser.parse_args()
    sys.path.insert(0, str(HERE))
    import gateway

    gateway.BUILD = arguments.build.resolve()
    arguments.results.mkdir(parents=True, exist_ok=True)
    names = arguments.scenario or sorted(path.stem for path in HERE.glob("scenario_*.py"))
    ok = True
    for name in names:
        suite = Loader().loadTestsFromModule(importlib.import_module(name))
        result = unittest.TextTestRunner(resultclass=Recorder, verbosity=2, failfast=arguments.failfast).run(suite)
        write_junit(arguments.results / f"{name}.xml", name, result.cases)
        ok = ok and result.wasSuccessful()
    return 0 if ok else 1


sys.exit(main())
