# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves that nonsense declarations raise when they are made, and that values are compared by what they mean."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.axis.vapix.plugins.module_utils.model import compare
from ansible_collections.axis.vapix.plugins.module_utils.model.change import UNKNOWN, Change, Secret
from ansible_collections.axis.vapix.plugins.module_utils.model.compare import differences, equal, flatten, nest
from ansible_collections.axis.vapix.plugins.module_utils.model.field import MISSING, Choice, Field, dig
from ansible_collections.axis.vapix.plugins.module_utils.model.forms.param_cgi import ParamDocument
from ansible_collections.axis.vapix.plugins.module_utils.model.option import Option, secrets
from ansible_collections.axis.vapix.plugins.module_utils.model.shapes.document import DocumentResource
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import InvalidOption
from ansible_collections.axis.vapix.plugins.module_utils.wire.hosts import is_host


@pytest.mark.parametrize(
    "row",
    [
        {"type": "list"},
        {"type": "str", "elements": "str"},
        {"type": "str", "options": {}},
        {"type": "list", "elements": "str", "options": {}},
        {"choices": ("a", "b"), "null": "c"},
        {"required": True, "default": "x"},
        {"choices": ("a", "b"), "default": "c"},
        {"type": "integer"},
        {"type": "list", "elements": "string"},
        {"risk": "explodes"},
        {"range": (0, 1)},
        {"type": "int", "pattern": "a"},
        {"format": "colour"},
        {"write_only": True},
        {"words": {"old": "new"}},
        {"type": "int", "range": (0, 5), "null": 6},
        {"length": (1, 2), "null": "abc"},
    ],
)
def test_a_nonsense_option_raises(row: dict[str, t.Any]) -> None:
    with pytest.raises(ValueError):
        Option(**row)


def test_an_unknown_risk_raises() -> None:
    with pytest.raises(ValueError, match="risk"):
        Change("a", 1, 2, risk="explodes")


def test_an_argument_spec() -> None:
    option = Option("dict", options={"a": Option("list", elements="str", choices=("x",)), "b": Option(secret=True)})
    assert option.argument_spec() == {
        "type": "dict",
        "no_log": False,
        "options": {
            "a": {"type": "list", "elements": "str", "choices": ["x"], "no_log": False},
            "b": {"type": "str", "no_log": True},
        },
    }
    assert Option("bool", default=False).argument_spec() == {"type": "bool", "default": False, "no_log": False}
    assert Option(required=True).argument_spec() == {"type": "str", "required": True, "no_log": False}


def test_a_form_with_a_field_of_no_option_raises() -> None:
    form = ParamDocument(fields={"a": Field("A"), "typo": Field("B")}, group="G")
    with pytest.raises(ValueError, match="no option.*typo"):
        DocumentResource("x", options={"a": Option()}, forms=[form])


def test_an_option_no_form_can_hold_raises() -> None:
    options = {"nts": Option("dict", options={"a": Option(), "b": Option()}), "how": Option(default="fast")}
    with pytest.raises(ValueError, match="no form.*nts.b"):
        DocumentResource("x", options=options, forms=[ParamDocument(fields={"nts.a": Field("A")}, group="G")])


def test_two_choices_with_the_same_word_raise() -> None:
    with pytest.raises(ValueError, match="same word"):
        Choice({"a": "X", "b": "x"})


def test_a_choice_field() -> None:
    field = Field("source", Choice({"dhcp": "DHCP", "static": "STATIC"}))
    words = ("DHCP", "static", "Static", "other")
    assert [field.decode(word) for word in words] == ["dhcp", "static", "static", "other"]
    assert field.encode("static") == "STATIC"


KEY = st.from_regex(r"[a-z]{1,3}", fullmatch=True)
LEAF = st.none() | st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2)


@given(st.dictionaries(KEY, LEAF | st.dictionaries(KEY, LEAF, min_size=1, max_size=3), max_size=4))
def test_flatten_and_nest_are_inverse(document: dict[str, t.Any]) -> None:
    flat = flatten(document)
    assert nest(flat) == document
    assert all(dig(document, path) == value for path, value in flat.items())


def test_digging() -> None:
    assert dig({"a": {"b": None}}, "a.b") is None
    assert dig({"a": {"b": 1}}, "a.c") is MISSING
    assert dig({"a": [1]}, "a.b") is MISSING
    assert dig({"a": 1}, "") == {"a": 1}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1.0, True),
        (True, 1, False),
        (0, False, False),
        ("1", 1, False),
        (None, "", False),
        (None, [], False),
        ([1], [1.0], True),
        ([True], [1], False),
        ([False], [0], False),
        (["a"], ["a"], True),
        (["a", "b"], ["b", "a"], False),
        ([{"a": True}], [{"a": 1}], False),
        ({"a": [1, 2]}, {"a": [1, 2.0]}, True),
        (["1"], [1], False),
    ],
)
def test_equal(one: t.Any, other: t.Any, same: bool) -> None:
    assert equal(one, other) is same
    assert equal(other, one) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (["a", "b"], ["b", "a"], True),
        (["a", "a", "b"], ["b", "a"], False),
        (["a", "a", "b"], ["a", "b", "a"], True),
        ([{"n": 1}, {"n": 2}], [{"n": 2}, {"n": 1}], True),
        ([], ["a"], False),
    ],
)
def test_without_order(one: t.Any, other: t.Any, same: bool) -> None:
    assert equal(one, other, ordered=False) is same


@given(st.lists(st.text(max_size=4), max_size=6), st.randoms(use_true_random=False))
def test_a_shuffled_list_is_the_same_without_order(items: list[str], random: t.Any) -> None:
    shuffled = list(items)
    random.shuffle(shuffled)
    assert equal(items, shuffled, ordered=False)
    assert equal(items, shuffled) is (items == shuffled)


def test_only_what_is_wanted_is_looked_at_in_the_order_of_the_options() -> None:
    options = {"b": Option(), "a": Option(secret=True), "c": Option()}
    current = {"a": "1", "b": "2", "c": "3", "d": "4"}
    assert differences(current, {"a": "x", "b": "y"}, options) == [
        Change("b", "2", "y"),
        Change("a", UNKNOWN, Secret("a"), secret=True),
    ]
    assert differences(current, {"c": "3"}, options) == []


def test_a_missing_deepdiff_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Like requests and defusedxml, it may be missing on the machine a task is delegated to."""
    monkeypatch.delattr(compare, "DeepDiff")
    monkeypatch.setattr(compare, "DEEPDIFF_IMPORT_ERROR", "Traceback ...")
    with pytest.raises(InvalidOption, match="deepdiff"):
        equal(["a"], ["b"])


@pytest.mark.parametrize(
    "host",
    [
        "camera",
        "ntp1.example.net",
        "ntp.",
        "192.0.2.1",
        "2001:db8::1",
        "fe80::1%eth0",
        "a" * 63,
        "1and1.de",
        "x_y",
        "3com",
    ],
)
def test_hosts(host: str) -> None:
    assert is_host(host)


@pytest.mark.parametrize(
    "host",
    ["", " ", "a b", "192.0.2.256", "192.0.2", "1", "-a", "a-", "a..b", ".", "a" * 64, "http://a", "a:1", "a/b", "ä.de"]
    + ["x" * 60 + ("." + "x" * 60) * 4, "a\n", "[::1]", "::g", "a,b"],
)
def test_no_hosts(host: str) -> None:
    assert not is_host(host)


@given(st.text(max_size=20))
def test_any_text_is_a_host_or_not(text: str) -> None:
    if is_host(text):
        assert text == text.strip() and "/" not in text and " " not in text


def test_secrets_of_a_free_form_mapping_are_its_values() -> None:
    options = {"hidden": Option("dict", secret=True, write_only=True)}
    assert secrets(options, {"hidden": {"password": "p", "pin": 12}}) == {"hidden.password": "p", "hidden.pin": "12"}
