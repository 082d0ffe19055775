# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which events a rule means: a topic, and values that items of the event must have.

Source: VAPIX "Event and action services", ONVIF Core Specification, "Item filter". A filter that says nothing but which
items have which values is a mapping here, in whatever order the device shows it; others stay expressions.
"""

from __future__ import annotations

import re
import typing as t

from ...model.field import Kind
from ...model.option import Document

_EQUAL = r'boolean\s*\(\s*//SimpleItem\s*\[\s*@Name\s*=\s*"([^"]*)"\s+and\s+@Value\s*=\s*"([^"]*)"\s*\]\s*\)'
_ITEMS = re.compile(rf"\s*{_EQUAL}\s*(?:\s+and\s+{_EQUAL}\s*)*")
_ITEM = re.compile(_EQUAL)
_ATTRIBUTE = r'\s*@(?:Name|Value)\s*=\s*"[^"]*"\s*'
#: Ways to say the same shorter: what ends as this mark alone, which no text holds, is an expression.
_MARK = "\0"
_REDUCTIONS = (
    (re.compile(rf"boolean\s*\(\s*//(?:Simple|Element)Item\s*\[{_ATTRIBUTE}(?:(?:and|or){_ATTRIBUTE})*\]\s*\)"), _MARK),
    (re.compile(r"(?:not\s*)?\(\s*\0\s*\)"), _MARK),
    (re.compile(r"\0\s+(?:and|or)\s+\0"), _MARK),
)
#: What a device adds to a topic: all topics below it.
_BELOW = "//."


def is_expression(text: str) -> bool:
    """Whether a text is a filter in the grammar of ONVIF."""
    before = ""
    while before != text:
        before = text
        for pattern, short in _REDUCTIONS:
            text = pattern.sub(short, text)
    return text.strip() == _MARK


def as_items(expression: str) -> dict[str, str] | None:
    """Values by name of the item, if the expression says nothing else; None if it does."""
    if not expression.strip():
        return {}
    if not _ITEMS.fullmatch(expression):
        return None
    pairs = _ITEM.findall(expression)
    return dict(pairs) if len(dict(pairs)) == len(pairs) else None


def as_expression(items: t.Mapping[str, str]) -> str:
    """The filter for values of items."""
    return " and ".join(f'boolean(//SimpleItem[@Name="{name}" and @Value="{value}"])' for name, value in items.items())


def decode(native: Document) -> Document:
    """What a device shows in the words of the options; nothing for no event."""
    if not native:
        return {}
    topic, expression = native["topic"].removesuffix(_BELOW), native["content"]
    items = as_items(expression)
    return {"topic": topic, "expression": expression} if items is None else {"topic": topic, "items": items}


def encode(value: Document) -> Document:
    """What is sent."""
    if not value:
        return {}
    return {"topic": value["topic"], "content": value.get("expression") or as_expression(value.get("items", {}))}


def normal(value: Document) -> Document:
    """What a user wrote, as decode shows it. :raises ValueError: it is no choice of events."""
    given = {name: part for name, part in value.items() if part is not None}
    if not given:
        return {}
    topic, expression, items = given.get("topic"), given.get("expression", ""), given.get("items", {})
    if not topic:
        raise ValueError("items or an expression need a topic")
    if expression and items:
        raise ValueError(f"{topic} has items and an expression: give one of them")
    if expression and not is_expression(expression):
        raise ValueError(f"expression is no filter: {expression!r}")
    for name, item in items.items():
        if isinstance(item, (list, dict)) or item is None or '"' in f"{name}{item}":
            raise ValueError(f"items: {name} is to be a text without quotation marks, or a number")
    words = {name: str(int(item)) if isinstance(item, bool) else str(item) for name, item in items.items()}
    return decode({"topic": topic, "content": expression or as_expression(words)})


EVENT = Kind(decode, encode, normal)
