# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/config/rest``: the Device Configuration framework; one file ``rest_*.py`` per API describes its entities.

Recorded: the success envelope, sub-entities without a second nesting (network-settings wired, cert settings). Seen by
others on devices: 404 with code 1, 405 for PATCH on a parent, code 5 validation, code 12 missing ``data``. Assumed:
HTTP 400 for codes 5 and 12, code 4 for 405, GET not nesting the Time API's
``time`` and ``timeZone`` a second time (its page shows it so, the recorded entities of other APIs do not).
"""
from __future__ import annotations

from typing import Any

from exchange import Answer, Request, json_answer
from handlers import rest_network_time_sync, rest_time
from handlers._base import ADMIN, VIEWER, Handler
from handlers._rest import Action, Entity, Invalid, Node

CONTENT_TYPE = "application/json"
NOT_FOUND, NOT_ALLOWED, INVALID, NO_DATA = 1, 4, 5, 12
ROOTS: dict[tuple[str, str], Entity] = {
    ("time", "v2"): rest_time.ROOT,
    ("network-time-sync", "v1"): rest_network_time_sync.ROOT,
}


def error(status: int, code: int, message: str) -> Answer:
    """The error envelope."""
    return json_answer({"status": "error", "error": {"code": code, "message": message}}, CONTENT_TYPE, 2, status)


def not_found(request: Request) -> Answer:
    """404 with code 1."""
    return error(404, NOT_FOUND, f"Resource not found: {request.path}")


def find(request: Request) -> Node | None:
    """The entity, property or action of a path."""
    api, _mark, rest = request.path.removeprefix("/config/rest/").partition("/")
    version, *parts = rest.rstrip("/").split("/")
    if (api, version) not in request.device.profile.rest_apis:
        return None
    node: Node | None = ROOTS[api, version]
    for part in parts:
        node = node.children.get(part) if isinstance(node, Entity) else None
    return node


class ConfigRest(Handler):
    """Everything below /config/rest."""

    path = "/config/rest"
    is_tree = True

    def level(self, request: Request) -> int:
        node = find(request)
        if node is None:
            return VIEWER
        if isinstance(node, Action):
            return node.level
        return VIEWER if request.method == "GET" else ADMIN

    def is_write(self, request: Request) -> bool:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return False
        node = find(request)
        return not (isinstance(node, Action) and request.method == "POST" and not node.write)

    async def answer(self, request: Request, options: dict[str, Any]) -> Answer:
        node = find(request)
        if node is None:
            return not_found(request)
        if request.method == "GET" and not isinstance(node, Action):
            return json_answer({"status": "success", "data": node.read(request)}, CONTENT_TYPE, 2)
        allowed = {"POST"} if isinstance(node, Action) else {"PATCH"} if node.settable else set()
        if request.method not in allowed:
            return error(405, NOT_ALLOWED, "Method not allowed")
        document = request.json
        if not isinstance(document, dict) or "data" not in document:
            return error(400, NO_DATA, "Missing data in request")
        try:
            result = node.set(request, document["data"])
        except Invalid as problem:
            return error(400, INVALID, f"Validation error: {problem}")
        success: dict[str, Any] = {"status": "success"}
        if isinstance(node, Action):
            success["data"] = result
        return json_answer(success, CONTENT_TYPE, 2)


HANDLER = ConfigRest()
