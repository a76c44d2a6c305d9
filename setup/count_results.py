"""Counts the cases of JUnit files: prints the failed and skipped ones with their reasons, then "PASSED FAILED SKIPPED".

Cases are GoogleTest's own, or one for a whole program (Meson's, by its exit code), whose output then holds the reason.
"""
import sys
import xml.etree.ElementTree as ElementTree


def last_line(text: str | None) -> str:
    lines = (text or "").strip().splitlines()
    return lines[-1].strip() if lines else ""


def reason(case: ElementTree.Element, verdict: ElementTree.Element | None) -> str:
    """The last line of what the case says of itself, or else of what its program printed."""
    said = [] if verdict is None else [verdict.get("message"), verdict.text]
    said += [case.findtext("system-err"), case.findtext("system-out")]
    return next(filter(None, map(last_line, said)), "no reason given")


def main() -> int:
    passed = failed = skipped = 0
    for path in sys.argv[1:]:
        for case in ElementTree.parse(path).iter("testcase"):
            name = f"{case.get('classname')}.{case.get('name')}"
            verdicts = {verdict.tag: verdict for verdict in case}
            wrong = verdicts.get("failure", verdicts.get("error"))
            if wrong is not None:
                failed += 1
                print(f"FAILED  {name}: {reason(case, wrong)}")
            elif "skipped" in verdicts:
                skipped += 1
                print(f"skipped {name}: {reason(case, verdicts['skipped'])}")
            elif case.get("status") == "notrun":
                skipped += 1
                print(f"skipped {name}: disabled in its source")
            else:
                passed += 1
    print(passed, failed, skipped)
    return 0


sys.exit(main())
