# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of requests, as the control port shows it."""

from __future__ import annotations

import re
from collections import deque
from typing import Any

import handlers
from exchange import Request
from handlers._base import guess_is_write
from state import MASKS

# More than any test asks for; a bound all the same.
_KEPT = 200_000
_SECRET_NAME = "passw|passphrase|pwd|secret|private_?key|pkcs12|mkacak"
_JSON_SECRET = re.compile(rf'("[^"]*(?:{_SECRET_NAME})[^"]*"\s*:\s*)"(?:[^"\\]|\\.)*"', re.IGNORECASE)
# SOAP: the whole of an element, with what is in it. An archive is a Certificate with a password beside it.
_XML_SECRET = re.compile(r"(<(?:[\w.-]+:)?(PrivateKey|Password|Pkcs12)\b[^>]*>).*?(</(?:[\w.-]+:)?\2\s*>)", re.DOTALL)
# A parameter of an action or a recipient.
_PARAMETER_SECRET = re.compile(rf'(<(?:[\w.-]+:)?Parameter Name="[^"]*(?:{_SECRET_NAME})[^"]*" Value=)"[^"]*"')
# A password in the URL of a proxy.
_URL_SECRET = re.compile(r"(://[^/\s:@\"]*:)[^/\s@\"]*@")
_FORM_SECRET = re.compile(r"(^|[&?])(pwd=|[^&=]*(?:Password|Passwd|Pass)=)[^&]*")


def _without_secrets(text: str) -> str:
    """The text with the values of password arguments, private keys and archives masked."""
    text = _PARAMETER_SECRET.sub(rf'\1"{MASKS[1]}"', text)
    text = _XML_SECRET.sub(rf"\1{MASKS[1]}\3", text)
    text = _URL_SECRET.sub(rf"\1{MASKS[1]}@", _JSON_SECRET.sub(rf'\1"{MASKS[1]}"', text))
    return _FORM_SECRET.sub(rf"\1\2{MASKS[1]}", text)


class Journal:
    """What every device was asked, in order."""

    def __init__(self) -> None:
        self._entries: deque[tuple[Request, int, str]] = deque(maxlen=_KEPT)

    def add(self, request: Request, status: int, fault: str) -> None:
        """Note one request; rendered only when somebody asks."""
        self._entries.append((request, status, fault))

    def clear(self, serial: str | None = None) -> None:
        """Forget all, or those of one device."""
        kept = [] if serial is None else [entry for entry in self._entries if entry[0].device.serial != serial]
        self._entries = deque(kept, maxlen=_KEPT)

    def entries(self, serial: str | None = None) -> list[dict[str, Any]]:
        """The requests, oldest first."""
        return [self._render(*entry) for entry in self._entries if serial in (None, entry[0].device.serial)]

    @staticmethod
    def _render(request: Request, status: int, fault: str) -> dict[str, Any]:
        handler = handlers.find(request.path)
        body = request.body.decode("utf-8", "replace")
        return {
            "device": request.device.serial,
            "scheme": request.scheme,
            "method": request.method,
            "path": request.path,
            "query": _without_secrets(request.query),
            "operation": handler.operation(request) if handler else request.json_method or request.method,
            "body": _without_secrets(body),
            "file_bytes": request.upload.received if request.upload is not None else 0,
            "write": handler.is_write(request) if handler else guess_is_write(request),
            "status": status,
            "user": request.user,
            "fault": fault,
        }
