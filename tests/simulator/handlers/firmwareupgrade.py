# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/axis-cgi/firmwareupgrade.cgi``: System settings page. One file part; after it the device cuts the connection.

Seen by others: no answer, ever. Assumed: what a refusal looks like, a downgrade is allowed where there are no slots,
elsewhere with ``type=factorydefault`` only, and the new image is committed.
"""

from __future__ import annotations

from typing import Any

from exchange import Answer, Request, text_answer
from firmware import Image, Upgrade, number
from handlers._base import ADMIN, ApiError, Handler
from handlers.firmwaremanagement import FIRMWARE, receive
from state import Reboot

_TYPES = {"normal": "none", "factorydefault": "hard"}


class FirmwareUpgrade(Handler):
    """firmwareupgrade.cgi. Option: ``two_slots``."""

    path = "/axis-cgi/firmwareupgrade.cgi"
    streams = True
    json_part = False

    def level(self, request: Request) -> int:
        return ADMIN

    def is_write(self, request: Request) -> bool:
        return request.method == "POST"

    async def answer(self, request: Request, options: dict[str, Any]) -> Answer:
        state, upload = request.state, request.upload
        mode = _TYPES.get(request.argument("type") or "normal")
        try:
            if mode is None or upload is None or not upload.has_file:
                raise ApiError(400)
            if state.firmware.busy or state.rebooting:
                raise ApiError(423)
            head = await receive(request)
            if options["two_slots"] and mode == "none" and number(head.version) < number(state.firmware.active.version):
                raise ApiError(409)
        except ApiError as error:
            if upload is not None:
                upload.outcome = f"refused {error.code}"
            return text_answer(f"<html>\n<body>\nError: {FIRMWARE.texts[error.code]}\n</body>\n</html>\n", "text/html")
        image = Image(head.version, head.part, head.boots)
        # At once: a client that tries again on a new connection (curl does) must not find the old boot.
        state.pending = Reboot(mode, lingers=False, upgrade=Upgrade(image, "boot", None, options["two_slots"]))
        upload.outcome = "accepted"
        return Answer(drop=True)


HANDLER = FirmwareUpgrade()
