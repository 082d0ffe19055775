# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A plan as a value: changes, the steps that make them, and the calls that a step sends.

All of it is plain data. A plan can be shown, stored as JSON and read again, ordered, compared and undone. It holds no
secret: a call names the option that a secret comes from (:class:`Secret`), and the value is put in when it is sent.
"""

from __future__ import annotations

import dataclasses
import enum
import typing as t

from .option import RISKS, Document

HIDDEN_BEFORE, HIDDEN_AFTER = "<hidden>", "<hidden, to be set>"


@dataclasses.dataclass(frozen=True)
class Unknown:
    """A value that only the device decides, so that no plan can show it."""

    def __repr__(self) -> str:
        return "<known after the change>"


UNKNOWN = Unknown()


@dataclasses.dataclass(frozen=True)
class Secret:
    """Stands in a call for the value of a secret option. :param path: of that option."""

    path: str


class Phase(enum.IntEnum):
    """When a step is made: what opens comes first, what can cut our connection comes last."""

    FIRMWARE = 0
    GIVE = 1
    SETTINGS = 2
    RESTARTS = 3
    TAKE = 4
    ACCESS = 5
    ADDRESS = 6


@dataclasses.dataclass(frozen=True)
class Change:
    """One difference between what is and what is wanted.

    :param path: where, for example ``nts.enabled``.
    :param before: value now, in the words of the options; None where there is nothing.
    :param after: value wanted; None where it is removed, :data:`UNKNOWN` where only the device decides.
    :param secret: both values are hidden wherever the change is shown.
    :param risk: what the change costs, one of :data:`~.option.RISKS`.
    :param provable: reading back shows whether it took; not so for values a device never shows.
    :param note: what a reader needs to know beside the values, a phrase.
    :param resource: name of the resource it belongs to.
    """

    path: str
    before: t.Any
    after: t.Any
    secret: bool = False
    risk: str = "none"
    provable: bool = True
    note: str = ""
    resource: str = ""

    def __post_init__(self) -> None:
        if self.risk not in RISKS:
            raise ValueError(f"risk is one of {RISKS}, not {self.risk!r}")
        before, after = plain(self.before), plain(self.after)
        if self.secret:
            # No plan holds a secret, whoever made the change.
            before = None if before is None else UNKNOWN
            after = after if after is None or isinstance(after, Secret) else UNKNOWN
        object.__setattr__(self, "before", before)
        object.__setattr__(self, "after", after)

    @property
    def values(self) -> tuple[t.Any, t.Any]:
        """Before and after as they are shown."""
        if not self.secret:
            return shown(self.before), shown(self.after)
        return None if self.before is None else HIDDEN_BEFORE, None if self.after is None else HIDDEN_AFTER


@dataclasses.dataclass(frozen=True)
class Call:
    """One thing to do on a device: a name that the resource knows, and all that it needs, as data."""

    name: str
    arguments: Document = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "arguments", plain(self.arguments))


@dataclasses.dataclass(frozen=True)
class Step:
    """Changes that are made together.

    :param do: the calls that make them, in order. :param undo: those that take them back, in order; empty where that is
        not possible.
    :param promises: what is there afterwards for others, as kind and name: ``("certificate", "https")``.
    :param resource: name of the resource; it is put into the changes as well.
    """

    changes: tuple[Change, ...]
    do: tuple[Call, ...]
    undo: tuple[Call, ...] = ()
    phase: Phase = Phase.SETTINGS
    promises: tuple[tuple[str, str], ...] = ()
    resource: str = ""

    def __post_init__(self) -> None:
        if not self.changes or not self.do:
            raise ValueError("a step makes at least one change, by at least one call")
        for name in ("changes", "do", "undo", "promises"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        if self.resource:
            named = tuple(dataclasses.replace(change, resource=self.resource) for change in self.changes)
            object.__setattr__(self, "changes", named)


@dataclasses.dataclass(frozen=True)
class Skipped:
    """A setting that is wanted and that the device does not have. :param reason: a phrase."""

    path: str
    reason: str
    resource: str = ""


@dataclasses.dataclass(frozen=True)
class Plan:
    """What leads from a reading to what is wanted; empty when all is right."""

    steps: tuple[Step, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    @property
    def changes(self) -> list[Change]:
        """All changes, in the order in which they are made."""
        return [change for step in self.steps for change in step.changes]

    def __bool__(self) -> bool:
        return bool(self.steps)


def plain(value: t.Any) -> t.Any:
    """A copy of plain data, tuples as lists. :raises TypeError: it is something that JSON has no word for."""
    if isinstance(value, dict):
        wrong = [key for key in value if not isinstance(key, str)]
        if wrong:
            raise TypeError(f"a plan has texts as keys, not {wrong[0]!r}")
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str, Secret, Unknown)):
        return value
    raise TypeError(f"a plan holds plain data, not {type(value).__name__}")


def shown(value: t.Any) -> t.Any:
    """Plain data as it is shown to people: without our own classes."""
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shown(item) for item in value]
    if isinstance(value, Unknown):
        return repr(value)
    return HIDDEN_AFTER if isinstance(value, Secret) else value


def fill(value: t.Any, secrets: t.Mapping[str, t.Any]) -> t.Any:
    """Arguments of a call with the values of the secrets in them. :param secrets: by path of the option.

    :raises KeyError: a stored plan needs a secret that the options do not have any more.
    """
    if isinstance(value, dict):
        return {key: fill(item, secrets) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, secrets) for item in value]
    return secrets[value.path] if isinstance(value, Secret) else value


def to_json(plan: Plan) -> Document:
    """A plan as a JSON document."""
    steps = [
        {
            "resource": step.resource,
            "phase": step.phase.name,
            "changes": [_without_classes(vars(change)) for change in step.changes],
            "do": [_call_to_json(call) for call in step.do],
            "undo": [_call_to_json(call) for call in step.undo],
            "promises": [list(promise) for promise in step.promises],
        }
        for step in plan.steps
    ]
    return {"steps": steps, "skipped": [dict(vars(skipped)) for skipped in plan.skipped]}


def from_json(document: Document) -> Plan:
    """The plan of a JSON document. :raises ValueError: it is none."""
    try:
        steps = tuple(
            Step(
                changes=tuple(Change(**_with_classes(change)) for change in step["changes"]),
                do=tuple(_call_from_json(call) for call in step["do"]),
                undo=tuple(_call_from_json(call) for call in step["undo"]),
                phase=Phase[step["phase"]],
                promises=tuple((kind, name) for kind, name in step["promises"]),
                resource=step["resource"],
            )
            for step in document["steps"]
        )
        return Plan(steps, tuple(Skipped(**skipped) for skipped in document["skipped"]))
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        raise ValueError(f"this is no stored plan: {type(exc).__name__}: {exc}") from exc


def _call_to_json(call: Call) -> Document:
    return {"name": call.name, "arguments": _without_classes(call.arguments)}


def _call_from_json(document: Document) -> Call:
    return Call(document["name"], _with_classes(document["arguments"]))


def _without_classes(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        # A member that looks like our mark is wrapped, so that it comes back as it was.
        inner = {key: _without_classes(item) for key, item in value.items()}
        return {"$data": inner} if any(key.startswith("$") for key in inner) else inner
    if isinstance(value, (list, tuple)):
        return [_without_classes(item) for item in value]
    if isinstance(value, Unknown):
        return {"$unknown": True}
    return {"$secret": value.path} if isinstance(value, Secret) else value


def _with_classes(value: t.Any) -> t.Any:
    if isinstance(value, list):
        return [_with_classes(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"$unknown"}:
        return UNKNOWN
    if value.keys() == {"$secret"}:
        return Secret(value["$secret"])
    inner = value["$data"] if value.keys() == {"$data"} else value
    return {key: _with_classes(item) for key, item in inner.items()}
