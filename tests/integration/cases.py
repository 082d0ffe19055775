# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each module is proven with. A module that is missing here fails the suite."""

from __future__ import annotations

import dataclasses
import typing as t

ALL = ("axis-os-12", "axis-os-11", "axis-os-9", "axis-os-5")

Args = dict[str, t.Any]

#: Another one for each host.
ITS_NUMBER = "1{{ inventory_hostname[-2:] }}"


@dataclasses.dataclass(frozen=True)
class Case:
    """Steps from the factory's state through others, each of which differs from the one before.

    :param steps: module arguments by step. :param profiles: the simulated devices it runs on.
    :param returns: the last step leads back to the factory's state.
    """

    module: str
    steps: tuple[Args, ...]
    profiles: tuple[str, ...] = ALL
    returns: bool = False
    title: str = ""

    @property
    def steps_as_list(self) -> list[Args]:
        return list(self.steps)

    def __str__(self) -> str:
        return f"{self.module} {self.title}".strip().replace(" ", "-")


RESOURCES = ()

#: Modules that only read: they must never write and never claim a change.
QUERIES = {
    "facts": ({}, {"gather_subset": ["all"]}, {"gather_subset": ["apis"], "query": "apis.json.ntp[0]"}),
    "wait": ({}, {"wait_timeout": 9.5}),
}

#: Modules that do what they are told each time, and the test that proves them.
COMMANDS = {
    "api": "test_running.py::test_api",
    "factory_default": "test_power.py::test_factory_default",
    "reboot": "test_power.py::test_reboot",
}

#: Modules whose steps need files and restarts: the same proofs, in a test of their own.
OWN = {
    "device": "test_device.py::test_a_document",
    "export": "test_device.py::test_a_device_is_exported_and_brought_back",
    "web_server": "test_web_server.py::test_life",
}

#: Options that no step above has, and the test that proves them.
ELSEWHERE = {}
