# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/config/rest``: the Device Configuration framework; a handler file describes the entities of its API.

Recorded: the success envelope, sub-entities without a second nesting (network-settings wired, cert settings). Seen by
others on devices: 404 with code 1, 405 for PATCH on a parent, code 5 validation, code 12 missing ``data``, 201 for what
was added to a collection (the framework's page says so, too). Recorded on other APIs: an item that is not there is code
2 with 404, one that is there already code 6 with 409. Assumed: HTTP 400 for codes 5, 12 and those from 100, code 4 for
405, GET not nesting the Time API's ``time`` and ``timeZone`` a second time (its page shows it so, the recorded entities
of other APIs do not).
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from exchange import Answer, Request, json_answer
from handlers._base import ADMIN, VIEWER, Handler
from handlers._rest import APIS, VALIDATION, Action, Collection, Entity, Invalid, Node, RestApi

CONTENT_TYPE = "application/json"
NOT_FOUND, NOT_ALLOWED, NO_DATA = 1, 4, 12
_PATH = "/config/rest"
# The maturity may be left out, or be another one than the API has now (recorded on 11.11 and 12.9: ssh/v1, listed as
# v1beta, answers, and so does remote-object-storage/v1beta, listed as v1).
_KEY = re.compile(r"(v\d+)(?:alpha|beta)?")


def error(status: int, code: int, message: str) -> Answer:
    """The error envelope."""
    return json_answer({"status": "error", "error": {"code": code, "message": message}}, CONTENT_TYPE, 2, status)


def not_found(request: Request) -> Answer:
    """404 with code 1."""
    return error(404, NOT_FOUND, f"Resource not found: {request.path}")


def find(request: Request) -> Node | None:
    """The entity, property or action of a path."""
    api = find_api(request)
    if api is None:
        return None
    node: Node | None = api.root
    for part in _parts(request)[2:]:
        if isinstance(node, Collection):
            node = node.find(request, part)
        else:
            node = node.children.get(part) if isinstance(node, Entity) else None
    return node


def find_api(request: Request) -> RestApi | None:
    """The API of a path, where the device has it."""
    id_, version, *_rest = _parts(request)
    profile, key = request.device.profile, _KEY.fullmatch(version)
    if key is None or not profile.listed_rest(id_, key[1]):
        return None
    return next(
        (api for api in APIS if (api.id, api.key) == (id_, key[1]) and profile.generation in api.generations), None
    )


def _parts(request: Request) -> list[str]:
    """Id, version and the way from there. Split before it is decoded: a key may hold any character, as %2F."""
    path = request.target.partition("?")[0].removeprefix(_PATH).strip("/")
    parts = [unquote(part) for part in path.split("/")]
    return parts if len(parts) > 1 else [*parts, ""]


class ConfigRest(Handler):
    """Everything below /config/rest."""

    path = _PATH
    is_tree = True

    def level(self, request: Request) -> int:
        api, node = find_api(request), find(request)
        if api is None or node is None:
            return VIEWER
        if isinstance(node, Action):
            return node.level
        return VIEWER if request.method == "GET" and not api.admin_reads else ADMIN

    def is_write(self, request: Request) -> bool:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return False
        node = find(request)
        return not (isinstance(node, Action) and request.method == "POST" and not node.write)

    async def answer(self, request: Request, options: dict[str, Any]) -> Answer:
        node = find(request)
        if node is None:
            return not_found(request)
        try:
            if request.method == "GET" and node.readable:
                return json_answer({"status": "success", "data": node.read(request)}, CONTENT_TYPE, 2)
            return self._change(request, node)
        except Invalid as problem:
            text = f"Validation error: {problem}" if problem.code == VALIDATION else str(problem)
            return error(problem.status, problem.code, text)

    @staticmethod
    def _change(request: Request, node: Node) -> Answer:
        change = node.changes().get(request.method)
        if change is None:
            return error(405, NOT_ALLOWED, "Method not allowed")
        document = request.json
        if request.method == "DELETE":
            document = {"data": None}
        elif not isinstance(document, dict) or "data" not in document:
            return error(400, NO_DATA, "Missing data in request")
        result = change(request, document["data"])
        success: dict[str, Any] = {"status": "success"}
        if result is not None:
            success["data"] = result
        return json_answer(success, CONTENT_TYPE, 2, 201 if isinstance(node, Collection) else 200)


HANDLER = ConfigRest()
