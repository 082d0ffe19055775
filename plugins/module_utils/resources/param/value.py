# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a parameter's definition allows, and when two of its values are the same.

Every parameter has its own spelling (yes/no, true/false, On/Off), so values are checked and compared by the device's
own definition of it.
"""

from __future__ import annotations

import difflib
import typing as t

from ...wire.hosts import is_address, is_host
from ...wire.param_cgi import Definition

_TRUE = frozenset({"yes", "true", "on", "1"})
_FALSE = frozenset({"no", "false", "off", "0"})
#: What devices show instead of a secret.
MASKS = frozenset({"*****", "******"})


def spell(definition: Definition, value: t.Any) -> str:
    """A value from YAML as the device spells it.

    :raises ValueError: the definition does not allow it; the text says what it allows.
    """
    if isinstance(value, (dict, list)) or value is None:
        raise ValueError(f"a {_kind_of(value)} is no value of a parameter")
    if definition.kind == "bool":
        return _spell_bool(definition, value)
    if definition.kind == "int":
        return _spell_int(definition, value)
    if definition.kind == "enum":
        return _spell_choice(definition, value)
    if isinstance(value, bool):
        raise ValueError(f"{str(value).lower()} is ambiguous for a text; put it in quotes as the device spells it")
    text = str(value)
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError("a parameter holds a single line without control characters")
    size = len(text.encode("utf-8"))
    if definition.max_length is not None and size > definition.max_length:
        raise ValueError(f"{size} bytes are longer than the {definition.max_length} it holds")
    if definition.kind == "ip" and text and not is_address(text):
        raise ValueError(f"{text!r} is no IP address")
    if definition.kind == "hostname" and text and not is_host(text):
        raise ValueError(f"{text!r} is neither a host name nor an IP address")
    return text.rstrip()


def normal(definition: Definition, value: str) -> str:
    """A value as the device shows it, in the one spelling in which equal values are equal."""
    try:
        return spell(definition, value)
    except ValueError:
        return value.rstrip()  # devices hold values that their own definitions do not allow


def _spell_bool(definition: Definition, value: t.Any) -> str:
    true, false = definition.choices
    text = str(value)
    if text in (true, false):
        return text
    if text.casefold() in (true.casefold(), *(() if false.casefold() in _TRUE else _TRUE)):
        return true
    if text.casefold() in (false.casefold(), *(() if true.casefold() in _FALSE else _FALSE)):
        return false
    raise ValueError(f"{text!r} is neither {true!r} nor {false!r}")


def _spell_int(definition: Definition, value: t.Any) -> str:
    try:
        if isinstance(value, bool):
            raise ValueError
        number = int(str(value).replace("_", "x"))  # int() would read 1_0 as 10
    except ValueError:
        raise ValueError(f"{value!r} is no whole number") from None
    ranges = definition.ranges
    if ranges and not any((low is None or low <= number) and (high is None or number <= high) for low, high in ranges):
        raise ValueError(f"{number} is not {' or '.join(_range(low, high) for low, high in ranges)}")
    text = str(number)
    if definition.max_length is not None and len(text) > definition.max_length:
        raise ValueError(f"{number} has more than {definition.max_length} digits")
    return text


def _range(low: int | None, high: int | None) -> str:
    if low == high:
        return str(low)
    if low is None or high is None:
        return f"at most {high}" if low is None else f"at least {low}"
    return f"between {low} and {high}"


def _spell_choice(definition: Definition, value: t.Any) -> str:
    text = str(value)
    if not isinstance(value, bool):
        if text in definition.choices:
            return text
        alike = [choice for choice in definition.choices if choice.casefold() == text.casefold()]
        if len(alike) == 1:
            return alike[0]
    else:
        # YAML reads an unquoted yes or off as a boolean; take the choice that was meant if there is one.
        words = _TRUE if value else _FALSE
        meant = [choice for choice in definition.choices if choice.casefold() in words]
        if len(meant) == 1:
            return meant[0]
    close = difflib.get_close_matches(text, definition.choices, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise ValueError(f"{text!r} is not among {', '.join(map(repr, definition.choices))}{hint}")


def _kind_of(value: t.Any) -> str:
    return "null" if value is None else "mapping" if isinstance(value, dict) else "list"
