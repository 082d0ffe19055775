# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Options: what a user writes. One row says the type, the text of the documentation, the limits and what null means.

A document is a nested dictionary in the words of the options. A path names a place in it, joined with dots
(``nts.servers``).
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import re
import typing as t

from ..wire.hosts import is_address, is_host

Document = dict[str, t.Any]

#: What a change can cost, from nothing to a reboot.
RISKS = ("none", "restarts_service", "moves_address", "reboots")

_TYPES = frozenset({"bool", "dict", "float", "int", "list", "path", "raw", "str"})

#: Kinds of text: how to recognise them, and what they are called.
FORMATS: dict[str, tuple[t.Callable[[str], bool], str]] = {
    "address": (is_address, "an IP address"),
    "host": (is_host, "a host name or an IP address"),
}

#: Characters that no setting holds: they break lines in logs and requests.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclasses.dataclass(frozen=True)
class Option:
    """One option of a module.

    :param type: an Ansible type name. :param elements: type of the elements of a list.
    :param options: the options inside a ``dict`` or a list of them.
    :param choices: the values allowed.
    :param default: Ansible's default, for options that steer the module. Options that declare state have none: left out
        means left alone.
    :param null: what an explicit ``null`` stands for, the documented default of the device.
    :param doc: text for the documentation, a paragraph or several, in Ansible's markup.
    :param unit: of a number, for example ``seconds``.
    :param range: of a number, lowest and highest value; None for no limit.
    :param length: of a text, shortest and longest; of a list, fewest and most entries.
    :param pattern: of a text, a regular expression for all of it. :param like: an example, for the error.
    :param format: of a text, one of :data:`FORMATS`.
    :param secret: the value is never shown. :param write_only: the device never shows the value.
    :param ordered: for lists, whether the order means something.
    :param risk: what a change costs, one of :data:`RISKS`.
    :param identity: it belongs to this one device (its name, its address, its place) and not to several alike.
    :param steers: the option steers the module and is no state of the device. One with a default always does.
    :param aliases: other names, kept for playbooks that use them. :param words: old words for choices.
    """

    type: str = "str"
    elements: str | None = None
    options: t.Mapping[str, Option] | None = None
    choices: tuple[str, ...] | None = None
    default: t.Any = None
    required: bool = False
    null: t.Any = None
    doc: str | tuple[str, ...] = ()
    unit: str = ""
    range: tuple[float | None, float | None] | None = None
    length: tuple[int, int | None] | None = None
    pattern: str | None = None
    like: str | None = None
    format: str | None = None
    secret: bool = False
    write_only: bool = False
    ordered: bool = True
    risk: str = "none"
    identity: bool = False
    steers: bool = False
    aliases: tuple[str, ...] = ()
    words: t.Mapping[str, str] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        if (self.elements is not None) != (self.type == "list"):
            raise ValueError("elements belongs to type list, and a list needs it")
        if self.options is not None and self.type != "dict" and self.elements != "dict":
            raise ValueError("only a dict, or a list of dicts, has options")
        if self.choices is not None and self.null is not None and self.null not in self.choices:
            raise ValueError(f"null stands for {self.null!r}, which is not among the choices {self.choices}")
        unknown = {self.type, self.elements or self.type} - _TYPES
        if unknown:
            raise ValueError(f"Ansible has no type {sorted(unknown)[0]!r}")
        if self.choices is not None and isinstance(self.default, str) and self.default not in self.choices:
            raise ValueError(f"the default {self.default!r} is not among the choices {self.choices}")
        if self.required and self.default is not None:
            raise ValueError("a required option has no default")
        if self.risk not in RISKS:
            raise ValueError(f"risk is one of {RISKS}, not {self.risk!r}")
        if self.range is not None and self._single not in ("int", "float"):
            raise ValueError("only a number has a range")
        if (self.pattern or self.format) and self._single not in ("str", "path"):
            raise ValueError("only a text has a pattern or a format")
        if self.format is not None and self.format not in FORMATS:
            raise ValueError(f"format is one of {sorted(FORMATS)}, not {self.format!r}")
        if self.write_only and not self.secret:
            raise ValueError("a value that the device never shows is a secret")
        if set(self.words.values()) - set(self.choices or ()):
            raise ValueError("old words stand for choices")
        for value in (self.null, self.default):
            if value is not None and self.options is None and (problem := self.problem(value)):
                raise ValueError(f"a default that is no good: {problem}")

    @property
    def _single(self) -> str:
        """The type of one value: that of the elements of a list."""
        return self.elements or self.type

    @property
    def is_state(self) -> bool:
        """Whether it declares state of the device."""
        return not self.steers and self.default is None

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The text for the documentation."""
        return (self.doc,) if isinstance(self.doc, str) else self.doc

    def argument_spec(self) -> dict[str, t.Any]:
        """The row of an Ansible argument spec for this option."""
        spec: dict[str, t.Any] = {"type": self.type}
        if self.elements:
            spec["elements"] = self.elements
        if self.choices:
            spec["choices"] = list(self.choices)
        if self.options:
            spec["options"] = {name: option.argument_spec() for name, option in self.options.items()}
        if self.default is not None:
            spec["default"] = self.default
        if self.required:
            spec["required"] = True
        if self.aliases:
            spec["aliases"] = list(self.aliases)
        # Said either way, since Ansible otherwise takes options by their name for secrets that were forgotten.
        spec["no_log"] = self.secret
        return spec

    def problem(self, value: t.Any) -> str | None:
        """Why a value (not null) cannot be right on any device, to be read behind the option's name; else None.

        The type was checked before. Secret values are not repeated.
        """
        values = value if self.type == "list" and isinstance(value, list) else [value]
        if self.length is not None:
            shortest, longest = self.length
            what = "entries" if self.type == "list" else "characters"
            size = len(value) if isinstance(value, (list, str)) else shortest
            if size < shortest or (longest is not None and size > longest):
                return f"has {size} {what}, not {_between(shortest, longest)}"
        return next(filter(None, map(self._problem_of_one, values)), None)

    def _problem_of_one(self, value: t.Any) -> str | None:
        shown = "the value" if self.secret else repr(value)
        if value is None:
            return "an entry is null"
        if self.range is not None and isinstance(value, (int, float)):
            low, high = self.range
            # Written so that "not a number" is outside, too.
            if not ((low is None or value >= low) and (high is None or value <= high)):
                return f"{shown} is not {_between(low, high)}{f' {self.unit}' if self.unit else ''}"
        if isinstance(value, str):
            if self._single == "str" and _CONTROL.search(value):
                return f"{shown} holds a control character"
            if self.pattern is not None and not re.fullmatch(self.pattern, value):
                return f"{shown} is not of the form {self.like or self.pattern}"
            if self.format is not None and not FORMATS[self.format][0](value):
                return f"{shown} is not {FORMATS[self.format][1]}"
        return None


def _between(low: float | None, high: float | None) -> str:
    if high is None:
        return f"at least {low:g}"
    return f"at most {high:g}" if low is None else f"between {low:g} and {high:g}"


#: What to do about a setting that a device does not have.
ON_UNSUPPORTED = Option(
    choices=("fail", "warn", "skip"),
    default="fail",
    doc="What to do if the device does not have a setting. V(warn) leaves it out, sets the others, lists it in "
    "RV(unsupported) and warns. V(skip) does the same without a warning.",
)


def update_secrets(default: str = "on_change", **more: t.Any) -> Option:
    """The option that says when to send what a device never shows."""
    return Option(
        choices=("on_change", "always"),
        default=default,
        doc="When to send secrets that the device never shows and that cannot be compared. V(on_change) sends them if "
        "none is set yet or if a setting that belongs to them changes. V(always) sends them on every run, and the task "
        "is always changed.",
        **more,
    )


def flatten_options(options: t.Mapping[str, Option], prefix: str = "") -> dict[str, Option]:
    """Options by path, those of a ``dict`` in place of itself."""
    flat: dict[str, Option] = {}
    for name, option in options.items():
        if option.type == "dict" and option.options:
            flat.update(flatten_options(option.options, f"{prefix}{name}."))
        else:
            flat[f"{prefix}{name}"] = option
    return flat


def problems(
    options: t.Mapping[str, Option], wanted: t.Mapping[str, t.Any], prefix: str = ""
) -> t.Iterator[tuple[str, str]]:
    """Path and problem of every value that cannot be right on any device."""
    for name, value in wanted.items():
        option, path = options[name], f"{prefix}{name}"
        if value is None:
            continue
        if option.options and isinstance(value, dict):
            yield from problems(option.options, value, f"{path}.")
        elif option.options and isinstance(value, list):
            if option.length is not None and (problem := option.problem(value)):
                yield path, problem
            for number, entry in enumerate(value):
                if isinstance(entry, dict):
                    yield from problems(option.options, entry, f"{path}[{number}].")
                else:
                    yield f"{path}[{number}]", "is null, not a block of options"
        elif problem := option.problem(value):
            yield path, problem


def secrets(options: t.Mapping[str, Option], wanted: t.Mapping[str, t.Any], prefix: str = "") -> dict[str, str]:
    """The values of secret options by path; those in a list of blocks with its number (``users[0].password``), those of
    a free-form mapping with their name.
    """
    found: dict[str, str] = {}
    for name, value in wanted.items():
        if (option := options.get(name)) is None:
            continue  # told as a stranger elsewhere
        path = f"{prefix}{name}"
        if option.options and isinstance(value, dict):
            found |= secrets(option.options, value, f"{path}.")
        elif option.options and isinstance(value, list):
            for number, entry in enumerate(value):
                if isinstance(entry, dict):
                    found |= secrets(option.options, entry, f"{path}[{number}].")
        elif option.secret and value is not None:
            if isinstance(value, list):
                found |= {f"{path}[{number}]": str(entry) for number, entry in enumerate(value)}
            elif isinstance(value, dict):
                found |= {f"{path}.{key}": str(entry) for key, entry in value.items()}
            else:
                found[path] = str(value)
    return found


def words(options: t.Mapping[str, Option]) -> set[str]:
    """All choices of all options: words that are ours, whatever they look like."""
    found: set[str] = set()
    for option in options.values():
        found.update(option.choices or ())
        found |= words(option.options or {})
    return found


def strangers(
    options: t.Mapping[str, Option], written: t.Mapping[t.Any, t.Any], prefix: str = ""
) -> t.Iterator[tuple[str, str]]:
    """Path and problem of every name that is no option, with the near ones."""
    known = {name for row, option in options.items() for name in (row, *option.aliases)}
    for name, value in written.items():
        if not isinstance(name, str):
            continue  # see misfits
        option = options.get(name)
        if name not in known:
            yield f"{prefix}{name}", no_such("option", name, known)
        elif option is not None and option.options:
            blocks = value if isinstance(value, list) else [value]
            for number, block in enumerate(blocks):
                if isinstance(block, dict):
                    place = f"[{number}]" if isinstance(value, list) else ""
                    yield from strangers(option.options, block, f"{prefix}{name}{place}.")


def no_such(what: str, name: str, known: t.Iterable[str]) -> str:
    """The problem with a name that is not known, with the near ones, else all of them."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=3)
    return f"is no {what}; {'did you mean' if near else 'there are'} {', '.join(near or names)}{'?' if near else ''}"


_BOOLS = frozenset({"y", "yes", "on", "1", "true", "t", "n", "no", "off", "0", "false", "f"})
_KINDS = {bool: "a yes or no", int: "a number", float: "a number", str: "a text", list: "a list", dict: "a block"}
_EXPECTED = {
    "bool": "a yes or no", "dict": "a block of options", "float": "a number", "int": "a whole number", "list": "a list",
    "path": "a path", "str": "a text",
}  # fmt: skip


def misfits(
    options: t.Mapping[str, Option], written: t.Mapping[t.Any, t.Any], prefix: str = ""
) -> t.Iterator[tuple[str, str]]:
    """Path and problem of every written value that is of no use for its option, before Ansible converts types.

    Ansible takes true for the number 1 and for the text "True", and says the rest in Python's words. Null is left out;
    for names that are no option see :func:`strangers`.
    """
    for name, value in written.items():
        if not isinstance(name, str):
            yield f"{prefix}{name}", f"is {_kind(name)} as the name of an option: quote it if it is meant as a text"
        elif name in options and value is not None:
            yield from _misfits(options[name], value, f"{prefix}{name}")


def _misfits(option: Option, value: t.Any, path: str) -> t.Iterator[tuple[str, str]]:
    if option.type == "list":
        entries = value.split(",") if isinstance(value, str) else value
        if not isinstance(entries, (list, tuple)):
            yield path, f"is {_kind(value)}, not a list"
            return
        one = dataclasses.replace(option, type=option.elements or "str", elements=None, null=None, length=None)
        for number, entry in enumerate(entries):
            if entry is None:
                yield f"{path}[{number}]", "is null: leave the entry out"
            else:
                yield from _misfits(one, entry, f"{path}[{number}]")
    elif problem := _misfit(option.type, value, option.secret):
        yield path, problem
    elif option.options and isinstance(value, dict):
        yield from misfits(option.options, value, f"{path}.")
    elif option.type in ("dict", "raw"):
        yield from ((path, problem) for problem in _unusable(value))


def _misfit(kind: str, value: t.Any, secret: bool) -> str | None:
    """Why a value is not of a type; None if it is, or can be read as one."""
    shown = "the value" if secret else repr(value)
    if kind == "raw" or (kind == "dict" and isinstance(value, (dict, str))):
        return None
    if isinstance(value, (list, tuple, dict)) or kind == "dict":
        return f"is {_kind(value)}, not {_EXPECTED[kind]}"
    if isinstance(value, float) and not math.isfinite(value):
        return f"is {shown}, not {_EXPECTED[kind]}"
    if kind == "bool":
        fits = isinstance(value, bool) or str(value).strip().lower() in _BOOLS or value in (0, 1)
        return None if fits else f"is {shown}, not a yes or no"
    if isinstance(value, bool):
        quote = f", or quote it if it is meant as a text: '{'yes' if value else 'no'}'" if kind == "str" else ""
        return f"is {'true' if value else 'false'}, not {_EXPECTED[kind]}{quote}"
    if kind in ("int", "float"):
        return None if _reads_as_number(value, kind) else f"is {shown}, not {_EXPECTED[kind]}"
    return next(iter(_unusable(value)), None)


def _reads_as_number(value: t.Any, kind: str) -> bool:
    try:
        number = float(value)
    except (OverflowError, TypeError, ValueError):
        return False
    return math.isfinite(number) and (kind == "float" or number.is_integer()) and abs(number) < 1e15


def _unusable(value: t.Any) -> t.Iterator[str]:
    """What of free-form data no device can be sent: keys that are no text, numbers without end, broken Unicode."""
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                yield f"has {_kind(key)} ({key!r}) as a key: quote it if it is meant as a text"
            else:
                yield from _unusable(key)
                yield from _unusable(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _unusable(item)
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"holds {value!r}, which is no number"
    elif isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        yield "holds half of a character (a surrogate)"


def _kind(value: t.Any) -> str:
    return "null" if value is None else _KINDS.get(type(value), type(value).__name__)
