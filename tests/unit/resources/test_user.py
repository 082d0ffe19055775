# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts: what is planned, in which order it is sent, how many logins it costs."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.fake import FakeSession, Sent, answer, json_answer

from ansible_collections.axis.vapix.plugins.module_utils.device.device import Device
from ansible_collections.axis.vapix.plugins.module_utils.device.pwdgrp import PATH, ROLES
from ansible_collections.axis.vapix.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.axis.vapix.plugins.module_utils.model.change import from_json, to_json
from ansible_collections.axis.vapix.plugins.module_utils.model.resource import World
from ansible_collections.axis.vapix.plugins.module_utils.resources import user
from ansible_collections.axis.vapix.plugins.module_utils.resources.user import DECLARED
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import (
    AuthenticationFailed,
    InvalidOption,
    NotAllowed,
    NotTaken,
)

INFO, READY, PARAM = "/axis-cgi/basicdeviceinfo.cgi", "/axis-cgi/systemready.cgi", "/axis-cgi/param.cgi"
GROUPS = {frozenset(groups): role for role, groups in ROLES.items()}
Accounts = dict[str, tuple[str, str, bool]]


class Camera(FakeSession):
    """Accounts by name (password, role, ptz) behind a session, as a device keeps them; notes each login tried."""

    def __init__(self, accounts: Accounts, own: tuple[str, str] = ("root", "pw"), version: str = "12.11.77") -> None:
        super().__init__({PATH: self.accounts_cgi, INFO: self.info, READY: self.ready, PARAM: self.param})
        self.accounts, self.version, self.own, self.password = dict(accounts), version, own[0], own[1]
        self.tried: list[tuple[str, str]] = []
        self.policy: str | None = None
        self.late = 0
        self.ignored = False

    # -- the session
    @property
    def username(self) -> str | None:
        return self.own

    def has_password(self, password: str) -> bool:
        return self.password == password

    def log_in(self, username: str, password: str) -> None:
        self.own, self.password = username, password

    def accepts(self, username: str, password: str) -> bool:
        self.tried.append((username, password))
        return username in self.accounts and self.accounts[username][0] == password

    # -- the device
    def _let_in(self) -> None:
        if self.own not in self.accounts or self.accounts[self.own][0] != self.password:
            raise AuthenticationFailed("the device does not accept the credentials")

    def ready(self, request: Sent) -> t.Any:
        data = {"systemready": "yes", "needsetup": "no" if self.accounts else "yes", "passphrasepolicy": self.policy}
        return json_answer({"data": data})

    def info(self, request: Sent) -> t.Any:
        return json_answer({"data": {"propertyList": {"Version": self.version}}})

    def param(self, request: Sent) -> t.Any:
        self._let_in()
        self.late -= 1
        if self.late == 1:
            raise NotAllowed("a moment")
        return answer(f"root.Properties.API.Browser.RootPwdSetValue={'no' if self.late > 0 else 'yes'}")

    def accounts_cgi(self, request: Sent) -> t.Any:
        form = request.form
        if not request.anonymous:
            self._let_in()
        if form["action"] == "get":
            lines = [f'digusers="{",".join(self.accounts)}"']
            for group in ("admin", "operator", "viewer", "ptz"):
                members = [
                    n for n, (dummy, role, ptz) in self.accounts.items() if group in (*ROLES[role], *["ptz"] * ptz)
                ]
                lines.append(f'{group}="{",".join(members)}"')
            return answer("\n".join(lines))
        name = form["user"]
        old = self.accounts.get(name, ("", "viewer", False))
        groups = set(form["sgrp"].split(":")) if "sgrp" in form else {*ROLES[old[1]], *["ptz"] * old[2]}
        role = GROUPS[frozenset(groups - {"ptz"})]
        if self.ignored:
            return answer("Modified account.")
        if form["action"] == "remove":
            del self.accounts[name]
        else:
            self.accounts[name] = (form.get("pwd", old[0]), role, "ptz" in groups)
        return answer(f"Modified account {name}.")

    @property
    def sent_writes(self) -> list[tuple[str, str]]:
        forms = [request.form for request in self.sent if request.target == PATH and not request.safe]
        return [(form["action"], form["user"]) for form in forms]


ROOT = {"root": ("pw", "administrator", True)}


def target(camera: Camera, *users: dict[str, t.Any], **more: t.Any) -> t.Any:
    declared = [{"state": "present"} | entry for entry in users]
    wanted = {"users": declared, "exclusive": False, "update_secrets": "on_change"} | more
    return DECLARED.on(Device(t.cast(t.Any, camera)), wanted)


def run(camera: Camera, *users: dict[str, t.Any], check: bool = False, **more: t.Any) -> list[str]:
    return [change["path"] for change in reconcile(target(camera, *users, **more), check)["changes"]]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []
    monkeypatch.setattr(user.time, "sleep", slept.append)
    return slept


def test_order_own_account_last_and_removal_after_creation() -> None:
    camera = Camera(ROOT | {"a": ("1", "viewer", False), "b": ("2", "viewer", False)})
    users = (
        {"name": "root", "password": "new", "ptz": False},
        {"name": "a", "state": "absent"},
        {"name": "b", "role": "operator", "ptz": True, "password": "3"},
        {"name": "c", "role": "viewer", "password": "4", "comment": "x"},
    )
    assert run(camera, *users) == [
        "users[c]", "users[b].role", "users[b].ptz", "users[b].password", "users[a]", "users[root].ptz",
        "users[root].password",
    ]  # fmt: skip
    assert camera.sent_writes == [("add", "c"), ("update", "b"), ("remove", "a"), ("update", "root")]
    assert camera.accounts == {
        "root": ("new", "administrator", False),
        "b": ("3", "operator", True),
        "c": ("4", "viewer", False),
    }
    assert camera.password == "new", "the session goes on with the new password"
    # Before: b and root with the wanted password. After: b, c and root once each.
    assert sorted(camera.tried) == sorted([("b", "3"), ("root", "new"), ("b", "3"), ("c", "4"), ("root", "new")])
    camera.sent.clear()
    camera.tried.clear()
    assert run(camera, *users) == [] and camera.sent_writes == []
    assert camera.tried == [("b", "3"), ("c", "4")], "one login an account, none for our own"


def test_no_password_is_shown_or_kept_in_a_change() -> None:
    plan = target(Camera(ROOT), {"name": "c", "role": "viewer", "password": "secret-word"})
    found = plan.plan(plan.read(), World())
    assert "secret-word" not in repr(found) and from_json(to_json(found)) == found
    assert plan.secrets() == {"users[c].password": "secret-word"}


def test_wanted_password_of_our_own_is_tried_before_the_old_one() -> None:
    camera = Camera({"root": ("new", "administrator", True)}, own=("root", "old"))
    assert run(camera, {"name": "root", "password": "new"}) == []
    assert camera.tried == [("root", "new")] and camera.password == "new"
    with pytest.raises(AuthenticationFailed):
        run(Camera(ROOT, own=("root", "old")), {"name": "root", "password": "new"})


def test_on_create_tries_no_password() -> None:
    camera = Camera(ROOT | {"a": ("1", "viewer", False)})
    assert (
        run(camera, {"name": "a", "password": "2"}, {"name": "root", "password": "2"}, update_secrets="on_create") == []
    )
    assert camera.tried == []
    assert run(camera, {"name": "b", "role": "viewer", "password": "3"}, update_secrets="on_create")
    assert camera.tried == [("b", "3")], "one that was just set is proven"


def test_wrong_passwords_are_limited(_no_pauses: list[float]) -> None:
    """After ten the others are set without being tried, predicted alike; each one that is right costs one login."""
    names = [f"u{number}" for number in range(40)]
    camera = Camera(ROOT | dict.fromkeys(names, ("1", "viewer", False)))
    users = [{"name": name, "password": "2"} for name in names]
    predicted = run(camera, *users, check=True)
    assert camera.tried == [(name, "2") for name in names[:10]] and len(predicted) == 40
    assert _no_pauses == [user.REFUSAL_PAUSE] * 10
    camera.tried.clear()
    assert run(camera, *users) == predicted
    assert len(camera.tried) == 10 + 40
    camera.tried.clear()
    assert run(camera, *users) == [] and len(camera.tried) == 40


def test_passwords_that_do_not_take_are_tried_three_times() -> None:
    camera = Camera(ROOT | {"a": ("1", "viewer", False)})
    camera.ignored = True
    with pytest.raises(NotTaken) as caught:
        run(camera, {"name": "a", "password": "2"})
    assert caught.value.not_applied == ["users[a].password"] and len(camera.tried) == 1 + user.PROOFS
    many = {f"u{number}": ("1", "viewer", False) for number in range(40)}
    camera = Camera(ROOT | many)
    camera.ignored = True
    with pytest.raises(NotTaken):
        run(camera, *[{"name": name, "password": "2"} for name in many])
    assert len(camera.tried) <= user.MOST_REFUSALS + user.PROOFS


@given(
    st.dictionaries(
        st.sampled_from("abcdef"), st.tuples(st.sampled_from("12"), st.sampled_from([*ROLES]), st.booleans())
    ),
    st.dictionaries(
        st.sampled_from("abcdef"),
        st.fixed_dictionaries(
            {"role": st.sampled_from([*ROLES]), "password": st.sampled_from("12")},
            optional={"ptz": st.booleans(), "state": st.sampled_from(["present", "absent"])},
        ),
    ),
    st.booleans(),
)
def test_any_state_leads_to_any_other(there: Accounts, wanted: dict[str, t.Any], exclusive: bool) -> None:
    """What is wanted is reached, nothing else touched, and the second run sends no write."""
    camera = Camera(ROOT | there)
    users = [{"name": name} | values for name, values in wanted.items()]
    if exclusive:
        users.append({"name": "root"})
    run(camera, *users, exclusive=exclusive)
    for name, values in wanted.items():
        if values.get("state") == "absent":
            assert name not in camera.accounts
        else:
            ptz = values.get("ptz", there.get(name, (0, 0, False))[2])
            assert camera.accounts[name] == (values["password"], values["role"], ptz)
    for name, account in there.items():
        if name not in wanted:
            assert camera.accounts.get(name) == (None if exclusive else account)
    camera.sent.clear()
    assert run(camera, *users, exclusive=exclusive) == [] and camera.sent_writes == []


@pytest.mark.parametrize(
    "users, more, said",
    [
        ([{"name": "root", "state": "absent"}], {}, "would be removed .it is set to absent"),
        ([], {"exclusive": True}, "would be removed .because exclusive"),
        ([{"name": "root", "role": "operator"}], {}, "would become operator"),
        ([{"name": "a b", "role": "viewer", "password": "x"}], {}, "1 to 14 of the characters"),
        ([{"name": "a", "password": "x" * 65, "role": "viewer"}], {}, "between 1 and 64|printable ASCII"),
        ([{"name": "a", "password": "", "role": "viewer"}], {}, "between 1 and 64|printable ASCII"),
        ([{"name": "a", "role": "viewer"}], {}, "without password"),
    ],
)
def test_refused(users: list[t.Any], more: t.Any, said: str) -> None:
    camera = Camera(ROOT)
    with pytest.raises(InvalidOption, match=said):
        run(camera, *users, **more)
    assert camera.sent_writes == []


@pytest.mark.parametrize("version, refused", [("11.4.63", True), ("9.80.2.2", True), ("", True), ("11.5.64", False)])
def test_removing_root(version: str, refused: bool) -> None:
    camera = Camera(ROOT | {"boss": ("b", "administrator", False)}, own=("boss", "b"), version=version)
    if refused:
        with pytest.raises(InvalidOption, match="before AXIS OS 11.5"):
            run(camera, {"name": "root", "state": "absent"})
        assert camera.sent_writes == []
    else:
        assert run(camera, {"name": "root", "state": "absent"}) == ["users[root]"]


@pytest.mark.parametrize(
    "policy, password, good",
    [
        ("none", "x", True), (None, "x", True), ("length", "x" * 14, False), ("length", "x" * 15, True),
        ("complex", "Aa1!Aa1!Aa1", False), ("complex", "Aa1!Aa1!Aa1!", True), ("complex", "aaaaaaaaaaa1!", False),
    ],
)  # fmt: skip
def test_passphrase_policy(policy: str | None, password: str, good: bool) -> None:
    for accounts in (ROOT, {}):
        camera = Camera(accounts)
        camera.policy = policy
        name = "a" if accounts else "root"
        wanted = {"name": name, "role": "administrator", "password": password}
        if good:
            assert run(camera, wanted)[0] == f"users[{name}]"
        else:
            with pytest.raises(InvalidOption, match="too weak") as caught:
                run(camera, wanted)
            assert password not in str(caught.value) and camera.sent_writes == []


def test_first_account() -> None:
    """Root, or from 11.5 on our own; without a login, a comment, or a second write; the session goes on with it."""
    for version, own in (("12.11.77", "boss"), ("9.80.2.2", "root")):
        camera = Camera({}, own=(own, "pw"), version=version)
        camera.late = 3
        users = [
            {"name": "a", "role": "viewer", "password": "1"},
            {"name": own, "role": "administrator", "password": "pw", "comment": "ours"},
        ]
        assert run(camera, *users, check=True)[0] == f"users[{own}]"
        assert camera.sent_writes == [] and not camera.accounts
        run(camera, *users)
        first = next(request for request in camera.sent if request.target == PATH and not request.safe)
        assert first.anonymous and first.form == {
            "action": "add", "user": own, "pwd": "pw", "grp": "root", "sgrp": "admin:operator:viewer:ptz",
        }  # fmt: skip
        assert camera.accounts == {own: ("pw", "administrator", True), "a": ("1", "viewer", False)}
        assert run(camera, *users) == []


def test_first_account_that_never_works(_no_pauses: list[float]) -> None:
    camera = Camera({})
    camera.ignored = True
    with pytest.raises(AuthenticationFailed) as caught:
        run(camera, {"name": "root", "role": "administrator", "password": "pw"})
    assert caught.value.applied == [] and sum(_no_pauses) < 60


def test_names_with_dots_are_removed_whole() -> None:
    """Nobody can make them with this API, but somebody did."""
    camera = Camera(ROOT | {"a.role": ("1", "viewer", False), "b.c": ("1", "viewer", False)})
    assert run(camera, {"name": "b.c", "state": "absent"}) == ["users[b.c]"]
    assert "b.c" not in camera.accounts
