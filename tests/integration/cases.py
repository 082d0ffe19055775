# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each module is proven with. A module that is missing here fails the suite."""

from __future__ import annotations

import dataclasses
import typing as t

ALL = ("axis-os-12", "axis-os-11", "axis-os-9", "axis-os-5")

Args = dict[str, t.Any]


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


def _profiles(*entries: Args, **more: t.Any) -> Args:
    return {"groups": [{"parent": "StreamProfile", "present": list(entries), **more}]}


RESOURCES = (
    Case(
        "ntp",
        title="servers",
        returns=True,
        steps=(
            {"enabled": True, "source": "static", "servers": ["ntp1.example.net"]},
            {"servers": ["203.0.113.7"]},
            {"source": None, "servers": None},
        ),
    ),
    Case(
        "ntp",
        title="all options",
        profiles=ALL[:2],
        returns=True,
        steps=(
            {"source": "static", "servers": ["b.example.net", "a.example.net"], "minpoll": 4, "maxpoll": 8},
            {"servers": ["a.example.net", "b.example.net"], "nts": {"enabled": True, "servers": ["nts.example.net"]}},
            {"enabled": False, "nts": {"enabled": False}},
            {"enabled": None, "source": None, "servers": [], "minpoll": None, "maxpoll": None, "nts": None},
        ),
    ),
    Case(
        "ntp",
        title="without poll intervals",
        profiles=("axis-os-9",),
        returns=True,
        steps=(
            {"source": "static", "servers": ["ntp.example.net", "2001:db8::7"]},
            {
                "source": None,
                "servers": None,
                "nts": {"servers": None, "enabled": False},
                "minpoll": None,
                "maxpoll": 10,
            },
        ),
    ),
    Case(
        "time",
        title="zone",
        steps=(
            {"timezone": "Asia/Tokyo"},
            {"posix_timezone": "EST5EDT,M3.2.0,M11.1.0"},
            {"posix_timezone": "EST5EDT,M3.2.0/2:00:00,M11.1.0", "dst": False},
            {"timezone": "Europe/Stockholm"},
        ),
    ),
    Case(
        "time",
        title="from DHCP",
        profiles=("axis-os-12",),
        returns=True,
        steps=({"timezone": "UTC"}, {"timezone": None}),
    ),
    Case(
        "param",
        title="values",
        returns=True,
        steps=(
            {"parameters": {"Image.I0.Appearance.Compression": 40}},
            {"parameters": {"Image.I0.Appearance.Compression": "41", "SNMP.V1ReadCommunity": "community-CANARY-9c1e"}},
            {"parameters": {"Image.I0.Appearance.Compression": 30, "SNMP.V1ReadCommunity": "public"}},
        ),
    ),
    Case(
        "param",
        title="texts",
        steps=(
            {
                "parameters": {
                    "root.Network.Bonjour.FriendlyName": "Gate & yard = 4 % \u00e9",
                    "Network.UPnP.Enabled": "On",
                }
            },
            {"parameters": {"Network.Bonjour.FriendlyName": 4.5, "Network.UPnP.Enabled": False}},
        ),
    ),
    Case(
        "param",
        title="groups",
        steps=(
            _profiles(
                {"Name": "wall", "Description": "For the wall", "Parameters": "resolution=1280x720&fps=25"},
                {"Name": "phone", "Parameters": "fps=8"},
            ),
            _profiles({"Name": "wall", "Description": "For the big wall"}, {"Name": "new"}, absent=["phone"]),
            _profiles(
                {"Name": "new", "Parameters": "fps=1"}, exclusive=True, identity="Name", template="streamprofile"
            ),
            _profiles(exclusive=True),
        ),
    ),
    Case(
        "user",
        title="accounts",
        returns=True,
        steps=(
            {
                "users": [
                    {
                        "name": "control",
                        "role": "operator",
                        "ptz": True,
                        "password": "CANARY-1",
                        "comment": "=&%",
                    },
                    {"name": "wall", "role": "viewer", "password": "wall & = % + CANARY"},
                ]
            },
            {
                "users": [
                    {"name": "control", "role": "administrator", "ptz": None, "password": "CANARY-2"},
                    {"name": "wall", "state": "absent"},
                    {"name": "nobody", "state": "absent"},
                ]
            },
            {"users": [{"name": "control", "role": "viewer"}, {"name": "root", "role": "administrator"}]},
            {"users": [{"name": "root"}], "exclusive": True},
        ),
    ),
)

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
    "ca_certificate": "test_certificate.py::test_ca_life",
    "certificate": "test_certificate.py::test_life",
    "firmware": "test_firmware.py::test_life",
    "network": "test_network.py::test_life",
    "web_server": "test_web_server.py::test_life",
}

#: Options that no step above has, and the test that proves them.
ELSEWHERE = {
    "ntp.nts.ca_certificates": "test_running.py::test_certificates_of_nts_servers",
    "ntp.on_unsupported": "test_running.py::test_unsupported_settings_are_left_out_where_asked",
    "param.write_only": "test_running.py::test_write_only_parameters",
    "time.max_clock_error": "test_running.py::test_clock",
    "time.on_unsupported": "test_running.py::test_unsupported_settings_are_left_out_where_asked",
    "time.sync_clock": "test_running.py::test_clock",
    "user.update_password": "test_user.py::test_update_password",
}
