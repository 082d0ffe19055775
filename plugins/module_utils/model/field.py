# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Fields: where an option lives in an API, and how the API spells its value.

A :class:`Kind` translates one value both ways and checks the type of what a device shows. Its errors name types and
never the value, which can be a secret.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .change import Secret


class Kind:
    """A spelling of values.

    :param decode: from the API's value to the option's. :param encode: the other way.
    :param normal: from what a user wrote to what decode makes of it, where a value has several spellings.
        It raises ValueError with a phrase for what the API has no word for.
    :raises TypeError: decode: the API's value is of another type. :raises ValueError: it cannot be read.
    """

    def __init__(
        self,
        decode: t.Callable[[t.Any], t.Any] = lambda value: value,
        encode: t.Callable[[t.Any], t.Any] = lambda value: value,
        normal: t.Callable[[t.Any], t.Any] = lambda value: value,
    ) -> None:
        self.decode = decode
        self.normal = normal
        self._encode = encode

    def encode(self, value: t.Any) -> t.Any:
        """The API's spelling of a value. A secret is put in when it is sent, as it is."""
        return value if isinstance(value, Secret) else self._encode(value)


def _of(*types: type) -> t.Callable[[t.Any], t.Any]:
    names = " or ".join(kind.__name__ for kind in types)

    def check(value: t.Any) -> t.Any:
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise TypeError(f"{names} expected, not {type(value).__name__}")
        return value

    return check


def Words(true: str, false: str) -> Kind:
    """A yes or no in the words of a device. They are read in any letter case."""

    def decode(value: t.Any) -> bool:
        word = str(value).casefold()
        if word not in (true.casefold(), false.casefold()):
            raise ValueError(f"neither {true} nor {false}")
        return word == true.casefold()

    return Kind(decode, lambda value: true if value else false)


def Choice(words: t.Mapping[t.Any, str]) -> Kind:
    """Choices of an option by the API's words for them. Words are read in any letter case, and those the option does
    not have are passed through.

    :raises ValueError: two choices have the same word.
    """
    back = {word.casefold(): choice for choice, word in words.items()}
    if len(back) != len(words):
        raise ValueError("two choices have the same word")
    return Kind(lambda value: back.get(str(value).casefold(), value), lambda value: words.get(value, value))


def Separated(separator: str, also: str = "") -> Kind:
    """A list in one text. :param also: other separators that devices use."""

    def decode(value: t.Any) -> list[str]:
        text = _of(str)(value)
        for other in also:
            text = text.replace(other, separator)
        return [word.strip() for word in text.split(separator) if word.strip()]

    return Kind(decode, separator.join)


def ListOf(kind: Kind) -> Kind:
    """A list of values of one kind."""
    return Kind(
        lambda value: [kind.decode(entry) for entry in _of(list)(value)],
        lambda value: [kind.encode(entry) for entry in value],
        lambda value: [kind.normal(entry) for entry in value],
    )


def Object(members: t.Mapping[str, Field]) -> Kind:
    """An object whose members are options: an entry of a list of blocks. Members it does not have are left out."""

    def decode(value: t.Any) -> dict[str, t.Any]:
        document = _of(dict)(value)
        return {
            name: field.kind.decode(document[field.key]) for name, field in members.items() if field.key in document
        }

    def encode(value: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        return {field.key: field.kind.encode(value[name]) for name, field in members.items() if name in value}

    return Kind(decode, encode)


def Query() -> Kind:
    """Arguments in one text (``resolution=1280x720&fps=25``), without percent-encoding. Names are in any letter case.

    The option is a mapping from names to texts, numbers and yes or no.
    """

    def decode(value: t.Any) -> dict[str, str]:
        pairs = (part.partition("=") for part in _of(str)(value).split("&") if part)
        return {name.lower(): text for name, _mark, text in pairs}

    def normal(value: t.Any) -> dict[str, str]:
        return {
            str(name).lower(): str(int(item)) if isinstance(item, bool) else str(item) for name, item in value.items()
        }

    def encode(value: t.Any) -> str:
        return "&".join(f"{name}={item}" for name, item in normal(value).items())

    return Kind(decode, encode, normal)


def _integer(value: t.Any) -> int:
    """A whole number, also where a device shows it as a text."""
    if isinstance(value, str):
        if not value.strip().lstrip("+-").isdigit() or len(value) > 32:
            raise ValueError("not a whole number")
        return int(value)
    number = _of(int, float)(value)
    if not float(number).is_integer():
        raise ValueError("not a whole number")
    return int(number)


def _number(value: t.Any) -> float:
    return float(value) if isinstance(value, str) else float(_of(int, float)(value))


def _listed(value: t.Any) -> list[t.Any]:
    """A list of texts, without the empty one by which some APIs show an empty list."""
    return [entry for entry in _of(list)(value) if _of(str)(entry)]


#: Whatever it is.
ANY = Kind()
BOOL = Kind(_of(bool))
TEXT = Kind(_of(str))
#: A text without blanks around it: XML does not tell them from those of its layout.
STRIPPED = Kind(_of(str), str, str.strip)
INT = Kind(_integer)
FLOAT = Kind(_number)
#: Numbers that the device holds as text, as all parameters are.
INT_TEXT = Kind(_integer, str)
FLOAT_TEXT = Kind(_number, lambda value: f"{value:g}")
TEXTS = Kind(_listed)
YES_NO = Words("yes", "no")
ON_OFF = Words("on", "off")
TRUE_FALSE = Words("true", "false")
#: Whether a secret is set, of which no value is shown.
IS_SET = Kind(lambda value: value not in (None, False, "", "no", "false"))


@dataclasses.dataclass(frozen=True)
class Field:
    """Where an option lives in an API.

    :param key: the member there; dots lead into objects. :param kind: how it is spelled.
    :param set_as: the member by which it is set, where that has another name.
    :param choices: the member that lists the values this device takes. :param most: the member that says how many
        entries it takes. :param least, greatest: the members that say between which values it has to be.
    :param flag: the member that says whether the value was ever set; if it says no, the value is None.
    """

    key: str
    kind: Kind = ANY
    set_as: str = ""
    choices: str = ""
    most: str = ""
    least: str = ""
    greatest: str = ""
    flag: str = ""

    @property
    def written(self) -> str:
        """The member by which it is set."""
        return self.set_as or self.key

    def decode(self, value: t.Any) -> t.Any:
        """See :class:`Kind`."""
        return self.kind.decode(value)

    def encode(self, value: t.Any) -> t.Any:
        """See :class:`Kind`."""
        return self.kind.encode(value)

    def normal(self, value: t.Any) -> t.Any:
        """See :class:`Kind`."""
        return value if value is None else self.kind.normal(value)


class _Missing:
    """Marks a member that is not there, as opposed to null."""

    def __repr__(self) -> str:
        return "<missing>"


MISSING = _Missing()


def dig(document: t.Any, key: str) -> t.Any:
    """The member at a dotted key, or :data:`MISSING`."""
    for part in key.split(".") if key else ():
        if not isinstance(document, dict) or part not in document:
            return MISSING
        document = document[part]
    return document
