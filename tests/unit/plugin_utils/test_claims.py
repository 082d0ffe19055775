# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What only one host can have: seen by all processes of a run, and free again when it is not wanted any more."""

from __future__ import annotations

import multiprocessing
import pathlib
import typing as t

import pytest

from ansible_collections.axis.vapix.plugins.plugin_utils import action_network as network
from ansible_collections.axis.vapix.plugins.plugin_utils.claims import claim


def test_one_host_has_it(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "claims"
    assert claim(folder, "gate", ["a", "b"]) is None
    assert claim(folder, "yard", ["c", "b"]) == ("b", "gate")
    assert claim(folder, "gate", ["b", "a"]) is None, "again, as in check mode before a run"
    assert claim(folder, "gate", ["a"]) is None
    assert claim(folder, "yard", ["b"]) is None, "no longer wanted by the other"
    assert claim(folder, "gate", []) is None and claim(folder, "yard", ["a", "b"]) is None
    assert claim(folder, "gate", ["b"]) == ("b", "yard")
    assert claim(folder, "door/1", ["d"]) is None and claim(folder, "gate", ["d"]) == ("d", "door/1")


def _try(folder: pathlib.Path, host: str) -> bool:
    return claim(folder, host, ["a"]) is None


def test_many_processes_at_once(tmp_path: pathlib.Path) -> None:
    with multiprocessing.get_context("fork").Pool(4) as pool:
        got = pool.starmap(_try, [(tmp_path, f"host{number}") for number in range(40)], chunksize=1)
    assert sum(got) == 1


@pytest.mark.parametrize(
    "args, addresses",
    [
        ({}, []),
        ({"ipv4": {"source": "static", "addresses": ["192.0.2.5/24", "192.0.2.6"]}}, ["192.0.2.5", "192.0.2.6"]),
        ({"ipv4": {"source": "static", "addresses": "192.0.2.5/24,192.0.2.6/24"}}, ["192.0.2.5", "192.0.2.6"]),
        ({"ipv4": {"source": "dhcp", "addresses": ["192.0.2.5/24"]}}, []),
        ({"ipv4": {"source": "static", "addresses": ["nonsense", 4, None]}}, []),
        ({"ipv4": {"source": "static", "addresses": 4}}, []),
        ({"ipv4": {"source": "static"}, "ipv6": {"addresses": ["2001:DB8:0::5/64"]}}, ["2001:db8::5"]),
        ({"ipv4": None, "ipv6": "addresses=2001:db8::5"}, []),
    ],
)
def test_addresses_that_are_claimed(args: dict[str, t.Any], addresses: list[str]) -> None:
    assert network._static_addresses(args) == addresses
