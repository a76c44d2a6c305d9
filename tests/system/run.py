"""Runs the system scenarios, one per file scenario_*.py, and writes JUnit results.

    private-libvirtd --net python3 run.py --build DIR --results DIR [SCENARIO...]

Each scenario is a unittest module that tells a story: its tests run in the order in which they stand, and their names are
sentences.
"""
import argparse
import importlib
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--results", required=True, type=pathlib.Path)
    parser.add_argument("--failfast", action="store_true", help="end a scenario at its first failure")
    parser.add_argument("scenario", nargs="*")
    arguments = parser.parse_args()
    sys.path.insert(0, str(HERE))
    import gateway
    import stories

    def logs():
        return [under_test.log()[-5000:] for under_test in gateway.UNDER_TEST]

    gateway.BUILD = arguments.build.resolve()
    arguments.results.mkdir(parents=True, exist_ok=True)
    names = arguments.scenario or sorted(path.stem for path in HERE.glob("scenario_*.py"))
    ok = True
    for name in names:
        result = stories.run(importlib.import_module(name), logs, arguments.failfast)
        stories.write_junit(arguments.results / f"{name}.xml", name, result.cases)
        ok = ok and result.wasSuccessful()
    return 0 if ok else 1


sys.exit(main())
