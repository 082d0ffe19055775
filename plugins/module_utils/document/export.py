# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A device as a document: what can be written back, secrets as names of variables."""

from __future__ import annotations

import copy
import dataclasses
import json
import os
import pathlib
import re
import tempfile
import traceback
import typing as t

from ..device.device import Device
from ..model.option import Document, Option
from ..model.resource import Exported, Resource
from ..wire.errors import InvalidOption, NotSupported, VapixError, missing_package, printable
from .registry import RESOURCES

try:
    import yaml
except ImportError:
    YAML_IMPORT_ERROR: str | None = traceback.format_exc()
else:
    YAML_IMPORT_ERROR = None

#: What an export holds: which options, and whether defaults.
Half = t.Literal["all", "shared", "identity"]


#: What Ansible reads as a template.
_TEMPLATE = re.compile(r"\{[{%#]")


class _Template(str):
    """A template of ours: the name of a variable."""


@dataclasses.dataclass
class Export:
    """A device as a document.

    :param config: the sections. :param secrets: names of the variables that are to hold its secrets.
    :param unread: what could not be read, and why, by section.
    """

    config: Document = dataclasses.field(default_factory=dict)
    secrets: list[str] = dataclasses.field(default_factory=list)
    unread: dict[str, str] = dataclasses.field(default_factory=dict)


def export(device: Device, names: t.Collection[str] = (), half: Half = "shared", defaults: bool = False) -> Export:
    """Read a device.

    :param names: the sections; empty for all. :param half: what all devices alike share, what belongs to this one
        alone, or all. :param defaults: whether to keep what is as documented when a device leaves the factory.
    :raises VapixError: the device cannot be reached, or does not take the login.
    """
    device.remember()
    found = Export()
    for name, resource in RESOURCES.items():
        if names and name not in names:
            continue
        try:
            parts = resource.exports(device)
        except NotSupported:
            continue  # it is not there: there is nothing to tell
        except VapixError as exc:
            if exc.http_status is None and exc.code is None and not found.config:
                raise  # the device itself is the problem
            found.unread[name] = str(exc)
            continue
        kept = [part for part in (_section(resource, part, half, defaults, found) for part in parts) if part]
        if kept:
            found.config[name] = kept[0] if len(parts) == 1 else kept
    return found


def _section(resource: Resource, part: Exported, half: Half, defaults: bool, found: Export) -> Document:
    """What of a section is kept, with placeholders for its secrets."""
    document = copy.deepcopy(part.document)
    for place, name in part.hidden:
        variable = "vault_" + re.sub("[^a-z0-9]+", "_", f"{resource.name}_{name}".lower()).strip("_")
        _put(document, place, _Template(f"{{{{ {variable} }}}}"))
        found.secrets.append(variable)
    kept = _kept(resource.options, document, half, defaults)
    # Without what identifies it, nothing is left to tell.
    return {} if all(kept.get(name) in ({}, [], None) for name in kept) else kept


def _put(document: t.Any, place: t.Sequence[str | int], value: str) -> None:
    for step in place[:-1]:
        document = document.setdefault(step, {}) if isinstance(document, dict) else document[step]
    document[place[-1]] = value


def _kept(options: t.Mapping[str, Option], document: Document, half: Half, defaults: bool) -> Document:
    """A document in the order of its options, without what is left out."""
    kept: Document = {}
    for name, option in options.items():
        if name not in document or not (half == "all" or (half == "identity") == option.identity or option.options):
            continue
        value = document[name]
        if option.options and isinstance(value, dict):
            if inner := _kept(option.options, value, _inside(option, half), defaults):
                kept[name] = inner
        elif option.options and isinstance(value, list):
            # What is in an item belongs to the item as a whole.
            if half in ("all", "identity" if option.identity else "shared") and (value or defaults):
                kept[name] = [_kept(option.options, item, "all", defaults) for item in _ordered(option, value)]
        elif defaults or not _is_default(option, value):
            kept[name] = _ordered(option, value) if isinstance(value, list) else value
    return kept


def _ordered(option: Option, entries: list[t.Any]) -> list[t.Any]:
    """A list of which the order means nothing in one order, so that two devices compare."""
    rows = option.options or {}
    name = next((name for name, row in rows.items() if row.required and row.type == "str"), None)
    if name is not None and "state" in rows:
        return sorted(entries, key=lambda entry: str(entry.get(name)))
    return entries if option.ordered else sorted(entries, key=lambda entry: json.dumps(entry, sort_keys=True))


def _inside(option: Option, half: Half) -> Half:
    """Which options of a block are kept: all of one that belongs to a device as a whole, if that is asked for."""
    return "all" if option.identity and half == "identity" else half


def _is_default(option: Option, value: t.Any) -> bool:
    if value is None:
        return True  # null is the default of an option whose default has no value
    default = option.null if option.null is not None else option.default
    return default is not None and value == default and isinstance(value, bool) == isinstance(default, bool)


# --- files ------------------------------------------------------------------------------------------------------------


def as_yaml(found: Export, variable: str, head: t.Sequence[str] = ()) -> str:
    """An export as a file of variables that people read and review.

    :param variable: name of the variable that holds the document. :param head: lines of comment.
    """
    if YAML_IMPORT_ERROR:
        raise missing_package("PyYAML")
    lines = [f"# {printable(line)}" for line in head]
    lines += [f"# Not read: {name}: {why}" for name, why in found.unread.items()]
    if found.secrets:
        lines.append("# Secrets, to be kept in a vault:")
        lines += [f"#   {name}" for name in found.secrets]
    text = yaml.dump(
        {variable: found.config}, Dumper=_dumper(), sort_keys=False, default_flow_style=False, width=120,
        allow_unicode=True,
    )  # fmt: skip
    return "\n".join(["---", *lines, text])


def _dumper() -> t.Any:
    """Block style throughout: lists are indented, and texts of several lines stay so.

    What a device says is no template, whatever it looks like: else a device could run code on the controller.
    """

    class Dumper(yaml.SafeDumper):
        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
            super().increase_indent(flow, False)

    def text(dumper: t.Any, value: str) -> t.Any:
        tag = "!unsafe" if _TEMPLATE.search(value) else "tag:yaml.org,2002:str"
        return dumper.represent_scalar(tag, value, style="|" if "\n" in value else None)

    def template(dumper: t.Any, value: str) -> t.Any:
        return dumper.represent_scalar("tag:yaml.org,2002:str", str(value))

    Dumper.add_representer(str, text)
    Dumper.add_representer(_Template, template)
    return Dumper


def write(path: str, text: str) -> bool:
    """Put a text into a file, all or nothing; whether it was another one before.

    :raises InvalidOption: the file cannot be written.
    """
    target = pathlib.Path(path).expanduser()
    try:
        if target.is_file() and target.read_text(encoding="utf-8") == text:
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
            os.replace(temporary, target)
        except BaseException:
            os.unlink(temporary)
            raise
    except (OSError, UnicodeError) as exc:
        raise InvalidOption(f"path: {path} cannot be written ({exc})", remedy="Name a file that you may write") from exc
    return True


def differs(path: str, text: str) -> bool:
    """Whether a file does not hold a text."""
    try:
        return pathlib.Path(path).expanduser().read_text(encoding="utf-8") != text
    except (OSError, UnicodeError):
        return True
