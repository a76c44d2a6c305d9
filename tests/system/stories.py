"""Scenarios as stories: unittest modules whose tests run in the order in which they stand, with JUnit results. Used by run.py here
and by lab/run."""
import re
import signal
import sys
import time
import unittest
import xml.etree.ElementTree as ElementTree


class Loader(unittest.TestLoader):
    """Takes the tests of a class in the order in which they stand."""

    def getTestCaseNames(self, case):
        return [name for name in vars(case) if name.startswith("test_")]


class Recorder(unittest.TextTestResult):
    """Keeps the time and outcome of each case, and shows what `evidence` has to show at the moment of a failure."""

    def __init__(self, evidence, *arguments):
        super().__init__(*arguments)
        self.evidence = evidence
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
            print(detail, *self.evidence(), sep="\n", file=sys.stderr)

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


class TooLong(Exception):
    pass


def run(module, evidence, failfast=False, seconds=0):
    """The result, with its `cases`. After `seconds`, if there are some, the test that runs fails, and no other is begun."""
    results = []

    def recorder(*arguments):
        results.append(Recorder(evidence, *arguments))
        return results[-1]

    def too_long(*_):
        results[-1].stop()
        raise TooLong(f"the scenario takes longer than {seconds} s")

    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(seconds)
    try:
        suite = Loader().loadTestsFromModule(module)
        return unittest.TextTestRunner(resultclass=recorder, verbosity=2, failfast=failfast).run(suite)
    finally:
        signal.alarm(0)


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
