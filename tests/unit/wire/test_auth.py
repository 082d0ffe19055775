# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves that challenges are read as RFC 7235 writes them and answered as RFC 2617, 7616 and 7617 compute them."""

from __future__ import annotations

import base64
import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.axis.vapix.plugins.module_utils.wire.auth import (
    Authenticator,
    digest_response,
    parse_challenges,
)

RFC_2617 = {
    "realm": "testrealm@host.com",
    "qop": "auth,auth-int",
    "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093",
    "opaque": "5ccc069c403ebaf9f0171e9517f40e41",
}
RFC_7616 = {
    "realm": "http-auth@example.org",
    "qop": "auth, auth-int",
    "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
    "opaque": "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
}


def fields_of(header: str) -> dict[str, str]:
    """Read an Authorization value, independently of the code under test."""
    assert header.startswith("Digest ")
    pairs = re.findall(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^,\s]+))', header[7:])
    return {name: re.sub(r"\\(.)", r"\1", quoted) or token for name, quoted, token in pairs}


def test_rfc_2617_example() -> None:
    header = digest_response(RFC_2617, "Mufasa", "Circle Of Life", "GET", "/dir/index.html", 1, "0a4f113b")
    fields = fields_of(header)
    assert fields["response"] == "6629fae49393a05397450978507c4ef1"
    assert fields["opaque"] == RFC_2617["opaque"]
    assert (fields["nc"], fields["qop"], fields["uri"]) == ("00000001", "auth", "/dir/index.html")


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_rfc_7616_example(algorithm: str, response: str) -> None:
    header = digest_response(
        RFC_7616 | {"algorithm": algorithm},
        "Mufasa",
        "Circle of Life",
        "GET",
        "/dir/index.html",
        1,
        "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )
    assert fields_of(header)["response"] == response
    assert fields_of(header)["algorithm"] == algorithm


def test_without_qop_as_in_rfc_2069() -> None:
    old = {"realm": "testrealm@host.com", "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093"}
    fields = fields_of(digest_response(old, "Mufasa", "CircleOfLife", "GET", "/dir/index.html", 1, "unused"))
    assert fields["response"] == "1949323746fe6a43ef61f9606e7febea"
    assert not {"nc", "cnonce", "qop"} & fields.keys()


def test_quoted_or_not_as_the_rfc_wants() -> None:
    header = digest_response(RFC_7616 | {"algorithm": "MD5"}, "u", "p", "GET", "/", 1, "c")
    for bare in ("algorithm=MD5", "qop=auth", "nc=00000001"):
        assert re.search(rf"{bare}(?:,|$)", header), header
    for name in ("username", "realm", "nonce", "uri", "response", "cnonce", "opaque"):
        assert f'{name}="' in header


def test_challenge_of_a_real_device() -> None:
    header = 'Digest realm="AXIS_B8A44F631339", nonce="WuZJmDxdBgA=39fdff8b", algorithm=MD5, qop="auth"'
    assert parse_challenges(header) == {
        "digest": {"realm": "AXIS_B8A44F631339", "nonce": "WuZJmDxdBgA=39fdff8b", "algorithm": "MD5", "qop": "auth"}
    }


def test_several_challenges_in_one_header() -> None:
    found = parse_challenges('Basic realm="a, Digest b=c", Digest realm="x", nonce="n", qop="auth,auth-int", Negotiate')
    assert found == {
        "basic": {"realm": "a, Digest b=c"},
        "digest": {"realm": "x", "nonce": "n", "qop": "auth,auth-int"},
        "negotiate": {},
    }


def test_of_two_digests_the_usable_one_is_kept() -> None:
    found = parse_challenges('Digest realm="x", nonce="1", algorithm=SHA-512-256, Digest realm="x", nonce="2"')
    assert found["digest"]["nonce"] == "2"


def test_the_first_of_two_usable_digests_is_kept() -> None:
    found = parse_challenges('Digest realm="x", nonce="1", algorithm=SHA-256, Digest realm="x", nonce="2"')
    assert found["digest"]["nonce"] == "1"


# Any text a header can carry: printable Latin-1 without control characters.
HEADER_TEXT = st.text(
    st.characters(min_codepoint=32, max_codepoint=255, blacklist_categories=["Cc"]), min_size=1, max_size=40
)


def quote(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@given(realm=HEADER_TEXT, nonce=HEADER_TEXT, opaque=HEADER_TEXT)
@example(realm='a", Basic realm="b', nonce="n", opaque="o")
@example(realm='one " quote, Basic x=1', nonce="n", opaque="o")
@example(realm="back\\slash\\", nonce=", Digest a=b", opaque='"')
def test_any_text_survives_quoting(realm: str, nonce: str, opaque: str) -> None:
    header = f'Digest realm={quote(realm)}, nonce={quote(nonce)},opaque={quote(opaque)}, qop="auth", Basic realm="b"'
    found = parse_challenges(header)
    assert found["digest"] == {"realm": realm, "nonce": nonce, "opaque": opaque, "qop": "auth"}
    assert found["basic"] == {"realm": "b"}


@given(realm=HEADER_TEXT, nonce=HEADER_TEXT, username=HEADER_TEXT)
def test_any_text_survives_in_the_answer(realm: str, nonce: str, username: str) -> None:
    header = digest_response({"realm": realm, "nonce": nonce, "qop": "auth"}, username, "p", "GET", "/x", 1, "c")
    fields = fields_of(header)
    assert (fields["realm"], fields["nonce"], fields["username"]) == (realm, nonce, username)


@given(st.text(max_size=200))
def test_the_parser_survives_anything(header: str) -> None:
    assert all(scheme == scheme.lower() for scheme in parse_challenges(header))


def test_basic_never_over_plain_http() -> None:
    authenticator = Authenticator("root", "pass")
    reason = authenticator.accept('Basic realm="x"', encrypted=False)
    assert reason and "Basic" in reason
    assert not authenticator.ready
    assert authenticator.authorization("GET", "/") is None


def test_basic_inside_tls() -> None:
    authenticator = Authenticator("root", "pä:ss")
    assert authenticator.accept('Basic realm="x"', encrypted=True) is None
    value = authenticator.authorization("GET", "/")
    assert value and base64.b64decode(value.removeprefix("Basic ")).decode() == "root:pä:ss"


def test_digest_is_preferred_to_basic() -> None:
    authenticator = Authenticator("root", "pass")
    assert authenticator.accept('Basic realm="x", Digest realm="x", nonce="n", qop="auth"', encrypted=True) is None
    assert str(authenticator.authorization("GET", "/")).startswith("Digest ")


@pytest.mark.parametrize(
    "header",
    [
        'Digest realm="x", nonce="n", algorithm=SHA-512-256',
        'Digest realm="x", nonce="n", algorithm=MD5-sess',
        'Digest realm="x", nonce="n", qop="auth-int"',
        'Digest realm="x"',
        "Negotiate",
        "",
    ],
)
def test_what_cannot_be_answered_is_said(header: str) -> None:
    authenticator = Authenticator("root", "pass")
    assert authenticator.accept(header, encrypted=True)
    assert not authenticator.ready


def test_the_nonce_count_rises_and_starts_again_with_a_new_nonce() -> None:
    authenticator = Authenticator("root", "pass")
    authenticator.accept('Digest realm="x", nonce="one", qop="auth"', encrypted=False)
    counts = [fields_of(str(authenticator.authorization("GET", "/")))["nc"] for dummy in range(17)]
    assert counts[0] == "00000001" and counts[16] == "00000011"
    authenticator.accept('Digest realm="x", nonce="two", qop="auth", stale=true', encrypted=False)
    assert fields_of(str(authenticator.authorization("GET", "/")))["nc"] == "00000001"


def test_client_nonces_differ() -> None:
    authenticator = Authenticator("root", "pass")
    authenticator.accept('Digest realm="x", nonce="one", qop="auth"', encrypted=False)
    nonces = {fields_of(str(authenticator.authorization("GET", "/")))["cnonce"] for dummy in range(5)}
    assert len(nonces) == 5


def test_the_password_is_not_shown() -> None:
    authenticator = Authenticator("root", "secret-pass")
    assert "secret-pass" not in repr(authenticator) + str(authenticator)


@pytest.mark.parametrize(
    ("username", "password", "has"),
    [(None, None, False), ("root", None, False), (None, "x", False), ("root", "", True)],
)
def test_half_credentials_are_none(username: str | None, password: str | None, has: bool) -> None:
    assert Authenticator(username, password).has_credentials is has


def test_an_endless_header_takes_no_time() -> None:
    """Only its beginning is read."""
    begin = time.monotonic()
    for part in ("a ", '"', "Digest ", "a=,", "\t"):
        parse_challenges("Digest realm=x, nonce=y," + part * (62_000 // len(part)))
    assert time.monotonic() - begin < 5
    assert "basic" not in parse_challenges("Digest realm=x, " + "a" * 62_000 + ", Basic realm=y")
