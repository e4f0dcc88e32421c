"""What CTest wrote about its tests (--output-junit), for tests/run.sh:

    results.py failed FILE      prints how many tests failed
    results.py count FILE...    prints what failed and the numbers; status 0 only if all passed

A file named again.xml is the second attempt of what failed in the file before it.
"""

import os
import sys
import xml.etree.ElementTree as xml

AGAIN = "again.xml"
LINES = 60  # of a test's output
OUTPUTS = 20  # how many tests' output is printed


def cases_of(path):
    """The test cases of a file by name; none if it is missing or damaged."""
    try:
        return {case.get("name"): case for case in xml.parse(path).getroot().iter("testcase")}
    except (OSError, xml.ParseError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        return {}


def failed(case):
    return case.get("status") == "fail"


def skipped(case):
    return case.get("status") not in ("run", "fail")


def print_output(path, case):
    """The last lines, and those above from unittest that say which case failed, and where."""
    lines = (case.findtext("system-out") or "").splitlines()
    print(f"---- {case.get('name')} ({path}), its last lines:")
    above = [line for line in lines[:-LINES] if line.startswith(("FAIL: ", "ERROR: ", '  File "'))]
    print("\n".join(above + lines[-LINES:]))


def count(paths):
    attempts = []  # (file, {name: case})
    last = []  # the last attempt of each test
    second = []  # passed only at the second attempt
    whole = True
    for path in paths:
        cases = cases_of(path)
        if not cases:
            whole = False
            print(f"{path}: no test ran")
        attempts.append((path, cases))
        if os.path.basename(path) != AGAIN:
            last.append(cases.copy())
            continue
        second += [name for name, case in cases.items() if not failed(case) and not skipped(case)]
        last[-1].update(cases)
    to_print = [(path, case) for path, cases in attempts for case in cases.values() if failed(case)]
    for path, case in to_print[:OUTPUTS]:
        print_output(path, case)
    for name in second:
        print("passed only at the second attempt:", name)
    done = [case for cases in last for case in cases.values()]
    for case in filter(skipped, done):
        print("skipped:", case.get("name"))
    for case in filter(failed, done):
        print("failed: ", case.get("name"))
    bad, left_out = sum(map(failed, done)), sum(map(skipped, done))
    print(f"{len(done)} tests, {len(done) - bad - left_out} passed, {bad} failed, {left_out} skipped")
    return bool(done) and whole and not bad and not left_out


def main(command, *paths):
    if command == "failed":
        print(sum(map(failed, cases_of(*paths).values())))
        return 0
    return 0 if count(paths) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
