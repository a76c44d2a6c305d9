"""Runs the system scenarios, one per file scenario_*.py, and writes JUnit results.

    run.py --build DIR --results DIR [SCENARIO...]

Each scenario is a unittest module; names of tests are sentences.
"""
import argparse
import importlib
import pathlib
import sys
import time
import unittest
import xml.etree.ElementTree as ElementTree

HERE = pathlib.Path(__file__).resolve().parent


class Recorder(unittest.TextTestResult):
    """Keeps the time and outcome of each case."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.cases = []

    def startTest(self, test):
        self.began = time.monotonic()
        super().startTest(test)

    def record(self, test, outcome, detail=""):
        self.cases.append((test.id(), time.monotonic() - getattr(self, "began", time.monotonic()), outcome, detail))

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


def write_junit(path, name, cases):
    suite = ElementTree.Element("testsuite", name=name, tests=str(len(cases)))
    for identifier, seconds, outcome, detail in cases:
        classname, _, case = identifier.rpartition(".")
        element = ElementTree.SubElement(suite, "testcase", classname=classname, name=case, time=f"{seconds:.3f}")
        if outcome != "passed":
            ElementTree.SubElement(element, outcome, message=detail.strip().splitlines()[-1]).text = detail
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--results", required=True, type=pathlib.Path)
    parser.add_argument("scenario", nargs="*")
    arguments = parser.parse_args()
    sys.path.insert(0, str(HERE))
    import gateway

    gateway.BUILD = arguments.build.resolve()
    names = arguments.scenario or sorted(path.stem for path in HERE.glob("scenario_*.py"))
    ok = True
    for name in names:
        suite = unittest.defaultTestLoader.loadTestsFromModule(importlib.import_module(name))
        result = unittest.TextTestRunner(resultclass=Recorder, verbosity=2, failfast=False).run(suite)
        write_junit(arguments.results / f"{name}.xml", name, result.cases)
        ok = ok and result.wasSuccessful()
    return 0 if ok else 1


sys.exit(main())
