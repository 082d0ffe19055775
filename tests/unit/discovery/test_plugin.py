# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory plugin makes of its options and of logins that go wrong."""

from __future__ import annotations

import dataclasses
import time
import traceback
import types
import typing as t

import pytest
from ansible.errors import AnsibleError, AnsibleParserError
from harness.playbook import CANARY

from ansible_collections.axis.vapix.plugins.inventory import discover
from ansible_collections.axis.vapix.plugins.module_utils.discovery import login
from ansible_collections.axis.vapix.plugins.module_utils.discovery.merge import Found
from ansible_collections.axis.vapix.plugins.module_utils.discovery.sighting import Endpoint, Sighting
from ansible_collections.axis.vapix.plugins.module_utils.discovery.static_file import Entry

SERIAL = "B8A44F000001"


def plugin(monkeypatch: pytest.MonkeyPatch, given: t.Any, template: t.Callable[[t.Any], t.Any]) -> t.Any:
    """The plugin with one value for every option."""
    one = discover.InventoryModule()
    monkeypatch.setattr(one, "get_option_and_origin", lambda _name: (given, "Direct"))
    one.templar = types.SimpleNamespace(template=template)
    one._vars = {}
    return one


def test_a_password_that_is_no_template(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error does not show it."""

    def fail(text: str) -> t.Any:
        raise AnsibleError(f"template error in {text}")

    one = plugin(monkeypatch, "{{ " + CANARY, fail)
    with pytest.raises(AnsibleParserError) as caught:
        one._given("password")
    assert "the option password" in str(caught.value)
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_an_account_of_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """YAML reads them as numbers, a login takes texts."""
    one = plugin(monkeypatch, 4711, lambda value: value)
    one._values = {"username": 42, "validate_certs": True, "ca_path": None}
    account = one._account()
    assert (account.username, account.password) == ("42", "4711")


def test_a_login_that_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the trouble of one device."""

    def fail(*_arguments: t.Any) -> t.Any:
        raise TypeError(CANARY)

    monkeypatch.setattr(login.facts, "gather", fail)
    device = Found(SERIAL, ["127.0.0.1"], "http", 1)
    account = login.Account("root", CANARY)
    (problem,) = login.ask_all([device], account, time.monotonic() + 30, lambda text: None)
    assert str(problem) == f"login to {SERIAL}: what it answers cannot be read (TypeError)"


def row(port: int, **variables: t.Any) -> Entry:
    """A row of a list."""
    return Entry(Sighting("static_file", None, ("10.0.0.5",), Endpoint("http", port), wanted=True), variables)


def test_variables_of_a_device_at_another_port() -> None:
    """They are those of the only row about its address, and nobody's where there are several."""
    device = Found(SERIAL, ["10.0.0.5"], "https", 443, sources=["static_file"])
    assert discover._Variables([row(8001, site="north")]).of(device) == {"site": "north"}
    assert discover._Variables([row(8001, site="north"), row(8002, site="south")]).of(device) == {}
    device.sources = ["sweep"]
    assert discover._Variables([row(8001, site="north")]).of(device) == {}


def test_a_login_to_who_may_belong(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device of which only a login tells the model is asked for it, before a rule about models leaves it out."""
    answer = Sighting("probe", SERIAL, ("10.0.0.5",), Endpoint("http", 80), confirmed=True)
    asked: list[Found] = []

    def ask_all(devices: list[Found], *_rest: t.Any) -> list[t.Any]:
        asked.extend(devices)
        return []

    monkeypatch.setattr(discover, "search", lambda *_arguments: types.SimpleNamespace(sightings=[answer], problems=[]))
    monkeypatch.setattr(discover.login, "ask_all", ask_all)
    one = discover.InventoryModule()
    monkeypatch.setattr(one, "_account", lambda: login.Account("root", CANARY))
    one._rules = discover.Rules([{"model": "P32*"}], [])
    one._wanted = dataclasses.make_dataclass("Wanted", ["budget", "known"])(1.0, ())
    one._wrong_rows, one._forget_after, one._keeps = [], 1, False
    one._report = one._say = one._warn = lambda _text: None
    one._look([])
    assert [device.serial for device in asked] == [SERIAL]
