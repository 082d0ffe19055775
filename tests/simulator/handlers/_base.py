# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all handlers share, and the envelope of the JSON CGIs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from exchange import Answer, Request, json_answer

if TYPE_CHECKING:
    from profiles import Profile

ANONYMOUS, VIEWER, OPERATOR, ADMIN = 0, 1, 4, 6
_READING = re.compile(r"(?:get|list|is|has|check|find|search|systemready)", re.IGNORECASE)
_VERSION = re.compile(r"(\d+)\.(\d+)")
# Larger bodies are refused by the JSON CGIs ("Request body too large"); the real limit is not published.
_BODY_LIMIT = 256 * 1024


class Handler:
    """Answers for one path.

    It exists where its profile names the path (``Profile.apis``), or on the ``generations`` it names itself: the
    version of the API on each, "" when it has none. With ``discovery``, its id in the API discovery list, it exists
    only where that list names it: a product may bring it.
    """

    path = ""
    generations: Mapping[str, str] = {}
    discovery = ""
    # Generations whose API answers with another version than the list says.
    answers: Mapping[str, str] = {}
    is_tree = False
    # Multipart bodies are handed over as they come (Request.upload); a JSON part comes first or not.
    streams = False
    json_part = True

    def options(self, profile: Profile) -> dict[str, Any] | None:
        """What the kind of device says about this handler; None: it has no such path."""
        if self.path in profile.apis:
            return profile.apis[self.path]
        generation = profile.generation
        if generation not in self.generations or (self.discovery and not profile.listed(self.discovery)):
            return None
        return {"version": self.answers.get(generation, self.generations[generation])}

    def level(self, request: Request) -> int:
        """The security level the request needs."""
        raise NotImplementedError

    def is_write(self, request: Request) -> bool:
        """Whether the request could change the device."""
        raise NotImplementedError

    def operation(self, request: Request) -> str:
        """What the request asks for: JSON method, param action, HTTP verb; faults are aimed with it."""
        return request.method

    async def answer(self, request: Request, options: dict[str, Any]) -> Answer:
        """Do it."""
        raise NotImplementedError


def guess_is_write(request: Request) -> bool:
    """The judgement for paths without a handler: reading verbs and reading names are reads, the rest may write."""
    if request.json_method:
        return not _READING.match(request.json_method)
    if request.path.startswith("/config/"):
        return request.method not in ("GET", "HEAD")
    action = request.argument("action")
    if action is not None:
        return not re.match(r"(?:list|get|query|status|probe)", action)
    return request.method not in ("GET", "HEAD")


class ApiError(Exception):
    """An error answer of a JSON CGI."""

    def __init__(
        self, code: int, sub_code: int | None = None, text: str = "", members: dict[str, Any] | None = None
    ) -> None:
        super().__init__(code)
        self.code, self.sub_code, self.text = code, sub_code, text
        # More members of the error object.
        self.members = members or {}


@dataclass(frozen=True)
class Family:
    """The error codes of a group of JSON CGIs."""

    not_post: int
    bad_json: int
    no_method: int
    no_version: int
    bad_version: int
    internal: int
    texts: dict[int, str]
    too_large: int | None = None
    # Its own text where the code alone says too little.
    bad_json_text: str = ""
    # A wrong Content-Type is an error of its own (2000 in the network family; the others do not care).
    bad_type: int | None = None
    # Whether an error about the request names the method again.
    error_method: bool = True
    unknown_method: int = 0
    # Parameters: not there, no good, of a wrong type or unknown where that has a code of its own.
    missing: int = 0
    invalid: int = 0
    wrong_type: int = 0
    unknown: int = 0
    # ``params`` that are no object.
    bad_params: int = 0

    def code_of(self, kind: str) -> int:
        """The code for a value that is no good, by the kinds of ``_fields``."""
        own = {"missing": self.missing, "type": self.wrong_type, "unknown": self.unknown}
        return own.get(kind, 0) or self.invalid


# NTP API and Time API pages; the texts without a full stop are recorded (time-error-4000/4001).
NETWORK = Family(
    not_post=2000,
    bad_type=2000,
    too_large=2001,
    bad_json=3000,
    no_method=4003,
    no_version=4003,
    bad_version=4001,
    internal=1000,
    unknown_method=4000,
    missing=4003,
    invalid=4004,
    texts={
        1000: "Internal error",
        2000: "Invalid request",
        2001: "Request body too large",
        3000: "Invalid JSON data",
        4000: "Method does not exist",
        4001: "The specified version is not supported",
        4002: "Authorization failed",
        4003: "Missing parameter(s)",
        4004: "Invalid parameter(s)",
    },
)
NETWORK_UNKNOWN_METHOD, NETWORK_MISSING, NETWORK_INVALID = 4000, 4003, 4004

# Basic device information and API discovery pages.
IDENTITY = Family(
    not_post=2002,
    bad_json=4000,
    no_method=4002,
    no_version=4002,
    bad_version=2003,
    internal=8000,
    error_method=False,
    texts={
        1000: "Invalid parameter value specified.",
        2001: "Access forbidden.",
        2002: "HTTP request type not supported. Only POST is supported.",
        2003: "The requested API version is not supported.",
        2004: "This method is not supported.",
        4000: "Invalid JSON format.",
        4002: "Required parameter missing or invalid.",
        8000: "Internal error.",
    },
)
IDENTITY_INVALID, IDENTITY_UNKNOWN_METHOD, IDENTITY_MISSING = 1000, 2004, 4002

# Systemready API page: there is only "internal error" for everything.
SYSTEM = Family(
    not_post=1000,
    bad_json=1000,
    bad_json_text="Invalid JSON input",
    no_method=1000,
    no_version=1000,
    bad_version=1000,
    internal=1000,
    texts={1000: "Internal error", 9000: "Internal error"},
)


@dataclass(frozen=True)
class Method:
    """One JSON method."""

    run: Callable[[Request, dict[str, Any], dict[str, Any]], Any]
    level: int
    write: bool = False
    # The version that brought it.
    since: str = "1.0"


class JsonCgi(Handler):
    """``POST {"apiVersion", "context"?, "method", "params"?}``."""

    family = NETWORK
    unknown_method = NETWORK_UNKNOWN_METHOD
    indent: int | None = 2
    content_type = "application/json; charset=utf8"
    # Level of calls that name no known method: an open CGI reports them itself, a closed one wants a login first.
    base_level = ADMIN

    def __init__(self) -> None:
        self.methods = self.table()

    def table(self) -> dict[str, Method]:
        """The methods, without getSupportedVersions, which all have."""
        raise NotImplementedError

    def versions_level(self) -> int:
        """Level of getSupportedVersions."""
        return self.base_level

    def level(self, request: Request) -> int:
        if request.method != "POST":
            return self.base_level
        if request.json_method == "getSupportedVersions":
            return self.versions_level()
        method = self.methods.get(request.json_method)
        return method.level if method else self.base_level

    def is_write(self, request: Request) -> bool:
        method = self.methods.get(request.json_method)
        return request.method == "POST" and method is not None and method.write

    def operation(self, request: Request) -> str:
        return request.json_method or request.method

    def envelope(self, request: Request, version: str, options: dict[str, Any]) -> dict[str, Any]:
        """The answer without data: version, context when sent, method."""
        document = request.json if isinstance(request.json, dict) else {}
        answer: dict[str, Any] = {"apiVersion": version}
        if "context" in document:
            answer["context"] = document["context"]
        if "method" in document:
            answer["method"] = document["method"]
        return answer

    async def answer(self, request: Request, options: dict[str, Any]) -> Answer:
        envelope = self.envelope(request, options["version"], options)
        try:
            envelope["data"] = await self.call(request, options)
        except ApiError as error:
            if not self.family.error_method:
                envelope.pop("method", None)
            text = error.text or self.family.texts[error.code]
            envelope["error"] = {"code": error.code, "message": text}
            envelope["error"].update(error.members)
            if error.sub_code is not None:
                envelope["error"]["details"] = {"subCode": error.sub_code}
        return json_answer(envelope, self.content_type, options.get("indent", self.indent))

    async def call(self, request: Request, options: dict[str, Any]) -> Any:
        """Check the request in the order a device reads it, then run the method."""
        family = self.family
        if request.method != "POST":
            raise ApiError(family.not_post)
        if family.bad_type is not None and request.content_type != "application/json":
            raise ApiError(family.bad_type)
        if family.too_large is not None and len(request.body) > _BODY_LIMIT:
            raise ApiError(family.too_large)
        document = request.json
        if not isinstance(document, dict):
            raise ApiError(family.bad_json, text=family.bad_json_text)
        name = document.get("method")
        if not isinstance(name, str):
            raise ApiError(family.no_method)
        if name == "getSupportedVersions":
            return {"apiVersions": [options["version"]]}
        method = self.methods.get(name)
        if method is None or version_number(method.since) > version_number(options["version"]):
            raise ApiError(self.unknown_method)
        asked = document.get("apiVersion")
        if asked is None:
            raise ApiError(family.no_version)
        own, wanted = version_number(options["version"]), version_number(asked)
        if wanted[0] != own[0] or wanted > own:
            raise ApiError(family.bad_version)
        params = document.get("params", {})
        if not isinstance(params, dict):
            raise ApiError(family.bad_params or family.no_method)
        return method.run(request, params, options)


def version_number(version: Any) -> tuple[int, int]:
    """Major and minor of ``1.38``."""
    match = _VERSION.fullmatch(version) if isinstance(version, str) else None
    return (int(match[1]), int(match[2])) if match else (-1, 0)
