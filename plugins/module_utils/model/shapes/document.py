# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A document: one set of options, held by the first of several forms that the device has."""

from __future__ import annotations

import typing as t

from ...device.device import Device
from ...wire.errors import InvalidOption
from ..change import Call, Change, Phase, Plan, Secret
from ..compare import differences, flatten, nest, write_only
from ..field import MISSING, Field, dig
from ..forms.base import DocumentForm, Edit, Held
from ..option import ON_UNSUPPORTED, Document, Option, flatten_options, update_secrets
from ..resource import Hidden, Planner, Resource, Returned, Target, World

#: Checks a flat document: what is wanted, and what the device holds now; yields problem and remedy.
Check = t.Callable[[Document, Document], t.Iterable[tuple[str, str]]]
#: Checks changes by asking the device; yields problem and remedy.
AskingCheck = t.Callable[["DocumentTarget", Held, t.Sequence[Change]], t.Iterable[tuple[str, str]]]

PHASES = {
    "none": Phase.SETTINGS,
    "restarts_service": Phase.RESTARTS,
    "reboots": Phase.RESTARTS,
    "moves_address": Phase.ADDRESS,
}


class DocumentResource(Resource):
    """A resource that is one document.

    :param forms: in order of preference; the first that the device has answers.
    :param check: refuses what cannot be right on this device. :param verify: the same for what only the device can say.
    """

    def __init__(
        self,
        name: str,
        *,
        options: t.Mapping[str, Option],
        forms: t.Sequence[DocumentForm],
        check: Check | None = None,
        verify: AskingCheck | None = None,
        after: tuple[str, ...] = (),
        constraints: t.Mapping[str, t.Any] | None = None,
        returns: t.Mapping[str, Returned] | None = None,
        requirements: tuple[str, ...] = ("requests",),
    ) -> None:
        self.name = name
        self.forms = tuple(forms)
        leaves = [leaf for form in forms for leaf in form.leaves()]
        self.apis = tuple(dict.fromkeys(leaf.api for leaf in leaves))
        self.parameters = tuple(name for leaf in leaves for name in leaf.parameters)
        self.state = {path: option for path, option in flatten_options(options).items() if option.is_state}
        added = {"on_unsupported": ON_UNSUPPORTED}
        if any(option.write_only for option in self.state.values()):
            added = {"update_secrets": update_secrets(), **added}
        self.options = {**options, **{key: option for key, option in added.items() if key not in options}}
        self.check = check
        self.verify = verify
        self.after = after
        self.constraints = constraints or {}
        self.returns = returns or {}
        self.requirements = requirements
        self._validate()

    def _validate(self) -> None:
        """Check the declaration when it is made, so that nonsense does not wait for a customer's device."""
        for form in self.forms:
            strangers = form.fields.keys() - self.state.keys()
            if strangers:
                raise ValueError(f"{self.name}, {form.api}: fields of no option: {sorted(strangers)}")
        unreachable = self.state.keys() - {path for form in self.forms for path in form.fields}
        if unreachable:
            raise ValueError(f"{self.name}: options of no form: {sorted(unreachable)}")

    def on(self, device: Device, wanted: Document) -> DocumentTarget:
        return DocumentTarget(self, device, wanted)


class DocumentTarget(Target):
    """A document on one device. A reading is what the form that answers holds."""

    resource: DocumentResource

    def __init__(self, resource: DocumentResource, device: Device, wanted: Document) -> None:
        super().__init__(resource, device, wanted)
        flat = {path: value for path, value in flatten(wanted).items() if path in resource.state}
        self.flat = resolve_nulls(flat, resource.state, self)
        self.always = wanted.get("update_secrets") == "always"
        #: What chooses a channel or the like, for reading.
        self.steering = {name: value for name, value in wanted.items() if not resource.options[name].is_state}

    def api_of(self, reading: Held) -> str:
        return reading.form.api

    def secrets(self) -> t.Mapping[str, t.Any]:
        return {path: value for path, value in self.flat.items() if self.resource.state[path].secret}

    def read(self) -> Held:
        for form in self.resource.forms:
            held = form.read(self.device, self.steering | self.flat)
            if held is not None:
                return held
        raise self.lacking(form.api for form in self.resource.forms)

    def current(self, reading: Held) -> Document:
        """See :meth:`Target.current`. What was never set, and has no default, cannot be written back."""
        state = self.resource.state
        return nest(
            {
                path: value
                for path, value in reading.values.items()
                if not state[path].secret and (value is not None or state[path].null is not None)
            }
        )

    def hidden(self, reading: Held) -> list[Hidden]:
        return [
            Hidden(tuple(path.split(".")), path.replace(".", "_"))
            for path, option in self.resource.state.items()
            if option.secret and reading.values.get(path)
        ]

    def shows(self, change: Change, reading: Held) -> t.Any:
        return reading.values.get(change.path, MISSING)

    def _default(self, path: str) -> t.Any:
        return self.resource.state[path].null

    def _possible(self, reading: Held, planner: Planner) -> Document:
        """What is wanted, without what this device cannot hold. A default that a device lacks is no loss."""
        missing = [
            path
            for path, value in self.flat.items()
            if not self._is_there(path, reading) and value != self._default(path)
        ]
        if missing:
            planner.unsupported(f"hold {', '.join(missing)}", *missing)
        fields = {path: field for part in reading.parts for path, field in part.form.fields.items()}
        there = {path: value for path, value in self.flat.items() if self._is_there(path, reading)}
        return {path: normal(fields[path], value, path, self) for path, value in there.items()}

    def _is_there(self, path: str, reading: Held) -> bool:
        """Whether the device has a setting. It need not show a secret that it has a member for."""
        hidden = self.resource.state[path].write_only and any(path in part.form.fields for part in reading.parts)
        return path in reading.values or hidden

    def plan(self, reading: Held, world: World) -> Plan:
        planner = self.planner(reading)
        wanted = self._possible(reading, planner)
        for problem, remedy in self._problems(wanted, reading):
            raise self.invalid(problem, remedy)
        state = self.resource.state
        changes = differences(reading.values, wanted, state)
        changes += write_only(reading.values, wanted, state, {change.path for change in changes}, self.always)
        if not changes:
            return planner.plan()
        by_path = {change.path: change for change in changes}
        edit = Edit({path: _value(change) for path, change in by_path.items()}, wanted, state)
        for request in reading.form.requests(reading, edit):
            made = [by_path[path] for path in request.paths]
            planner.step(made, request.calls, self._undo(made, reading), max(PHASES[change.risk] for change in made))
        return planner.plan()

    def _undo(self, changes: t.Sequence[Change], reading: Held) -> list[Call]:
        """The calls that take changes back; none where a value before is not known."""
        if any(change.secret or change.before is None for change in changes):
            return []
        before = {change.path: change.before for change in changes}
        edit = Edit(before, reading.values | before, self.resource.state)
        return [call for request in reading.form.requests(reading, edit) for call in request.calls]

    def _problems(self, wanted: Document, reading: Held) -> t.Iterator[tuple[str, str]]:
        for path, value in wanted.items():
            if problem := _limit(path, value, reading):
                yield problem, "Correct it for this device"
        if self.resource.check is not None:
            yield from self.resource.check(wanted, reading.values)

    def verify(self, plan: Plan, reading: Held, world: World) -> None:
        if self.resource.verify is not None:
            for problem, remedy in self.resource.verify(self, reading, plan.changes):
                raise self.invalid(problem, remedy)

    def do(self, call: Call) -> None:
        for form in self.resource.forms:
            for leaf in form.leaves():
                if leaf.api == call.name:
                    leaf.send(self.device, call.arguments)
                    return
        raise ValueError(f"{self.resource.name} has no form {call.name}")


def _value(change: Change) -> t.Any:
    """What a form sets: the value wanted, or the name of a secret."""
    return Secret(change.path) if change.secret else change.after


def _limit(path: str, value: t.Any, reading: Held) -> str | None:
    """Why a device does not take a value, by what it says of its own limits."""
    for part in reading.parts:
        field = part.form.fields.get(path)
        if field is None or not isinstance(part.native, dict):
            continue
        choices, most = (dig(part.native, key) if key else MISSING for key in (field.choices, field.most))
        if isinstance(choices, list) and choices:
            known = [field.decode(choice) for choice in choices]
            wrong = [one for one in (value if isinstance(value, list) else [value]) if one not in known]
            if wrong:
                return f"{path}: the device does not take {wrong[0]!r}, it takes {', '.join(map(str, known))}"
        if isinstance(most, int) and isinstance(value, list) and len(value) > most:
            return f"{path}: {len(value)} entries are given, the device holds {most}"
        low, high = (dig(part.native, key) if key else MISSING for key in (field.least, field.greatest))
        if isinstance(value, (int, float)):
            too_low = isinstance(low, (int, float)) and value < low
            too_high = isinstance(high, (int, float)) and value > high
            if too_low or too_high:
                return f"{path}: {value} is not between {low} and {high}, which the device takes"
    return None


def normal(field: Field, value: t.Any, path: str, target: Target) -> t.Any:
    """What a user wants as the device would show it.

    :raises InvalidOption: the API has no word for it.
    """
    try:
        return field.normal(value)
    except ValueError as exc:
        raise target.invalid(f"{path}: {exc}", "Correct it for this device") from None


def resolve_nulls(flat: Document, options: t.Mapping[str, Option], target: Target) -> Document:
    """A flat document with what each null stands for.

    :param options: by path. :raises InvalidOption: null stands for nothing there.
    """
    for path, value in flat.items():
        if value is None and options[path].null is None:
            raise no_null(path, target)
    return {path: options[path].null if value is None else value for path, value in flat.items()}


def no_null(path: str, target: Target) -> InvalidOption:
    """The error for a null where no default is documented."""
    return target.invalid(
        f"{path} cannot be null: the device documents no default for it",
        "Leave the option out to leave the setting alone",
    )
