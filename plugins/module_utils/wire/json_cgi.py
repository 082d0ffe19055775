# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""JSON-method CGIs: ``POST {apiVersion, method, params}`` to ``/axis-cgi/<name>.cgi``.

Errors come as ``{"error": {"code", "message"}}``, mostly inside HTTP 200. The same number means different things in
different CGIs, so every API names its family of codes. Devices answer with their own minor version, whatever minor was
asked for; ask with the lowest one that has the method.
"""

from __future__ import annotations

import dataclasses
import json
import typing as t

from .errors import BadAnswer, DeviceRefused
from .session import Answer, Session, missing_api, unexpected

NETWORK_CODES = {
    1000: "internal error",
    2000: "malformed request or wrong content type",
    2001: "request body too large",
    3000: "the request is not valid JSON",
    4000: "the method does not exist",
    4001: "the API version is not supported",
    4002: "the device's own services were not authorised",
    4003: "a required parameter is missing",
    4004: "a parameter is invalid",
}
#: API discovery, basic device information, systemready and other early ones.
EARLY_CODES = {
    1000: "invalid value or internal error",
    2001: "access forbidden",
    2002: "the HTTP method is not supported",
    2003: "the API version is not supported",
    2004: "the method is not supported",
    4000: "the request is not valid JSON",
    4002: "a required parameter is missing or invalid",
    8000: "internal error",
    9000: "internal error",
}
#: Most APIs made since about AXIS OS 8; 12xx and 22xx are each API's own.
GENERAL_CODES = {
    1000: "the request is not valid JSON",
    1100: "internal error",
    2100: "the API version is not supported",
    2101: "the request is not valid JSON",
    2102: "the method does not exist",
    2103: "a required parameter is missing",
    2104: "a parameter is invalid",
    2105: "not authorised",
    2106: "not authenticated",
    2107: "transport level error",
}


@dataclasses.dataclass(frozen=True)
class JsonApi:
    """What is fixed about one JSON CGI.

    :param path: its path.
    :param discovery_id: its id in the API list.
    :param version: the API version to ask with, ``major.minor``.
    :param codes: meaning of its error codes.
    :param sub_codes: meaning of ``error.details.subCode``, where it has them.
    """

    path: str
    discovery_id: str
    version: str
    codes: t.Mapping[int, str] = dataclasses.field(default_factory=lambda: GENERAL_CODES)
    sub_codes: t.Mapping[int, str] = dataclasses.field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


def call(
    session: Session,
    api: JsonApi,
    method: str,
    params: t.Mapping[str, t.Any] | None = None,
    *,
    safe: bool = False,
    anonymous: bool = False,
    versioned: bool = False,
) -> t.Any:
    """Call a method and return its ``data``, mostly an object; an empty one where the API answers none.

    :param versioned: ask for the supported versions with a version, as a few APIs want it.
    :raises ApiMissing: the device has no such CGI. :raises DeviceRefused: the API answered an error.
    :raises BadAnswer: the answer is not that of a JSON CGI. Also all that :meth:`Session.request` raises.
    """
    request: dict[str, t.Any] = {"apiVersion": api.version, "method": method}
    if method == "getSupportedVersions" and not versioned:
        del request["apiVersion"]  # most APIs refuse it there
    if params is not None:
        request["params"] = params
    where = {"device": str(session.address), "api": api.name.partition("?")[0], "method": method}
    answer = session.request(
        "POST",
        api.path,
        body=json.dumps(request).encode("utf-8"),
        content_type="application/json",
        safe=safe,
        anonymous=anonymous,
    )
    try:
        return interpret(api, answer, where)
    except DeviceRefused as exc:
        if method != "getSupportedVersions" or versioned or exc.code not in (2003, 4003):
            raise
    # A few want the version even there.
    return call(session, api, method, params, safe=safe, anonymous=anonymous, versioned=True)


def interpret(api: JsonApi, answer: Answer, where: t.Mapping[str, str]) -> t.Any:
    """The ``data`` of an answer, see :func:`call`. :param where: device, api and method, for errors."""
    if answer.status == 404:
        raise missing_api(answer, **where)
    reply = answer.json
    if not isinstance(reply, dict) or not ("error" in reply or answer.status < 300):
        raise unexpected(answer, "the answer is not the JSON object this API promises", **where)
    if "error" in reply:
        raise refusal(api, reply["error"], answer.status, where)
    data = reply.get("data", {})
    if not isinstance(data, (dict, list)):
        raise unexpected(answer, "the member 'data' of the answer is neither object nor list", **where)
    return data


def refusal(api: JsonApi, error: t.Any, status: int, where: t.Mapping[str, str]) -> DeviceRefused:
    """Turn the ``error`` member of an answer into an exception. The code can be a number or, in some APIs, a string."""
    error = error if isinstance(error, dict) else {"message": str(error)}
    try:
        code: int | None = int(error.get("code", ""))
    except (TypeError, ValueError, OverflowError):
        code = None
    message = str(error.get("message", "no message"))
    details = error.get("details")
    sub_code = details.get("subCode") if isinstance(details, dict) else None
    sub_code = sub_code if isinstance(sub_code, int) else None
    text = f"the device refuses with code {code} ({message}"
    meaning = api.codes.get(code) if code is not None else None
    if meaning and meaning.casefold() != message.casefold():
        text += f": {meaning}"
    if sub_code is not None:
        text += f"; sub-code {sub_code}: {api.sub_codes.get(sub_code, 'not documented')}"
    remedy = "Correct the value" if sub_code is not None else None
    return DeviceRefused(f"{text})", remedy=remedy, http_status=status, code=code, **where)


def is_missing(api: JsonApi, exc: DeviceRefused) -> bool:
    """Whether a refusal means that the device has not this method, or not this version of the API."""
    meaning = api.codes.get(exc.code, "") if exc.code is not None else ""
    return meaning in ("the method does not exist", "the method is not supported", "the API version is not supported")


def member(data: t.Any, key: str, kind: type | tuple[type, ...], api: str, device: str) -> t.Any:
    """A member of an answer that the API promises, checked.

    :raises BadAnswer: it is missing or of another type.
    """
    value = data.get(key) if isinstance(data, dict) else None
    if not isinstance(value, kind):
        raise BadAnswer(
            f"the answer has no usable member {key!r}",
            remedy="Report this with the device's model and AXIS OS version",
            device=device,
            api=api,
        )
    return value
