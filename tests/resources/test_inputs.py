# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of every wrong kind for every option of every resource: a clear error before anything is sent, or a right
result."""

from __future__ import annotations

import copy
import math
import re
import typing as t

import pytest
from harness.fleet import Fleet
from resources.bench import Bench, declared
from resources.proof import Args
from resources.table import PROOFS

VALUES: dict[str, t.Any] = {
    "null": None,
    "true": True,
    "zero": 0,
    "negative": -1,
    "huge": 10**30,
    "fraction": 1.5,
    "infinity": math.inf,
    "no number": math.nan,
    "empty text": "",
    "blank": " ",
    "word": "surprise",
    "YAML yes": "yes",
    "number as text": "12",
    "hexadecimal": "0x10",
    "exponent": "1e3",
    "control character": "a\x00b",
    "escape": "\x1b[2J",
    "two lines": "a\nb",
    "unicode": "\u00e9\u6f22\U0001f600",
    "surrogate": "\ud800",
    "long": "x" * 5000,
    "path": "../../etc/passwd",
    "markup": "<b>&amp;\"'",
    "separators": "a=b&c,d;e|f%20",
    "empty list": [],
    "list of null": [None],
    "list of lists": [[1]],
    "list of blocks": [{"a": 1}],
    "list of numbers": [1, 2],
    "repeated": ["a", "a"],
    "empty block": {},
    "strange block": {"a": 1},
    "number as key": {1: 2},
    "true as key": {True: "x"},
    "null as key": {None: 1},
}

#: What Python says, and no user understands.
PYTHON = re.compile(
    r"Traceback|NoneType|object is not|<class|\b\w+Error\b|has no attribute|unhashable|invalid literal"
    r"|nobody thought of|not subscriptable|argument of type|codec can't"
)


def places(options: t.Mapping[str, t.Any], path: tuple[str, ...] = ()) -> t.Iterator[tuple[str, ...]]:
    """Every option, and every option in a block or in the blocks of a list."""
    for name, option in options.items():
        yield (*path, name)
        if option.options:
            yield from places(option.options, (*path, name))


def put(args: Args, path: tuple[str, ...], value: t.Any) -> Args:
    """The arguments with another value at a place; lists of blocks get it in their first one."""
    changed = copy.deepcopy(args)
    place: t.Any = changed
    for name in path[:-1]:
        inner = place.setdefault(name, {})
        place = inner[0] if isinstance(inner, list) and inner else inner if isinstance(inner, dict) else {}
    place[path[-1]] = value
    return changed


OPTIONS = [
    pytest.param(name, path, id=f"{name}-{'.'.join(path)}")
    for name in PROOFS
    for path in places(declared(name).options)
]


@pytest.mark.parametrize(("name", "path"), OPTIONS)
def test_any_value_of_any_option(name: str, path: tuple[str, ...], fleet: Fleet) -> None:
    proof = PROOFS[name]
    bench = Bench(fleet, next((case.profiles[0] for case in proof.quick), "axis-os-12"), proof)
    steps = [step.args for one in proof.quick if bench.profile in one.profiles for step in one.steps]
    steps = steps if proof.base is None else [proof.base]
    start = next((args for args in steps if path[0] in args), steps[0])
    for kind, value in VALUES.items():
        args = put(start, path, value)
        where = f"{'.'.join(path)} is {kind}"
        predicted, done = bench.run(args, check=True), bench.run(args)
        for outcome in (predicted, done):
            assert not PYTHON.search(outcome.text), f"{where}: {outcome.text[:600]}"
            outcome.text.encode()
        # Only a device knows what it refuses; but then it refuses before anything is set.
        refused = done.failed and "the device refuses" in done.result["msg"] and not done.result["changed"]
        assert predicted.failed == done.failed or refused, f"{where}: {predicted.result}, then {done.result}"
        if done.failed:
            named = [part for part in path if part in done.result["msg"]]
            assert named or refused, f"{where}: the error does not name the option: {done.result['msg']}"
            assert bench.shows() == {} and not done.result.get("changed"), f"{where}: {done.result}"
        else:
            assert bench.foretold(predicted) == bench.foretold(done), where
            again = bench.run(args)
            assert not again.failed and not again.result["changed"], f"{where}: {again.result}"
            bench.renew()
