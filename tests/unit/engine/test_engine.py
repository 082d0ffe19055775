# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves how wishes are understood, plans are made, applied and read back, and that no secret gets out."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from harness.spellings import SPELLINGS
from hypothesis import example, given
from hypothesis import strategies as st
from unit.fake import PARAM, answer, fake_device

from ansible_collections.axis.vapix.plugins.module_utils.engine import connection
from ansible_collections.axis.vapix.plugins.module_utils.engine import reconcile as engine
from ansible_collections.axis.vapix.plugins.module_utils.engine.options import (
    argument_spec,
    understand,
    wanted,
    without_nulls,
)
from ansible_collections.axis.vapix.plugins.module_utils.engine.redact import HIDDEN, SHORTEST_INSIDE_WORDS, Redactor
from ansible_collections.axis.vapix.plugins.module_utils.engine.task import Task, perform, secrets
from ansible_collections.axis.vapix.plugins.module_utils.model import change as change_module
from ansible_collections.axis.vapix.plugins.module_utils.model.change import (
    UNKNOWN,
    Call,
    Change,
    Phase,
    Plan,
    Secret,
    Skipped,
    Step,
    from_json,
    to_json,
)
from ansible_collections.axis.vapix.plugins.module_utils.model.field import MISSING
from ansible_collections.axis.vapix.plugins.module_utils.model.option import Document, Option
from ansible_collections.axis.vapix.plugins.module_utils.model.resource import Command, Resource, Target, World
from ansible_collections.axis.vapix.plugins.module_utils.resources import ntp, param
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import (
    ConnectionFailed,
    DeviceRefused,
    InvalidOption,
    NotTaken,
    VapixError,
)
from ansible_collections.axis.vapix.plugins.module_utils.wire.session import Answer, unexpected

# --- what the user wants ----------------------------------------------------------------------------------------------


def understood(declared: t.Any, written: dict[str, t.Any]) -> Document:
    validator = ArgumentSpecValidator(argument_spec(declared), **declared.constraints)
    validation = validator.validate(without_nulls(declared.options, written))
    assert not validation.error_messages, validation.error_messages
    return wanted(declared.options, written, validation.validated_parameters)


@pytest.mark.parametrize(
    ("written", "document"),
    [
        ({}, {}),
        ({"enabled": "yes", "minpoll": "7"}, {"enabled": True, "minpoll": 7}),
        ({"source": None, "servers": None}, {"source": None, "servers": None}),
        ({"servers": []}, {"servers": []}),
        ({"servers": "a,b"}, {"servers": ["a", "b"]}),
        ({"nts": {"enabled": True}}, {"nts": {"enabled": True}}),
        ({"nts": {}}, {"nts": {}}),
        ({"nts": {"enabled": None}}, {"nts": {"enabled": None}}),
        ({"nts": None}, {"nts": {"enabled": None, "servers": None, "ca_certificates": None}}),
        ({"nts": '{"enabled": true}'}, {"nts": {"enabled": True}}),
        ({"nts": "enabled=true"}, {"nts": {"enabled": True}}),
    ],
)
def test_left_out_is_not_null(written: dict[str, t.Any], document: Document) -> None:
    assert understood(ntp.DECLARED, written) == document | {"on_unsupported": "fail"}


def test_blocks_in_a_list() -> None:
    written = {"groups": [{"parent": "A", "present": [{"Name": "x"}]}, {"parent": "B", "exclusive": "yes"}]}
    first, second = understood(param.DECLARED, written)["groups"]
    assert first == {"parent": "A", "present": [{"Name": "x"}], "identity": "Name", "exclusive": False}
    assert second == {"parent": "B", "identity": "Name", "exclusive": True}
    written = {"groups": ['{"parent": "A", "absent": ["x"]}']}
    assert understood(param.DECLARED, written)["groups"][0]["absent"] == ["x"]


def test_null_for_an_option_with_a_default_is_the_default() -> None:
    written = {"parameters": {"A.B": None}, "write_only": None, "validate_certs": None}
    assert understood(param.DECLARED, written) == {
        "parameters": {"A.B": None},
        "update_secrets": "refuse",
        "on_unsupported": "fail",
    }


# --- read, plan, apply, read back -------------------------------------------------------------------------------------


class BoxResource(Resource):
    """Numbers by name."""

    def __init__(self, name: str = "box", after: tuple[str, ...] = ()) -> None:
        self.name, self.after = name, after
        self.options = {}

    def on(self, device: t.Any, wanted: Document) -> Target:
        raise NotImplementedError


class Box(Target):
    """A target that holds numbers, one step for each; some need several readings to show, some never do.

    :param how: ``slow``: readings until a write shows. ``ignored``: names whose writes are lost. ``fails_at``: the name
        whose write fails. ``deaf``: how many readings fail after the first write. ``traits``: of all changes.
        ``phases``: of steps, by name. ``shown``: values that the device makes of others.
    """

    def __init__(
        self, now: dict[str, int], want: dict[str, int], name: str = "box", after: tuple[str, ...] = (), **how: t.Any
    ) -> None:
        super().__init__(BoxResource(name, after), how.get("device") or fake_device()[0], {})
        self.now, self.want, self.how = dict(now), want, how
        self.pending: list[tuple[str, int | None]] = []
        self.reads = self.silent = 0
        self.log: list[str] = how.get("log", [])

    @property
    def writes(self) -> int:
        return len(self.log)

    def api_of(self, reading: t.Any) -> str:
        return f"{self.resource.name}.cgi"

    def read(self) -> dict[str, int]:
        self.reads += 1
        if self.writes:
            self.silent += 1
            if self.silent <= self.how.get("deaf", 0):
                raise ConnectionFailed("no answer", remedy="Wait", device=str(self.device))
            if self.silent > self.how.get("slow", 0):
                for name, value in self.pending:
                    if value is None:
                        self.now.pop(name, None)
                    elif name not in self.how.get("ignored", ()):
                        self.now[name] = value
                self.pending = []
        return dict(self.now)

    def current(self, reading: dict[str, int]) -> Document:
        return dict(reading)

    def shows(self, change: Change, reading: dict[str, int]) -> t.Any:
        return self.how.get("shown", {}).get(change.path, reading.get(change.path, MISSING))

    def plan(self, reading: dict[str, int], world: World) -> Plan:
        planner = self.planner(reading)
        traits = self.how.get("traits", {})
        for name, value in self.want.items():
            if reading.get(name) != value or traits.get("provable") is False:
                undo = [Call("set", {"name": name, "value": reading.get(name)})]
                planner.step(
                    [Change(name, reading.get(name), value, **traits)],
                    [Call("set", {"name": name, "value": value})],
                    undo,
                    self.how.get("phases", {}).get(name, Phase.SETTINGS),
                    [("box", name)],
                )
        return planner.plan()

    def do(self, call: Call) -> None:
        name, value = call.arguments["name"], call.arguments["value"]
        if name == self.how.get("fails_at") and value is not None:
            raise self.how.get("error") or DeviceRefused("no", remedy="Stop", device=str(self.device))
        self.log.append(f"{self.resource.name}.{name}={value}")
        self.pending.append((name, value))

    def result(self, plan: Plan, before: t.Any, after: t.Any) -> Document:
        return {"now": dict(after)} if self.how.get("tells") else {}


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []
    monkeypatch.setattr(engine.time, "sleep", slept.append)
    return slept


def accounts(error: VapixError) -> tuple[list[str] | None, ...]:
    return error.applied, error.not_applied, error.unknown


def test_nothing_to_do_is_one_reading(pauses: list[float]) -> None:
    box = Box({"a": 1}, {"a": 1})
    assert engine.reconcile(box, False) == {
        "changed": False,
        "api": "box.cgi",
        "changes": [],
        "diff": {"before": {}, "after": {}},
        "unsupported": [],
        "reboot_required": False,
    }
    assert (box.reads, box.writes, pauses) == (1, 0, [])


def test_check_mode_writes_nothing_and_says_the_same(pauses: list[float]) -> None:
    checked = Box({"a": 1, "b": 2}, {"a": 3})
    predicted = engine.reconcile(checked, True)
    assert (checked.reads, checked.writes) == (1, 0)
    assert engine.reconcile(Box({"a": 1, "b": 2}, {"a": 3}), False) == predicted
    assert predicted["diff"] == {"before": {"a": 1}, "after": {"a": 3}}
    assert predicted["changes"] == [{"path": "a", "before": 1, "after": 3, "risk": "none"}]


def test_a_note_is_shown_beside_the_values() -> None:
    changes = engine.reconcile(Box({}, {"a": 1}, traits={"note": "it blinks"}), True)["changes"]
    assert changes == [{"path": "a", "before": None, "after": 1, "risk": "none", "note": "it blinks"}]


def test_what_a_target_tells_beside_the_plan(pauses: list[float]) -> None:
    assert engine.reconcile(Box({"a": 1}, {"a": 2}, tells=True), check_mode=False)["now"] == {"a": 2}
    assert engine.reconcile(Box({"a": 1}, {"a": 2}, tells=True), check_mode=True)["now"] == {"a": 1}


def test_a_reboot_is_announced(pauses: list[float]) -> None:
    assert engine.reconcile(Box({}, {"a": 1}, traits={"risk": "reboots"}), True)["reboot_required"]


@pytest.mark.parametrize("slow", range(5))
def test_a_change_may_take_a_moment(pauses: list[float], slow: int) -> None:
    box = Box({"a": 1}, {"a": 2}, slow=slow)
    assert engine.reconcile(box, False)["changed"]
    assert pauses == list(engine.SETTLE)[:slow] and box.writes == 1


@pytest.mark.parametrize("deaf", range(5))
def test_a_reading_that_fails_after_a_write_is_repeated(pauses: list[float], deaf: int) -> None:
    """A service that restarts does not answer for a moment."""
    box = Box({"a": 1}, {"a": 2}, deaf=deaf)
    assert engine.reconcile(box, False)["changed"]
    assert pauses == list(engine.SETTLE)[:deaf] and box.writes == 1


def test_what_does_not_take_is_named(pauses: list[float]) -> None:
    with pytest.raises(NotTaken, match="^192.0.2.7:443: box.cgi: .*: b") as caught:
        engine.reconcile(Box({}, {"a": 1, "b": 2}, ignored=["b"]), False)
    assert accounts(caught.value) == (["a"], ["b"], [])
    assert pauses == list(engine.SETTLE)


def test_a_prediction_that_was_wrong_is_told(pauses: list[float]) -> None:
    """All that is wanted is there, and yet the device shows another value than the plan."""
    box = Box({}, {"a": 1, "b": 2}, shown={"a": 7})
    warnings: list[str] = []
    box.device.warn = warnings.append
    assert engine.reconcile(box, False)["changed"]
    assert warnings == ["192.0.2.7:443: a: the plan was 1, the device shows 7"]


def test_what_only_the_device_knows_is_no_wrong_prediction(pauses: list[float]) -> None:
    assert engine._came_out({"id": UNKNOWN, "name": "x"}, {"id": 3, "name": "x", "more": 1})
    assert not engine._came_out({"id": UNKNOWN, "name": "x"}, {"id": 3, "name": "y"})
    assert engine._came_out(Secret("p"), None) and not engine._came_out({"a": 1}, [1])


def test_what_cannot_be_proven_is_believed(pauses: list[float]) -> None:
    box = Box({}, {"a": 1}, ignored=["a"], traits={"provable": False, "secret": True})
    result = engine.reconcile(box, False)
    assert result["changed"] and pauses == []
    assert result["changes"][0]["after"] == change_module.HIDDEN_AFTER and result["changes"][0]["before"] is None


@pytest.mark.parametrize("error", [DeviceRefused("no", device="192.0.2.7:443"), ValueError("odd"), KeyError("odd")])
def test_a_failure_half_way_says_what_was_applied(pauses: list[float], error: Exception) -> None:
    """Whatever exception it is."""
    with pytest.raises(VapixError) as caught:
        engine.reconcile(Box({}, {"a": 1, "b": 2, "c": 3}, fails_at="b", error=error), False)
    assert accounts(caught.value) == (["a"], ["b", "c"], [])
    assert str(caught.value).startswith("192.0.2.7:443: box.cgi: ")


def test_after_a_failure_and_silence_nothing_is_claimed(pauses: list[float]) -> None:
    with pytest.raises(DeviceRefused) as caught:
        engine.reconcile(Box({}, {"a": 1, "b": 2, "c": 3}, fails_at="b", deaf=99), False)
    assert accounts(caught.value) == ([], ["c"], ["a", "b"])


def test_a_secret_whose_step_failed_is_unknown(pauses: list[float]) -> None:
    box = Box({}, {"a": 1, "b": 2, "c": 3}, fails_at="b", traits={"provable": False, "secret": True})
    with pytest.raises(DeviceRefused) as caught:
        engine.reconcile(box, False)
    assert accounts(caught.value) == (["a"], ["c"], ["b"])


def test_a_failure_that_knows_what_was_applied_is_believed(pauses: list[float]) -> None:
    """A device that has moved away cannot be asked."""
    error = DeviceRefused("gone")
    error.applied, error.not_applied, error.unknown = ["a"], ["b"], []
    box = Box({}, {"a": 1, "b": 2}, fails_at="b", error=error)
    with pytest.raises(DeviceRefused) as caught:
        engine.reconcile(box, False)
    assert accounts(caught.value) == (["a"], ["b"], []) and box.reads == 1


def test_silence_after_a_write_says_what_is_open(pauses: list[float]) -> None:
    """The write went through, the reading back did not: the failure still lists what was to be done."""
    with pytest.raises(VapixError) as caught:
        engine.reconcile(Box({}, {"a": 1, "b": 2}, deaf=99), False)
    assert accounts(caught.value) == ([], [], ["a", "b"])


def test_a_failure_before_the_first_write_claims_nothing() -> None:
    device, dummy = fake_device({PARAM: answer("# Error: Error -1 getting param in group 'A'")})
    with pytest.raises(InvalidOption) as caught:
        engine.reconcile(param.DECLARED.on(device, {"parameters": {"A.B": 1}}), False)
    assert caught.value.applied is None and caught.value.as_failure()["applied"] == []


def test_what_does_not_take_names_the_device_for_parameters_too(pauses: list[float]) -> None:
    xml = '<parameterDefinitions><group name="A"><parameter name="B" value="1"/></group></parameterDefinitions>'

    def serve(request: t.Any) -> t.Any:
        return answer("OK" if request.form["action"] == "update" else xml)

    device, dummy = fake_device({PARAM: serve})
    with pytest.raises(NotTaken) as caught:
        engine.reconcile(param.DECLARED.on(device, {"parameters": {"A.B": "2"}}), False)
    assert str(caught.value).startswith("192.0.2.7:443: param.cgi: ")


def test_secrets_in_plans_show_only_that_there_is_one() -> None:
    result = engine.reconcile(Box({"a": 111, "c": 5}, {"a": 222, "b": 333}, traits={"secret": True}), True)
    assert "111" not in str(result) and "222" not in str(result) and "333" not in str(result)
    assert result["diff"]["before"] == {"a": change_module.HIDDEN_BEFORE}
    assert result["diff"]["after"] == {"a": change_module.HIDDEN_AFTER, "b": change_module.HIDDEN_AFTER}
    assert result["diff"]["before"]["a"] != result["diff"]["after"]["a"]


# --- several targets --------------------------------------------------------------------------------------------------


def several(*boxes: Box) -> tuple[list[Box], list[str]]:
    """Targets on one device, and the log of all their writes."""
    log: list[str] = []
    for box in boxes:
        box.device, box.log = boxes[0].device, log
    return list(boxes), log


def test_steps_go_by_phase_and_what_others_stand_on_comes_first_and_goes_last(pauses: list[float]) -> None:
    phases = {"new": Phase.GIVE, "old": Phase.TAKE, "address": Phase.ADDRESS, "plain": Phase.SETTINGS}
    want = {"address": 1, "plain": 1, "old": 1, "new": 1}
    targets, log = several(
        Box({}, want, "user_of_it", after=("base",), phases=phases), Box({}, want, "base", phases=phases)
    )
    courses = engine.run(targets, False)
    assert [course.target.resource.name for course in courses] == ["base", "user_of_it"]
    assert log == [
        "base.new=1", "user_of_it.new=1", "base.plain=1", "user_of_it.plain=1",
        "user_of_it.old=1", "base.old=1", "base.address=1", "user_of_it.address=1",
    ]  # fmt: skip


def test_later_plans_know_what_earlier_ones_promise() -> None:
    seen: list[bool] = []

    class Curious(Box):
        def plan(self, reading: t.Any, world: World) -> Plan:
            seen.append(world.has("box", "cert"))
            return super().plan(reading, world)

    targets, dummy = several(Curious({}, {}, "second", after=("first",)), Box({}, {"cert": 1}, "first"))
    engine.run(targets, True)
    assert seen == [True]


def test_one_account_over_all_targets_and_undo(pauses: list[float]) -> None:
    targets, log = several(Box({"a": 5}, {"a": 1, "b": 2}, "one"), Box({}, {"c": 3, "d": 4}, "two", fails_at="d"))
    with pytest.raises(DeviceRefused) as caught:
        engine.run(targets, False)
    assert accounts(caught.value) == (["a", "b", "c"], ["d"], [])
    assert log == ["one.a=1", "one.b=2", "two.c=3"]
    targets, log = several(Box({"a": 5}, {"a": 1, "b": 2}, "one"), Box({}, {"c": 3, "d": 4}, "two", fails_at="d"))
    with pytest.raises(DeviceRefused) as caught:
        engine.run(targets, False, "rollback")
    assert log[3:] == ["two.d=None", "two.c=None", "one.b=None", "one.a=5"]
    assert accounts(caught.value) == ([], ["a", "b", "c", "d"], [])


def test_after_a_failure_the_others_can_go_on(pauses: list[float]) -> None:
    """But not those that stand on what failed."""
    targets, log = several(
        Box({}, {"a": 1, "b": 2, "c": 3}, "one", fails_at="b"),
        Box({}, {"d": 4}, "two", after=("one",)),
        Box({}, {"e": 5}, "three"),
    )
    with pytest.raises(DeviceRefused) as caught:
        engine.run(targets, False, "continue")
    assert log == ["one.a=1", "three.e=5"]
    assert accounts(caught.value) == (["a", "e"], ["b", "c", "d"], [])


# --- a plan is a value ------------------------------------------------------------------------------------------------

LEAF = st.none() | st.booleans() | st.integers() | st.sampled_from([0.5, 2.0]) | st.text(max_size=5)
MARKS = LEAF | st.just(UNKNOWN) | st.builds(Secret, st.text(max_size=5))
KEYS = st.sampled_from(["a", "b", "$data", "$unknown", "$secret"])
DATA = st.recursive(
    MARKS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2),
    max_leaves=4,
)
CHANGE = st.builds(
    Change, st.text(max_size=5), DATA, DATA, st.booleans(), st.sampled_from(["none", "reboots"]), st.booleans(),
    st.text(max_size=5),
)  # fmt: skip


def calls(least: int) -> st.SearchStrategy[list[Call]]:
    arguments = st.dictionaries(KEYS, DATA, max_size=2)
    return st.lists(st.builds(Call, st.text(max_size=5), arguments), min_size=least, max_size=2)


STEP = st.builds(
    Step,
    st.lists(CHANGE, min_size=1, max_size=2).map(tuple),
    calls(1),
    calls(0),
    st.sampled_from(Phase),
    st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), max_size=2),
    st.sampled_from(["", "ntp"]),
)
PLAN = st.builds(
    Plan,
    st.lists(STEP, max_size=3).map(tuple),
    st.lists(st.builds(Skipped, st.text(max_size=3), st.text(max_size=3), st.text(max_size=3)), max_size=2).map(tuple),
)


@given(PLAN)
def test_a_plan_survives_being_stored(plan: Plan) -> None:
    assert from_json(json.loads(json.dumps(to_json(plan)))) == plan


@pytest.mark.parametrize("broken", [{}, [], None, {"steps": [{}], "skipped": []}, {"steps": 1, "skipped": []}])
def test_what_is_no_stored_plan(broken: t.Any) -> None:
    with pytest.raises(ValueError, match="no stored plan"):
        from_json(broken)


NAMES = st.dictionaries(st.sampled_from("abcde"), st.integers(0, 3))


@given(NAMES, NAMES)
def test_planning_is_pure_and_a_stored_plan_does_the_same(now: dict[str, int], want: dict[str, int]) -> None:
    box, other = Box(now, want), Box(now, want)
    reading = box.read()
    plan = box.plan(reading, World())
    assert plan == box.plan(reading, World()) == other.plan(reading, World())
    engine.reconcile(box, False)
    for step in from_json(json.loads(json.dumps(to_json(plan)))).steps:
        for call in step.do:
            other.do(call)
    assert box.log == other.log and not box.plan(box.read(), World())


@given(DATA, st.text(min_size=1, max_size=5))
def test_no_plan_holds_a_secret(value: t.Any, secret: str) -> None:
    change = Change("p", [secret], [secret, value], secret=True)
    assert (change.before, change.after) == (UNKNOWN, UNKNOWN)
    assert change.values == (change_module.HIDDEN_BEFORE, change_module.HIDDEN_AFTER)


# --- secrets ----------------------------------------------------------------------------------------------------------

PLAIN = st.characters(blacklist_characters="*", blacklist_categories=["Cs"])
SECRET = st.text(PLAIN, min_size=SHORTEST_INSIDE_WORDS, max_size=12)
RESULT = st.recursive(
    st.none() | st.integers() | st.text(PLAIN, max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(PLAIN, max_size=4), inner, max_size=3),
)


@given(st.lists(SECRET, min_size=1, max_size=3), RESULT, st.data())
def test_no_secret_is_left(hidden: list[str], result: t.Any, data: t.Any) -> None:
    one = data.draw(st.sampled_from(hidden))
    planted = {"x": result, "msg": f"before {one} after", "response": {f"key {one}": [(one,), {"deep": f"{one}{one}"}]}}
    shown = strings(Redactor(hidden).value(planted))
    assert not [text for text in shown for secret in hidden if secret in text]


def strings(value: t.Any) -> list[str]:
    if isinstance(value, dict):
        return [text for pair in value.items() for item in pair for text in strings(item)]
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in strings(item)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("spelling", SPELLINGS)
@given(secret=st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters="*"), min_size=8, max_size=20))
@example(secret="p&ss\"w'ord <1>/%é")
def test_no_spelling_of_a_secret_is_left(spelling: str, secret: str) -> None:
    echo = SPELLINGS[spelling](secret)
    text = Redactor([secret], accounts=["root"]).text(f"the device says {echo} and more")
    assert echo.strip("\"'=") not in text and secret not in text and HIDDEN in text


def test_a_number_as_a_secret() -> None:
    assert Redactor(["12345"]).value({"a": 12345, "b": 1234, "c": True}) == {"a": HIDDEN, "b": 1234, "c": True}


@given(RESULT)
def test_without_secrets_nothing_changes(result: t.Any) -> None:
    assert Redactor([]).value(result) == result
    assert Redactor(["", ""]).value(result) == result


@pytest.mark.parametrize(
    ("value", "hidden", "shown"),
    [
        ("ab", ["ab"], HIDDEN),
        ("about", ["ab"], "about"),
        ("Check username and password: pass is wrong", ["pass"], f"Check username and password: {HIDDEN} is wrong"),
        ("topsecret-and-secret", ["secret", "topsecret"], f"{HIDDEN}-and-{HIDDEN}"),
        (True, ["True"], True),
        ({"a": ["pass"]}, ["pass"], {"a": [HIDDEN]}),
    ],
)
def test_hiding(value: t.Any, hidden: list[str], shown: t.Any) -> None:
    assert Redactor(hidden).value(value) == shown


@pytest.mark.parametrize("password", ["failed", "changed", "msg", "operator", "source", "users", "warn", "none"])
def test_keys_and_words_of_ours_stay(password: str) -> None:
    """Somebody's password is also one of our words: a failed task must not count as ok."""
    result = {"failed": True, "changed": False, "msg": f"no {password}!", "users": {"role": "operator"}, "risk": "none"}
    shown = Redactor([password], words=["operator", "none"]).value(result)
    assert shown.keys() == result.keys() and shown["users"] == {"role": "operator"} and shown["risk"] == "none"
    assert shown["msg"] == f"no {HIDDEN}!"


class Echo(Command):
    """A device that answers what it was sent, in a page."""

    name = "echo"
    options: t.ClassVar[t.Any] = {}

    def __init__(self, page: str) -> None:
        self.page = page

    def run(self, device: t.Any, wanted: Document, check_mode: bool) -> Document:
        raise unexpected(Answer(200, {"Content-Type": "text/html"}, self.page.encode()), "no answer", device="cam:443")


def connection_params(**more: t.Any) -> dict[str, t.Any]:
    validation = ArgumentSpecValidator(connection.argument_spec()).validate({"host": "192.0.2.7"} | more)
    assert not validation.error_messages
    return validation.validated_parameters


@pytest.mark.parametrize(
    "password", ["simple-pass", "back\\slash\\pass", "quo'te\"pass", "tab\tpass", "two  blanks pass"]
)
@pytest.mark.parametrize("position", [0, 66])
def test_a_password_echoed_by_a_device_is_not_shown(password: str, position: int) -> None:
    """Also where the page is shortened in the middle of it, or written with escapes."""
    page = "<html>" + "." * position + password + "</html>"
    result = perform(Echo(page), Task({}, connection_params(username="root", password=password)))
    assert result["failed"] and "no answer" in result["msg"]
    shown = "".join(strings(result))
    assert not [i for i in range(len(password) - 5) if password[i : i + 6] in shown], result["msg"]
    assert repr(password)[1:-1] not in shown and " ".join(password.split()) not in shown


class Limited(Echo):
    """With options that have limits."""

    options: t.ClassVar[t.Any] = {"name": Option(pattern="[a-z]+", like="abc"), "wait": Option("float", range=(1, 9))}


@pytest.mark.parametrize(
    ("written", "words"),
    [({"name": "a b"}, "name: 'a b' is not of the form abc"), ({"wait": 0.5}, "wait: 0.5 is not between 1 and 9")],
)
def test_the_limits_of_a_command_are_kept(written: Document, words: str) -> None:
    """They are refused before anything is sent."""
    understood = understand(Limited(""), {"host": "192.0.2.7"} | written)
    result = perform(Limited("sent"), Task(understood.written, understood.params))
    assert result["failed"] and words in result["msg"] and "192.0.2.7" in result["msg"]


def test_a_failure_as_a_result() -> None:
    params = connection_params(password="secret-pass", timeout="0")
    result = perform(ntp.DECLARED, Task({"password": "secret-pass"}, {**dict.fromkeys(ntp.DECLARED.options), **params}))
    assert result["failed"] and not result["changed"] and "timeout" in result["msg"]
    facts = {"api", "method", "http_status", "code", "message", "applied", "not_applied", "unknown"}
    assert set(result["failure"]) == facts


def test_secrets_of_a_task() -> None:
    params = connection_params(password="p1", proxy="http://u:p2@x") | {"parameters": {"SNMP.V1ReadCommunity": 12345}}
    found = secrets(param.DECLARED, Task({"parameters": 1}, params | {"groups": None, "update_secrets": "refuse"}))
    assert {"p1", "http://u:p2@x", "12345"} <= set(found)


# --- connection options -----------------------------------------------------------------------------------------------


def test_defaults_of_a_connection() -> None:
    address = connection.open_session(connection_params()).address
    assert (address.host, address.port, address.scheme, address.timeout) == ("192.0.2.7", 443, "https", 10.0)
    assert address.validate_certs and address.proxy is None and address.fingerprint is None
    assert connection.open_session(connection_params(scheme="http")).address.port == 80


def test_all_options_of_a_connection() -> None:
    params = connection_params(
        host="[2001:db8::1]", port="8443", username="u", password="p", validate_certs="no", timeout="2.5",
        fingerprint="a" * 64, proxy="http://127.0.0.1:1",
    )  # fmt: skip
    session = connection.open_session(params)
    assert str(session.address) == "[2001:db8::1]:8443"
    assert (session.address.timeout, session.address.validate_certs) == (2.5, False)
    assert session.address.fingerprint == "a" * 64 and session.address.proxy == "http://127.0.0.1:1"


@pytest.mark.parametrize("name", sorted(connection.OPTIONS))
def test_every_option_can_come_from_the_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text, value = {
        "port": ("81", 81),
        "timeout": ("3", 3.0),
        "validate_certs": ("no", False),
        "scheme": ("http", "http"),
    }.get(name, ("/x", "/x"))
    monkeypatch.setenv(f"AXIS_VAPIX_{name.upper()}", text)
    validated = ArgumentSpecValidator(connection.argument_spec()).validate({}).validated_parameters
    assert validated[name] == value
    written = {"port": 1, "timeout": 9.0, "validate_certs": True, "scheme": "https"}.get(name, "/y")
    validated = ArgumentSpecValidator(connection.argument_spec()).validate({name: written}).validated_parameters
    assert validated[name] == written, "what is written wins"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"host": None}, "no host"),
        ({"host": ""}, "no host"),
        ({"port": 0}, "port 0"),
        ({"port": 65536}, "port 65536"),
        ({"timeout": 0}, "timeout 0"),
        ({"timeout": -1}, "timeout -1"),
        ({"timeout": float("nan")}, "timeout"),
        ({"fingerprint": "abc"}, "SHA-256"),
        ({"fingerprint": "a" * 64, "scheme": "http"}, "scheme"),
        ({"ca_path": "/no/such/file.pem"}, "ca_path"),
    ],
)
def test_bad_connection_options(options: dict[str, t.Any], words: str) -> None:
    with pytest.raises(InvalidOption, match=words) as caught:
        connection.open_session(connection_params() | options)
    assert caught.value.remedy


def test_secret_options_are_marked() -> None:
    spec = connection.argument_spec()
    assert {name for name, row in spec.items() if row.get("no_log")} == {"password", "proxy"}


def test_no_module_hides_an_option_of_the_connection() -> None:
    class Hiding(param.Param):
        options = param.Param.options | {"timeout": Option()}

    with pytest.raises(ValueError, match="param: options that the connection has already: \\['timeout'\\]"):
        argument_spec(Hiding())


def test_no_result_has_a_name_that_ansible_reads_itself() -> None:
    """A result with ``skipped`` is a skipped task for Ansible, whatever it holds, and so on."""
    read_by_ansible = {
        "skipped",
        "skip_reason",
        "failed",
        "unreachable",
        "rc",
        "results",
        "invocation",
        "ansible_facts",
    }
    names = set(engine.RETURNS) | set(engine.ALL_RETURNS)
    assert not names & read_by_ansible
