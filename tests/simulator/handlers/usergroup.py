# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/axis-cgi/usergroup.cgi``: who am I; the two lines are recorded on 12.11 and on older firmware.

Older firmware names the primary group first, then the others sorted; 12.11 has no primary group and its own order.
"""

from __future__ import annotations

from typing import Any

from exchange import Answer, Request, text_answer
from handlers._base import VIEWER, Handler


class UserGroup(Handler):
    """usergroup.cgi. Option: ``primary``."""

    path = "/axis-cgi/usergroup.cgi"

    def level(self, request: Request) -> int:
        return VIEWER

    def is_write(self, request: Request) -> bool:
        return False

    async def answer(self, request: Request, options: dict[str, Any]) -> Answer:
        groups = request.groups
        user = request.state.users.get(request.user)
        if options.get("primary") and user is not None:
            groups = (user.primary, *sorted(groups))
        return text_answer(f"{request.user}\n{' '.join(groups)}\n")


HANDLER = UserGroup()
