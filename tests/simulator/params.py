# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameter definitions: the tables of profiles/params-*.txt, the tree they form, and what a value may be.

A table line is ``Name :: level[+flag...] type :: value``. ``level`` is the device's four-digit security level
(create, delete, read, write; Parameter management page). Types, as the recorded ``listdefinitions`` name them:

============================ ==========================================================
``string`` ``string/63``      text, with its greatest length
``int`` ``int/0..100/3``      number, range, greatest number of characters
``int/0,1024-65534``         number in one of several ranges (``rangeEntry`` elements)
``bool/yes/no``               the device's own spelling of true and false
``enum/a|b~Nice name``        allowed values, with nice names
``ip`` ``ipList`` ``hostname`` addresses
``password/16``               write-only on most firmware, read as a mask
============================ ==========================================================

Everything here is shared by all devices of a profile and never changes after start.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from html import escape
from pathlib import Path

_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)")
_IPV6 = re.compile(r"[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(?:/\d{1,3})?")
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9_.])?")
_INTEGER = re.compile(r"-?\d+")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[A-Z]+|\d+")

READ_DIGIT, WRITE_DIGIT = 2, 3
# Security level 7 is "root": nobody reaches it over VAPIX.
ROOT_LEVEL = 7


def is_address(text: str) -> bool:
    """An IPv4 or IPv6 address."""
    return bool(_IPV4.fullmatch(text) or _IPV6.fullmatch(text))


def is_host(text: str) -> bool:
    """An address or a host name."""
    return is_address(text) or bool(_HOST.fullmatch(text))


class Type:
    """The type of a parameter: what it accepts and how listdefinitions writes it."""

    __slots__ = ("name", "low", "high", "maxlen", "words", "nice", "ranges")

    def __init__(self, text: str) -> None:
        self.name, _mark, rest = text.partition("/")
        self.low: int | None = None
        self.high: int | None = None
        self.maxlen: int | None = None
        self.words: tuple[str, ...] = ()
        self.nice: tuple[str, ...] = ()
        self.ranges: tuple[str, ...] = ()
        if self.name == "int":
            span, _mark, maxlen = rest.partition("/")
            if "," in span:
                span, self.ranges = "", tuple(span.split(","))
            low, _mark, high = span.partition("..")
            self.low, self.high = (int(end) if end else None for end in (low, high))
            self.maxlen = int(maxlen) if maxlen else None
        elif self.name == "bool":
            self.words = tuple(rest.split("/"))
        elif self.name == "enum":
            pairs = [entry.partition("~") for entry in rest.split("|")]
            self.words, self.nice = tuple(pair[0] for pair in pairs), tuple(pair[2] for pair in pairs)
        else:
            self.maxlen = int(rest) if rest else None

    def accepts(self, value: str) -> bool:
        """Whether a device would take this text."""
        if any(ord(char) < 32 for char in value):
            return False
        if self.maxlen is not None and len(value) > self.maxlen:
            return False
        if self.name == "int":
            if not _INTEGER.fullmatch(value):
                return False
            number = int(value)
            if self.ranges:
                return any(_in_range(number, entry) for entry in self.ranges)
            return (self.low is None or number >= self.low) and (self.high is None or number <= self.high)
        if self.words:
            return value in self.words
        if self.name == "ip":
            return not value or is_address(value)
        if self.name == "ipList":
            return all(is_address(item) for item in re.split(r"[ ,]+", value.strip()) if item)
        if self.name == "hostname":
            return not value or is_host(value)
        return True

    def xml(self, indent: str) -> list[str]:
        """The element inside ``<type>``."""
        if self.name == "enum":
            lines = [f"{indent}<enum>"]
            for word, nice in zip(self.words, self.nice, strict=True):
                attribute = f' niceValue="{escape(nice)}"' if nice else ""
                lines.append(f'{indent}  <entry value="{escape(word)}"{attribute} />')
            return [*lines, f"{indent}</enum>"]
        if self.name == "bool":
            return [f'{indent}<bool true="{self.words[0]}" false="{self.words[1]}" />']
        if self.ranges:
            entries = [f'{indent}  <rangeEntry value="{entry}" />' for entry in self.ranges]
            return [f"{indent}<int>", *entries, f"{indent}</int>"]
        attributes = "".join(
            f' {key}="{limit}"'
            for key, limit in (("min", self.low), ("max", self.high), ("maxlen", self.maxlen))
            if limit is not None
        )
        return [f"{indent}<{self.name}{attributes} />"]


def _in_range(number: int, entry: str) -> bool:
    low, _mark, high = entry.partition("-")
    return int(low) <= number <= int(high or low)


class Definition:
    """One parameter."""

    __slots__ = ("name", "level", "flags", "type", "value", "read_level", "write_level", "_xml")

    def __init__(self, name: str, level: str, flags: tuple[str, ...], type_: Type, value: str) -> None:
        self.name, self.level, self.flags, self.type, self.value = name, level, flags, type_, value
        self.read_level, self.write_level = int(level[READ_DIGIT]), int(level[WRITE_DIGIT])
        self._xml: tuple[str, str] | None = None

    @classmethod
    def parse(cls, line: str) -> Definition:
        """Read one line of a table."""
        name, _mark, rest = line.partition(" :: ")
        spec, _mark, value = rest.partition(" ::")
        marks, _mark, type_text = spec.partition(" ")
        level, *flags = marks.split("+")
        return cls(name, level, tuple(flags), Type(type_text), value.removeprefix(" "))

    @property
    def readonly(self) -> bool:
        """Nobody may write it: so flagged, or only root may."""
        return "readonly" in self.flags or self.write_level >= ROOT_LEVEL

    def locked(self) -> Definition:
        """The same parameter while the device refuses writes (Resolver with ObtainFromDHCP=yes, recorded on 9.80)."""
        return Definition(self.name, self.level[:WRITE_DIGIT] + "7", (*self.flags, "readonly"), self.type, self.value)

    def xml(self) -> tuple[str, str]:
        """The XML before and after the value; depends only on the name, so it is made once."""
        if self._xml is None:
            depth = self.name.count(".")
            indent = "  " * (depth + 2)
            leaf = self.name.rsplit(".", 1)[-1]
            head = f'{indent}<parameter name="{leaf}" value="'
            flags = "".join(f' {flag}="true"' for flag in self.flags)
            tail = [
                f'" securityLevel="{self.level}" niceName="{escape(nice_name(leaf))}">',
                f"{indent}  <type{flags}>",
                *self.type.xml(indent + "    "),
                f"{indent}  </type>",
                f"{indent}</parameter>",
                "",
            ]
            self._xml = head, "\n".join(tail)
        return self._xml


def nice_name(leaf: str) -> str:
    """``ProdFullName`` -> ``Prod full name``, as most recorded nice names are formed."""
    words = _WORD.findall(leaf) or [leaf]
    return " ".join([words[0][:1].upper() + words[0][1:], *(w if w.isupper() else w.lower() for w in words[1:])])


class Tree:
    """All parameters of a device in the order it lists them, with the place of every group.

    A group's parameters are neighbours in that order, so a group is a slice.
    """

    __slots__ = ("order", "index", "groups", "sorted_names")

    def __init__(self, definitions: list[Definition], sorted_names: bool) -> None:
        self.sorted_names = sorted_names
        root: dict = {}
        for definition in definitions:
            *groups, leaf = definition.name.split(".")
            node = root
            for group in groups:
                node = node.setdefault(f"{group}.", {})
            node[leaf] = definition
        self.order: list[Definition] = []
        self.groups: dict[str, tuple[int, int]] = {}
        self._walk(root, "")
        self.index = {definition.name: place for place, definition in enumerate(self.order)}

    def _walk(self, node: dict, prefix: str) -> None:
        start = len(self.order)
        items = sorted(node.items(), key=lambda item: item[0].lower()) if self.sorted_names else list(node.items())
        # Leaves before subgroups: recorded on 9.80 and 12.11, and true of the 5.51 order too.
        self.order.extend(item for name, item in items if not name.endswith("."))
        for name, item in items:
            if name.endswith("."):
                self._walk(item, prefix + name)
        self.groups[prefix[:-1]] = (start, len(self.order))

    def find(self, name: str) -> Definition | None:
        """The parameter of that exact name."""
        place = self.index.get(name)
        return None if place is None else self.order[place]

    def select(self, pattern: str) -> tuple[list[Definition], bool] | None:
        """The parameters of a group, leaf or wildcard, and whether it named a single leaf; None when unknown."""
        if pattern in self.groups:
            start, end = self.groups[pattern]
            return self.order[start:end], False
        if pattern in self.index:
            return [self.order[self.index[pattern]]], True
        if "*" not in pattern:
            return None
        levels = pattern.split(".")
        found = [definition for definition in self.order if _matches(definition.name.split("."), levels)]
        return (found, False) if found else None


def _matches(parts: list[str], levels: list[str]) -> bool:
    """A wildcard stands for one level; a pattern that ends early names a group."""
    pairs = zip(parts, levels, strict=False)
    return len(parts) >= len(levels) and all(fnmatchcase(part, level) for part, level in pairs)


def load(folder: Path, *files: str, lines: tuple[str, ...] = ()) -> list[Definition]:
    """Read tables one after another: later lines add, replace, or (``- pattern``) take away."""
    table: dict[str, Definition] = {}
    texts = [(folder / file).read_text(encoding="utf-8").splitlines() for file in files]
    for line in [line for text in (*texts, lines) for line in text]:
        if not line or line.startswith("#"):
            continue
        if line.startswith("- "):
            for name in [name for name in table if fnmatchcase(name, line[2:])]:
                del table[name]
            continue
        definition = Definition.parse(line)
        table[definition.name] = definition
    return list(table.values())
