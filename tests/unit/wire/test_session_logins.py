# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other credentials, and trying one without provoking the device."""

from __future__ import annotations

import pytest
from unit.scripted import Certificate, Expect, Server, challenge, digest, no_credentials, text

from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import (
    AuthenticationFailed,
    InvalidOption,
    NotAllowed,
    TlsFailed,
)
from ansible_collections.axis.vapix.plugins.module_utils.wire.session import Address, Session

ASK = "/axis-cgi/usergroup.cgi"


def session(server: Server, password: str | None = "secret-pass", **options: object) -> Session:
    address = Address("127.0.0.1", server.port, "http", timeout=3, **options)
    return Session(address, None if password is None else "root", password)


@pytest.mark.parametrize("status, accepted", [(200, True), (401, False)])
def test_one_login_whatever_comes_of_it(status: int, accepted: bool) -> None:
    """One request without credentials, one with them; no second opinion, and the session keeps its own."""
    answer = text("joe\nviewer") if accepted else challenge()
    with (
        Server(
            Expect("GET", ASK, challenge(), check=no_credentials),
            Expect("GET", ASK, answer, check=digest("joes", user="joe")),
            Expect("GET", "/x", challenge(), check=no_credentials),
            Expect("GET", "/x", text("ok"), check=digest()),
        ) as server,
        session(server) as ours,
    ):
        assert ours.accepts("joe", "joes") is accepted
        assert ours.request("GET", "/x").text == "ok" and ours.username == "root"


def test_neither_yes_nor_no() -> None:
    """A device that blocks us answers something else, which is no proof of anything."""
    with (
        Server(Expect("GET", ASK, challenge()), Expect("GET", ASK, text("blocked", 403))) as server,
        session(server) as ours,
        pytest.raises(NotAllowed, match="does not say whether the password of 'joe' is right"),
    ):
        ours.accepts("joe", "joes")


def test_a_device_that_asks_for_no_login_accepts_none() -> None:
    with Server(Expect("GET", ASK, text("ok"), check=no_credentials)) as server, session(server) as ours:
        assert ours.accepts("joe", "joes") is False


def test_a_password_is_not_sent_in_clear() -> None:
    with (
        Server(Expect("GET", ASK, challenge(scheme="basic"))) as server,
        session(server) as ours,
        pytest.raises(AuthenticationFailed, match="not sent"),
    ):
        ours.accepts("joe", "joes")


def test_other_credentials_from_the_next_request_on() -> None:
    with (
        Server(
            Expect("GET", "/a", challenge()),
            Expect("GET", "/a", text("1"), check=digest()),
            Expect("GET", "/b", challenge(), check=no_credentials),
            Expect("GET", "/b", text("2"), check=digest("joes", user="joe")),
        ) as server,
        session(server) as ours,
    ):
        ours.request("GET", "/a")
        ours.log_in("joe", "joes")
        assert ours.has_password("joes") and not ours.has_password("secret-pass") and ours.username == "joe"
        ours.request("GET", "/b")
        assert server.connections == 1
        with pytest.raises(InvalidOption):
            ours.log_in("j\u00f6e", "x")


def test_another_session_of_the_same() -> None:
    with (
        Server(
            Expect("GET", "/a", challenge()),
            Expect("GET", "/a", text("1"), check=digest()),
            Expect("GET", "/b", challenge(), check=no_credentials),
        ) as server,
        session(server, proxy=None) as ours,
    ):
        with ours.again(timeout=0.5) as other:
            other.request("GET", "/a")
            assert other.address.timeout == 0.5 and ours.address.timeout == 3
        with ours.again(credentials=(None, None)) as other:
            assert other.username is None and ours.username == "root"
            with pytest.raises(AuthenticationFailed, match="no username and password"):
                other.request("GET", "/b")


def test_the_same_device_at_another_address(certificate: Certificate) -> None:
    with (
        Server(Expect("GET", "/a", challenge()), Expect("GET", "/a", text("1"), check=digest())) as here,
        Server(
            Expect("GET", "/b", challenge(scheme="basic"), check=no_credentials),
            Expect("GET", "/b", text("2")),
            certificate=certificate,
        ) as there,
        session(here) as ours,
    ):
        ours.request("GET", "/a")
        ours.move(scheme="https", port=there.port, fingerprint=certificate.fingerprint)
        assert ours.request("GET", "/b").text == "2"
        assert str(ours.address) == f"127.0.0.1:{there.port}"
        with pytest.raises(InvalidOption):
            ours.move(host="no host")
        assert str(ours.address) == f"127.0.0.1:{there.port}"


def test_any_certificate_only_where_asked(certificate: Certificate) -> None:
    with Server(Expect("GET", "/a", text("ok"), check=no_credentials), certificate=certificate) as server:
        address = Address("127.0.0.1", server.port, fingerprint="0" * 64, timeout=3)
        with Session(address, "root", "pw") as ours:
            with ours.again() as other, pytest.raises(TlsFailed):
                other.request("GET", "/a")
            with ours.again(credentials=(None, None), unverified=True) as other:
                assert other.request("GET", "/a").text == "ok"
