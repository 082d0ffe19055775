# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run all nox sessions ("make test"), then say in one table and one line what passed and what failed.

Arguments go to nox; without any, every session runs.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import xml.etree.ElementTree

from support import CACHE, REPORTS, ROOT


def count(report: str) -> tuple[int, int, int]:
    """(passed, failed, skipped) of the pytest report files that begin with this name."""
    passed = failed = skipped = 0
    for path in [*REPORTS.glob(f"{report}.xml"), *REPORTS.glob(f"{report}-*.xml")]:
        for suite in xml.etree.ElementTree.parse(path).getroot().iter("testsuite"):
            bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            skipped += int(suite.get("skipped", 0))
            failed += bad
            passed += int(suite.get("tests", 0)) - bad - int(suite.get("skipped", 0))
    return passed, failed, skipped


def summary(sessions: list[dict]) -> tuple[int, int]:
    """Print a line for each session; return how much passed and failed: tests, and sessions beside their tests."""
    total_passed = total_failed = 0
    for session in sessions:
        passed, failed, skipped = count(session["name"])
        good = session["result"] == "success"
        total_passed += passed + good
        # A session can fail although no test of it did.
        total_failed += failed + (not good and not failed)
        tests = f"{passed} tests passed, {failed} failed, {skipped} skipped" if passed + failed + skipped else ""
        print(f"  {session['name']:13} {session['result']:8} {session.get('duration', 0):6.0f} s  {tests}".rstrip())
    return total_passed, total_failed


def main(args: list[str]) -> int:
    """Run nox; return its exit code."""
    shutil.rmtree(REPORTS, ignore_errors=True)
    shutil.rmtree(CACHE / "output", ignore_errors=True)  # what the gate for secrets reads
    REPORTS.mkdir(parents=True)
    report = REPORTS / "nox.json"
    code = subprocess.call([sys.executable, "-m", "nox", "--non-interactive", "--report", str(report), *args], cwd=ROOT)
    sessions = json.loads(report.read_text(encoding="utf-8"))["sessions"] if report.exists() else []
    print("\nThe suite:")
    passed, failed = summary(sessions)
    print(f"{passed} passed, {failed or (1 if code else 0)} failed")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
