# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves that values are checked and compared in the type and spelling of the parameter, and what is never written."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.axis.vapix.plugins.module_utils.model.secret_names import is_secret
from ansible_collections.axis.vapix.plugins.module_utils.resources.param import catalogue
from ansible_collections.axis.vapix.plugins.module_utils.resources.param.value import normal, spell
from ansible_collections.axis.vapix.plugins.module_utils.wire.param_cgi import Definition


def definition(kind: str = "string", **more: t.Any) -> Definition:
    return Definition("A.B", kind, more.pop("value", ""), **more)


BOOLS = [("yes", "no"), ("true", "false"), ("On", "Off"), ("Yes", "No"), ("anonymous", "password"), ("1", "0")]


@pytest.mark.parametrize("words", BOOLS)
@pytest.mark.parametrize(("value", "truth"), [(True, True), ("yes", True), ("ON", True), (1, True), ("off", False)])
@pytest.mark.parametrize("negative", [False, True])
def test_a_bool_in_any_spelling(words: tuple[str, str], value: t.Any, truth: bool, negative: bool) -> None:
    if negative:
        value, truth = (
            not value if isinstance(value, int) else {"yes": "No", "ON": "false", "off": "On"}[value],
            not truth,
        )
    assert spell(definition("bool", choices=words), value) == words[0 if truth else 1]


@pytest.mark.parametrize("value", ["maybe", "", 2, 1.5, None, [], {}])
def test_no_bool(value: t.Any) -> None:
    with pytest.raises(ValueError):
        spell(definition("bool", choices=("yes", "no")), value)


@pytest.mark.parametrize(("value", "text"), [(7, "7"), ("7", "7"), (" 07 ", "7"), ("-3", "-3"), (0, "0")])
def test_an_int(value: t.Any, text: str) -> None:
    assert spell(definition("int", ranges=((-3, 9),)), value) == text


@pytest.mark.parametrize("value", [10, -4, "x", "", 1.5, True, None, "1e3", "9" * 5000])
def test_no_int(value: t.Any) -> None:
    with pytest.raises(ValueError):
        spell(definition("int", ranges=((-3, 9),)), value)


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"ranges": ((5, None),)}, "at least 5"),
        ({"ranges": ((None, 3),)}, "at most 3"),
        ({"ranges": ((5, 6),)}, "between 5 and 6"),
        ({"ranges": ((0, 0), (1024, 65534))}, "0 or between 1024 and 65534"),
    ],
)
def test_the_limit_is_told(limits: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        spell(definition("int", **limits), 4)


@pytest.mark.parametrize(
    ("choices", "value", "text"),
    [
        (("dhcp", "none"), "DHCP", "dhcp"),
        (("On", "Off", "Auto"), True, "On"),
        (("On", "Off", "Auto"), False, "Off"),
        (("1", "2"), 2, "2"),
        (("a", "A"), "A", "A"),
        (("", "x"), "", ""),
    ],
)
def test_a_choice(choices: tuple[str, ...], value: t.Any, text: str) -> None:
    assert spell(definition("enum", choices=choices), value) == text


@pytest.mark.parametrize(
    ("choices", "value"),
    [(("a", "b"), "c"), (("x", "X"), "ẋ"), (("aB", "Ab"), "ab"), (("x", "y"), True), (("a",), None)],
)
def test_no_choice(choices: tuple[str, ...], value: t.Any) -> None:
    with pytest.raises(ValueError):
        spell(definition("enum", choices=choices), value)


def test_a_typing_error_gets_a_hint() -> None:
    with pytest.raises(ValueError, match="did you mean 'recommended'"):
        spell(definition("enum", choices=("basic", "recommended")), "recomended")


@pytest.mark.parametrize("value", [True, False, None, [], {}, "a\nb", "a\rb", "a\0", "x" * 10])
def test_no_text(value: t.Any) -> None:
    with pytest.raises(ValueError):
        spell(definition(max_length=9), value)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [("ip", ["", "192.0.2.1", "::1"], ["192.0.2.256", "a"]), ("hostname", ["", "a.b", "192.0.2.1"], ["a b", "1.2.3"])],
)
def test_addresses(kind: str, good: list[str], bad: list[str]) -> None:
    for text in good:
        assert spell(definition(kind), text) == text
    for text in bad:
        with pytest.raises(ValueError):
            spell(definition(kind), text)


WORD = st.text(st.characters(min_codepoint=33, max_codepoint=0x24F), min_size=1, max_size=5)
DEFINITIONS = st.one_of(
    st.builds(definition, max_length=st.none() | st.integers(0, 12)),
    st.builds(
        lambda low, size: definition("int", ranges=((low, low + size),)), st.integers(-99, 99), st.integers(0, 99)
    ),
    st.builds(lambda words: definition("bool", choices=words), st.sampled_from(BOOLS)),
    st.builds(lambda words: definition("enum", choices=tuple(words)), st.lists(WORD, unique=True, max_size=4)),
    st.sampled_from([definition("ip"), definition("hostname"), definition("password"), definition("color")]),
)
VALUES = st.one_of(
    st.booleans(), st.integers(-120, 220), st.floats(), st.none(), st.text(max_size=14), WORD,
    st.sampled_from(["yes", "No", "ON", "off", "192.0.2.1", "a.b", "007", "*****", " x "]),
)  # fmt: skip


@given(DEFINITIONS, VALUES)
def test_spelling_twice_changes_nothing(one: Definition, value: t.Any) -> None:
    try:
        text = spell(one, value)
    except ValueError:
        return
    assert spell(one, text) == text
    assert normal(one, text) == text
    assert normal(one, text + "  ") == text


@given(DEFINITIONS, st.text(max_size=14))
def test_whatever_a_device_shows_can_be_compared(one: Definition, shown: str) -> None:
    assert normal(one, normal(one, shown)) == normal(one, shown)


# --- the catalogue ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "version", "forbidden"),
    [
        ("Network.eth0.IPAddress", (9, 80), True),
        ("Network.IPAddress", (12, 1), False),
        ("Properties.Firmware.Version", (), True),
        ("Time.NTP.Server", (9, 80), True),
        ("Time.NTP.Server", (5, 51), True),
        ("Image.I0.Source", (12, 0), True),
        ("Image.I0.Source", (11, 11, 77), False),
        ("Image.I0.Source", (), False),
        ("StreamProfile.MaxGroups", (13, 0), True),
        ("Network.Interface.I0.dot1x.Status", (11, 8), True),
        ("Network.UPnP.FriendlyName", (12, 11), True),
        ("Network.UPnP.FriendlyName", (9, 80), False),
    ],
)
def test_rules(name: str, version: tuple[int, ...], forbidden: bool) -> None:
    rules = catalogue.rules_for(name)
    applying = [r for r in rules if version >= r.since]
    assert bool(applying) is forbidden


@pytest.mark.parametrize(
    "name",
    ["SNMP.V1ReadCommunity", "SNMP.Trap.T0.Community", "SOCKS.Password", "Network.Wireless.W0.Passphrase"]
    + ["Network.Wireless.W0.Key", "RemoteService.ProxyPassword", "SNMP.InitialUserPasswd"]
    + ["Network.Interface.I0.dot1x.EAPTLS.PrivateKeyPassword"],
)
def test_secrets(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    ["Network.UPnP.Enabled", "Properties.PackageManager.LicenseKeyManagement", "Image.I0.Name"]
    + ["System.PreventDoSAttack.ActivatePasswordThrottling", "SNMP.InitialUserPasswdSet", "System.RootPwdSet"],
)
def test_no_secrets(name: str) -> None:
    """A switch called secret makes its word (On, yes) unreadable everywhere else in the same result."""
    assert not is_secret(name)


def test_templates_and_risks() -> None:
    assert catalogue.TEMPLATES["StreamProfile"].name == "streamprofile"
    assert catalogue.risk_of("Network.BootProto") == "moves_address"
    assert catalogue.risk_of("HTTPS.Enabled") == "restarts_service"
    assert catalogue.risk_of("Image.I0.Name") == "none"
