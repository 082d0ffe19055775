# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One simulated device of each profile, and no pauses."""

from __future__ import annotations

import collections.abc

import pytest
from harness.fleet import Fleet
from resources.proof import ALL

from ansible_collections.axis.vapix.plugins.module_utils.device import boot
from ansible_collections.axis.vapix.plugins.module_utils.engine import reconcile
from ansible_collections.axis.vapix.plugins.module_utils.wire import session


@pytest.fixture(scope="session")
def fleet() -> collections.abc.Iterator[Fleet]:
    """One of each generation."""
    password = 'p&ss"w0rd <CANARY-7f3a>/%'
    with Fleet.start(devices=len(ALL), profiles=ALL, password=password, reboot_seconds=0.3) as started:
        yield started


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The simulator needs no time to take a change, and little to restart."""
    monkeypatch.setattr(boot, "PAUSE", 0.02)
    monkeypatch.setattr(boot, "LOGIN_PAUSES", (0.02,) * 4)
    monkeypatch.setattr(reconcile, "SETTLE", (0.0, 0.01))
    monkeypatch.setattr(session, "PAUSES", (0.0, 0.01))
