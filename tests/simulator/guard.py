# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Password throttling: the parameters ``System.PreventDoSAttack.*``.

Recorded: the names and numbers, off up to 11.8, on in 12.11. Assumed, because nobody published it: only wrong
credentials count, per client address; more than DoSPageCount of them for one path in DoSPageInterval seconds, or more
than DoSSiteCount for all paths in DoSSiteInterval, block the client for DoSBlockingPeriod seconds.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from state import State

_GROUP = "System.PreventDoSAttack."


class Guard:
    """Counts failed logins of one device; a reboot forgets all."""

    def __init__(self) -> None:
        self.failed = 0
        self._recent: dict[str, deque[tuple[float, str]]] = {}
        self._blocked: dict[str, float] = {}

    def fail(self, state: State, client: str, path: str) -> None:
        """Somebody sent wrong credentials."""
        self.failed += 1
        if state.get(f"{_GROUP}ActivatePasswordThrottling") != "On":
            return
        now = time.monotonic()
        limits = {
            kind: (int(state.get(f"{_GROUP}DoS{kind}Count")), int(state.get(f"{_GROUP}DoS{kind}Interval")))
            for kind in ("Page", "Site")
        }
        recent = self._recent.setdefault(client, deque())
        recent.append((now, path))
        while recent[0][0] < now - max(seconds for _count, seconds in limits.values()):
            recent.popleft()
        for kind, (count, seconds) in limits.items():
            hits = [at for at, where in recent if at >= now - seconds and (kind == "Site" or where == path)]
            if len(hits) > count:
                self._blocked[client] = now + int(state.get(f"{_GROUP}DoSBlockingPeriod"))

    def blocks(self, client: str) -> bool:
        """Whether the client gets nothing but a refusal now."""
        return self._blocked.get(client, 0.0) > time.monotonic()

    def blocked(self) -> dict[str, float]:
        """The blocked clients and the seconds left."""
        now = time.monotonic()
        return {client: round(until - now, 3) for client, until in self._blocked.items() if until > now}
