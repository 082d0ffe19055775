# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Classic CGIs that answer XML, over a document: one path reads, one sets what its arguments name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from exchange import Answer, Request, text_answer
from handlers._base import ADMIN, Handler
from handlers._fields import UNKNOWN, Bad, Field, Object

Store = Callable[[dict[str, Any], dict[str, Any]], None]


def element(name: str, text: str) -> str:
    """An element with a text in it."""
    return f"<{name}>{escape(text, quote=False)}</{name}>"


class XmlCgi(Handler):
    """What the two have in common: the root element around every answer."""

    def __init__(self, path: str, generations: tuple[str, ...], document: str, root: str, level: int = ADMIN) -> None:
        self.path, self.generations = path, dict.fromkeys(generations, "")
        self._document, self._root, self._level = document, root, level

    def level(self, request: Request) -> int:
        return self._level

    def respond(self, content: str) -> Answer:
        """The answer."""
        name = self._root.partition(" ")[0]
        return text_answer(f"<{self._root}>{content}</{name}>\n", "application/xml")


class XmlGetter(XmlCgi):
    """Answers what ``show`` makes of the document."""

    def __init__(
        self, path: str, generations: tuple[str, ...], document: str, root: str, show: Callable[[dict[str, Any]], str]
    ) -> None:
        super().__init__(path, generations, document, root)
        self._show = show

    def is_write(self, request: Request) -> bool:
        return False

    async def answer(self, request: Request, options: dict[str, Any]) -> Answer:
        shown = self._show(request.state.documents[self._document])
        return self.respond(f"<Success><GetSuccess>{shown}</GetSuccess></Success>")


class XmlSetter(XmlCgi):
    """Sets what the arguments name. ``errors``: the code and text for an unknown argument, and for a bad value."""

    def __init__(
        self,
        path: str,
        generations: tuple[str, ...],
        document: str,
        root: str,
        fields: Mapping[str, Field],
        store: Store,
        errors: tuple[tuple[int, str], tuple[int, str]],
    ) -> None:
        super().__init__(path, generations, document, root)
        self._fields, self._store, self._errors = Object(members=fields), store, errors

    def is_write(self, request: Request) -> bool:
        return True

    async def answer(self, request: Request, options: dict[str, Any]) -> Answer:
        try:
            given = self._fields.check(dict(request.form), whole=False)
        except Bad as bad:
            code, text = self._errors[bad.kind != UNKNOWN]
            shown = element("ErrorCode", str(code)) + element("ErrorDescription", text)
            return self.respond(f"<Error><SetError>{shown}</SetError></Error>")
        self._store(request.state.documents[self._document], given)
        return self.respond("<Success><GeneralSuccess /></Success>")
