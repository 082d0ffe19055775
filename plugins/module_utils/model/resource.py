# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What every module is declared by, and what a resource on one device can do.

A :class:`Resource` is declared once, for every device. Bound to a device and to the options that a user gave, it is a
:class:`Target`: it reads, plans and carries out calls. The engine does the rest.
"""

from __future__ import annotations

import abc
import dataclasses
import typing as t

from ..device.device import Device
from ..wire.errors import InvalidOption, NotAllowed, NotSupported, VapixError
from .change import Call, Change, Phase, Plan, Skipped, Step
from .field import MISSING
from .option import Document, Option, problems, secrets, words


@dataclasses.dataclass(frozen=True)
class Returned:
    """A value that a module returns beside those that all return.

    :param type: an Ansible type name. :param doc: text for the documentation. :param sample: an example.
    :param contains: the members of a ``dict`` or of a list of them.
    :param returned: when it is there.
    """

    type: str
    doc: str | tuple[str, ...]
    sample: t.Any = None
    elements: str | None = None
    contains: t.Mapping[str, Returned] = dataclasses.field(default_factory=dict)
    returned: str = "success"


class Hidden(t.NamedTuple):
    """A secret that a device holds and does not show. :param place: keys and numbers that lead to it in a document.

    :param name: of the variable that is to hold it, without what all of them begin with.
    """

    place: tuple[str | int, ...]
    name: str


class Exported(t.NamedTuple):
    """The state of a device as a section of a document, and the secrets that are missing in it."""

    document: Document
    hidden: t.Sequence[Hidden] = ()


class World:
    """What earlier steps of the same plan promise, by kind and name: a certificate, an account, a profile."""

    def __init__(self) -> None:
        self._promises: set[tuple[str, str]] = set()

    def has(self, kind: str, name: str) -> bool:
        """Whether an earlier step brings it."""
        return (kind, name) in self._promises

    def expect(self, plan: Plan) -> None:
        """Count on what a plan promises."""
        self._promises.update(promise for step in plan.steps for promise in step.promises)


class Planner:
    """Collects the steps of a plan, so that planning keeps nothing in the target.

    :param target: whose plan it is. :param api: the API that answers, for the errors.
    """

    def __init__(self, target: Target, api: str) -> None:
        self._target = target
        self._api = api
        self._steps: list[Step] = []
        self._skipped: list[Skipped] = []

    def step(
        self,
        changes: t.Iterable[Change],
        do: t.Iterable[Call],
        undo: t.Iterable[Call] = (),
        phase: Phase = Phase.SETTINGS,
        promises: t.Iterable[tuple[str, str]] = (),
    ) -> None:
        """Add a step; without a change there is none."""
        changes = tuple(changes)
        if changes:
            name = self._target.resource.name
            self._steps.append(Step(changes, tuple(do), tuple(undo), phase, tuple(promises), name))

    def unsupported(self, what: str, *paths: str) -> None:
        """The device cannot do something that is wanted: fail, or leave it out where the user asked for that.

        :param what: continues "the device's newest API for this (...) cannot ...". :param paths: the options.
        :raises NotSupported: the user did not ask for that.
        """
        reason = f"the device's newest API for this ({self._api}) cannot {what}"
        if not self._target.skips:
            remedy = "Leave it out for this device, or update its AXIS OS"
            if "on_unsupported" in self._target.resource.options:
                remedy += "; on_unsupported: warn leaves it out where a device lacks it"
            raise NotSupported(reason, remedy=remedy, device=str(self._target.device), api=self._api)
        name = self._target.resource.name
        self._skipped += [Skipped(path, reason, name) for path in paths or (what,)]

    def plan(self) -> Plan:
        """The plan."""
        return Plan(tuple(self._steps), tuple(self._skipped))


class Target(abc.ABC):
    """A resource on one device, bound to what the user wants there. Making one asks the device nothing.

    :param wanted: the options that the user gave; those left out are not in it.
    :raises InvalidOption: what is wanted cannot be right on any device.
    """

    #: Why it cannot share a document with other sections, a phrase; empty where it can.
    alone = ""
    #: Its place in a document, for example ``certificate[1]``; empty where it is alone.
    section = ""

    def __init__(self, resource: Resource, device: Device, wanted: Document) -> None:
        self.resource = resource
        self.device = device
        self.wanted = wanted
        self.skips = wanted.get("on_unsupported") in ("warn", "skip")
        self.warns = wanted.get("on_unsupported") != "skip"
        resource.refuse(wanted, device)

    def invalid(self, problem: str, remedy: str = "Correct it") -> InvalidOption:
        """The error for what cannot be right on this device."""
        return InvalidOption(problem, remedy=remedy, device=str(self.device))

    def lacking(self, apis: t.Iterable[str]) -> VapixError:
        """The error for a device that has none of the APIs, or hides them from this account."""
        names = ", ".join(dict.fromkeys(apis))
        device = str(self.device)
        if not self.device.is_administrator:
            return NotAllowed(
                f"the device refuses this operation to user {self.device.session.username!r}, or has none of the APIs "
                f"for {self.resource.name} ({names})",
                remedy="Devices hide settings from accounts without the role: use an administrator",
                device=device,
            )
        return NotSupported(
            f"the device has none of the APIs for {self.resource.name} ({names})",
            remedy="The product or its AXIS OS does not offer this",
            device=device,
        )

    def place(self, path: str) -> str:
        """A path of an option as the account shows it, with the section."""
        return f"{self.section}.{path}" if self.section else path

    def planner(self, reading: t.Any) -> Planner:
        """To collect a plan with."""
        return Planner(self, self.api_of(reading))

    def secrets(self) -> t.Mapping[str, t.Any]:
        """The values that :class:`~.change.Secret` stands for, by path."""
        return secrets(self.resource.options, self.wanted)

    @abc.abstractmethod
    def api_of(self, reading: t.Any) -> str:
        """The API that answers for the resource on this device, for results and errors."""

    @abc.abstractmethod
    def read(self) -> t.Any:
        """Read all that planning needs. Nothing but the target itself looks into what it returns.

        :raises NotSupported: the device has none of the APIs that answer for the resource.
        """

    @abc.abstractmethod
    def current(self, reading: t.Any) -> Document:
        """A reading in the words of the options, nested as they are, without secrets."""

    def hidden(self, reading: t.Any) -> list[Hidden]:
        """The secrets that the device holds beside what :meth:`current` tells."""
        return []

    @abc.abstractmethod
    def plan(self, reading: t.Any, world: World) -> Plan:
        """What leads from a reading to what is wanted. The same input gives the same plan; nothing is sent or kept.

        :param world: what earlier steps promise.
        :raises InvalidOption: the wanted state is not possible on this device.
        :raises NotSupported: this device has no API for it.
        """

    def verify(self, plan: Plan, reading: t.Any, world: World) -> None:
        """Refuse a plan for reasons that only the device, or who else is in its network, can say.

        It is asked before anything is written, and only if there is a change.
        """
        return

    def shows(self, change: Change, reading: t.Any) -> t.Any:
        """What a reading shows where a change was made, in the words of the options; MISSING where it shows nothing."""
        return MISSING

    @abc.abstractmethod
    def do(self, call: Call) -> None:
        """Carry out a call of a step; secrets are filled in."""

    def result(self, plan: Plan, before: t.Any, after: t.Any) -> Document:
        """What the result of the task holds beside the plan.

        :param before: the first reading. :param after: the last one; the first in check mode.
        """
        return {}

    def ends(self, error: VapixError, plan: Plan) -> None:
        """This target's own part of the run ended with an error; it can put what it knows into the account.

        The account is of the whole run: only paths of this target, see :meth:`place`, are its own.
        """
        return


class Declared(abc.ABC):
    """What every module is declared by."""

    #: Name of the module.
    name: str
    #: Options by name.
    options: t.Mapping[str, Option]
    #: Names of options that exclude each other, and the like, as AnsibleModule takes them.
    constraints: t.Mapping[str, t.Any] = {}
    #: What it returns beside what all modules return.
    returns: t.Mapping[str, Returned] = {}
    #: Which of the fragments axis.vapix.attributes.* is true for it.
    attributes = "resource"
    #: Python packages that it needs, by the name under which they are installed.
    requirements: tuple[str, ...] = ("requests",)

    def secrets(self, wanted: Document) -> list[str]:
        """Values in the options that must never be shown although their option is not secret as a whole."""
        return []

    def refuse(self, wanted: Document, device: Device) -> None:
        """Refuse what is against the limits of the options.

        :raises InvalidOption: a value cannot be right on any device.
        """
        for path, problem in problems(self.options, wanted):
            text = f"{path} {problem}" if problem.startswith(("is ", "has ")) else f"{path}: {problem}"
            raise InvalidOption(text, remedy="Correct it", device=str(device))

    def words(self) -> set[str]:
        """Words that are ours, whatever a secret looks like."""
        return words(self.options)


class Command(Declared):
    """Something a device is asked or told to do, without a state of its own to reach."""

    @abc.abstractmethod
    def run(self, device: Device, wanted: Document, check_mode: bool) -> Document:
        """Do it, and return the result of the task."""


class Resource(Declared):
    """Something a device can be told: declared once, for every device."""

    #: The APIs that can answer for it, newest first.
    apis: tuple[str, ...] = ()
    #: Patterns of the parameters that it owns on any device, as :mod:`fnmatch` reads them.
    parameters: tuple[str, ...] = ()
    #: Names of the resources that are planned before this one where a document has both.
    after: tuple[str, ...] = ()

    @abc.abstractmethod
    def on(self, device: Device, wanted: Document) -> Target:
        """Bind the resource to a device and to the options the user gave. Nothing is sent.

        :raises InvalidOption: what is wanted cannot be right on any device.
        """

    def exports(self, device: Device) -> list[Exported]:
        """The state of a device as sections of a document; what cannot be written back is left out.

        :raises NotSupported: the device has none of the APIs.
        """
        target = self.on(device, {})
        reading = target.read()
        return [Exported(target.current(reading), target.hidden(reading))]
