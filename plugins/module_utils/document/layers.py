# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A document in layers, from what all cameras share to what one camera has alone: later layers win.

Blocks are merged by option. Lists of entries that can be present or absent are merged by name (accounts, stream
profiles, certificates); any other list is replaced. ``null`` is a value: the documented default. :data:`UNMANAGED`
takes an option or a block out of the document again, and as ``state`` a named entry.
"""

from __future__ import annotations

import typing as t

from ..model.option import Document, Option
from .registry import RESOURCES

#: Stops to declare what an earlier layer declares: the device is left alone there.
UNMANAGED = "<unmanaged>"

#: Where each value comes from: the name of the layer by path.
Origins = dict[str, str]


class Layer(t.NamedTuple):
    """One layer. :param name: how it is shown, for example that of the variable that holds it."""

    name: str
    document: t.Mapping[str, t.Any]


def merge(layers: t.Iterable[Layer]) -> tuple[Document, Origins]:
    """The document of all layers, and where each of its values comes from.

    :raises TypeError: a layer is no block, with its name.
    """
    merged: Document = {}
    origins: Origins = {}
    for layer in layers:
        if not isinstance(layer.document, t.Mapping):
            raise TypeError(f"the layer {layer.name} is no block of sections")
        for name, section in layer.document.items():
            merge_section(merged, str(name), section, layer.name, origins)
    return merged, origins


def merge_section(merged: Document, name: str, section: t.Any, layer: str, origins: Origins) -> None:
    """Put a section of a layer into a document."""
    resource = RESOURCES.get(name)
    options = {} if resource is None else resource.options
    if isinstance(section, list):
        there = merged.get(name)
        there = there if isinstance(there, list) else []
        merged[name] = _merged_list(there, section, _identity(options), options, name, layer, origins)
    else:
        _merge_value(merged, name, section, options, name, layer, origins)


def _identity(options: t.Mapping[str, Option]) -> str | None:
    """The option that names an entry of a list whose entries can be present or absent; None for other lists."""
    named = [name for name, option in options.items() if option.required and option.type == "str"]
    return named[0] if len(named) == 1 and "state" in options else None


def _merge_value(
    place: Document,
    name: str,
    value: t.Any,
    options: t.Mapping[str, Option],
    path: str,
    layer: str,
    origins: Origins,
) -> None:
    """Put a value into a block. :param options: those inside it, if it is a block or a list of blocks."""
    if value == UNMANAGED:
        place.pop(name, None)
        for other in [other for other in origins if other == path or other.startswith((f"{path}.", f"{path}["))]:
            del origins[other]
    elif isinstance(value, t.Mapping):
        # A free-form block (parameters) is merged by its members, too.
        block = place.get(name)
        block = dict(block) if isinstance(block, t.Mapping) else {}
        for key, item in value.items():
            inner = options[key].options if key in options else None
            _merge_value(block, str(key), item, inner or {}, f"{path}.{key}", layer, origins)
        place[name] = block
        if not block and value:
            del place[name]  # all of it is unmanaged
    elif isinstance(value, list) and options:
        there = place.get(name)
        there = there if isinstance(there, list) else []
        place[name] = _merged_list(there, value, _identity(options), options, path, layer, origins)
    else:
        place[name] = value
        origins[path] = layer


def _merged_list(
    there: list[t.Any],
    listed: list[t.Any],
    key: str | None,
    options: t.Mapping[str, Option],
    path: str,
    layer: str,
    origins: Origins,
) -> list[t.Any]:
    """A list of blocks merged by the option that names them; without one, the later list replaces the other."""
    if key is None or not all(isinstance(entry, t.Mapping) and key in entry for entry in (*there, *listed)):
        origins[path] = layer
        return list(listed)
    merged: Document = {str(entry[key]): dict(entry) for entry in there}
    for entry in listed:
        name = str(entry[key])
        if entry.get("state") == UNMANAGED:
            merged.pop(name, None)
            continue
        block = merged.setdefault(name, {key: entry[key]})
        for option, value in entry.items():
            inner = options[option].options if option in options else None
            _merge_value(block, str(option), value, inner or {}, f"{path}[{name}].{option}", layer, origins)
    return list(merged.values())
