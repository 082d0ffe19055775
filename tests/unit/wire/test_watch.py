# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves that a web server is seen going down, over HTTP and HTTPS, and that nothing is taken for that."""

from __future__ import annotations

import threading

import pytest
from unit.scripted import Certificate, Expect, Raw, Reply, Server, no_credentials

from ansible_collections.axis.vapix.plugins.module_utils.wire.address import Address
from ansible_collections.axis.vapix.plugins.module_utils.wire.watch import Watch

PATH = "/small"


@pytest.mark.parametrize("secure", [False, True])
def test_going_down(secure: bool, certificate: Certificate) -> None:
    server = Server(
        Expect("GET", PATH, Reply(401, "no"), check=no_credentials), certificate=certificate if secure else None
    )
    with server:
        at = Address("127.0.0.1", server.port, "https" if secure else "http")
        with Watch(at, PATH, 5) as watch:
            assert not watch.breaks(0.05)
            stopper = threading.Timer(0.1, server.drop)
            stopper.start()
            assert watch.breaks(10)
            stopper.join()


def test_who_hangs_up_at_once_is_not_watched() -> None:
    with Server(Expect("GET", PATH, Reply(401, "no", close=True))) as server:
        with Watch(Address("127.0.0.1", server.port, "http"), PATH, 5) as watch:
            assert not watch.breaks(5)


def test_nobody_there() -> None:
    with Server(Expect("GET", PATH, Raw())) as server:
        with Watch(Address("127.0.0.1", server.port, "http"), PATH, 5) as watch:
            assert not watch.breaks(5)
    with Watch(Address("127.0.0.1", server.port, "http"), PATH, 5) as watch:
        assert not watch.breaks(5)


def test_nothing_is_sent_past_a_proxy() -> None:
    with Server() as server:
        with Watch(Address("127.0.0.1", server.port, "http", proxy="http://127.0.0.1:1"), PATH, 5) as watch:
            assert not watch.breaks(5)
