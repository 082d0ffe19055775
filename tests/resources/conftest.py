# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One simulated device of each profile, and no pauses."""

from __future__ import annotations

import collections
import collections.abc
import pathlib

import pytest
from harness.fleet import Fleet
from resources.proof import ALL

from ansible_collections.axis.vapix.plugins.module_utils.device import boot, changeover
from ansible_collections.axis.vapix.plugins.module_utils.engine import reconcile
from ansible_collections.axis.vapix.plugins.module_utils.wire import session

HERE = pathlib.Path(__file__).parent
#: A web server that restarts can reset a connection before its TLS handshake. Python leaves such a socket, which has no
#: address of the other side any more, to the garbage collector (SSLSocket._create).
RESET = r"ignore:unclosed <ssl.SSLSocket [^>]*laddr=\([^)]*\)>:ResourceWarning"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings(RESET))


@pytest.fixture(scope="session")
def fleet() -> collections.abc.Iterator[Fleet]:
    """One of each generation, with a port for HTTP and one for HTTPS."""
    password = 'p&ss"w0rd <CANARY-7f3a>/%'
    with Fleet.start(devices=len(ALL), profiles=ALL, https="both", password=password, reboot_seconds=0.3) as started:
        yield started


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many faults were injected, and what came of them."""
    reports = [report for name in ("passed", "failed") for report in terminalreporter.stats.get(name, ())]
    count = collections.Counter(
        value for report in reports for name, value in getattr(report, "user_properties", ()) if name == "fault"
    )
    if count:
        terminalreporter.write_line(f"{count.total()} faults injected")
        for verdict, number in count.most_common():
            terminalreporter.write_line(f"  {number:5} {verdict}")


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulator needs no time to take a change, and little to restart."""
    monkeypatch.setattr(boot, "PAUSE", 0.02)
    monkeypatch.setattr(boot, "LOGIN_PAUSES", (0.02,) * 4)
    monkeypatch.setattr(reconcile, "SETTLE", (0.0, 0.01))
    monkeypatch.setattr(session, "PAUSES", (0.0, 0.01))
    monkeypatch.setattr(changeover, "PAUSE", 0.02)
    monkeypatch.setattr(changeover, "LINGER", 0.3)
