# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``restart.cgi``, ``factorydefault.cgi``, ``hardfactorydefault.cgi``: System settings page.

Seen by one author on older firmware: HTML with a refresh to restartMessage.shtml or factoryMessage.shtml. Assumed: the
path of the first and the name of the page for hard; newer firmware answers an empty text.
"""

from __future__ import annotations

from typing import Any

from exchange import Answer, Request, text_answer
from handlers._base import ADMIN, Handler
from state import Reboot


class Restart(Handler):
    """One of the three. Option: ``html``."""

    def __init__(self, name: str, message: str, factory_default: str = "none") -> None:
        self.path = f"/axis-cgi/{name}.cgi"
        self.message, self.factory_default = message, factory_default

    def level(self, request: Request) -> int:
        return ADMIN

    def is_write(self, request: Request) -> bool:
        return True

    async def answer(self, request: Request, options: dict[str, Any]) -> Answer:
        request.state.pending = Reboot(self.factory_default)
        if not options["html"]:
            return text_answer("")
        refresh = f'<meta http-equiv="refresh" content="0; url=/admin/{self.message}.shtml">'
        return text_answer(f"<html>\n<head>\n{refresh}\n</head>\n<body>\n</body>\n</html>\n", "text/html")


HANDLERS = (
    Restart("restart", "restartMessage"),
    Restart("factorydefault", "factoryMessage", "soft"),
    Restart("hardfactorydefault", "factoryMessage2", "hard"),
)
