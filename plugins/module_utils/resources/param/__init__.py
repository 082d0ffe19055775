# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Parameters by name, and entries of dynamic groups by what identifies them.

Everything is validated against the device's own definitions before anything is sent.

Sources: VAPIX "Parameter management"; recorded definitions of AXIS OS 9.80 and 12.11.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
import typing as t
from urllib.parse import unquote

from ...device.device import Device
from ...model.change import Call, Change, Phase, Plan, Secret
from ...model.field import MISSING
from ...model.option import ON_UNSUPPORTED, Document, Option
from ...model.resource import Exported, Planner, Resource, Target, World
from ...model.secret_names import is_secret
from ...wire.errors import NotAllowed, NotSupported
from ...wire.param_cgi import Definition, bare
from . import catalogue
from .value import MASKS, normal, spell

# Some devices show it as it was sent, percent-encoded, others decoded.
_PERCENT_ENCODED = re.compile(r"StreamProfile\.S\d+\.Parameters")
_NAME = re.compile(r"[A-Za-z][\w-]*(\.[\w-]+)+")
_PHASES = {"none": Phase.SETTINGS, "restarts_service": Phase.ACCESS, "moves_address": Phase.ADDRESS}

GROUP = {
    "parent": Option(required=True, doc="The group the entries are in, for example V(StreamProfile)."),
    "identity": Option(default="Name", doc="The parameter that identifies an entry."),
    "template": Option(
        steers=True,
        doc="The template by which the device makes new entries. It is known for C(StreamProfile).",
    ),
    "present": Option(
        "list",
        elements="dict",
        doc="Entries that exist, each a mapping of parameters with the identifying one among them. Parameters of an "
        "entry that are not named are left alone. In a new entry they are what the template says.",
    ),
    "absent": Option("list", elements="str", doc="Identifying values of entries that do not exist."),
    "exclusive": Option(
        "bool", default=False, doc="Whether to remove all entries that O(groups[].present) does not name."
    ),
}


class Param(Resource):
    """Options of the parameters."""

    name = "param"
    apis = ("param.cgi",)
    options = {
        "parameters": Option(
            "dict",
            doc=(
                "Values by name of the parameter. A leading C(root.) makes no difference.",
                "Put a text in quotes where YAML reads it as something else.",
                "Parameters that the device changes by itself, such as C(Network.eth0.IPAddress), are refused.",
                "Values of parameters that hold secrets, such as SNMP communities, are not in the result.",
            ),
        ),
        "groups": Option(
            "list",
            elements="dict",
            options=GROUP,
            doc="Entries of dynamic groups, found by what identifies them and not by the number the device gave them.",
        ),
        "update_secrets": Option(
            choices=("refuse", "always"),
            default="refuse",
            aliases=("write_only",),
            words={"send": "always"},
            doc=(
                "What to do with parameters that the device never shows, such as passwords. They cannot be compared.",
                "V(refuse) makes it an error to name one. V(always) sends them on every run, and the task is always "
                "changed.",
            ),
        ),
        "on_unsupported": dataclasses.replace(
            ON_UNSUPPORTED,
            doc="What to do if the device does not have a parameter or a group. V(warn) leaves it out, sets the "
            "others, lists it in RV(unsupported) and warns. V(skip) does the same without a warning. With both, a "
            "misspelt "
            "name is left out, too.",
        ),
    }
    constraints = {"required_one_of": [("parameters", "groups")]}
    requirements = ("requests", "defusedxml")

    def secrets(self, wanted: Document) -> list[str]:
        return list(_secrets(wanted).values())

    def on(self, device: Device, wanted: Document) -> ParamTarget:
        return ParamTarget(self, device, wanted)

    def exports(self, device: Device) -> list[Exported]:
        """Nothing: which of a thousand parameters somebody wants to declare, only he knows."""
        return []


class Entry(t.NamedTuple):
    """An entry of a dynamic group as the device has it, for example ``StreamProfile.S4``."""

    name: str
    values: dict[str, str]


class Reading(t.NamedTuple):
    """All groups that are touched.

    :param definitions: with values, by name. :param near: names in the groups of parameters that are not there.
    :param axis_os: the version as numbers, where a rule depends on it.
    :param shows_all: our account sees all parameters; looked at where some are missing.
    """

    definitions: dict[str, Definition]
    near: tuple[str, ...] = ()
    axis_os: tuple[int, ...] = ()
    shows_all: bool = True

    def entries(self, parent: str) -> list[Entry]:
        """The entries of a dynamic group."""
        pattern = re.compile(rf"(?P<entry>{re.escape(parent)}\.[A-Z]\d+)\.(?P<name>.+)")
        found: dict[str, dict[str, str]] = {}
        for name, definition in self.definitions.items():
            if match := pattern.fullmatch(name):
                found.setdefault(match["entry"], {})[match["name"]] = definition.value
        return [Entry(name, values) for name, values in found.items()]

    def has_group(self, parent: str) -> bool:
        """Whether the device has a group, be it empty."""
        return any(name.startswith(f"{parent}.") for name in self.definitions)


class ParamTarget(Target):
    """The declared parameters of one device."""

    def __init__(self, resource: Param, device: Device, wanted: Document) -> None:
        super().__init__(resource, device, wanted)
        self._send_write_only = wanted.get("update_secrets") == "always"
        self._parameters = {bare(name): value for name, value in (wanted.get("parameters") or {}).items()}
        if len(self._parameters) < len(wanted.get("parameters") or {}):
            raise self.invalid("a parameter is given twice, with and without root", "Give it once")
        self._groups = [_tidy(group) for group in wanted.get("groups") or ()]
        self._check_form()

    def api_of(self, reading: Reading) -> str:
        return "param.cgi"

    def secrets(self) -> t.Mapping[str, t.Any]:
        return _secrets(self.wanted)

    def _check_form(self) -> None:
        for name in self._parameters:
            if not _NAME.fullmatch(name):
                raise self.invalid(
                    f"parameters: {name!r} is no name of a parameter", "Write it like Network.UPnP.Enabled"
                )
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

    def read(self) -> Reading:
        groups = {name.rpartition(".")[0] for name in self._parameters} | {group["parent"] for group in self._groups}
        # A group comes with those inside it.
        outermost = sorted(name for name in groups if not any(name.startswith(f"{other}.") for other in groups))
        definitions = self.device.param.definitions(*(f"root.{name}" for name in outermost)) if outermost else {}
        missing = {name.split(".")[0] for name in self._parameters if name not in definitions}
        near = {name for top in sorted(missing) for name in self.device.param.list(top)}
        by_version = any(rule.since for name in self._parameters for rule in catalogue.rules_for(name))
        axis_os = self.device.axis_os if by_version else ()
        gone = missing or any(not Reading(definitions).has_group(group["parent"]) for group in self._groups)
        return Reading(definitions, tuple(sorted(near)), axis_os, not gone or self.device.is_administrator)

    def current(self, reading: Reading) -> Document:
        """The parameters that are wanted, as they are; secrets and groups are left out."""
        there = {name: reading.definitions[name] for name in self._parameters if name in reading.definitions}
        return {
            "parameters": {
                name: normal(definition, definition.value)
                for name, definition in there.items()
                if not (is_secret(name) or definition.write_only)
            }
        }

    def shows(self, change: Change, reading: Reading) -> t.Any:
        if change.path in reading.definitions:
            return _shown(reading, change.path, change.after)
        for group in self._groups:
            for entry in reading.entries(group["parent"]):
                path = _path(group["parent"], group["identity"], entry.values.get(group["identity"], ""))
                if change.path == path and isinstance(change.after, dict):
                    return {
                        name: _shown(reading, f"{entry.name}.{name}", value) for name, value in change.after.items()
                    }
                if change.path.startswith(f"{path}."):
                    return _shown(reading, f"{entry.name}.{change.path.removeprefix(f'{path}.')}", change.after)
        return MISSING

    # -- planning
    def plan(self, reading: Reading, world: World) -> Plan:
        planner = self.planner(reading)
        values: dict[str, Change] = {}
        for name, value in self._parameters.items():
            if name not in reading.definitions:
                self._unknown(planner, name, reading)
                continue
            change = self._plan_value(name, reading.definitions[name], name, value)
            self._check_rules(name, reading.axis_os)
            if change:
                values[name] = change
        for group in self._groups:
            values |= self._plan_group(planner, group, reading)
        for risk, phase in _PHASES.items():
            some = {name: change for name, change in values.items() if change.risk == risk}
            do = Call("update", {"values": {name: _sent(change) for name, change in some.items()}})
            before = {name: change.before for name, change in some.items() if not change.secret}
            undo = [Call("update", {"values": before})] if before else []
            planner.step(some.values(), [do], undo, phase)
        return planner.plan()

    def _plan_value(self, path: str, definition: Definition, name: str, value: t.Any) -> Change | None:
        """The change of one parameter, if any. What is wrong is an error even where nothing would change."""
        try:
            wanted = spell(definition, value)
        except ValueError as exc:
            problem = "the value is not allowed" if is_secret(name) else exc
            raise self.invalid(f"{path}: {problem}", "Correct the value") from exc
        self._check_mask(path, wanted)
        if definition.write_only or definition.value in MASKS:
            return self._plan_write_only(path, definition)
        before = normal(definition, definition.value)
        if before == wanted or (_PERCENT_ENCODED.fullmatch(name) and unquote(before) == unquote(wanted)):
            return None
        if not definition.writable:
            raise self.invalid(f"{path} is read-only, and its value is another one", "Leave it out, it cannot be set")
        secret = is_secret(name)
        return Change(path, before, Secret(path) if secret else wanted, secret, catalogue.risk_of(name))

    def _check_mask(self, path: str, value: str) -> None:
        if value in MASKS:
            raise self.invalid(
                f"{path}: {value!r} is what devices show instead of a secret, not its value",
                "Give the value, or leave it out",
            )

    def _plan_write_only(self, path: str, definition: Definition) -> Change:
        if not self._send_write_only:
            raise self.invalid(
                f"{path} is write-only: the device never tells its value, so it cannot be compared",
                "Set update_secrets: always to write it on every run (always changed), or leave it out",
            )
        return Change(path, definition.value, Secret(path), secret=True, provable=False)

    def _check_rules(self, name: str, axis_os: tuple[int, ...]) -> None:
        """Refuse to write what moves by itself or is protected."""
        for rule in catalogue.rules_for(name):
            if not rule.since or axis_os >= rule.since:
                raise self.invalid(f"{name} cannot be set: {rule.reason}", rule.instead)

    def _unknown(self, planner: Planner, name: str, reading: Reading) -> None:
        """An unknown name is mostly a typing error: look for what was meant."""
        if not reading.shows_all:
            raise self._hidden(name)
        if self.skips:
            planner.unsupported(f"hold {name}", name)
            return
        parent = name.rpartition(".")[0]
        names = [known for known in reading.definitions if known.startswith(f"{parent}.")] or list(reading.near)
        close = difflib.get_close_matches(name, names, n=3) or [
            known for known in names if known.casefold() == name.casefold()
        ]
        raise self.invalid(
            f"the device has no parameter {name}",
            f"Did you mean {' or '.join(close)}?" if close else "Names differ between models and AXIS OS versions",
        )

    def _hidden(self, name: str) -> NotAllowed:
        """The error for what only an administrator sees."""
        return NotAllowed(
            f"the device refuses this operation to user {self.device.session.username!r}, or does not have {name}",
            remedy="Devices hide parameters from accounts without the role: use an administrator",
            device=str(self.device),
            api="param.cgi",
        )

    def _plan_group(self, planner: Planner, group: Document, reading: Reading) -> dict[str, Change]:
        """Plan a group's entries; the changes of values in entries that are there are returned, by parameter."""
        parent, identity = group["parent"], group["identity"]
        entries = reading.entries(parent)
        if not reading.has_group(parent):
            if not reading.shows_all:
                raise self._hidden(parent)
            if self.skips:
                planner.unsupported(f"hold {parent}", f"groups[{parent}]")
                return {}
            raise NotSupported(
                f"groups: the device has no parameter group {parent}",
                remedy="The product or its AXIS OS does not offer this",
                device=str(self.device),
                api="param.cgi",
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
        gone = [(key, entry) for key in absent for entry in by_key.get(key, ())]
        # Removed first, to make room.
        planner.step(
            [Change(_path(parent, identity, key), _visible(entry.values), None) for key, entry in gone],
            [Call("remove", {"names": [entry.name for _key, entry in gone]})],
        )
        changed: dict[str, Change] = {}
        created = 0
        for key, values in present.items():
            path = _path(parent, identity, key)
            same = by_key.get(key, [])
            if len(same) > 1:
                raise self.invalid(
                    f"groups: {parent}: {', '.join(entry.name for entry in same)} all have {identity} {key!r}",
                    "Make them different on the device, or remove them with absent, then declare the one you want",
                )
            if same:
                changed |= self._plan_entry(path, same[0], values, reading)
            else:
                created += 1
                template, new = self._new_entry(path, group, entries, values, reading)
                where = {"parent": parent, "identity": identity, "key": key}
                planner.step(
                    [Change(path, None, new)],
                    [Call("add", {"template": template, "parent": parent, "values": new})],
                    [Call("remove new", where)],
                )
        self._check_room(parent, len(entries) - len(gone) + created, created > 0, reading)
        return changed

    def _plan_entry(self, path: str, entry: Entry, values: Document, reading: Reading) -> dict[str, Change]:
        changes = {}
        for name, value in values.items():
            inside, real = f"{path}.{name}", f"{entry.name}.{name}"
            if real not in reading.definitions:
                raise self.invalid(
                    f"groups: entries of {path.partition('[')[0]} have no parameter {name}",
                    f"They have {', '.join(entry.values)}",
                )
            change = self._plan_value(inside, reading.definitions[real], real, value)
            if change:
                changes[real] = change
        return changes

    def _new_entry(
        self, path: str, group: Document, entries: list[Entry], values: Document, reading: Reading
    ) -> tuple[str, Document]:
        """Template and values of an entry to be made, checked by the definitions of one that is there, if any is."""
        parent = group["parent"]
        known = catalogue.TEMPLATES.get(parent)
        template = group.get("template") or (known.name if known else None)
        if not template:
            raise self.invalid(
                f"groups: no template is documented for {parent}",
                "Give the option template, from the device's documentation",
            )
        spelled: Document = {}
        for name, value in values.items():
            definition = self._definition_of_new(parent, entries, name, reading)
            try:
                text = spell(definition, value)
            except ValueError as exc:
                problem = "the value is not allowed" if is_secret(name) else exc
                raise self.invalid(f"groups: {parent}: {name}: {problem}", "Correct the value") from exc
            self._check_mask(f"groups: {parent}: {name}", text)
            spelled[name] = Secret(f"{path}.{name}") if is_secret(name) else text
        return template, spelled

    def _definition_of_new(self, parent: str, entries: list[Entry], name: str, reading: Reading) -> Definition:
        """What a parameter of a new entry can hold: as in an entry that is there, else as the template is known."""
        known = catalogue.TEMPLATES.get(parent)
        fields: t.Collection[str] = entries[0].values if entries else known.fields if known else [name]
        if name not in fields:
            raise self.invalid(
                f"groups: entries of {parent} have no parameter {name}", f"They have {', '.join(fields)}"
            )
        if entries:
            return reading.definitions[f"{entries[0].name}.{name}"]
        return Definition(name, "string", "", max_length=known.fields[name] if known else None)

    def _check_room(self, parent: str, count: int, grows: bool, reading: Reading) -> None:
        limit = reading.definitions.get(f"{parent}.MaxGroups")
        if grows and limit is not None and limit.value.isdigit() and count > int(limit.value):
            raise self.invalid(
                f"groups: {parent} would have {count} entries, the device holds {limit.value}",
                "Remove some, or declare fewer",
            )

    def do(self, call: Call) -> None:
        arguments, param = call.arguments, self.device.param
        if call.name == "update":
            param.update(arguments["values"])
        elif call.name == "remove":
            param.remove(*(f"root.{name}" for name in arguments["names"]))
        elif call.name == "add":
            param.add(arguments["template"], arguments["parent"], arguments["values"])
        else:
            reading = Reading(param.definitions(f"root.{arguments['parent']}"))
            for entry in reading.entries(arguments["parent"]):
                if entry.values.get(arguments["identity"]) == arguments["key"]:
                    param.remove(f"root.{entry.name}")


def _shown(reading: Reading, name: str, wanted: t.Any) -> t.Any:
    """The value of a parameter; as it is wanted, if it only differs in percent-encoding."""
    definition = reading.definitions.get(name)
    if definition is None:
        return MISSING
    value = normal(definition, definition.value)
    alike = _PERCENT_ENCODED.fullmatch(name) and isinstance(wanted, str) and unquote(value) == unquote(wanted)
    return wanted if alike else value


def _secrets(wanted: Document) -> dict[str, str]:
    """Secret values by the path of their change."""
    found = {bare(name): value for name, value in (wanted.get("parameters") or {}).items()}
    for group in wanted.get("groups") or ():
        tidy = _tidy(group)
        for entry in tidy["present"]:
            path = _path(tidy["parent"], tidy["identity"], _key(entry, tidy["identity"]))
            found |= {f"{path}.{name}": value for name, value in entry.items()}
    # Of those that only their definition makes secret, we know after reading; they are sent by the same path.
    always = wanted.get("update_secrets") == "always"
    return {path: str(value).rstrip() for path, value in found.items() if always or is_secret(path)}


def _sent(change: Change) -> t.Any:
    return Secret(change.path) if change.secret else change.after


def _visible(values: t.Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if not is_secret(name)}


def _tidy(group: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """A block of groups with bare parent and without gaps. Devices cut trailing blanks, so we do."""
    absent = [str(key).rstrip() for key in group.get("absent") or ()]
    present = list(group.get("present") or ())
    return {"identity": "Name", "exclusive": False} | dict(
        group, parent=bare(group["parent"]), present=present, absent=list(dict.fromkeys(absent))
    )


def _key(entry: t.Mapping[str, t.Any], identity: str) -> str:
    return str(entry.get(identity, "")).rstrip()


def _path(parent: str, identity: str, key: str) -> str:
    """How an entry is shown: by what identifies it, never by its number, which the device chooses."""
    return f"{parent}[{identity}={key}]"


DECLARED = Param()
