# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers of a document: later ones win, named entries are merged, and what is unmanaged is left alone."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.axis.vapix.plugins.filter.merge_layers import merge_layers
from ansible_collections.axis.vapix.plugins.module_utils.document.layers import UNMANAGED, Layer, merge

Case = tuple[tuple[t.Any, ...], t.Any]

CASES: dict[str, Case] = {
    "one": (({"ssh": {"enabled": True}},), {"ssh": {"enabled": True}}),
    "options": (
        ({"ntp": {"source": "static", "servers": ["a", "b"]}}, {"ntp": {"servers": ["c"]}}),
        {"ntp": {"source": "static", "servers": ["c"]}},
    ),
    "blocks in blocks": (
        ({"ntp": {"nts": {"enabled": True, "servers": ["a"]}}}, {"ntp": {"nts": {"enabled": False}}}),
        {"ntp": {"nts": {"enabled": False, "servers": ["a"]}}},
    ),
    "null is a value": (({"ntp": {"minpoll": 4}}, {"ntp": {"minpoll": None}}), {"ntp": {"minpoll": None}}),
    "an empty list is a value": (
        ({"syslog": {"servers": [{"address": "a"}]}}, {"syslog": {"servers": []}}),
        {"syslog": {"servers": []}},
    ),
    "named entries": (
        (
            {"user": {"users": [{"name": "a", "role": "viewer"}, {"name": "b", "role": "viewer"}]}},
            {"user": {"users": [{"name": "b", "ptz": True}, {"name": "c", "role": "operator"}]}},
        ),
        {
            "user": {
                "users": [
                    {"name": "a", "role": "viewer"},
                    {"name": "b", "role": "viewer", "ptz": True},
                    {"name": "c", "role": "operator"},
                ]
            }
        },
    ),
    "a list of sections": (
        (
            {"certificate": [{"alias": "a", "subject": "CN=a"}]},
            {"certificate": [{"alias": "a", "renew_before": 10}, {"alias": "b", "subject": "CN=b"}]},
        ),
        {"certificate": [{"alias": "a", "subject": "CN=a", "renew_before": 10}, {"alias": "b", "subject": "CN=b"}]},
    ),
    "free-form blocks": (
        ({"param": {"parameters": {"A.B": 1, "A.C": 2}}}, {"param": {"parameters": {"A.C": 3}}}),
        {"param": {"parameters": {"A.B": 1, "A.C": 3}}},
    ),
    "an option that is unmanaged": (
        ({"ntp": {"source": "dhcp", "minpoll": 4}}, {"ntp": {"minpoll": UNMANAGED}}),
        {"ntp": {"source": "dhcp"}},
    ),
    "a block that is unmanaged": (
        ({"ntp": {"minpoll": 4}, "ssh": {"enabled": True}}, {"ntp": UNMANAGED}),
        {"ssh": {"enabled": True}},
    ),
    "all options that are unmanaged": (({"ntp": {"minpoll": 4}}, {"ntp": {"minpoll": UNMANAGED}}), {}),
    "an entry that is unmanaged": (
        (
            {"user": {"users": [{"name": "a", "role": "viewer"}, {"name": "b", "role": "viewer"}]}},
            {"user": {"users": [{"name": "a", "state": UNMANAGED}]}},
        ),
        {"user": {"users": [{"name": "b", "role": "viewer"}]}},
    ),
    "a name that is no section stays, to be told": (({"npt": {"a": 1}}, {"npt": {"b": 2}}), {"npt": {"a": 1, "b": 2}}),
}


@pytest.mark.parametrize("case", CASES)
def test_merging(case: str) -> None:
    layers, expected = CASES[case]
    before = repr(layers)
    assert merge_layers(list(layers)) == expected
    assert repr(layers) == before, "a layer was changed"


def test_where_a_value_comes_from() -> None:
    document, origins = merge(
        (
            Layer("all", {"ntp": {"source": "static", "servers": ["a"]}, "ssh": {"enabled": True}}),
            Layer("site", {"ntp": {"servers": ["b"]}, "user": {"users": [{"name": "x", "role": "viewer"}]}}),
            Layer("camera", {"ssh": UNMANAGED, "user": {"users": [{"name": "x", "ptz": True}]}}),
        )
    )
    assert document["ntp"]["servers"] == ["b"] and "ssh" not in document
    assert origins == {
        "ntp.source": "all",
        "ntp.servers": "site",
        "user.users[x].name": "camera",
        "user.users[x].role": "site",
        "user.users[x].ptz": "camera",
    }


BLOCKS = st.dictionaries(
    st.sampled_from(["ntp", "ssh", "strange"]),
    st.dictionaries(st.sampled_from(["a", "b", "minpoll"]), st.integers() | st.lists(st.integers()), min_size=1),
)


@given(BLOCKS, BLOCKS)
def test_the_last_layer_wins(one: t.Any, other: t.Any) -> None:
    merged = merge_layers([one, other])
    assert merge_layers([merged, other]) == merged and merge_layers([{}, one]) == one
    for name, section in other.items():
        assert section.items() <= merged[name].items()


@pytest.mark.parametrize("wrong", [None, "a", [1], [{"ntp": {}}, None], {"ntp": {}}])
def test_what_is_no_list_of_documents(wrong: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match="axis.vapix.merge_layers"):
        merge_layers(wrong)
