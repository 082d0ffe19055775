# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/axis-cgi/firmwaremanagement.cgi``: Firmware management page.

Recorded on 12.11: status without a second image, getSupportedVersions, error 405; the text of error 409 on 11.11. The
other texts are those of the page's tables. Assumed: see README.md.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

from exchange import Request
from firmware import NEVER, Image, Upgrade, number
from firmware_image import BadImage, Head, Reader
from handlers._base import ADMIN, ApiError, Family, JsonCgi, Method
from state import Reboot, State

_BAD, _DOWNGRADE, _UNCOMMITTED, _BUSY = 400, 409, 412, 423
_MODES = ("none", "soft", "hard")
_COMMITS = (NEVER, "boot", "started", "default")
_DEFAULT_MINUTES = 10
_MINUTES = re.compile(r"[1-9]\d{0,4}")

FIRMWARE = Family(
    not_post=_BAD,
    bad_json=_BAD,
    no_method=_BAD,
    no_version=_BAD,
    bad_version=417,
    internal=500,
    texts={
        _BAD: "Message could not be parsed or contains unknown parameters or values.",
        404: "No old firmware exists to rollback to.",
        405: "Unknown method in request.",
        # Recorded.
        _DOWNGRADE: "Downgrade is only allowed if factoryDefault=hard is set",
        410: "Upgrade failed due to firmware version revoked.",
        _UNCOMMITTED: "Active firmware is not committed.",
        415: "Upgrade failed due to invalid image.",
        417: "API version not compatible.",
        421: "Upgrade failed due to image not matching device.",
        422: "Upgrade failed due to image missing a mandatory digital signature.",
        _BUSY: "System is busy with another firmware management request.",
        424: "Upgrade failed due to image referencing an unknown custom firmware certificate.",
        500: "Unexpected internal error.",
    },
)


def choose(params: dict[str, Any], name: str, words: tuple[str, ...], default: str) -> str:
    """A parameter that is one of some words."""
    value = params.get(name, default)
    if not isinstance(value, str) or value not in words:
        raise ApiError(_BAD)
    return value


def only(params: dict[str, Any], *names: str) -> None:
    """Unknown parameters are refused."""
    if set(params) - set(names):
        raise ApiError(_BAD)


def idle(state: State) -> None:
    """One change at a time, and none on the way down."""
    if state.firmware.busy or state.rebooting:
        raise ApiError(_BUSY)


def status(request: Request, params: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """status."""
    only(params)
    firmware = request.state.firmware
    data = firmware.status(request.device.minute)
    if options["reset_source"]:
        data["resetSource"] = firmware.reset_source
    return data


def commit(request: Request, params: dict[str, Any], _options: dict[str, Any]) -> dict[str, Any]:
    """commit."""
    only(params)
    idle(request.state)
    firmware = request.state.firmware
    if firmware.commit_error is not None:
        raise ApiError(firmware.commit_error)
    firmware.commit()
    return {"firmwareVersion": firmware.active.version}


def rollback(request: Request, params: dict[str, Any], _options: dict[str, Any]) -> dict[str, Any]:
    """rollback."""
    only(params)
    idle(request.state)
    if request.state.firmware.inactive is None:
        raise ApiError(404)
    request.state.pending = Reboot(rollback=True)
    return {}


def purge(request: Request, params: dict[str, Any], _options: dict[str, Any]) -> dict[str, Any]:
    """purge."""
    only(params)
    idle(request.state)
    if not request.state.firmware.committed:
        raise ApiError(_UNCOMMITTED)
    request.state.firmware.purge()
    return {}


def stop_auto(request: Request, params: dict[str, Any], _options: dict[str, Any]) -> dict[str, Any]:
    """stopAuto: no rollback by itself any more; it does not commit."""
    only(params)
    idle(request.state)
    request.state.firmware.rollback_at = None
    return {}


def factory_default(request: Request, params: dict[str, Any], _options: dict[str, Any]) -> dict[str, Any]:
    """factoryDefault."""
    only(params, "factoryDefaultMode")
    mode = choose(params, "factoryDefaultMode", _MODES[1:], "soft")
    idle(request.state)
    request.state.pending = Reboot(mode)
    return {}


def reboot(request: Request, params: dict[str, Any], _options: dict[str, Any]) -> dict[str, Any]:
    """reboot."""
    only(params)
    idle(request.state)
    request.state.pending = Reboot()
    return {}


async def receive(request: Request) -> Head:
    """Take the image in and judge it; the fallback image goes as soon as it begins."""
    state, upload = request.state, request.upload
    assert upload is not None
    state.firmware.purge()
    state.firmware.busy = True
    reader = Reader()
    try:
        async for piece in upload.pieces():
            reader.feed(piece)
    finally:
        state.firmware.busy = False
    try:
        head = reader.finish()
    except BadImage:
        raise ApiError(415) from None
    for code, refused in (
        (421, head.model != request.device.profile.facts["model"]),
        (422, not head.signed),
        (424, head.certificate),
        (410, head.revoked),
    ):
        if refused:
            raise ApiError(code)
    return head


async def upgrade(request: Request, params: dict[str, Any], _options: dict[str, Any]) -> dict[str, Any]:
    """upgrade."""
    state, upload = request.state, request.upload
    only(params, "factoryDefaultMode", "autoCommit", "autoRollback")
    mode = choose(params, "factoryDefaultMode", _MODES, "none")
    auto_commit = choose(params, "autoCommit", _COMMITS, "default")
    asked = params.get("autoRollback", "default")
    if not isinstance(asked, str) or not (asked in (NEVER, "default") or _MINUTES.fullmatch(asked)):
        raise ApiError(_BAD)
    minutes = int(asked) if asked.isdigit() else None
    if asked == "default" and auto_commit == "default":
        minutes = _DEFAULT_MINUTES
    if auto_commit == "default":
        auto_commit = NEVER if asked != "default" else "boot" if mode != "none" else "started"
    if upload is None or not upload.has_file:
        raise ApiError(_BAD)
    idle(state)
    if not state.firmware.committed:
        raise ApiError(_UNCOMMITTED, text="Upgrade not allowed due to active firmware is uncommitted.")
    head = await receive(request)
    if number(head.version) < number(state.firmware.active.version) and mode != "hard":
        raise ApiError(_DOWNGRADE)
    image = Image(head.version, head.part, head.boots)
    state.pending = Reboot(mode, upgrade=Upgrade(image, auto_commit, minutes))
    upload.outcome = "accepted"
    return {"firmwareVersion": head.version}


class FirmwareManagement(JsonCgi):
    """firmwaremanagement.cgi. Options: ``version``, ``reset_source``."""

    path = "/axis-cgi/firmwaremanagement.cgi"
    family = FIRMWARE
    unknown_method = 405
    base_level = ADMIN
    content_type = "application/json"
    streams = True

    def table(self) -> dict[str, Method]:
        return {
            "status": Method(status, ADMIN),
            "upgrade": Method(upgrade, ADMIN, write=True),
            "commit": Method(commit, ADMIN, write=True),
            "rollback": Method(rollback, ADMIN, write=True),
            "purge": Method(purge, ADMIN, write=True),
            "stopAuto": Method(stop_auto, ADMIN, write=True),
            "factoryDefault": Method(factory_default, ADMIN, write=True),
            "reboot": Method(reboot, ADMIN, write=True),
        }

    async def call(self, request: Request, options: dict[str, Any]) -> Any:
        upload = request.upload
        try:
            if upload is not None and upload.problem:
                raise ApiError(_BAD, text=upload.problem)
            data = await super().call(request, options)
            return await data if inspect.isawaitable(data) else data
        except ApiError as error:
            if upload is not None:
                upload.outcome = f"refused {error.code}"
            raise


HANDLER = FirmwareManagement()
