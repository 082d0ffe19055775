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


RESOURCES = (
    Case(
        "network",
        title="names",
        steps=(
            {
                "hostname": {"source": "static", "name": "gate"},
                "dns": {"source": "static", "servers": ["192.0.2.54", "192.0.2.53"], "domain": "example.net"},
            },
            {"hostname": {"name": "yard"}, "dns": {"servers": ["192.0.2.53", "192.0.2.54"]}},
            {"hostname": {"source": None}, "dns": {"source": "dhcp", "servers": None, "domain": None}},
        ),
    ),
    Case(
        "network",
        title="IPv6",
        returns=True,
        steps=(
            {
                "ipv6": {
                    "enabled": True,
                    "accept_ra": False,
                    "dhcpv6": "off",
                    "addresses": [f"2001:db8::{ITS_NUMBER}/64"],
                    "gateway": "fe80::1",
                }
            },
            {"ipv6": {"addresses": [f"2001:DB8::8:{ITS_NUMBER}/48", f"2001:db8::{ITS_NUMBER}"]}},
            {"ipv6": {"enabled": False, "accept_ra": None, "dhcpv6": None, "addresses": None, "gateway": None}},
        ),
    ),
    Case(
        "network",
        title="static address beside DHCP",
        returns=True,
        steps=(
            {"ipv4": {"addresses": ["192.0.2.77/25"], "gateway": "192.0.2.126"}},
            {"ipv4": {"addresses": ["192.168.0.90/255.255.255.0"], "gateway": "192.168.0.1", "source": None}},
        ),
    ),
    Case(
        "network",
        title="beyond parameters",
        profiles=("axis-os-12",),
        returns=True,
        steps=(
            {
                "dns": {"search_domains": ["b.example.net", "a.example.net"]},
                "global_proxy": {
                    "http": "http://proxy.example.net:3128",
                    "https": "http://proxy.example.net:3129",
                    "no_proxy": ["localhost", "10.0.0.0/8"],
                },
                "vlans": [{"id": 30, "state": "present"}, {"id": 31, "state": "absent"}],
                "ipv4": {"static_fallback": True, "link_local": "on", "dhcp_static_routes": True},
            },
            {
                "global_proxy": {"https": None},
                "vlans": [{"id": 30, "state": "absent"}, {"id": 31}],
                "ipv4": {"link_local": "off"},
            },
            {
                "dns": {"search_domains": []},
                "global_proxy": None,
                "vlans": [{"id": 31, "state": "absent"}],
                "ipv4": {"static_fallback": False, "link_local": "fallback", "dhcp_static_routes": False},
            },
        ),
    ),
    Case(
        "network",
        title="802.1X",
        profiles=("axis-os-12",),
        steps=(
            {
                "dot1x": {
                    "enabled": True,
                    "mode": "peap_mschapv2",
                    "identity": "gate",
                    "password": "CANARY & = %",
                    "eapol_version": "2",
                    "peap_version": "0",
                    "peap_label": "2",
                }
            },
            {"dot1x": {"mode": "macsec_psk", "cak": "00112233445566778899aabbccddeeff", "ckn": "CAFE"}},
            {"dot1x": {"mode": "eap_tls", "identity": "yard"}},
            {"dot1x": {"enabled": None, "identity": None}},
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
    "device": "test_device.py::test_a_document",
    "export": "test_device.py::test_a_device_is_exported_and_brought_back",
    "web_server": "test_web_server.py::test_life",
}

#: Options that no step above has, and the test that proves them.
ELSEWHERE = {
    "network.dot1x.ca_certificates": "test_network.py::test_certificates",
    "network.dot1x.client_certificate": "test_network.py::test_certificates",
    "network.interface": "test_network.py::test_interface",
    "network.ipv4.enabled": "test_bad_input.py::test_values",
    "network.on_unsupported": "test_network.py::test_old_devices",
    "network.reconnect_hosts": "test_network.py::test_from_static_to_dhcp",
    "network.reconnect_timeout": "test_network.py::test_taken_back",
    "network.update_password": "test_network.py::test_secrets",
    "time.max_clock_error": "test_running.py::test_clock",
    "time.on_unsupported": "test_running.py::test_unsupported_settings_are_left_out_where_asked",
    "time.sync_clock": "test_running.py::test_clock",
}
