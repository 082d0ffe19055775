# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts: nobody is locked out, no password is shown or tried too often, and new devices get their first account."""

from __future__ import annotations

import collections.abc
import pathlib
import typing as t

import pytest
import yaml
from harness.fleet import Fleet, SimulatedDevice
from harness.playbook import CANARY, OtherMachine, Outcome, Run, play

Playbook = t.Callable[..., Run]
Args = dict[str, t.Any]

GENERATIONS = ("axis-os-12", "axis-os-11", "axis-os-10", "axis-os-9", "axis-os-5")
#: Before AXIS OS 11.5.
ROOT_FIRST = GENERATIONS[2:]
#: Secrets come from a file, as from a vault: around an error Ansible shows lines of the playbook itself.
SECRETS = {
    "old": CANARY,
    "new": "rotated-CANARY-1",
    "weak": "CANARY-2",
    "long": "long-CANARY-passphrase",
    "strong": "Str0ng-CANARY-pw",
    "bad": "CANARY-\u00e9",
    "many": {"one": "many-CANARY-one", "two": "many-CANARY-two"},
}
ROOT = {"name": "root", "role": "administrator", "password": "{{ old }}"}
CONTROL = {"name": "control", "role": "operator", "ptz": True, "password": "{{ weak }}"}
ADMIN = ["admin", "operator", "viewer"]
WRITE = {"path": "/axis-cgi/pwdgrp.cgi"}


@pytest.fixture(scope="module")
def _new(scratch: pathlib.Path) -> collections.abc.Iterator[Fleet]:
    with Fleet.start(
        devices=len(GENERATIONS), profiles=GENERATIONS, password=CANARY, factory_default=True, tmp_path=scratch
    ) as fleet:
        yield fleet


@pytest.fixture
def new(_new: Fleet) -> Fleet:
    """One camera of each generation in factory default state."""
    _new.clear_faults()
    _new.reset()
    return _new


@pytest.fixture
def secrets(scratch: pathlib.Path) -> str:
    """The option that hands the secrets over."""
    kept = scratch / "user-secrets.yml"
    kept.write_text(yaml.safe_dump(SECRETS))
    return f"--extra-vars=@{kept}"


@pytest.fixture
def run(ansible_playbook: Playbook, secrets: str) -> t.Callable[..., Run]:
    """Declare accounts on some devices, then do something else with the same login."""

    def declare(
        fleet: Fleet, devices: t.Sequence[SimulatedDevice], args: Args, *options: str, **keywords: t.Any
    ) -> Run:
        task = {"name": "Users", "axis.vapix.user": args, "ignore_errors": True, **keywords}
        hosts = ",".join(device.host_name for device in devices)
        return ansible_playbook([play([task], hosts=hosts)], fleet.inventory, secrets, *options)

    return declare


@pytest.fixture
def one(run: t.Callable[..., Run]) -> t.Callable[..., Outcome]:
    """Declare accounts on one device."""

    def declare(fleet: Fleet, device: SimulatedDevice, *users: Args, **more: t.Any) -> Outcome:
        return run(fleet, [device], {"users": list(users), **more}).of(device.host_name)

    return declare


def paths(outcome: Outcome) -> list[str]:
    return [change["path"] for change in outcome.result["changes"]]


def requests_as(fleet: Fleet, device: SimulatedDevice, user: str) -> int:
    return len([request for request in fleet.requests(device.serial) if request["user"] == user])


# -- accounts ------------------------------------------------------------------------------------------------------


def test_what_arrives(generations: Fleet, run: t.Callable[..., Run], one: t.Callable[..., Outcome]) -> None:
    """The groups of each role, on all generations in parallel; one login proves that a password is unchanged."""
    roles = {"viewer": ["viewer"], "operator": ["operator", "viewer"], "administrator": ADMIN}
    users = [
        {"name": f"u{role[:2]}{ptz}", "role": role, "ptz": ptz, "password": "{{ many.one }}"}
        for role in roles
        for ptz in (True, False)
    ]
    done = run(generations, generations.devices, {"users": users})
    assert (done.code, done.warnings) == (0, []), done.output
    for device in generations.devices:
        state = generations.state(device.serial)
        for user in users:
            expected = {*roles[user["role"]], *(["ptz"] if user["ptz"] else [])}
            assert set(state["users"][user["name"]]) == expected, device.profile
    generations.reset(requests_only=True)
    again = run(generations, generations.devices, {"users": users})
    assert not any(outcome.changed for outcome in again.outcomes) and generations.writes() == []
    for device in generations.devices:
        assert [requests_as(generations, device, user["name"]) for user in users] == [1] * 6, device.profile
        assert generations.state(device.serial)["logins"]["failed"] == 0


def test_left_out_is_left_alone(generations: Fleet, one: t.Callable[..., Outcome]) -> None:
    device = generations.device("axis-os-12")
    assert one(generations, device, CONTROL).changed
    for user in ({"name": "control"}, {"name": "control", "role": None}, {"name": "control", "password": None}):
        assert not one(generations, device, user).changed
    assert paths(one(generations, device, {"name": "control", "role": "viewer"})) == ["users[control].role"]
    assert generations.state(device.serial)["users"]["control"] == ["viewer", "ptz"]
    assert paths(one(generations, device, {"name": "control", "ptz": None})) == ["users[control].ptz"]
    assert not one(generations, device).changed, "no accounts listed, none touched"


def test_update_password(generations: Fleet, one: t.Callable[..., Outcome]) -> None:
    """With on_create, passwords of accounts that exist are neither set nor tried."""
    device = generations.device("axis-os-11")
    assert one(generations, device, CONTROL).changed
    generations.reset(requests_only=True)
    other = CONTROL | {"password": "{{ long }}"}
    assert not one(generations, device, other, update_password="on_create").changed
    assert requests_as(generations, device, "control") == 0
    outcome = one(generations, device, other)
    assert paths(outcome) == ["users[control].password"]
    assert outcome.result["diff"]["after"] == {"users[control].password": "<hidden, to be set>"}
    # One wrong login before, one right login after.
    assert generations.state(device.serial)["logins"]["failed"] == 1
    assert requests_as(generations, device, "control") == 1


def test_many_passwords_do_not_provoke_the_guard(generations: Fleet, one: t.Callable[..., Outcome]) -> None:
    """Thirty accounts get other passwords on a device that blocks who sends twenty wrong ones in a second."""
    device = generations.device("axis-os-12")
    names = [f"user{number}" for number in range(30)]

    def users(password: str) -> list[Args]:
        return [{"name": name, "role": "viewer", "password": f"{{{{ many.{password} }}}}"} for name in names]

    assert one(generations, device, *users("one")).changed
    outcome = one(generations, device, *users("two"))
    assert paths(outcome) == [f"users[{name}].password" for name in names]
    logins = generations.state(device.serial)["logins"]
    assert logins["failed"] == 10 and logins["blocked"] == {}
    generations.reset(requests_only=True)
    assert not one(generations, device, *users("two")).changed
    assert [requests_as(generations, device, name) for name in names] == [1] * 30


# -- what is refused -------------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[list[Args], Args, str]] = {
    "own account removed": ([{"name": "root", "state": "absent"}], {}, "is the account in use and would be removed"),
    "own account lowered": ([{"name": "root", "role": "viewer"}], {}, "the account in use and would become viewer"),
    "own account not listed": ([CONTROL], {"exclusive": True}, "exclusive removes what is not listed"),
    "nobody listed": ([], {"exclusive": True}, "exclusive removes what is not listed"),
    "no role": ([{"name": "fresh", "password": "{{ weak }}"}], {}, "cannot be created without role"),
    "no password": ([{"name": "fresh", "role": "viewer"}], {}, "cannot be created without password"),
    "neither": ([{"name": "fresh"}], {}, "cannot be created without role and password"),
    "odd name": ([CONTROL | {"name": "gate-4"}], {}, "'gate-4' is not 1 to 14 of the characters"),
    "long name": ([CONTROL | {"name": "a" * 15}], {}, "is not 1 to 14 of the characters"),
    "twice": ([CONTROL, {"name": "control", "state": "absent"}], {}, "'control' is there twice"),
    "no role of ours": ([CONTROL | {"role": "admin"}], {}, "role"),
    "characters": ([CONTROL | {"password": "{{ bad }}"}], {}, "printable ASCII"),
    "one of two": ([CONTROL, {"name": "fresh"}], {}, "'fresh' does not exist"),
}  # fmt: skip


@pytest.mark.parametrize("why", REFUSED)
def test_refused_before_anything_is_sent(why: str, generations: Fleet, run: t.Callable[..., Run]) -> None:
    users, more, said = REFUSED[why]
    done = run(generations, generations.devices, {"users": users, **more})
    for device in generations.devices:
        outcome = done.of(device.host_name)
        assert outcome.status == "failed" and not outcome.changed and said in outcome.message, outcome.message
    assert generations.writes() == []
    assert not any(value in done.output for value in (CANARY, "CANARY-"))


def test_root_cannot_be_removed_before_11_5(generations: Fleet, one: t.Callable[..., Outcome]) -> None:
    """By nobody; from then on by another administrator."""
    boss = {"name": "boss", "role": "administrator", "password": "{{ weak }}"}
    as_boss = {"username": "boss", "password": "{{ weak }}"}
    for profile in ("axis-os-9", "axis-os-12"):
        device = generations.device(profile)
        assert one(generations, device, boss).changed
        generations.reset(requests_only=True)
        outcome = one(generations, device, {"name": "boss"}, exclusive=True, **as_boss)
        if profile == "axis-os-9":
            assert outcome.status == "failed" and "root cannot be removed before AXIS OS 11.5" in outcome.message
            assert generations.writes() == []
        else:
            assert outcome.status == "ok" and paths(outcome) == ["users[root]"]
            assert list(generations.state(device.serial)["users"]) == ["boss"]


@pytest.mark.parametrize("policy, password", [("length", "weak"), ("complex", "long")])
def test_passphrase_policy(policy: str, password: str, generations: Fleet, one: t.Callable[..., Outcome]) -> None:
    """AXIS OS 12 can want strong passwords; weak ones are not even sent."""
    device = generations.device("axis-os-12")
    generations.patch(device.serial, {"passphrase_policy": policy})
    outcome = one(generations, device, CONTROL | {"password": f"{{{{ {password} }}}}"})
    assert outcome.status == "failed" and "too weak for this device" in outcome.message
    assert generations.writes() == []
    assert one(generations, device, CONTROL | {"password": "{{ strong }}"}).changed


def test_the_device_refuses(generations: Fleet, one: t.Callable[..., Outcome]) -> None:
    """A name that the system has for itself; what came before it is told."""
    device = generations.device("axis-os-9")
    outcome = one(generations, device, CONTROL, CONTROL | {"name": "sdk"})
    assert outcome.status == "failed" and outcome.changed and "the device refuses (" in outcome.message
    failure = outcome.result["failure"]
    assert failure["applied"] == ["users[control]"]
    assert failure["not_applied"] == ["users[sdk]"]


def test_without_the_right_role(generations: Fleet, one: t.Callable[..., Outcome]) -> None:
    device = generations.device("axis-os-11")
    assert one(generations, device, CONTROL).changed
    outcome = one(generations, device, {"name": "fresh"}, username="control", password="{{ weak }}")
    assert outcome.status == "failed" and "needs an administrator" in outcome.message.replace("need an", "needs an")


# -- faults ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["axis-os-12", "axis-os-9", "axis-os-5"])
def test_write_fails(profile: str, generations: Fleet, one: t.Callable[..., Outcome]) -> None:
    """Nothing is claimed that is not so, a write is not repeated, and the next run mends it."""
    device = generations.device(profile)

    def fault(kind: str, **fields: t.Any) -> None:
        generations.clear_faults()
        generations.reset(device.serial)
        generations.fault(kind, device=device.serial, method="add", position="all", **WRITE, **fields)

    def create() -> Outcome:
        return one(generations, device, CONTROL, timeout=3)

    fault("ignore")
    outcome = create()
    assert outcome.status == "failed" and not outcome.changed and "did not take" in outcome.message
    fault("close_after_apply")
    outcome = create()
    assert outcome.status == "failed" and len(generations.writes(device.serial)) == 1
    assert outcome.result["failure"]["applied"] == ["users[control]"]
    for kind, fields in (("close", {}), ("hang", {}), ("status", {"code": 500}), ("html", {}), ("garbage", {})):
        fault(kind, **fields)
        outcome = create()
        assert outcome.status == "failed" and not outcome.changed, kind
        assert outcome.result["failure"]["not_applied"] == ["users[control]"], kind
    generations.clear_faults()
    assert create().changed and not create().changed


def test_password_that_does_not_take(generations: Fleet, one: t.Callable[..., Outcome]) -> None:
    """It is seen by logging in, with few wrong logins."""
    device = generations.device("axis-os-12")
    assert one(generations, device, CONTROL).changed
    generations.fault("ignore", device=device.serial, method="update", **WRITE)
    outcome = one(generations, device, CONTROL | {"password": "{{ long }}"})
    assert outcome.status == "failed" and not outcome.changed and "users[control].password" in outcome.message
    logins = generations.state(device.serial)["logins"]
    assert logins["failed"] <= 4 and logins["blocked"] == {}


# -- our own password ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", GENERATIONS[:2] + GENERATIONS[3:])
def test_own_password(profile: str, generations: Fleet, ansible_playbook: Playbook, secrets: str) -> None:
    """It changes last, the play goes on with the new one, and later runs neither write nor use the old one."""
    device = generations.device(profile)
    rotate = {
        "name": "Users",
        "axis.vapix.user": {
            "password": "{{ old }}",
            "users": [{"name": "root", "password": "{{ ansible_password }}"}, CONTROL],
        },
    }
    tasks = [rotate, {"name": "Next", "axis.vapix.ntp": {"servers": ["ntp.example.net"]}}]
    plays = [play(tasks, hosts=device.host_name, vars={"ansible_password": "{{ new }}"})]
    checked = ansible_playbook([play([rotate], hosts=device.host_name, vars=plays[0]["vars"])],
                               generations.inventory, secrets, "--check", "--diff")  # fmt: skip
    assert generations.writes() == []
    done = ansible_playbook(plays, generations.inventory, secrets, "--diff")
    assert (done.code, done.warnings) == (0, []), done.output
    assert done.of(device.host_name, "Users").result == checked.of(device.host_name).result
    assert paths(done.of(device.host_name, "Users"))[-1] == "users[root].password"
    assert done.of(device.host_name, "Next").changed
    failed = generations.state(device.serial)["logins"]["failed"]
    generations.reset(requests_only=True)
    again = ansible_playbook(plays, generations.inventory, secrets)
    assert (again.code, again.warnings, generations.writes()) == (0, [], []), again.output
    assert not any(outcome.changed for outcome in again.outcomes)
    assert generations.state(device.serial)["logins"]["failed"] == failed, "the old password was used again"


def test_own_password_goes_wrong(generations: Fleet, one: t.Callable[..., Outcome]) -> None:
    """Ignored, cut off before and after: what is told is what is so, and the account still works."""
    device = generations.device("axis-os-12")
    rotate = {"name": "root", "password": "{{ new }}"}
    old = {"username": "root", "password": "{{ old }}"}
    for kind, applied in (("ignore", False), ("close", False), ("close_after_apply", True)):
        generations.clear_faults()
        generations.reset(device.serial)
        generations.fault(kind, device=device.serial, method="update", **WRITE)
        outcome = one(generations, device, rotate, **old)
        assert outcome.status == "failed" and outcome.changed is applied, kind
        failure = outcome.result["failure"]
        assert failure["applied" if applied else "not_applied"] == ["users[root].password"], kind
        generations.clear_faults()
        outcome = one(generations, device, rotate, **old)
        assert outcome.status == "ok" and outcome.changed is not applied, kind
        assert generations.state(device.serial)["logins"]["blocked"] == {}


# -- the first account -----------------------------------------------------------------------------------------------


def test_first_account(new: Fleet, ansible_playbook: Playbook, run: t.Callable[..., Run], secrets: str) -> None:
    """On both sides of AXIS OS 11.5, all at once: predicted, made and waited for, then the others and the next task."""
    users = {"name": "Users", "axis.vapix.user": {"users": [CONTROL, ROOT | {"comment": "ours"}]}}
    tasks = [users, {"name": "Next", "axis.vapix.ntp": {"servers": ["ntp.example.net"]}}]
    checked = ansible_playbook([play([users])], new.inventory, secrets, "--check", "--diff")
    assert (checked.code, checked.warnings, new.writes()) == (0, [], []), checked.output
    done = ansible_playbook([play(tasks)], new.inventory, secrets, "--diff")
    assert (done.code, done.warnings) == (0, []), done.output
    for device in new.devices:
        outcome, state = done.of(device.host_name, "Users"), new.state(device.serial)
        assert outcome.result == checked.of(device.host_name).result
        assert paths(outcome) == ["users[root]", "users[control]"]
        assert set(state["users"]["root"]) == {*ADMIN, "ptz"} and set(state["users"]["control"]) == {
            "operator", "viewer", "ptz"
        }  # fmt: skip
        assert done.of(device.host_name, "Next").changed
    new.reset(requests_only=True)
    again = ansible_playbook([play(tasks)], new.inventory, secrets)
    assert (again.code, again.warnings, new.writes()) == (0, [], []), again.output
    assert not any(outcome.changed for outcome in again.outcomes)


def test_first_account_with_another_name(new: Fleet, run: t.Callable[..., Run]) -> None:
    """From AXIS OS 11.5 on; before, it is refused without a request that could close the door."""
    boss = {"name": "boss", "role": "administrator", "ptz": True, "password": "{{ strong }}"}
    done = run(new, new.devices, {"users": [boss], "username": "boss", "password": "{{ strong }}"})
    for device in new.devices:
        outcome = done.of(device.host_name)
        if device.profile in ROOT_FIRST:
            assert outcome.status == "failed" and "first account has to be root" in outcome.message
            assert new.writes(device.serial) == []
        else:
            assert outcome.status == "ok" and outcome.changed, outcome.message
            assert list(new.state(device.serial)["users"]) == ["boss"]


@pytest.mark.parametrize(
    "users, said",
    [
        ([], "first account has to be"),
        ([CONTROL], "first account has to be"),
        ([ROOT | {"role": "operator"}], "first account has to be"),
        ([ROOT | {"ptz": False}], "first account has to be"),
        ([{"name": "root", "role": "administrator"}], "first account has to be"),
        ([ROOT | {"password": "{{ bad }}"}], "printable ASCII"),
        ([ROOT, {"name": "fresh"}], "cannot be created without role and password"),
    ],
)
def test_first_account_refused(users: list[Args], said: str, new: Fleet, run: t.Callable[..., Run]) -> None:
    done = run(new, new.devices, {"users": users})
    for device in new.devices:
        assert done.of(device.host_name).status == "failed" and said in done.of(device.host_name).message
    assert new.writes() == []


def test_first_account_is_not_the_one_in_use(new: Fleet, one: t.Callable[..., Outcome]) -> None:
    """The next task could not log in."""
    outcome = one(new, new.device("axis-os-12"), ROOT, username="boss", password="{{ old }}")
    assert outcome.status == "failed" and "'boss', is not among those to be created" in outcome.message
    assert new.writes() == []


@pytest.mark.parametrize("profile", ["axis-os-12", "axis-os-9", "axis-os-5"])
def test_first_account_goes_wrong(profile: str, new: Fleet, one: t.Callable[..., Outcome]) -> None:
    """A door that is closed and one that stays open are told apart, and the next run goes on from there."""
    device = new.device(profile)
    for kind, made in (("close", False), ("close_after_apply", True)):
        new.clear_faults()
        new.reset(device.serial)
        new.fault(kind, device=device.serial, method="add", **WRITE)
        outcome = one(new, device, ROOT)
        assert outcome.status == "failed" and bool(new.state(device.serial)["users"]) is made
        assert outcome.changed is made, outcome.message
        new.clear_faults()
        outcome = one(new, device, ROOT)
        assert outcome.status == "ok" and outcome.changed is not made, outcome.message


# -- elsewhere -------------------------------------------------------------------------------------------------------


def test_no_secret_is_shown(generations: Fleet, run: t.Callable[..., Run]) -> None:
    """However talkative Ansible is asked to be, and where it fails."""
    device = generations.device("axis-os-9")
    for users in (
        [CONTROL],
        [CONTROL | {"password": "{{ long }}"}],
        [CONTROL | {"name": "sdk"}],
        [ROOT, CONTROL | {"role": "?"}],
    ):
        done = run(generations, [device], {"users": users}, "--diff", "-vvv")
        assert "CANARY" not in done.output


def test_delegated_to_another_machine(
    generations: Fleet, other_machine: OtherMachine, ansible_playbook: Playbook, secrets: str
) -> None:
    """The real module runs there and does the same, without showing a password."""
    device = generations.device("axis-os-12")
    jump, trace = other_machine
    task = {"name": "Users", "axis.vapix.user": {"users": [CONTROL]}, "delegate_to": "jump"}
    plays = [play([task], hosts=device.host_name)]
    inventories = [generations.inventory, jump]
    checked = ansible_playbook(plays, inventories, secrets, "--check").of(device.host_name)
    assert checked.changed and generations.writes() == []
    done = ansible_playbook(plays, inventories, secrets, "-v")
    assert (done.code, done.warnings) == (0, []) and "CANARY" not in done.output, done.output
    assert done.of(device.host_name).changed and trace.read_text()
    assert paths(done.of(device.host_name)) == ["users[control]"]
    assert not ansible_playbook(plays, inventories, secrets).of(device.host_name).changed


def test_over_https(secured: Fleet, run: t.Callable[..., Run]) -> None:
    """Where AXIS OS 12 takes passwords by Basic, each login costs a connection of its own and nothing else differs."""
    done = run(secured, secured.devices, {"users": [CONTROL]})
    assert (done.code, done.warnings) == (0, []) and all(outcome.changed for outcome in done.outcomes), done.output
    assert not any(outcome.changed for outcome in run(secured, secured.devices, {"users": [CONTROL]}).outcomes)
    changed = run(secured, secured.devices, {"users": [CONTROL | {"password": "{{ long }}"}]})
    assert [paths(outcome) for outcome in changed.outcomes] == [["users[control].password"]] * 2
