# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the collection importable, here and in every ansible command a test starts.

Tests use the checkout, by a link in .cache/collections. AXIS_VAPIX_COLLECTIONS_PATH names another collections path:
that is how the same tests run against an installed tarball.
"""

from __future__ import annotations

import os
import sys

import hypothesis
import pytest
from harness.ansible_environment import ansible_environment, collections_path

# No test asserts a time: a loaded machine is no fault of the code.
hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("patient")
# For --hypothesis-profile: where the same code was tried on many examples already, on another Python.
hypothesis.settings.register_profile("few", hypothesis.settings.get_profile("patient"), max_examples=10)

_NOT_CHECKED = "NOT CHECKED: "

sys.path.insert(0, collections_path())
os.environ.update(ansible_environment(os.environ.get("AXIS_VAPIX_PASSWORD", "")))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in red what was not checked; a skipped comparison must not look like a passed one."""
    missed: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", ()):
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        if _NOT_CHECKED in reason:
            what = reason.partition(_NOT_CHECKED)[2]
            missed[what] = missed.get(what, 0) + 1
    for what, count in missed.items():
        terminalreporter.write_line(f"{_NOT_CHECKED}{what} ({count} skipped)", red=True, bold=True)
