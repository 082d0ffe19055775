# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents: the settings of one API as plain data (dictionaries, lists, texts, numbers).

A handler file declares its document with the values it leaves the factory with (``DOCUMENTS``); a profile or a product
may have other ones. The state copies them, a reset and a factory default put them back, and a test reads and changes
them by name. Dynamic parameter groups are documents, too: ``{"groups": {"0": {"Name": "..."}}}`` under the name of
their template.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from live import Live
from params import Definition

if TYPE_CHECKING:
    from profiles import Profile
    from state import State

# What the handler files declare, by name; filled when they are loaded.
FACTORY: dict[str, dict[str, Any]] = {}


def at_start(profile: Profile) -> dict[str, dict[str, Any]]:
    """All documents of a device as it leaves the factory."""
    # By way of JSON: it is plain data, and nothing in it is the same thing twice.
    documents = json.loads(json.dumps(FACTORY))
    for name, members in profile.documents.items():
        documents.setdefault(name, {}).update(json.loads(json.dumps(members)))
    for name in profile.templates:
        documents[name] = {"groups": factory_groups(profile, name)}
    return documents


def factory_groups(profile: Profile, name: str) -> dict[str, dict[str, str]]:
    """The dynamic groups that are in the parameter tables."""
    groups: dict[str, dict[str, str]] = {}
    for definition in profile.tree.order:
        place = find_group(profile, definition.name)
        if place is not None and place[0] == name:
            groups.setdefault(place[1], {})[place[2]] = definition.value
    return groups


def find_group(profile: Profile, parameter: str) -> tuple[str, str, str] | None:
    """``StreamProfile.S0.Name`` -> ``("streamprofile", "0", "Name")``; None for what is in no dynamic group."""
    for name, template in profile.templates.items():
        match = template.pattern.fullmatch(parameter)
        if match is not None:
            return name, match[1], match[2]
    return None


def group_definitions(profile: Profile, name: str, number: str) -> list[Definition]:
    """The parameters of a dynamic group: those of the tables, or of the template."""
    template = profile.templates[name]
    prefix = f"{template.prefix}{number}."
    found = [definition for definition in profile.tree.order if definition.name.startswith(prefix)]
    return found or [Definition.parse(line.replace("#", number, 1)) for line in template.lines]


def new_group(profile: Profile, name: str) -> dict[str, str]:
    """A dynamic group with the values of its template."""
    definitions = (Definition.parse(line) for line in profile.templates[name].lines)
    return {definition.name.rpartition(".")[2]: definition.value for definition in definitions}


def free_number(groups: dict[str, Any]) -> str:
    """The lowest number no group has."""
    return next(str(count) for count in range(len(groups) + 1) if str(count) not in groups)


def view(
    document: str,
    *way: str | int,
    words: tuple[str, str] = ("yes", "no"),
    written: Callable[[dict[str, Any]], None] | None = None,
) -> Live:
    """A parameter that shows a value of a document, found by names and places: a truth in the words of the parameter, a
    number, or a text. ``written`` is called with the whole document when the parameter was set."""
    *outer, leaf = way

    def held(state: State) -> Any:
        value = state.documents[document]
        for name in outer:
            value = value[name]
        return value

    def read(state: State) -> str:
        value = held(state)[leaf]
        return words[not value] if isinstance(value, bool) else str(value)

    def write(state: State, text: str) -> bool:
        kind = type(held(state)[leaf])
        held(state)[leaf] = text == words[0] if kind is bool else kind(text)
        if written is not None:
            written(state.documents[document])
        return True

    return Live(read, write)


def change(documents: dict[str, dict[str, Any]], wanted: dict[str, dict[str, Any]]) -> None:
    """Set members of documents; each member as a whole. ``KeyError`` for what there is not."""
    for name, members in wanted.items():
        if name not in documents:
            raise KeyError(f"no document {name}; there are {sorted(documents)}")
        if unknown := members.keys() - documents[name].keys():
            raise KeyError(f"no {sorted(unknown)} in {name}; there are {sorted(documents[name])}")
        for member, value in members.items():
            documents[name][member] = copy.deepcopy(value)
