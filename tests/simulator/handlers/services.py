# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``POST /vapix/services``: SOAP 1.2 with the login of HTTP; handler files declare the operations.

Assumed: all operations need an administrator; any content type will do (the vendor's page has ``application/xml``,
clients send others); only what is built here exists. Option: ``without``, names of operations that the device refuses
with a fault that says nothing (recorded for 802.1X on 12.11).
"""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from exchange import Answer, Request
from handlers._base import ADMIN, Handler
from handlers._soap import SENDER, Fault, envelope, find_operation, local, not_supported, qualified, wrap

_READING = ("Get", "List")


def _called(request: Request) -> Element | None:
    """The element of the operation."""
    root = request.xml
    body = None if root is None or root.tag != qualified("SOAP-ENV:Envelope") else root.find(qualified("SOAP-ENV:Body"))
    return body[0] if body is not None and len(body) == 1 else None


class Services(Handler):
    """/vapix/services."""

    path = "/vapix/services"

    def level(self, request: Request) -> int:
        return ADMIN

    def is_write(self, request: Request) -> bool:
        return request.method == "POST" and not self.operation(request).startswith(_READING)

    def operation(self, request: Request) -> str:
        called = _called(request)
        return local(called) if called is not None else request.method

    async def answer(self, request: Request, options: dict[str, Any]) -> Answer:
        try:
            if request.method != "POST":
                raise not_supported()
            called = _called(request)
            if called is None:
                raise Fault(SENDER, ("ter:WellFormed",), "XML not well formed")
            found = find_operation(request, called)
            if found is None:
                raise not_supported()
            name, run = found
            if name in options.get("without", ()):
                raise Fault(SENDER)
            return envelope(wrap(f"{name}Response", run(request, called)))
        except Fault as fault:
            return fault.answer()


HANDLER = Services()
