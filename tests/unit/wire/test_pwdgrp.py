# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""pwdgrp.cgi: what devices list, what is sent, and sentences inside HTML that mean success or failure."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.fake import NEEDS_RECORDINGS, RECORDED, FakeSession, answer

from ansible_collections.axis.vapix.plugins.module_utils.device.pwdgrp import (
    PATH,
    ROLES,
    Account,
    PwdGrp,
    parse_accounts,
    secondary_groups,
)
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import ApiMissing, BadAnswer, DeviceRefused

NAMES = st.from_regex(r"[A-Za-z0-9]{1,14}", fullmatch=True)
KINDS = st.tuples(st.sampled_from([None, *ROLES]), st.booleans())


def page(text: str) -> str:
    """What devices wrap their sentence in."""
    return f"<html>\n<head><title>User accounts</title></head>\n<body>\n{text}\n</body></html>"


def cgi(body: t.Any = "", status: int = 200) -> tuple[PwdGrp, FakeSession]:
    session = FakeSession({PATH: body if callable(body) else answer(body, status, "text/html")})
    return PwdGrp(t.cast(t.Any, session)), session


def shown(text: str) -> dict[str, tuple[str | None, bool]]:
    return {name: (account.role, account.ptz) for name, account in parse_accounts(text).items()}


@NEEDS_RECORDINGS
@pytest.mark.parametrize(
    "file, expected",
    [
        (
            "oadm/P3265-V-12.11.77/pwdgrp-get.txt",
            {"root": ("administrator", True), "fakeroot": ("administrator", True), "root20": ("administrator", True),
             "acs": ("operator", False)},
        ),
        (
            "oadm/P3265-V-12.11.77/pwdgrp-get-2.txt",
            {"root": ("administrator", True), "fakeroot": ("administrator", True), "root20": ("administrator", True),
             "acs": ("operator", False), "acs2": ("administrator", False)},
        ),
        (
            "kane610-axis/pwdgrp-get-new-style-crlf.txt",
            {"root": ("administrator", True), "axisconnect": ("administrator", True)},
        ),
        (
            "kane610-axis/pwdgrp-get-old-style.txt",
            {"root": ("administrator", True), "operator": (None, False), "viewer": (None, False)},
        ),
    ],
)  # fmt: skip
def test_recorded_lists(file: str, expected: dict[str, t.Any]) -> None:
    assert shown((RECORDED / file).read_text(encoding="utf-8")) == expected


@NEEDS_RECORDINGS
def test_recorded_list_with_system_groups() -> None:
    """Its many pseudo users are no accounts."""
    text = (RECORDED / "oadm/M3206-LVE-10.12/pwdgrp-get.txt").read_text(encoding="utf-8")
    accounts = shown(text)
    assert accounts["root"] == ("administrator", True) and accounts["root2"] == ("administrator", True)
    assert not {"wwwa", "sdk", "streamer"} & accounts.keys()


def test_traps_of_lists() -> None:
    text = 'admin="root,"\r\nx-y="a=b,c=\'d\'"\r\nptz=" root , joe "\r\nviewer="root,joe"\r\ndigusers="root,joe,"\r\n'
    assert shown(text) == {"root": ("administrator", True), "joe": ("viewer", True)}
    # As the vendor's page prints it.
    text = 'admin="root,joe"operator="root,joe,ellen"viewer="root,ellen,frank"ptz="ellen"digusers="root,ellen,frank"'
    assert shown(text) == {"root": ("administrator", False), "ellen": ("operator", True), "frank": ("viewer", False)}


@given(st.dictionaries(NAMES, KINDS, max_size=9), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_every_list_is_understood(users: dict[str, tuple[str | None, bool]], end: str, comma: bool) -> None:
    """Whatever accounts there are, in whatever order their groups come."""
    groups: dict[str, list[str]] = {group: [] for group in ("admin", "operator", "viewer", "ptz", "digusers")}
    for name, (role, ptz) in users.items():
        for group in (*(ROLES[role] if role else ()), *(("ptz",) if ptz else ()), "digusers"):
            groups[group].append(name)
    lines = [f'{group}="{",".join(members)}{"," if comma else ""}"' for group, members in reversed(groups.items())]
    assert shown(end.join(lines)) == users


@given(st.text(max_size=200))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        parse_accounts(text)
    except BadAnswer:
        pass


@pytest.mark.parametrize("text", ["", "<html>login</html>", 'admin="root"', "digusers=root"])
def test_no_list(text: str) -> None:
    with pytest.raises(BadAnswer, match="no list of accounts"):
        cgi(text)[0].accounts()


def test_secondary_groups() -> None:
    assert secondary_groups("viewer", False) == "viewer"
    assert secondary_groups("operator", True) == "operator:viewer:ptz"
    assert secondary_groups("administrator", True) == "admin:operator:viewer:ptz"


def test_what_is_sent() -> None:
    """In the body, never in the URL; only reading may be repeated; only the first account is made without a login."""
    there, session = cgi(lambda request: answer('digusers="a"') if request.form["action"] == "get" else answer(done))
    done = page("Created account joe.")
    assert there.accounts() == {"a": Account("a", None, False)}
    there.add("joe", "p&=%+ w", "operator", True, "Joe's")
    there.add("joe", "p", "viewer", False)
    there.add_first("root", "p")
    done = page("Modified account joe.")
    there.update("joe", {"pwd": "q"})
    done = page("Removed account joe.")
    there.remove("joe")
    joe = {"user": "joe", "grp": "users"}
    assert [request.form for request in session.sent] == [
        {"action": "get"},
        {"action": "add", **joe, "pwd": "p&=%+ w", "sgrp": "operator:viewer:ptz", "comment": "Joe's"},
        {"action": "add", **joe, "pwd": "p", "sgrp": "viewer", "comment": ""},
        {"action": "add", "user": "root", "pwd": "p", "grp": "root", "sgrp": "admin:operator:viewer:ptz"},
        {"action": "update", "user": "joe", "pwd": "q"},
        {"action": "remove", "user": "joe"},
    ]
    assert all((request.method, request.target) == ("POST", PATH) for request in session.sent)
    assert [request.safe for request in session.sent] == [True, False, False, False, False, False]
    assert [request.anonymous for request in session.sent] == [False, False, False, True, False, False]


@pytest.mark.parametrize("text", ["Created account joe.", "Modified the account joe.", "<b>removed  account joe</b>"])
def test_success(text: str) -> None:
    cgi(page(text))[0].remove("joe")


@pytest.mark.parametrize(
    "text, said",
    [
        ("Error: consult the system log file.", r"\(consult the system log file\)"),
        ("<p>Error: this user name already exists, consult the system log file</p>", r"file\)"),
        ("Error: not a valid initial admin user.", r"\(not a valid initial admin user\)"),
        ("Error:", r"refuses \(\)"),
    ],
)
def test_refusals(text: str, said: str) -> None:
    for status in (200, 401):
        with pytest.raises(DeviceRefused, match=said) as caught:
            cgi(page(text), status)[0].add_first("root", "p")
        assert (caught.value.api, caught.value.method, caught.value.http_status) == ("pwdgrp.cgi", "add", status)


def test_the_door_is_closed() -> None:
    """A 401 without a word for the first account: somebody was faster."""
    with pytest.raises(DeviceRefused, match="there is an account already"):
        cgi("<html>Unauthorized</html>", 401)[0].add_first("root", "p")


@pytest.mark.parametrize("body, status", [("", 200), ("<html>hello</html>", 200), ("Created account joe.", 500)])
def test_neither_success_nor_error(body: str, status: int) -> None:
    with pytest.raises(BadAnswer, match="neither success nor error"):
        cgi(body, status)[0].remove("joe")


def test_no_such_cgi() -> None:
    with pytest.raises(ApiMissing):
        PwdGrp(t.cast(t.Any, FakeSession())).accounts()
    with pytest.raises(BadAnswer, match="the request failed"):
        cgi("busy", 503)[0].accounts()


@pytest.mark.parametrize(
    "body, status, expected",
    [
        (page("Error: initial admin user must be created first."), 401, True),
        ('admin=""\ndigusers=""', 200, True),
        ("<html>Unauthorized</html>", 401, False),
        ("<html>login</html>", 200, False),
        ("", 503, False),
    ],
)
def test_needs_first_account(body: str, status: int, expected: bool) -> None:
    there, session = cgi(body, status)
    assert there.needs_first_account() is expected
    assert session.sent[0].anonymous and session.writes == []
