# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Raw calls in any dialect, for what no module covers yet."""

from __future__ import annotations

import dataclasses
import json
import re
import typing as t
from urllib.parse import parse_qsl, urlencode

from ..device.device import Device
from ..model.option import Document, Option
from ..model.resource import Command, Returned
from ..model.secret_names import is_secret
from ..wire import json_cgi, rest
from ..wire.errors import DeviceRefused, InvalidOption
from ..wire.json_cgi import JsonApi
from ..wire.param_cgi import PATH as PARAM_PATH
from ..wire.session import missing_api, unexpected

DIALECTS = ("json", "rest", "param", "cgi")

_READING_METHOD = re.compile(r"(get|list|fetch|query)[A-Z]\w*|get|list|systemready|status")
_READING_ACTIONS = frozenset({"list", "listdefinitions"})


class Raw(Command):
    """Options of a raw call."""

    name = "api"
    options = {
        "dialect": Option(
            choices=DIALECTS,
            required=True,
            doc=(
                "V(json) for the CGIs that take a method in a JSON document.",
                "V(rest) for the Device Configuration APIs below C(/config/rest).",
                "V(param) for C(param.cgi).",
                "V(cgi) for any other CGI. The answer is returned as text.",
            ),
        ),
        "path": Option(
            doc="Path of the API, for example V(/axis-cgi/ntp.cgi) or V(/config/rest/time/v2). For V(json) and "
            "V(cgi), the name below C(/axis-cgi/) is enough. V(param) needs none.",
        ),
        "method": Option(
            required=True,
            doc="Method of the JSON document, HTTP verb for V(rest) and V(cgi), or action of C(param.cgi).",
        ),
        "params": Option(
            "raw",
            doc="The C(params) of a JSON document, the C(data) of a REST call, or the arguments of a CGI by name.",
        ),
        "api_version": Option(
            default="1.0",
            pattern=r"\d+(\.\d+)*",
            like="1.0",
            doc="Version of the API to ask for, with O(dialect=json). Devices answer with their own minor version.",
        ),
        "read_only": Option(
            "bool",
            doc=(
                "Whether the call only reads. It is then made in check mode, may be repeated when the connection "
                "breaks, and the task is not changed.",
                "Left out, it follows from the call. JSON methods such as V(getNTPInfo), C(GET) with O(dialect=rest), "
                "and listing parameters only read. Everything else is taken for a change, and so is every call with "
                "O(dialect=cgi).",
            ),
        ),
    }
    returns = {
        "sent": Returned("bool", "Whether the call was made. In check mode only calls that read are."),
        "response": Returned(
            "raw",
            (
                "What the device answered. The C(data) of V(json) and V(rest), text otherwise.",
                "It is returned as it is. If it can hold a secret, set C(no_log) on the task.",
            ),
        ),
    }

    def secrets(self, wanted: Document) -> list[str]:
        params, query = wanted.get("params"), parse_qsl(str(wanted.get("path") or "").partition("?")[2])
        return [*_secrets(params), *_secrets(dict(query))]

    def run(self, device: Device, wanted: Document, check_mode: bool) -> Document:
        call = Call(
            wanted["dialect"],
            wanted.get("path"),
            wanted["method"],
            wanted.get("params"),
            wanted["api_version"],
            wanted.get("read_only"),
        )
        call.check()
        reads = call.changes_nothing
        if check_mode and not reads:
            return {"changed": True, "sent": False, "response": None}
        return {"changed": not reads, "sent": True, "response": call.send(device)}


@dataclasses.dataclass(frozen=True)
class Call:
    """One raw call.

    :param path: ``/axis-cgi/...`` or, for JSON and CGI, just the file's name; ``/config/rest/...`` for REST.
    :param method: JSON method, REST or HTTP verb, or param.cgi action.
    :param params: JSON params, REST data, or arguments of a CGI or param.cgi.
    """

    dialect: str
    path: str | None
    method: str
    params: t.Any
    api_version: str
    read_only: bool | None

    @property
    def changes_nothing(self) -> bool:
        """Whether it only reads: told by the user, else by the name of the method; when in doubt it does not."""
        if self.read_only is not None:
            return self.read_only
        if self.dialect == "json":
            return bool(_READING_METHOD.fullmatch(self.method))
        if self.dialect == "rest":
            return self.method.upper() == "GET"
        return self.dialect == "param" and self.method in _READING_ACTIONS

    def send(self, device: Device) -> t.Any:
        """Make the call and return what came back: the data of an API, or text.

        :raises InvalidOption: the options do not fit the dialect. :raises VapixError: the call failed.
        """
        return {"json": self._json, "rest": self._rest, "param": self._param, "cgi": self._cgi}[self.dialect](device)

    def check(self) -> None:
        """Refuse what does not fit the dialect, before anything is sent.

        :raises InvalidOption: see the message.
        """
        if self.dialect != "param" and not self.path:
            raise InvalidOption(f"dialect {self.dialect} needs a path", remedy="Give the option path")
        if self.dialect == "rest" and not str(self.path).startswith("/config/"):
            raise InvalidOption(f"path {self.path!r} is no REST path", remedy="It starts with /config/rest/")
        if self.dialect in ("rest", "cgi") and self.method.upper() not in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            raise InvalidOption(f"{self.method!r} is no HTTP verb", remedy="Give GET, POST, PUT, PATCH or DELETE")
        if self.dialect == "rest" and self.method.upper() in ("GET", "DELETE") and self.params is not None:
            raise InvalidOption(f"{self.method.upper()} carries no params", remedy="Leave params out")
        if self.dialect in ("param", "cgi") and not isinstance(self.params or {}, dict):
            raise InvalidOption(f"params of dialect {self.dialect} are not a mapping", remedy="Give arguments by name")
        if self.dialect == "param" and "action" in (self.params or {}):
            raise InvalidOption("params has an action of its own", remedy="The action is the option method")

    def _json(self, device: Device) -> t.Any:
        api = JsonApi(_cgi_path(str(self.path)), "", self.api_version, json_cgi.GENERAL_CODES)
        return device.call(api, self.method, self.params, safe=self.changes_nothing)

    def _rest(self, device: Device) -> t.Any:
        return rest.send(device.session, self.method.upper(), str(self.path), self.params, safe=self.changes_nothing)

    def _param(self, device: Device) -> str:
        text = self._form(device, "POST", PARAM_PATH, {"action": self.method, **(self.params or {})})
        refused = re.search(r"^# (?:Error|Request failed): *(.*)$", text, re.MULTILINE)
        if refused and not self.changes_nothing:
            raise DeviceRefused(
                f"the device refuses ({refused[1]})",
                remedy="Look which parts took: some of the request may have been done",
                device=str(device),
                api="param.cgi",
                method=self.method,
            )
        return text

    def _cgi(self, device: Device) -> str:
        return self._form(device, self.method.upper(), _cgi_path(str(self.path)), self.params or {})

    def _form(self, device: Device, verb: str, path: str, arguments: t.Mapping[str, t.Any]) -> str:
        encoded = urlencode({name: _plain(value) for name, value in arguments.items()})
        in_body = verb != "GET"
        answer = device.session.request(
            verb,
            path if in_body or not encoded else f"{path}{'&' if '?' in path else '?'}{encoded}",
            body=encoded.encode("ascii") if in_body else None,
            content_type="application/x-www-form-urlencoded" if in_body else None,
            safe=self.changes_nothing,
        )
        where = {"device": str(device), "api": path.partition("?")[0], "method": self.method}
        if answer.status == 404:
            raise missing_api(answer, **where)
        if answer.status >= 300:
            raise unexpected(answer, "the request failed", **where)
        return answer.text


def _secrets(value: t.Any) -> list[str]:
    """Values of members whose name says that they are secret."""
    if isinstance(value, list):
        return [secret for item in value for secret in _secrets(item)]
    if not isinstance(value, dict):
        return []
    found = [secret for item in value.values() for secret in _secrets(item)]
    return found + [str(item) for name, item in value.items() if is_secret(str(name)) and isinstance(item, (str, int))]


def _cgi_path(path: str) -> str:
    return path if path.startswith("/") else f"/axis-cgi/{path}"


def _plain(value: t.Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value)


DECLARED = Raw()
