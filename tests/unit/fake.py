# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-ins without a network: a session that answers from a table and notes what it was asked, and the recordings."""

from __future__ import annotations

import json
import pathlib
import typing as t
from urllib.parse import parse_qsl

import pytest

from ansible_collections.axis.vapix.plugins.module_utils.device.device import Device
from ansible_collections.axis.vapix.plugins.module_utils.wire.session import Address, Answer

RECORDED = pathlib.Path(__file__).resolve().parents[3] / "shared" / "recorded"
P3265 = RECORDED / "oadm" / "P3265-V-12.11.77"
NEEDS_RECORDINGS = pytest.mark.skipif(
    not RECORDED.is_dir(), reason=f"the recordings of real devices are not here: {RECORDED}"
)

PARAM = "/axis-cgi/param.cgi"
NTP = "/axis-cgi/ntp.cgi"
TIME = "/axis-cgi/time.cgi"
DISCOVER = "/config/discover"


def answer(body: bytes | str = b"", status: int = 200, content_type: str = "text/plain") -> Answer:
    """An answer that was read from the wire."""
    return Answer(status, {"Content-Type": content_type}, body.encode() if isinstance(body, str) else body)


def json_answer(document: t.Any, status: int = 200) -> Answer:
    """A JSON answer."""
    return answer(json.dumps(document), status, "application/json; charset=utf8")


class Sent(t.NamedTuple):
    """A request that was made."""

    method: str
    target: str
    body: bytes
    safe: bool
    anonymous: bool

    @property
    def json(self) -> t.Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode("ascii"), keep_blank_values=True))


class FakeSession:
    """Answers by target; a route is an answer, an exception, or a function of the request. The rest is 404."""

    def __init__(self, routes: t.Mapping[str, t.Any] | None = None) -> None:
        self.routes = dict(routes or {})
        self.address = Address("192.0.2.7", 443)
        self.sent: list[Sent] = []

    def request(
        self,
        method: str,
        target: str,
        *,
        body: bytes | None = None,
        content_type: str | None = None,
        safe: bool = False,
        anonymous: bool = False,
    ) -> Answer:
        request = Sent(method, target, body or b"", safe, anonymous)
        self.sent.append(request)
        route = self.routes.get(target, answer("<html>404</html>", 404, "text/html"))
        found = route(request) if callable(route) else route
        if isinstance(found, Exception):
            raise found
        return found

    def remember(self) -> None:
        """Ask again each time: what a test counts is what the code asks."""

    @property
    def writes(self) -> list[Sent]:
        """Requests that were not declared to change nothing."""
        return [request for request in self.sent if not request.safe]


def fake_device(routes: t.Mapping[str, t.Any] | None = None) -> tuple[Device, FakeSession]:
    """A device behind such a session."""
    session = FakeSession(routes)
    return Device(t.cast(t.Any, session)), session
