# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/axis-cgi/systemready.cgi``: Systemready API page; bodies of 10.12, 11.11 and 12.11 recorded.

Answers anybody, also with wrong credentials. All values are texts. Assumed: the page knows only "internal error", so
unknown methods and versions get code 1000.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from exchange import Request
from handlers._base import ANONYMOUS, SYSTEM, ApiError, JsonCgi, Method
from state import yes

_STEP = 0.05
_PREVIEW_SECONDS = "7200"


def ready(request: Request, _params: dict[str, Any], options: dict[str, Any]) -> dict[str, str]:
    """systemready."""
    state = request.state
    values = {
        "uptime": str(state.uptime()),
        "bootid": state.boot_id,
        # Preview mode runs after a factory default.
        "previewmode": _PREVIEW_SECONDS if state.needs_setup else "",
        "passphrasepolicy": state.passphrase_policy,
    }
    answer = {"systemready": yes(state.ready), "needsetup": yes(state.needs_setup)}
    answer.update({key: values[key] for key in options["keys"] if values[key]})
    return answer


class SystemReady(JsonCgi):
    """systemready.cgi."""

    path = "/axis-cgi/systemready.cgi"
    family = SYSTEM
    unknown_method = SYSTEM.internal
    base_level = ANONYMOUS
    indent = None
    content_type = "application/json;charset=utf8"

    def table(self) -> dict[str, Method]:
        return {"systemready": Method(ready, ANONYMOUS)}

    async def call(self, request: Request, options: dict[str, Any]) -> Any:
        """Wait up to ``timeout`` seconds for the device to become ready, then answer what it is."""
        document = request.json
        params = document.get("params") if isinstance(document, dict) else None
        timeout = params.get("timeout", 0) if isinstance(params, dict) else 0
        if not isinstance(timeout, int) or timeout < 0:
            raise ApiError(SYSTEM.internal)
        end = time.monotonic() + timeout
        while not request.state.ready and time.monotonic() < end:
            await asyncio.sleep(_STEP)
        return await super().call(request, options)


HANDLER = SystemReady()
