# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One file per API, and no list of them: every file here whose name does not begin with ``_`` is loaded. It declares

| Name | What |
| --- | --- |
| ``HANDLER``, or a tuple ``HANDLERS`` | CGIs: who answers for a path, and on which generations |
| ``REST``, or a tuple of them | REST APIs below ``/config/rest`` (``RestApi``) |
| ``SOAP`` | operations of ``/vapix/services`` (``SoapApi``) |
| ``DOCUMENTS`` | the settings of the API as data, by name, with the values of the factory |
| ``VIEWS`` | parameters that show something else, by name (``documents.view``) |

What a file says about generations and versions must agree with the API lists of the profiles (:func:`disagreements`).
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

import documents
import state
from handlers import _rest, _soap
from handlers._base import Handler

if TYPE_CHECKING:
    from profiles import Profile

__all__ = ["BY_PATH", "Handler", "disagreements", "find", "options"]

_MODULES: list[ModuleType] = [
    import_module(f"{__name__}.{found.name}")
    for found in pkgutil.iter_modules(__path__)
    if not found.name.startswith("_")
]


def _declared(*names: str) -> Iterator[Any]:
    """What the files declare under these names, tuples taken apart."""
    for module in _MODULES:
        for name in names:
            found = getattr(module, name, ())
            yield from found if isinstance(found, tuple) else (found,)


BY_PATH: dict[str, Handler] = {handler.path: handler for handler in _declared("HANDLER", "HANDLERS")}
_rest.APIS.extend(_declared("REST"))
_soap.APIS.extend(_declared("SOAP"))
for _part in _declared("DOCUMENTS"):
    documents.FACTORY.update(_part)
for _part in _declared("VIEWS"):
    state.LIVE.update(_part)


@cache
def options(handler: Handler, profile: Profile) -> dict[str, Any] | None:
    """What a kind of device says about a handler; None: it has no such path."""
    return handler.options(profile)


def find(path: str) -> Handler | None:
    """The handler of a path: exact, or of the tree it lies in (``/config/rest/...``)."""
    handler = BY_PATH.get(path)
    while handler is None and path.count("/") > 1:
        path = path.rpartition("/")[0]
        handler = BY_PATH.get(path)
        if handler is not None and not handler.is_tree:
            return None
    return handler


def disagreements(profiles: Iterable[Profile]) -> list[str]:
    """Where handler files and API lists contradict each other; empty when all is well.

    ``profiles`` are all there are, with their products: what a file promises for a generation, one of them must list.
    """
    profiles = list(profiles)
    wrong = []
    for handler in BY_PATH.values():
        if handler.discovery:
            listed = [(one, one.listed(handler.discovery)) for one in profiles]
            wrong += _compare(f"{handler.path} ({handler.discovery})", handler.generations, listed)
    promised: dict[tuple[str, str], dict[str, str]] = {}
    for api in _rest.APIS:
        promised.setdefault((api.id, api.key), {}).update(api.generations)
    for (id_, key), generations in promised.items():
        listed = [(one, one.listed_rest(id_, key)) for one in profiles]
        wrong += _compare(f"REST {id_} {key}", generations, listed)
    return wrong


def _compare(what: str, promised: Any, listed: list[tuple[Profile, list[str]]]) -> list[str]:
    wrong = [
        f"{what}: {profile.name} lists {versions}, the handler file says {promised.get(profile.generation)}"
        for profile, versions in listed
        if versions and promised.get(profile.generation) not in versions
    ]
    there = {profile.generation for profile, versions in listed if versions}
    absent = [one for one in promised if one not in there]
    return wrong + [f"{what}: the handler file names {one}, where no list has it" for one in absent]
