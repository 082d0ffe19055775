# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of hosts and groups, and which devices belong to the inventory."""

from __future__ import annotations

import re
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.axis.vapix.plugins.module_utils.discovery import naming
from ansible_collections.axis.vapix.plugins.module_utils.discovery.merge import Found
from ansible_collections.axis.vapix.plugins.module_utils.discovery.rules import Rules
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import InvalidOption

PREFIXES = {4: 24, 6: 64}


def device(number: int = 1, **members: t.Any) -> Found:
    """A device."""
    return Found(f"B8A44F{number:06d}", [f"10.0.0.{number}"], **members)


@given(st.lists(st.sampled_from(["Gate", "gate", "localhost", "all", "cameras", "Gate_B8A44F000001"]) | st.text()))
def test_every_device_gets_a_name_of_its_own(names: list[str]) -> None:
    """Whatever they are called: no device is lost, no name is taken, none holds what Ansible could read as more."""
    devices = [device(number, name=name) for number, name in enumerate(names, 1)]
    called = naming.assign(devices, lambda one: one.name, ["cameras"], lambda text: None)
    assert [one for _name, one in called] == devices
    assert len({name for name, _one in called}) == len(devices)
    for name, _one in called:
        assert name not in ("localhost", "all", "ungrouped", "cameras") and not re.search(r"[\s{}:,&!*\[\]/'\"]", name)


def test_names_that_are_shared() -> None:
    """Both get their serial number, and a warning tells."""
    warnings: list[str] = []
    devices = [device(1, name="Gate"), device(2, name="Gate"), device(3, name="Yard"), device(4)]
    called = naming.assign(devices, lambda one: one.name, [], warnings.append)
    assert [name for name, _one in called] == ["Gate_B8A44F000001", "Gate_B8A44F000002", "Yard", "B8A44F000004"]
    assert len(warnings) == 1 and "the name Gate is that of 2 devices" in warnings[0]


@pytest.mark.parametrize(
    "text, name",
    [
        ("{{ lookup('pipe', 'id') }}", "lookup__pipe____id"),
        ("Gate 4", "Gate_4"),
        ("Größe", "Größe"),
        ("fd00::5", "fd00::5"),
        ("::", "::"),
        ("a:b", "a_b"),
        ("fe80::1%eth0.7", "fe80::1%eth0.7"),
        ("fe80::1%{{ lookup('pipe', 'id') }}", "fe80__1____lookup__pipe____id"),
        ("  ", None),
        (None, None),
        (42, "42"),
    ],
)
def test_host_names(text: t.Any, name: str | None) -> None:
    """Letters, digits and a few signs; addresses as they are."""
    assert naming.host_name(text) == name


@pytest.mark.parametrize(
    "axis_os, group",
    [
        ("12.11.77", "axis_os_12_11"),
        ("12.6.104", "axis_os_12"),
        ("11.11.205", "axis_os_11_11"),
        ("11.8.61", "axis_os_11"),
        ("10.12.228", "axis_os_10_12"),
        ("9.80.2.2", "axis_os_9_80"),
        ("5.51.7", "axis_os_5"),
        ("{{ x }}", None),
        ("", None),
        (None, None),
    ],
)
def test_tracks(axis_os: str | None, group: str | None) -> None:
    """Versions with long-term support have a group of their own."""
    assert naming.track(axis_os) == group


@given(st.text(), st.text(), st.text())
def test_group_names_are_sane(model: str, product_type: str, axis_os: str) -> None:
    """Whatever a device says."""
    one = device(model=model, product_type=product_type, axis_os=axis_os)
    for name in naming.groups(one, naming.GROUPS, PREFIXES):
        assert re.fullmatch("[a-z][a-z0-9_]*", name)


def test_groups() -> None:
    """One of each kind, as far as it is known."""
    one = device(model="P3265-V", product_type="Dome Camera", axis_os="12.11.77", needs_setup=False)
    assert naming.groups(one, naming.GROUPS, PREFIXES) == [
        "model_p3265_v",
        "product_type_dome_camera",
        "axis_os_12_11",
        "set_up",
        "subnet_10_0_0_0_24",
    ]
    one.addresses = ["fd00:1::5"]
    assert naming.groups(one, ["subnet"], {4: 24, 6: 48}) == ["subnet_fd00_1_48"]
    assert naming.groups(Found(None, ["gate.example.net"]), naming.GROUPS, PREFIXES) == ["setup_unknown"]


@pytest.mark.parametrize(
    "rule, holds",
    [
        ({"model": "p32*"}, True),
        ({"model": ["Q*", "P3265-V"]}, True),
        ({"model": "P32"}, False),
        ({"serial": "b8:a4:4f:00:00:01"}, True),
        ({"serial": "B8A44F*"}, True),
        ({"address": "10.0.0.0/24"}, True),
        ({"address": ["10.1.0.0/24", "10.0.0.1-9"]}, True),
        ({"address": "fd00::/64"}, False),
        ({"source": ["mdns", "sweep"]}, True),
        ({"source": "ssdp"}, False),
        ({"needs_setup": False}, True),
        ({"needs_setup": True}, False),
        ({"name": "gate*"}, False),
        ({"model": "P*", "address": "10.1.0.0/24"}, False),
    ],
)
def test_rules(rule: dict[str, t.Any], holds: bool) -> None:
    """Every property of a rule has to fit, one value of a property is enough."""
    one = device(model="P3265-V", needs_setup=False, sources=["sweep"])
    assert Rules([rule], []).belongs(one) is holds
    assert Rules([], [rule]).belongs(one) is not holds


def test_exclusion_wins_and_reaches_the_wire() -> None:
    """Addresses that are excluded whatever is there are not even asked; those of a longer rule are."""
    rules = Rules([{"model": "*"}], [{"address": "10.0.0.1"}, {"address": "10.0.0.2", "model": "T85*"}])
    assert not rules.belongs(device(1, model="P3265-V")) and rules.belongs(device(2, model="P3265-V"))
    assert rules.never("10.0.0.1") and not rules.never("10.0.0.2") and not rules.never("gate.example.net")


@pytest.mark.parametrize(
    "rule, message",
    [
        ("P32*", "is no rule"),
        ({}, "is no rule"),
        ({"mdoel": "P32*"}, "a rule cannot be about 'mdoel'"),
        ({"address": "10.0.0.x"}, "is no range of addresses"),
        ({"source": "nmap"}, "there is no source 'nmap'"),
        ({"needs_setup": "maybe"}, "needs_setup is 'maybe'"),
    ],
)
def test_wrong_rules(rule: t.Any, message: str) -> None:
    """They are refused before anything is sent."""
    with pytest.raises(InvalidOption, match=re.escape(message)):
        Rules([rule], [])


def test_rules_look_at_the_address_in_use() -> None:
    """What else a device says of its addresses includes nobody; it is out where the best of them is excluded."""
    one = device()
    one.addresses += ["10.9.0.1", "169.254.0.5"]
    assert not Rules([{"address": "10.9.0.0/24"}], []).belongs(one)
    assert Rules([], [{"address": "169.254.0.0/16"}]).belongs(one)
    one.addresses = ["169.254.0.5", "10.0.0.1"]  # 10.0.0.1 was not asked
    assert not Rules([], [{"address": "10.0.0.1"}]).belongs(one)


def test_rules_before_a_login() -> None:
    """What a login may tell counts as if it did fit, to include only."""
    rules = Rules([{"model": "P32*", "address": "10.0.0.1"}], [{"model": "T85*"}])
    assert rules.belongs(device(1), before_login=True) and not rules.belongs(device(1))
    assert not rules.belongs(device(2), before_login=True)
    assert not rules.belongs(device(1, model="Q1615"), before_login=True)
    assert not Rules([{"name": "Gate"}], []).belongs(device(1), before_login=True)
