# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""From what the user wrote to what is wanted."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..model.option import Document, Option, misfits, strangers
from ..model.resource import Declared
from . import connection


@dataclasses.dataclass(frozen=True)
class Understood:
    """What a user wrote, checked.

    :param written: the same in the names and words of today. :param params: validated, with every gap filled.
    :param problems: why it is of no use. :param deprecated: what was written in old names or words.
    """

    written: Document
    params: Document = dataclasses.field(default_factory=dict)
    problems: tuple[str, ...] = ()
    deprecated: tuple[str, ...] = ()


def understand(declared: Declared, written: t.Mapping[str, t.Any], connected: bool = True) -> Understood:
    """Check all that can be checked without a device.

    :param connected: the options of the connection are among them.
    """
    written, deprecated = in_words_of_today(declared.options, written)
    if problems := type_problems(declared, written, connected):
        return Understood(written, problems=problems)
    validator = ArgumentSpecValidator(argument_spec(declared, connected), **declared.constraints)
    found = validator.validate(without_nulls(declared.options, written))
    return Understood(written, found.validated_parameters, tuple(found.error_messages), deprecated)


def type_problems(declared: Declared, written: t.Mapping[str, t.Any], connected: bool = True) -> tuple[str, ...]:
    """Names that are no option, and values of the wrong type, in our words.

    Ansible converts some of them, and says the rest in Python's words.
    """
    options = dict(declared.options)
    if connected:
        options |= {name: row.option for name, row in connection.OPTIONS.items()}
    found = (*strangers(options, written), *misfits(options, written))
    return tuple(f"{path} {problem}" for path, problem in found)


def in_words_of_today(
    options: t.Mapping[str, Option], written: t.Mapping[str, t.Any], prefix: str = ""
) -> tuple[Document, tuple[str, ...]]:
    """What a user wrote with the present names of options and choices, and texts about those that are old.

    Where both names are given, the present one counts.
    """
    document: Document = {}
    deprecated: list[str] = []
    names = {alias: name for name, option in options.items() for alias in option.aliases}
    for key, value in written.items():
        name = names.get(key, key) if isinstance(key, str) else key
        option = options.get(name)
        if name != key:
            deprecated.append(f"{prefix}{key} is the old name of {prefix}{name}")
            if name in written:
                continue
        if option is not None and isinstance(value, str) and value in option.words:
            deprecated.append(f"{prefix}{name}: {value} is the old word for {option.words[value]}")
            value = option.words[value]
        elif option is not None and option.options:
            value, more = _blocks_of_today(option.options, value, f"{prefix}{name}")
            deprecated += more
        document[name] = value
    return document, tuple(deprecated)


def _blocks_of_today(options: t.Mapping[str, Option], value: t.Any, path: str) -> tuple[t.Any, tuple[str, ...]]:
    if isinstance(value, dict):
        return in_words_of_today(options, value, f"{path}.")
    if not isinstance(value, list):
        return value, ()
    pairs = [
        in_words_of_today(options, item, f"{path}[{number}].") if isinstance(item, dict) else (item, ())
        for number, item in enumerate(value)
    ]
    return [item for item, _texts in pairs], tuple(text for _item, texts in pairs for text in texts)


def argument_spec(declared: Declared, connected: bool = True) -> dict[str, t.Any]:
    """The argument spec of a module: its own options and, if connected, those of the connection."""
    hidden = declared.options.keys() & connection.OPTIONS.keys()
    if hidden:
        raise ValueError(f"{declared.name}: options that the connection has already: {sorted(hidden)}")
    own = {name: option.argument_spec() for name, option in declared.options.items()}
    return own | connection.argument_spec() if connected else own


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
