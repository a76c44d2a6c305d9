"""Counts the cases of JUnit files: prints the failed and skipped ones with their reasons, then "PASSED FAILED SKIPPED"."""
import sys
import xml.etree.ElementTree as ElementTree


def main() -> int:
    passed = failed = skipped = 0
    for path in sys.argv[1:]:
        for case in ElementTree.parse(path).iter("testcase"):
            name = f"{case.get('classname')}.{case.get('name')}"
            failure = case.find("failure") if case.find("failure") is not None else case.find("error")
            skip = case.find("skipped")
            if failure is not None:
                failed += 1
                print(f"FAILED  {name}")
            elif skip is not None or case.get("result") == "skipped":
                skipped += 1
                reason = (skip.get("message") or skip.text or "").strip() if skip is not None else ""
                print(f"skipped {name}: {reason.splitlines()[-1] if reason else 'no reason given'}")
            else:
                passed += 1
    print(passed, failed, skipped)
    return 0


sys.exit(main())
