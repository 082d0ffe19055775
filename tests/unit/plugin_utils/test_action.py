# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves what the action does in the worker: where options come from, what is left untouched, where the task runs."""

from __future__ import annotations

import copy
import datetime
import json
import types
import typing as t

import pytest
from ansible.errors import AnsibleActionFail, AnsibleUndefinedVariable
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.axis.vapix.plugins.module_utils.resources import ntp
from ansible_collections.axis.vapix.plugins.plugin_utils import action as action_module
from ansible_collections.axis.vapix.plugins.plugin_utils.action import VapixAction, plain


class Action(VapixAction):
    """The action of ntp without what a real worker would give it."""

    declared = ntp.DECLARED

    def __init__(self, args: dict[str, t.Any], **task: t.Any) -> None:
        settings = {"delegate_to": None, "async_val": 0, "check_mode": False, "action": "axis.vapix.ntp", "diff": False}
        self._task = types.SimpleNamespace(args=args, **(settings | task))
        self._play_context = types.SimpleNamespace(remote_addr="192.0.2.7")
        self._templar = types.SimpleNamespace(template=lambda value: value)
        self._shared_loader_obj = types.SimpleNamespace(
            connection_loader=types.SimpleNamespace(get=lambda name, *dummy: f"connection {name}")
        )
        self._connection = types.SimpleNamespace(transport="ssh")
        self.handed: dict[str, t.Any] = {}

    def _execute_module(self, **given: t.Any) -> dict[str, t.Any]:
        self.handed = given
        return {"handed": True}


@pytest.fixture
def performed(monkeypatch: pytest.MonkeyPatch) -> list[t.Any]:
    tasks: list[t.Any] = []
    monkeypatch.setattr(action_module.ActionBase, "run", lambda *dummy: {})

    def perform(declared: t.Any, task: t.Any) -> dict[str, t.Any]:
        tasks.append(task)
        return {"changed": False}

    monkeypatch.setattr(action_module, "perform", perform)
    return tasks


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("host", ("vapix_host", "ansible_host", "inventory_hostname")),
        ("username", ("vapix_username", "ansible_user")),
        ("password", ("vapix_password", "ansible_password")),
        ("proxy", ("vapix_proxy",)),
        ("ca_path", ("vapix_ca_path",)),
        ("fingerprint", ("vapix_fingerprint",)),
    ],
)
def test_the_first_variable_that_is_set_wins(performed: list[t.Any], name: str, variables: tuple[str, ...]) -> None:
    for position in range(len(variables)):
        task_vars = {variable: f"/{variable}" for variable in variables[position:]}
        Action({}).run(task_vars=task_vars)
        assert performed[-1].params[name] == f"/{variables[position]}"
        Action({name: "/written"}).run(task_vars=task_vars)
        assert performed[-1].params[name] == "/written"


def test_typed_options_from_variables(performed: list[t.Any]) -> None:
    variables = {"vapix_port": "8443", "vapix_scheme": "http", "vapix_validate_certs": "no", "vapix_timeout": 3}
    Action({"host": "x"}).run(task_vars=variables)
    params = performed[-1].params
    assert [params[name] for name in ("port", "scheme", "validate_certs", "timeout")] == [8443, "http", False, 3.0]


def test_variables_come_before_the_environment(performed: list[t.Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AXIS_VAPIX_USERNAME", "from-environment")
    Action({}).run(task_vars={"ansible_user": "from-variable"})
    assert performed[-1].params["username"] == "from-variable"
    Action({}).run(task_vars={})
    assert performed[-1].params["username"] == "from-environment"


def test_a_false_variable_counts(performed: list[t.Any]) -> None:
    Action({}).run(task_vars={"vapix_validate_certs": False, "vapix_host": "x"})
    assert performed[-1].params["validate_certs"] is False


def test_null_in_the_task_is_the_variable_of_the_host(performed: list[t.Any]) -> None:
    Action({"host": None, "password": None}).run(task_vars={"vapix_host": "cam", "ansible_password": "p"})
    assert (performed[-1].params["host"], performed[-1].params["password"]) == ("cam", "p")


def test_options_of_the_resource_do_not_come_from_variables(performed: list[t.Any]) -> None:
    Action({"enabled": True}).run(task_vars={"vapix_source": "dhcp", "source": "dhcp", "vapix_host": "x"})
    assert performed[-1].params["source"] is None and "source" not in performed[-1].written


def test_a_variable_that_cannot_be_templated_is_named(performed: list[t.Any]) -> None:
    action = Action({})

    def template(value: t.Any) -> t.Any:
        raise AnsibleUndefinedVariable("'secret_store' is undefined")

    action._templar = types.SimpleNamespace(template=template)
    with pytest.raises(AnsibleActionFail, match="variable vapix_password, needed for the option password"):
        action.run(task_vars={"vapix_password": "{{ secret_store }}"})
    assert performed == []


@pytest.mark.parametrize("task", [{}, {"delegate_to": "jump"}, {"async_val": 5}])
def test_the_arguments_of_the_task_are_never_changed(performed: list[t.Any], task: dict[str, t.Any]) -> None:
    args = {"servers": ["a"], "nts": {"enabled": None, "servers": "x,y"}, "host": None}
    before = copy.deepcopy(args)
    Action(args, **task).run(task_vars={"vapix_host": "cam", "vapix_password": "p"})
    assert args == before
    assert all(task.written is not args for task in performed)


def test_check_mode_of_the_task_is_honoured(performed: list[t.Any]) -> None:
    Action({}, check_mode=True).run(task_vars={})
    Action({}, check_mode=False).run(task_vars={})
    assert [task.check_mode for task in performed] == [True, False]


@pytest.mark.parametrize("args", [{"typo": 1}, {"source": "gps"}, {"minpoll": "x"}, {"nts": {"typo": 1}}])
def test_bad_arguments_fail_by_the_modules_own_spec(performed: list[t.Any], args: dict[str, t.Any]) -> None:
    result = Action(args | {"password": "secret-pass"}).run(task_vars={})
    assert result["failed"] and not result["changed"] and result["msg"].startswith("axis.vapix.ntp: ")
    assert performed == [] and "secret-pass" not in json.dumps(result)


@pytest.mark.parametrize("target", [None, "localhost", "127.0.0.1", "::1", "cam1"])
def test_what_runs_in_the_worker(performed: list[t.Any], target: str | None) -> None:
    action = Action({}, delegate_to=target)
    if target:
        # Ansible points the play context at the machine the task is delegated to.
        action._play_context.remote_addr = "192.0.2.7" if target == "cam1" else target
    action.run(task_vars={"inventory_hostname": "cam1", "ansible_host": "192.0.2.7"})
    assert len(performed) == 1 and action.handed == {}


@pytest.mark.parametrize("remote_addr", ["jump", "10.9.9.9"])
def test_delegated_to_another_machine_the_real_module_runs_there(performed: list[t.Any], remote_addr: str) -> None:
    """Without ansible_host of its own, the address of the machine in the play context is its name."""
    action = Action({"enabled": True}, delegate_to="jump")
    action._play_context.remote_addr = remote_addr
    task_vars = {"inventory_hostname": "cam1", "ansible_host": "192.0.2.7", "ansible_password": "p"}
    assert action.run(task_vars=task_vars) == {"handed": True}
    assert performed == []
    assert action.handed["module_name"] == "axis.vapix.ntp"
    assert action.handed["module_args"] == {"enabled": True, "host": "192.0.2.7", "password": "p"}


@pytest.mark.parametrize(("transport", "target"), [("local", None), ("ssh", "localhost"), ("ssh", "jump")])
def test_asynchronous_the_real_module_runs(performed: list[t.Any], transport: str, target: str | None) -> None:
    action = Action({}, async_val=30, delegate_to=target)
    action._connection.transport = transport
    task_vars = {"inventory_hostname": "cam1", "ansible_host": "192.0.2.7"}
    before = copy.deepcopy(task_vars)
    assert action.run(task_vars=task_vars) == {"handed": True}
    assert performed == [] and action.handed["wrap_async"] is True
    assert action.handed["module_args"] == {"host": "192.0.2.7"}
    assert task_vars == before


def test_asynchronous_never_over_ssh_to_the_camera(performed: list[t.Any]) -> None:
    action = Action({}, async_val=30)
    result = action.run(task_vars={"inventory_hostname": "cam1"})
    assert result["failed"] and "delegate_to" in result["msg"]
    assert performed == [] and action.handed == {}


class Tagged(str):
    """Stands for the strings of ansible-core 2.19, which carry origin and trust."""

    __slots__ = ("origin",)


class Number(int):
    """The same for numbers."""


TAGGED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.builds(Number, st.integers()) | st.floats(allow_nan=False)
    | st.text(max_size=4) | st.builds(Tagged, st.text(max_size=4)),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.builds(Tagged, st.text(max_size=3)), inner, max_size=3),
)  # fmt: skip


@given(TAGGED)
def test_plain_values_are_equal_but_plain(value: t.Any) -> None:
    result = plain(value)
    assert result == value
    assert all(type(item) in (type(None), bool, int, float, str, list, dict) for item in everything(result))


def everything(value: t.Any) -> list[t.Any]:
    inner: list[t.Any] = []
    if isinstance(value, dict):
        inner = [item for pair in value.items() for item in pair]
    elif isinstance(value, list):
        inner = value
    return [value, *(one for item in inner for one in everything(item))]


def test_plain_takes_what_json_does_not_know() -> None:
    assert plain((1, 2)) == [1, 2]
    assert plain(datetime.date(2026, 10, 7)) == "2026-10-07"


def test_real_tags_are_taken_off() -> None:
    datatag = pytest.importorskip("ansible._internal._datatag._tags", reason="before ansible-core 2.19")
    for value in ("text", 5, 1.5, [1], {"a": 1}):
        tagged = datatag.Origin(path="/x.yml", line_num=1, col_num=1).tag(value)
        assert type(tagged) is not type(value)
        assert plain(tagged) == value and type(plain(tagged)) is type(value)
