# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults a test can inject: what a device, a network or a proxy does wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from exchange import Answer, Request

KINDS = (
    "status",
    "html",
    "truncate",
    "close",
    "close_midway",
    "close_after_apply",
    "hang",
    "delay",
    "ignore",
    "garbage",
)
_HTML = b"<html><head><title>AXIS</title></head><body><h1>Something else answers here</h1></body></html>\n"
_GARBAGE = b"\x00\xff\xfe\x80 not what you asked for \x00"


@dataclass
class Fault:
    """One rule; it counts the requests it matches."""

    kind: str
    device: str = "*"
    path: str = "*"
    method: str | None = None
    position: int | str = "all"
    code: int = 500
    body: str = ""
    content_type: str = "text/html"
    ms: int = 1000
    # close_midway: after how many bytes of the file; 0: half of the body.
    bytes: int = 0
    seen: int = 0

    @classmethod
    def parse(cls, document: Any) -> Fault:
        """Read one rule of a POST /faults; ValueError says what is wrong."""
        if not isinstance(document, dict):
            raise ValueError("a fault is an object")
        allowed = set(cls.__dataclass_fields__) - {"seen"}
        if unknown := set(document) - allowed:
            raise ValueError(f"unknown fault fields: {', '.join(sorted(unknown))}")
        if document.get("kind") not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        fault = cls(**document)
        if fault.position != "all" and (not isinstance(fault.position, int) or fault.position < 1):
            raise ValueError('position must be "all" or a number from 1')
        return fault

    def hits(self, request: Request, operation: str) -> bool:
        """Whether the rule is for this request; counts it when device, path and method fit."""
        if self.device not in ("*", request.device.serial):
            return False
        if not (request.path.startswith(self.path[:-1]) if self.path.endswith("*") else request.path == self.path):
            return False
        if self.method is not None and self.method not in (operation, request.method):
            return False
        self.seen += 1
        return self.position in ("all", self.seen)

    def instead(self) -> Answer | None:
        """The answer given instead of asking the device; None when the device is to be asked."""
        if self.kind == "status":
            return Answer(self.body.encode(), self.content_type, self.code)
        if self.kind == "html":
            return Answer(_HTML, "text/html")
        if self.kind == "garbage":
            return Answer(_GARBAGE, "application/json")
        if self.kind in ("close", "hang"):
            return Answer(drop=True)
        return None

    def spoil(self, answer: Answer) -> Answer:
        """What becomes of the device's own answer."""
        if self.kind == "truncate":
            # Headers stay right (the length is that of what is sent); only the document ends too early.
            answer.body = answer.body[: max(1, len(answer.body) * 2 // 3)]
        elif self.kind == "close_after_apply":
            answer.drop = True
        return answer
