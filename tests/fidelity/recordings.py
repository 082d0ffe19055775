# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading recordings and answers into forms that can be compared."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Any

_NS = "{http://www.axis.com/ParameterDefinitionsSchema}"


def shape(value: Any) -> Any:
    """Keys in their order, and the types; a list by its first element."""
    if isinstance(value, dict):
        return [(key, shape(item)) for key, item in value.items()]
    if isinstance(value, list):
        return ["list", *(shape(item) for item in value[:1])]
    return type(value).__name__


def lines(text: str) -> dict[str, str]:
    """``name=value`` lines of param.cgi, without error lines; names as they stand."""
    found = {}
    for line in text.replace("\r\n", "\n").split("\n"):
        if line and not line.startswith("#"):
            name, sign, value = line.partition("=")
            assert sign, f"no parameter line: {line!r}"
            found[name] = value
    return found


@dataclass(frozen=True)
class Defined:
    """A parameter of listdefinitions."""

    value: str
    level: str
    flags: frozenset[str]
    kind: str
    limits: tuple[tuple[str, str], ...]
    words: tuple[str, ...]
    # The elements the words are in: entry, rangeEntry.
    elements: frozenset[str]

    def accepts(self, value: str) -> bool:
        """Whether the value fits the definition (number, range, word, length)."""
        limits = dict(self.limits)
        if self.kind == "bool":
            return value in limits.values()
        if self.kind == "enum":
            return value in self.words
        if "maxlen" in limits and len(value) > int(limits["maxlen"]):
            return False
        if self.kind == "int":
            if not re.fullmatch(r"-?\d+", value):
                return False
            if self.words:
                spans = [word.partition("-") for word in self.words]
                return any(int(low) <= int(value) <= int(high or low) for low, _mark, high in spans)
            return int(limits.get("min", value)) <= int(value) <= int(limits.get("max", value))
        return True


def definitions(text: str | bytes) -> dict[str, Defined]:
    """The parameters of a listdefinitions document, names without ``root.``."""
    root = ET.fromstring(text.encode("latin-1") if isinstance(text, str) else text)
    assert root.tag == f"{_NS}parameterDefinitions"
    found: dict[str, Defined] = {}

    def walk(node: ET.Element, path: str) -> None:
        for child in node:
            name = f"{path}{child.get('name')}"
            if child.tag == f"{_NS}group":
                walk(child, f"{name}.")
                continue
            type_ = child.find(f"{_NS}type")
            assert type_ is not None and len(type_) == 1, name
            body = type_[0]
            flags = frozenset(key for key, value in type_.attrib.items() if value == "true")
            found[name.removeprefix("root.")] = Defined(
                child.get("value", ""),
                child.get("securityLevel", ""),
                flags,
                body.tag.removeprefix(_NS),
                tuple(sorted(body.attrib.items())),
                tuple(entry.get("value", "") for entry in body),
                frozenset(entry.tag.removeprefix(_NS) for entry in body),
            )

    for group in root.findall(f"{_NS}group"):
        walk(group, f"{group.get('name')}.")
    return found


def skeleton(text: str) -> list[str]:
    """The XML line by line with what differs per device taken out; one line per kind of parameter line."""
    kept = []
    for line in text.splitlines():
        line = re.sub(r'(value|niceName|niceValue|name)="[^"]*"', r'\1=""', line)
        line = re.sub(r"https?://[^ /]+(?=/pub/)", "URL", line)
        line = re.sub(r"(<(?:model|firmwareVersion)>)[^<]*", r"\1", line)
        kept.append(line)
    return kept


def headers(text: str) -> dict[str, str]:
    """A recorded header block, names in lower case."""
    found = {}
    for line in text.replace("\r\n", "\n").split("\n")[1:]:
        name, colon, value = line.partition(":")
        if colon:
            found[name.strip().lower()] = value.strip()
    return found
