# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schema takes what the modules take, and refuses what they refuse."""

from __future__ import annotations

import importlib
import typing as t

import jsonschema
import modules
import pytest
import schema
from resources.table import PROOFS

RESOURCES = importlib.import_module(f"{modules.PACKAGE}.module_utils.document.registry").RESOURCES
SCHEMA = schema.schema(RESOURCES)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
STEPS = [
    pytest.param(name, step.args, id=f"{name}-{case.title}-{number}")
    for name, proof in PROOFS.items()
    for case in proof.cases
    for number, step in enumerate(case.steps)
]
WRONG: tuple[t.Any, ...] = (
    {},
    {"npt": {"enabled": True}},
    {"ntp": {}},
    {"ntp": {"severs": ["a.example.net"]}},
    {"ntp": {"source": "dhpc"}},
    {"ntp": {"minpoll": 99}},
    {"ssh": {"enabled": "perhaps"}},
    {"syslog": {"servers": [{"port": 514}]}},
    {"certificate": []},
    {"stream_profile": {"profiles": [{"name": "a", "state": "gone"}]}},
)


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert set(SCHEMA["properties"]) == set(RESOURCES)


@pytest.mark.parametrize(("name", "args"), STEPS)
def test_what_is_proven_is_valid(name: str, args: t.Any) -> None:
    for document in ({name: args}, {name: [args]}, {name: "{{ layers }}"}):
        VALIDATOR.validate(document)


@pytest.mark.parametrize("document", WRONG)
def test_what_is_wrong_is_not(document: t.Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(document)
