# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a device can write a secret that it was sent."""

from __future__ import annotations

import base64
import html
import json
import re
import typing as t
from urllib.parse import quote, quote_plus
from xml.sax import saxutils


def _lower_percent(text: str) -> str:
    return re.sub("%..", lambda match: match[0].lower(), text)


SPELLINGS: dict[str, t.Callable[[str], str]] = {
    "as it is": str,
    "URL": lambda text: quote(text, safe=""),
    "URL in lower case": lambda text: _lower_percent(quote(text, safe="")),
    "form": quote_plus,
    "form in lower case": lambda text: _lower_percent(quote_plus(text)),
    "page": html.escape,
    "page without quotes": lambda text: html.escape(text, quote=False),
    "XML": lambda text: saxutils.escape(text, {'"': "&quot;", "'": "&apos;"}),
    "JSON": json.dumps,
    "JSON with UTF-8": lambda text: json.dumps(text, ensure_ascii=False),
    "Python": repr,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "login": lambda text: base64.b64encode(f"root:{text}".encode()).decode(),
}
