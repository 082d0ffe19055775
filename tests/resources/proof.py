# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a resource is proven with, as data. Each resource has a file here with one ``PROOF``; a missing one fails.

From it follow create, repeat, check, change, revert, null, bad input, devices without the API, a wrong role, export and
the faults, see test_promises.py and test_faults.py.
"""

from __future__ import annotations

import dataclasses
import typing as t

ALL = ("axis-os-12", "axis-os-11", "axis-os-9", "axis-os-5")

Args = dict[str, t.Any]
#: What differs from the factory's state then, by path in the simulator's /state; one for all profiles or one for each.
Shows = dict[str, t.Any]

#: In ``shows``: not there any more.
GONE = "<gone>"
#: In ``shows``: whatever it is.
ANY = "<any>"
#: In ``args``: the port at which the simulated device has HTTPS.
HTTPS_PORT = "<port of HTTPS>"
#: Part of every secret, so that none can come out unseen.
CANARY = "CANARY-7f3a"


@dataclasses.dataclass(frozen=True)
class Step:
    """Options of a task, and what the device shows afterwards."""

    args: Args
    shows: Shows

    def shown_by(self, profile: str) -> Shows:
        """What a device of this profile shows."""
        return self.shows[profile] if profile in self.shows else self.shows


@dataclasses.dataclass(frozen=True)
class Case:
    """Steps, the first from the factory's state, each differing from the one before.

    :param profiles: the simulated devices that go this way.
    :param restarts: its steps restart the device, which takes too long to be tried with every fault and value.
    """

    steps: tuple[Step, ...]
    profiles: tuple[str, ...] = ALL
    title: str = ""
    restarts: bool = False


@dataclasses.dataclass(frozen=True)
class Bad:
    """Options that are refused, and words of the error. :param profiles: where."""

    args: Args
    words: str
    profiles: tuple[str, ...] = ("axis-os-12",)


@dataclasses.dataclass(frozen=True)
class Proof:
    """All of one resource.

    :param without: profiles that do not have the API. :param writer: the lowest role that may change it, for each
        profile where that differs.
    :param mirrors: beginnings of paths in /state that show the same once more, for example parameters.
    :param given: what somebody did to every device before, as the simulator's PATCH /state takes it.
    :param elsewhere: options without a step here, and the test that proves them.
    :param base: options to try wrong values with, where it is not to be a step.
    :param unproven: beginnings of paths in /state that the device need not show before it was restarted.
    :param few_faults: each run takes seconds, so that "make test" tries some kinds of faults and "make faults" all.
    :param only_done: returned values that check mode cannot tell.
    :param no_way_back: its changes cannot be taken back, and why. :param beside_null: options without which a null
        means nothing.
    :param always: options of every task, unless the task has others. They steer the module.
    """

    resource: str
    cases: tuple[Case, ...]
    bad: tuple[Bad, ...]
    without: tuple[str, ...] = ()
    writer: str | t.Mapping[str, str] = "administrator"
    mirrors: tuple[str, ...] = ()
    given: Args = dataclasses.field(default_factory=dict)
    elsewhere: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    no_way_back: str = ""
    unproven: tuple[str, ...] = ()
    few_faults: bool = False
    only_done: tuple[str, ...] = ()
    base: Args | None = None
    beside_null: Args = dataclasses.field(default_factory=dict)
    always: Args = dataclasses.field(default_factory=dict)

    @property
    def quick(self) -> tuple[Case, ...]:
        """The cases that do not restart the device."""
        return tuple(case for case in self.cases if not case.restarts)
