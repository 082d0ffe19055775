# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The network that discovery is tested in: what is dead is dead, what was made is taken away."""

from __future__ import annotations

import errno
import os
import socket
import time
from pathlib import Path

import pytest
from harness import namespaces
from harness.namespaces import RANGE, Namespace, Namespaces


def network_of(pid: int | str = "thread-self") -> str:
    return os.readlink(f"/proc/{pid}/ns/net")


def users_of(networks: set[str]) -> set[str]:
    """The threads of all processes that are in one of these networks."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*/task/[0-9]*/ns/net"):
        try:
            if os.readlink(entry) in networks:
                found.add(str(entry))
        except OSError:
            continue  # It has ended.
    return found


def vanish(networks: set[str]) -> bool:
    """Whether they go away; a thread that was joined may take a moment to leave the list of threads."""
    end = time.monotonic() + 10
    while left := users_of(networks):
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return not left


def fate(net: Namespaces, address: str, seconds: float) -> str:
    """How an attempt to connect ends."""
    try:
        net.call(socket.create_connection, (address, 80), seconds).close()
    except OSError as error:
        return "timed out" if isinstance(error, TimeoutError) else errno.errorcode[error.errno or 0]
    return "connected"


def test_live_and_dead_addresses() -> None:
    with Namespaces.start() as net:
        with net.fleet([["10.77.0.5"], ["10.77.3.254", "fd77::5"]], profiles=["axis-os-12"]):
            net.give("10.77.0.6")
            assert [fate(net, address, 5) for address in ("10.77.0.5", "10.77.3.254", "fd77::5")] == ["connected"] * 3
            # A machine without a web server refuses at once.
            assert fate(net, "10.77.0.6", 5) == "ECONNREFUSED"
            # Nobody answers for a dead one: the client waits for its own time-out, or until the kernel gives up.
            start = time.monotonic()
            assert fate(net, "10.77.0.7", 0.4) == "timed out"
            assert time.monotonic() - start >= 0.4
            assert fate(net, "fd77::7", 0.4) == "timed out"
            net.take("10.77.0.6")
            net.controller.ip("neigh flush all")
            assert fate(net, "10.77.0.6", 0.4) == "timed out"


def test_addresses_are_spread_over_the_range() -> None:
    with Namespaces.start() as net:
        for count in (1, 3, 200, 1022):
            found = [address for [address] in net.addresses(count)]
            assert len(set(found)) == count
            assert set(found) <= set(map(str, RANGE.hosts()))
        start = time.monotonic()
        net.give(*found)
        assert time.monotonic() - start < 10
        assert net.site.call(socket.create_server, (found[-1], 0)).close() is None


def test_run_and_call_are_on_the_controller() -> None:
    here = network_of()
    with Namespaces.start() as net:
        there = net.call(network_of)
        assert net.run(["readlink", "/proc/self/ns/net"]).stdout.strip() == there
        assert len({here, there, net.site.call(network_of)}) == 3
        assert network_of() == here


@pytest.mark.parametrize("how", ["well", "with an error"])
def test_all_is_taken_away(how: str) -> None:
    processes: list[int] = []
    try:
        with Namespaces.start() as net:
            networks = {net.site.call(network_of), net.call(network_of)}
            with net.fleet([["10.77.0.1"]], profiles=["axis-os-5"], discovery=True) as fleet:
                processes.append(fleet.pid)
                assert network_of(fleet.pid) in networks
                assert len(users_of(networks)) >= 3
                if how != "well":
                    raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    assert vanish(networks)
    assert not Path(f"/proc/{processes[0]}").exists()


def test_half_made_is_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the test that asked for it is skipped, with the reason."""
    made: list[str] = []

    def ip(self: Namespace, *_lines: str) -> None:
        made.append(self.call(network_of))
        raise OSError("ip: no cable today")

    monkeypatch.setattr(Namespace, "ip", ip)
    with pytest.raises(pytest.skip.Exception, match="NOT CHECKED: .*: ip: no cable today"):
        Namespaces.start()
    assert made and vanish(set(made))


def test_without_iproute2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(namespaces.shutil, "which", lambda _name: None)
    with pytest.raises(pytest.skip.Exception, match="NOT CHECKED: .*iproute2"):
        Namespaces.start()


def test_without_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise PermissionError(errno.EPERM, "a network namespace: Operation not permitted")

    monkeypatch.setattr(namespaces.shutil, "which", lambda _name: "/usr/sbin/ip")
    monkeypatch.setattr(namespaces, "_leave_for_a_new_network", refuse)
    with pytest.raises(pytest.skip.Exception, match="NOT CHECKED: .*Operation not permitted"):
        Namespaces.start()
