# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request as handlers see it, and the answer they give."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from state import Device, State

if TYPE_CHECKING:
    from upload import Upload

_NO_FORM = ("application/json", "multipart/form-data")


class Request:
    """One request to one device. Texts from forms and queries are Latin-1, which keeps every byte."""

    def __init__(self, device: Device, scheme: str, method: str, target: str, headers: Any) -> None:
        # The scheme is that of the door it came in by: http or https.
        self.device, self.scheme, self.method, self.target, self.headers = device, scheme, method, target, headers
        self.body = b""
        path, _mark, self.query = target.partition("?")
        self.path = unquote_to_bytes(path).decode("utf-8", "replace")
        self.user, self.client = "", ""
        self.level = 0
        self.groups: tuple[str, ...] = ()
        # The body when it is streamed; ``body`` holds its JSON part then.
        self.upload: Upload | None = None
        # The login is done.
        self.admitted = False

    @property
    def state(self) -> State:
        """The device's state."""
        return self.device.state

    @cached_property
    def content_type(self) -> str:
        """The media type of the body, without parameters."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @cached_property
    def form(self) -> list[tuple[str, str]]:
        """Arguments of a classic CGI: the query and, for POST, the body.

        Any label will do for the body: Home Assistant's client sends forms as text/plain and devices take them.
        """
        text = [self.query]
        if self.method == "POST" and self.content_type not in _NO_FORM:
            text.append(self.body.decode("latin-1"))
        return [pair for part in text for pair in _pairs(part)]

    def argument(self, name: str) -> str | None:
        """The first argument of that name."""
        return next((value for key, value in self.form if key == name), None)

    @cached_property
    def json(self) -> Any:
        """The body as JSON; ``ValueError`` inside when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            return ValueError(str(error))

    @cached_property
    def xml(self) -> Element | None:
        """The body as XML, None when it is none (or has entities of its own)."""
        try:
            return fromstring(self.body)
        except (ParseError, DefusedXmlException, ValueError, LookupError):
            return None

    @property
    def json_method(self) -> str:
        """The ``method`` of a JSON CGI call, or nothing."""
        document = self.json if self.body[:1] in (b"{", b" ", b"\n", b"\r", b"\t") else None
        method = document.get("method") if isinstance(document, dict) else None
        return method if isinstance(method, str) else ""


def _pairs(text: str) -> list[tuple[str, str]]:
    pairs = []
    for part in text.split("&"):
        if part:
            key, _mark, value = part.partition("=")
            pairs.append((_decode(key), _decode(value)))
    return pairs


def _decode(text: str) -> str:
    if "%" not in text and "+" not in text:
        return text
    return unquote_to_bytes(text.replace("+", " ")).decode("latin-1")


@dataclass
class Answer:
    """What goes back."""

    body: bytes = b""
    content_type: str = "text/html"
    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    # Close the connection instead of answering (faults).
    drop: bool = False
    # Close the connection after the answer.
    close: bool = False


def text_answer(text: str, content_type: str = "text/plain", status: int = 200) -> Answer:
    """Text in the classic CGIs' charset; ``text/plain`` carries no charset label (recorded on 9.80)."""
    return Answer(text.encode("latin-1", "replace"), content_type, status)


def json_answer(document: Any, content_type: str, indent: int | None = None, status: int = 200) -> Answer:
    """A JSON document, pretty or on one line as the API does it."""
    return Answer(json.dumps(document, indent=indent).encode(), content_type, status)


def html_page(status: int, title: str, text: str) -> Answer:
    """The small error page (its form is recorded on 5.51)."""
    page = (
        f"<HTML><HEAD><TITLE>{status} {title}</TITLE></HEAD>\n<BODY><H1>{status} {title}</H1>\n{text}\n</BODY></HTML>\n"
    )
    return Answer(page.encode("latin-1", "replace"), "text/html; charset=ISO-8859-1", status)
