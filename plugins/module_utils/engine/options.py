# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""From what the user wrote to what is wanted."""

from __future__ import annotations

import typing as t

from ..model.option import Document, Option
from ..model.resource import Declared
from . import connection


def argument_spec(declared: Declared) -> dict[str, t.Any]:
    """The argument spec of a module: its own options and those of the connection."""
    hidden = declared.options.keys() & connection.OPTIONS.keys()
    if hidden:
        raise ValueError(f"{declared.name}: options that the connection has already: {sorted(hidden)}")
    own = {name: option.argument_spec() for name, option in declared.options.items()}
    return own | connection.argument_spec()


def without_nulls(options: t.Mapping[str, Option], written: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """What Ansible shall validate: it takes no null for an option with choices. Free-form mappings stay as they are."""
    kept = {}
    for name, value in written.items():
        inner = options[name].options if name in options else None
        if value is None:
            continue
        if inner and isinstance(value, dict):
            value = without_nulls(inner, value)
        elif inner and isinstance(value, list):
            value = [without_nulls(inner, item) if isinstance(item, dict) else item for item in value]
        kept[name] = value
    return kept


def wanted(options: t.Mapping[str, Option], written: t.Mapping[str, t.Any], params: t.Mapping[str, t.Any]) -> Document:
    """What the user declared: options that were left out are not in it, an explicit null is.

    :param written: the options as the user wrote them. :param params: the same after validation, which fills the gaps.
    """
    document: Document = {}
    for name, option in options.items():
        value = params.get(name)
        if name not in written and option.default is None:
            continue
        if option.options and option.type == "dict":
            # null for a whole block is null for each of its options
            block = dict.fromkeys(option.options) if value is None else _as_written(written.get(name), value)
            document[name] = wanted(option.options, block, value or {})
        elif option.options and value is not None:
            blocks = written.get(name)
            blocks = blocks if isinstance(blocks, list) else [None] * len(value)
            pairs = zip(blocks, value, strict=True)
            document[name] = [wanted(option.options, _as_written(block, item), item) for block, item in pairs]
        else:
            document[name] = value
    return document


def _as_written(block: t.Any, value: t.Mapping[str, t.Any]) -> t.Mapping[str, t.Any]:
    """A block as the user wrote it. Given as JSON or key=value text, only its result shows what was in it."""
    return block if isinstance(block, dict) else {name: item for name, item in value.items() if item is not None}
