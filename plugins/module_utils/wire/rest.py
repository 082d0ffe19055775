# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The Device Configuration APIs: REST under ``/config/rest``, found through ``/config/discover``.

Source: VAPIX "Device Configuration APIs". Success is ``{"status": "success", "data": ...}``, failure a status that is
not 2xx with ``{"status": "error", "error": {"code", "message"}}``. Up to AXIS OS 11.10 the verb for setting and for
triggering was PUT.
"""

from __future__ import annotations

import json
import re
import typing as t

from .errors import ApiMissing, DeviceRefused
from .session import Session, missing_api, unexpected

DISCOVER = "/config/discover"

_VERSION = re.compile("v[0-9]+")

#: Codes of the framework; from 100 on they are each API's own.
CODES = {
    1: "there is no such resource",
    5: "the value is not valid",
    12: "the body lacks the member data",
}


class RestApi(t.NamedTuple):
    """One API as ``/config/discover`` lists it."""

    name: str
    major: int
    version: str
    state: str
    path: str

    @property
    def released(self) -> bool:
        return self.state == "released"


def discover(session: Session) -> dict[str, list[RestApi]] | None:
    """The device's REST APIs by id, newest major first; None when it does not have the list.

    The path always comes from the list: it can carry a suffix (``v1beta``) that the key ``v1`` does not have.
    """
    where = {"device": str(session.address), "api": DISCOVER, "method": "GET"}
    answer = session.request("GET", DISCOVER, safe=True)
    if answer.status == 404:
        return None
    document = answer.json
    if not isinstance(document, dict) or not isinstance(document.get("apis"), dict):
        raise unexpected(answer, "the answer is no list of APIs", **where)
    found: dict[str, list[RestApi]] = {}
    for name, versions in document["apis"].items():
        for key, entry in versions.items() if isinstance(versions, dict) else ():
            if _VERSION.fullmatch(key) and isinstance(entry, dict) and str(entry.get("rest_api", "")).startswith("/"):
                found.setdefault(name, []).append(
                    RestApi(name, int(key[1:]), entry.get("version", ""), entry.get("state", ""), entry["rest_api"])
                )
        if name in found:
            found[name].sort(key=lambda api: api.major, reverse=True)
    return found


def get(session: Session, path: str) -> t.Any:
    """The ``data`` of an entity or property."""
    return _exchange(session, "GET", path, None, safe=True)


def patch(session: Session, path: str, data: t.Any, *, old_verbs: bool = False) -> t.Any:
    """Set an entity's members or one property; members left out keep their value.

    :param old_verbs: the device has AXIS OS 11.10 or older.
    """
    return _exchange(session, "PUT" if old_verbs else "PATCH", path, data)


def trigger(session: Session, path: str, data: t.Any = None, *, old_verbs: bool = False, safe: bool = False) -> t.Any:
    """Run an action and return what it answers.

    :param safe: the action only reads.
    """
    return _exchange(session, "PUT" if old_verbs else "POST", path, {} if data is None else data, safe=safe)


def send(session: Session, verb: str, path: str, data: t.Any = None, *, safe: bool = False) -> t.Any:
    """Any verb, for raw calls. :param safe: the call only reads."""
    return _exchange(session, verb, path, data, safe=safe)


def _exchange(session: Session, verb: str, path: str, data: t.Any, safe: bool = False) -> t.Any:
    where = {"device": str(session.address), "api": path.partition("?")[0], "method": verb}
    body = None if verb in ("GET", "DELETE") else json.dumps({"data": data}).encode("utf-8")
    answer = session.request(
        verb, path, body=body, content_type="application/json" if body is not None else None, safe=safe
    )
    reply = answer.json
    if isinstance(reply, dict) and reply.get("status") == "success" and answer.status < 300:
        return reply.get("data")
    if isinstance(reply, dict) and isinstance(reply.get("error"), dict):
        raise _refusal(reply["error"], answer.status, where)
    if answer.status == 404:
        raise missing_api(answer, **where)
    if answer.status < 300 and not answer.body:
        return None
    raise unexpected(answer, "the answer is not the JSON object this API promises", **where)


def _refusal(error: t.Mapping[str, t.Any], status: int, where: t.Mapping[str, str]) -> DeviceRefused | ApiMissing:
    code, message = error.get("code"), str(error.get("message", "no message"))
    code = code if isinstance(code, int) else None
    meaning = CODES.get(code) if code is not None else None
    text = f"the device refuses with code {code} ({message}{': ' + meaning if meaning else ''})"
    kind = ApiMissing if status == 404 else DeviceRefused
    return kind(text, http_status=status, code=code, **where)
