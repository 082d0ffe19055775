# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Parameters by name, and entries of dynamic groups by what identifies them.

Everything is validated against the device's own definitions before anything is sent.

Sources: VAPIX "Parameter management"; recorded definitions of AXIS OS 9.80 and 12.11.
"""

from __future__ import annotations

import difflib
import re
import typing as t
from urllib.parse import unquote

from ...device.device import Device
from ...model.legacy import Change, Document, Option, Resource, Target
from ...model.secret_names import is_secret
from ...wire.errors import InvalidOption, NotSupported
from ...wire.param_cgi import Definition, bare
from . import catalogue
from .value import MASKS, normal, spell

# Some devices show it as it was sent, percent-encoded, others decoded.
_PERCENT_ENCODED = re.compile(r"StreamProfile\.S\d+\.Parameters")
_NAME = re.compile(r"[A-Za-z][\w-]*(\.[\w-]+)+")


class Entry(t.NamedTuple):
    """An entry of a dynamic group as the device has it, for example ``StreamProfile.S4``."""

    name: str
    values: dict[str, str]


class Param(Resource):
    """Options of the parameters."""

    name = "param"
    options = {
        "parameters": Option("dict"),
        "groups": Option(
            "list",
            elements="dict",
            options={
                "parent": Option(required=True),
                "identity": Option(default="Name"),
                "template": Option(),
                "present": Option("list", elements="dict"),
                "absent": Option("list", elements="str"),
                "exclusive": Option("bool", default=False),
            },
        ),
        "write_only": Option(choices=("refuse", "send"), default="refuse"),
    }
    constraints = {"required_one_of": [("parameters", "groups")]}

    def secrets(self, wanted: Document) -> list[str]:
        entries = [wanted.get("parameters") or {}]
        entries += [entry for group in wanted.get("groups") or () for entry in group.get("present") or ()]
        return [str(value) for entry in entries for name, value in entry.items() if is_secret(name)]

    def on(self, device: Device, wanted: Document) -> ParamTarget:
        return ParamTarget(device, wanted)


class ParamTarget(Target):
    """The declared parameters of one device. A reading is the definitions of all groups that are touched."""

    def __init__(self, device: Device, wanted: Document) -> None:
        super().__init__(device, "param.cgi")
        self._send_write_only = wanted.get("write_only") == "send"
        self._parameters = {bare(name): value for name, value in (wanted.get("parameters") or {}).items()}
        if len(self._parameters) < len(wanted.get("parameters") or {}):
            raise self.invalid("a parameter is given twice, with and without root.", "Give it once")
        self._groups = [_tidy(group) for group in wanted.get("groups") or ()]
        self._reading: dict[str, Definition] = {}
        # What stands behind the path of a change: a parameter, entries to remove, or template and parent of a new one.
        self._names: dict[str, str] = {}
        self._doomed: dict[str, list[str]] = {}
        self._origins: dict[str, tuple[str, str]] = {}
        self._check_form()

    def _check_form(self) -> None:
        for name in self._parameters:
            if not _NAME.fullmatch(name):
                raise self.invalid(f"{name!r} is no name of a parameter", "Write it like Network.UPnP.Enabled")
        parents = [group["parent"] for group in self._groups]
        for group in self._groups:
            parent, identity = group["parent"], group["identity"]
            if parents.count(parent) > 1:
                raise self.invalid(f"groups: {parent} has two blocks", "Put all its entries into one")
            inside = re.compile(rf"{re.escape(parent)}\.[A-Z]\d+\.")
            for name in filter(inside.match, self._parameters):
                raise self.invalid(
                    f"{name} is in parameters, and its group {parent} in groups", "Set it in the entry of the group"
                )
            keys = [_key(entry, identity) for entry in group["present"]]
            if "" in keys:
                raise self.invalid(
                    f"groups: an entry of {parent} has no {identity}",
                    f"Give each entry its {identity}, which identifies it",
                )
            declared = [*keys, *group["absent"]]
            for key in declared:
                if declared.count(key) > 1:
                    raise self.invalid(f"groups: {parent}: {key!r} is declared twice", "Declare it once")

    def read(self) -> dict[str, Definition]:
        groups = {name.rpartition(".")[0] for name in self._parameters} | {group["parent"] for group in self._groups}
        # A group comes with those inside it.
        outermost = sorted(name for name in groups if not any(name.startswith(f"{other}.") for other in groups))
        return self.device.param.definitions(*(f"root.{name}" for name in outermost))

    def plan(self, reading: dict[str, Definition]) -> list[Change]:
        self._reading = reading
        changes = []
        for name, value in self._parameters.items():
            change = self._plan_value(name, reading.get(name), name, value)
            self._check_rules(name)
            if change:
                changes.append(change)
        for group in self._groups:
            changes += self._plan_group(group)
        return changes

    def _plan_value(self, path: str, definition: Definition | None, name: str, value: t.Any) -> Change | None:
        """The change of one parameter, if any. What is wrong is an error even where nothing would change."""
        if definition is None:
            raise self._unknown(name)
        try:
            wanted = spell(definition, value)
        except ValueError as exc:
            problem = "the value is not allowed" if is_secret(name) else exc
            raise self.invalid(f"{path}: {problem}", "Correct the value") from exc
        self._check_mask(path, wanted)
        if definition.write_only or definition.value in MASKS:
            return self._plan_write_only(path, definition, wanted)
        before = normal(definition, definition.value)
        if before == wanted or (_PERCENT_ENCODED.fullmatch(name) and unquote(before) == unquote(wanted)):
            return None
        if not definition.writable:
            raise self.invalid(f"{path} is read-only, and its value is another one", "Leave it out, it cannot be set")
        return Change(path, before, wanted, secret=is_secret(name), risk=catalogue.risk_of(name))

    def _check_mask(self, path: str, value: str) -> None:
        if value in MASKS:
            raise self.invalid(
                f"{path}: {value!r} is what devices show instead of a secret, not its value",
                "Give the value, or leave it out",
            )

    def _plan_write_only(self, path: str, definition: Definition, wanted: str) -> Change:
        if not self._send_write_only:
            raise self.invalid(
                f"{path} is write-only: the device never tells its value, so it cannot be compared",
                "Set write_only: send to write it on every run (the task is then always changed), or leave it out",
            )
        return Change(path, definition.value, wanted, secret=True, provable=False)

    def _check_rules(self, name: str) -> None:
        """Refuse to write what moves by itself or is protected; asks the device what it is, if it matters."""
        for rule in catalogue.rules_for(name):
            if rule.since and self.device.axis_os < rule.since:
                continue
            raise self.invalid(f"{name} cannot be set: {rule.reason}", rule.instead)

    def _unknown(self, name: str) -> InvalidOption:
        """An unknown name is mostly a typing error: look for what was meant."""
        parent = name.rpartition(".")[0]
        names: list[str] = [known for known in self._reading if known.startswith(f"{parent}.")]
        if not names:
            names = list(self.device.param.list(name.split(".")[0]))
        close = difflib.get_close_matches(name, names, n=3) or [
            known for known in names if known.casefold() == name.casefold()
        ]
        return self.invalid(
            f"the device has no parameter {name}",
            f"Did you mean {' or '.join(close)}?" if close else "Names differ between models and AXIS OS versions",
        )

    def _entries(self, parent: str) -> list[Entry]:
        pattern = re.compile(rf"(?P<entry>{re.escape(parent)}\.[A-Z]\d+)\.(?P<name>.+)")
        found: dict[str, dict[str, str]] = {}
        for name, definition in self._reading.items():
            match = pattern.fullmatch(name)
            if match:
                found.setdefault(match["entry"], {})[match["name"]] = definition.value
        return [Entry(name, values) for name, values in found.items()]

    def _plan_group(self, group: t.Mapping[str, t.Any]) -> list[Change]:
        parent, identity = group["parent"], group["identity"]
        entries = self._entries(parent)
        if not entries and not any(name.startswith(f"{parent}.") for name in self._reading):
            raise NotSupported(
                f"the device has no parameter group {parent}",
                remedy="The product or its AXIS OS does not offer this",
                device=str(self.device),
                api=self.api,
            )
        by_key: dict[str, list[Entry]] = {}
        for entry in entries:
            if identity not in entry.values:
                raise self.invalid(
                    f"groups: {parent}: identity: its entries have no parameter {identity}",
                    f"They have {', '.join(entry.values)}",
                )
            by_key.setdefault(entry.values[identity], []).append(entry)
        present = {_key(entry, identity): entry for entry in group["present"]}
        absent = list(group["absent"])
        if group["exclusive"]:
            absent += [key for key in by_key if key not in present and key not in absent]
        removed: list[Change] = []
        for key in absent:
            path = _path(parent, identity, key)
            self._doomed[path] = [entry.name for entry in by_key.get(key, ())]
            removed += [
                Change(path, dict(entry.values), None, secret=_holds_secret(entry.values))
                for entry in by_key.get(key, ())
            ]
        changed: list[Change] = []
        created: list[Change] = []
        for key, values in present.items():
            path = _path(parent, identity, key)
            same = by_key.get(key, [])
            if len(same) > 1:
                raise self.invalid(
                    f"groups: {parent}: {', '.join(entry.name for entry in same)} all have {identity} {key!r}",
                    "Make them different on the device, or remove them with absent, then declare the one you want",
                )
            if same:
                changed += self._plan_entry(path, same[0], values)
            else:
                new = self._new_entry(path, group, entries, values)
                created.append(Change(path, None, new, secret=_holds_secret(new)))
        self._check_room(parent, len(entries) - len(removed) + len(created), bool(created))
        return removed + changed + created

    def _plan_entry(self, path: str, entry: Entry, values: t.Mapping[str, t.Any]) -> list[Change]:
        changes = []
        for name, value in values.items():
            inside, real = f"{path}.{name}", f"{entry.name}.{name}"
            self._names[inside] = real
            change = self._plan_value(inside, self._reading.get(real), real, value)
            if change:
                changes.append(change)
        return changes

    def _new_entry(
        self, path: str, group: t.Mapping[str, t.Any], entries: list[Entry], values: t.Mapping[str, t.Any]
    ) -> dict[str, str]:
        """The values of an entry to be made, checked by the definitions of one that is there, if any is."""
        parent = group["parent"]
        known = catalogue.TEMPLATES.get(parent)
        template = group.get("template") or (known.name if known else None)
        if not template:
            raise self.invalid(
                f"groups: no template is documented for {parent}",
                "Give the option template, from the device's documentation",
            )
        self._origins[path] = template, parent
        spelled = {}
        for name, value in values.items():
            definition = self._definition_of_new(parent, entries, name)
            try:
                spelled[name] = spell(definition, value)
            except ValueError as exc:
                problem = "the value is not allowed" if is_secret(name) else exc
                raise self.invalid(f"groups: {parent}: {name}: {problem}", "Correct the value") from exc
            self._check_mask(f"groups: {parent}: {name}", spelled[name])
        return spelled

    def _definition_of_new(self, parent: str, entries: list[Entry], name: str) -> Definition:
        """What a parameter of a new entry can hold: as in an entry that is there, else as the template is known."""
        known = catalogue.TEMPLATES.get(parent)
        fields: t.Collection[str] = entries[0].values if entries else known.fields if known else [name]
        if name not in fields:
            raise self.invalid(
                f"groups: entries of {parent} have no parameter {name}", f"They have {', '.join(fields)}"
            )
        if entries:
            return self._reading[f"{entries[0].name}.{name}"]
        return Definition(name, "string", "", max_length=known.fields[name] if known else None)

    def _check_room(self, parent: str, count: int, grows: bool) -> None:
        limit = self._reading.get(f"{parent}.MaxGroups")
        if grows and limit is not None and limit.value.isdigit() and count > int(limit.value):
            raise self.invalid(
                f"groups: {parent} would have {count} entries, the device holds {limit.value}",
                "Remove some, or declare fewer",
            )

    def write(self, changes: t.Sequence[Change]) -> None:
        """Remove entries first, to make room; what can cut our own connection goes last."""
        updates: dict[str, str] = {}
        risky: dict[str, str] = {}
        created: list[Change] = []
        removed: dict[str, None] = {}
        for change in changes:
            if change.after is None:
                removed |= dict.fromkeys(self._doomed[change.path])
            elif change.path in self._origins:
                created.append(change)
            else:
                place = updates if change.risk == "none" else risky
                place[self._names.get(change.path, change.path)] = change.after
        if removed:
            self.device.param.remove(*(f"root.{name}" for name in removed))
        self.device.param.update(updates)
        for change in created:
            template, parent = self._origins[change.path]
            self.device.param.add(template, parent, change.after)
        self.device.param.update(risky)


def _tidy(group: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """A block of groups with bare parent and without gaps. Devices cut trailing blanks, so we do."""
    absent = [str(key).rstrip() for key in group.get("absent") or ()]
    present = list(group.get("present") or ())
    return dict(group, parent=bare(group["parent"]), present=present, absent=list(dict.fromkeys(absent)))


def _key(entry: t.Mapping[str, t.Any], identity: str) -> str:
    return str(entry.get(identity, "")).rstrip()


def _holds_secret(values: t.Mapping[str, str]) -> bool:
    return any(map(is_secret, values))


def _path(parent: str, identity: str, key: str) -> str:
    """How an entry is shown: by what identifies it, never by its number, which the device chooses."""
    return f"{parent}[{identity}={key}]"


DECLARED = Param()
