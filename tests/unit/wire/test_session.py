# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves what a session does on the wire: how it logs in, how often it asks, when it gives up, what it says."""

from __future__ import annotations

import base64
import pathlib
import socket
import time
import typing as t

import pytest
import requests
from unit.scripted import (
    Certificate,
    Drip,
    Expect,
    Hang,
    Raw,
    Reply,
    Server,
    challenge,
    digest,
    html,
    no_credentials,
    ok_json,
    text,
)
from unit.socks_server import SocksServer

from ansible_collections.axis.vapix.plugins.module_utils.wire import session as session_module
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import (
    AuthenticationFailed,
    BadAnswer,
    ConnectionFailed,
    DeviceRefused,
    InvalidOption,
    NoAnswerInTime,
    NotAllowed,
    TlsFailed,
    VapixError,
)
from ansible_collections.axis.vapix.plugins.module_utils.wire.session import Address, Answer, Session
from ansible_collections.axis.vapix.plugins.module_utils.wire.trouble import explain

PASSWORD = "secret-pass"
USERGROUP = "/axis-cgi/usergroup.cgi"
BRAND = "/axis-cgi/param.cgi?action=list&group=root.Brand"
READY = "/axis-cgi/systemready.cgi"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "PAUSES", (0.01, 0.02))


def connect(server: Server, user: str | None = "root", password: str | None = PASSWORD, **more: t.Any) -> Session:
    more = {"scheme": "http", "timeout": 5.0} | more
    return Session(Address("127.0.0.1", server.port, **more), user, password)


def says(error: VapixError, device: str, *words: str) -> None:
    """An error names the device, its cause and a remedy, and never the password."""
    message = str(error)
    assert message.startswith(f"{device}: "), message
    assert error.remedy, f"no remedy: {message}"
    for word in words:
        assert word in message, message
    assert PASSWORD not in message + repr(error) + repr(error.as_failure())


# --- logging in ---------------------------------------------------------------------------------------------------


def test_one_challenge_serves_a_session_of_many_requests() -> None:
    script = [Expect("GET", "/a?x=%20y", challenge(), check=no_credentials)]
    script += [Expect("GET", "/a?x=%20y", text("one"), check=digest(count=1))]
    script += [Expect("POST", f"/b{i}", text(f"{i}"), body=b"b", check=digest(count=i)) for i in range(2, 12)]
    with Server(*script) as server, connect(server) as session:
        assert session.request("GET", "/a?x=%20y").text == "one"
        for i in range(2, 12):
            assert session.request("POST", f"/b{i}", body=b"b").text == str(i)
        assert server.connections == 1, "the connection is kept alive"


def test_a_stale_nonce_is_replaced_without_a_word() -> None:
    fresh = "newNonce=0000"
    with (
        Server(
            Expect("GET", "/a", challenge()),
            Expect("GET", "/a", text("1"), check=digest(count=1)),
            Expect("GET", "/b", challenge(fresh, ", stale=true"), check=digest(count=2)),
            Expect("GET", "/b", text("2"), check=digest(count=1, nonce=fresh)),
            Expect("GET", "/c", text("3"), check=digest(count=2, nonce=fresh)),
        ) as server,
        connect(server) as session,
    ):
        assert [session.request("GET", f"/{name}").text for name in "abc"] == ["1", "2", "3"]


def basic(request: t.Any) -> None:
    expected = "Basic " + base64.b64encode(f"root:{PASSWORD}".encode()).decode()
    assert request.headers.get("authorization") == expected


def test_basic_inside_tls_after_one_challenge(certificate: Certificate) -> None:
    with (
        Server(
            Expect("GET", "/a", challenge(scheme="basic"), check=no_credentials),
            Expect("GET", "/a", text("1"), check=basic),
            Expect("GET", "/b", text("2"), check=basic),
            certificate=certificate,
        ) as server,
        connect(server, scheme="https", ca_path=str(certificate.ca_file)) as session,
    ):
        assert session.request("GET", "/a").text + session.request("GET", "/b").text == "12"


def test_basic_over_plain_http_is_refused_and_nothing_sent() -> None:
    with (
        Server(Expect("GET", "/a", challenge(scheme="basic"), check=no_credentials)) as server,
        connect(server) as session,
    ):
        with pytest.raises(AuthenticationFailed) as caught:
            session.request("GET", "/a")
        says(caught.value, f"127.0.0.1:{server.port}", "Basic", "https")


def test_an_unknown_scheme_inside_tls_is_not_answered_with_use_https(certificate: Certificate) -> None:
    unknown = Reply(401, "", {"WWW-Authenticate": 'Digest realm="x", nonce="n", algorithm=SHA-512-256'})
    with (
        Server(Expect("GET", "/a", unknown), certificate=certificate) as server,
        connect(server, scheme="https", fingerprint=certificate.fingerprint) as session,
    ):
        with pytest.raises(AuthenticationFailed) as caught:
            session.request("GET", "/a")
        says(caught.value, f"127.0.0.1:{server.port}", "SHA-512-256")
        assert "scheme: https" not in str(caught.value.remedy), "it is https already"


def test_a_login_is_wanted_and_there_is_none() -> None:
    with Server(Expect("GET", "/a", challenge())) as server, connect(server, None, None) as session:
        with pytest.raises(AuthenticationFailed) as caught:
            session.request("GET", "/a")
        says(caught.value, f"127.0.0.1:{server.port}", "username and password")
        assert caught.value.http_status == 401


def test_anonymous_sends_no_credentials_even_when_known() -> None:
    with (
        Server(
            Expect("GET", "/a", challenge()),
            Expect("GET", "/a", text("1"), check=digest()),
            Expect("POST", READY, Reply(401), check=no_credentials),
        ) as server,
        connect(server) as session,
    ):
        session.request("GET", "/a")
        assert session.request("POST", READY, body=b"{}", anonymous=True).status == 401


def test_a_large_body_is_never_sent_before_the_challenge_and_never_twice() -> None:
    body = b"x" * 300_000
    with (
        Server(
            Expect("GET", USERGROUP, challenge(), body=b"", check=no_credentials),
            Expect("GET", USERGROUP, text("root"), body=b"", check=digest(count=1)),
            Expect("POST", "/upload", text("done"), body=body, check=digest(count=2)),
        ) as server,
        connect(server) as session,
    ):
        assert session.request("POST", "/upload", body=body).text == "done"
        assert sum(request.body == body for request in server.requests) == 1


def test_a_small_body_is_not_announced_by_another_request() -> None:
    with (
        Server(
            Expect("POST", "/x", challenge(), body=b"small"),
            Expect("POST", "/x", text("done"), body=b"small", check=digest()),
        ) as server,
        connect(server) as session,
    ):
        assert session.request("POST", "/x", body=b"small").text == "done"


def test_a_redirect_of_the_first_small_request_keeps_the_large_body_home() -> None:
    with (
        Server(Expect("GET", USERGROUP, Reply(301, "", {"Location": "https://cam/"}))) as server,
        connect(server) as session,
        pytest.raises(BadAnswer, match="https://cam/"),
    ):
        session.request("POST", "/upload", body=b"x" * 300_000)


@pytest.mark.parametrize(
    "target",
    ["/a?b=%c3%a9", "/a b", "/a?group=root.Brand,root.Properties&x=(1)", "/a?x={1}|2", "/a%2fb", "/é", "/a?x=[1]"],
)
def test_what_is_signed_is_what_is_sent(target: str) -> None:
    """Whatever the session makes of a target, it signs exactly that (KANE's finding in real-devices.md, section 1)."""
    answers = [challenge(), text("fine")]
    with Server() as server, connect(server) as session:
        seen: list[t.Any] = []

        def play(request: t.Any) -> t.Any:
            seen.append(request)
            server.requests.append(request)
            server.script.append(Expect(request.method, request.target))
            return answers[len(seen) - 1] if len(seen) <= 2 else Reply(500)

        server._answer_for = play  # type: ignore[method-assign]
        assert session.request("GET", target).text == "fine"
        digest()(seen[1])


# --- explaining a refusal -------------------------------------------------------------------------------------------


def refused(*more: Expect) -> list[Expect]:
    return [
        Expect("POST", "/w", challenge(), body=b"w"),
        Expect("POST", "/w", challenge(), body=b"w", check=digest(count=1)),
        *more,
    ]


def test_a_wrong_password() -> None:
    script = refused(
        Expect("GET", BRAND, challenge()),
        Expect("POST", READY, ok_json({"data": {"systemready": "yes", "needsetup": "no"}}), check=no_credentials),
    )
    with Server(*script) as server, connect(server) as session:
        with pytest.raises(AuthenticationFailed) as caught:
            session.request("POST", "/w", body=b"w")
        says(caught.value, f"127.0.0.1:{server.port}", "'root'", "password")
        assert "factory default" not in str(caught.value)


def test_a_protected_parameter_is_not_called_a_wrong_password() -> None:
    script = refused(Expect("GET", BRAND, text("root.Brand.Brand=AXIS"), check=digest()))
    with Server(*script) as server, connect(server) as session:
        with pytest.raises(NotAllowed) as caught:
            session.request("POST", "/w", body=b"w")
        says(caught.value, f"127.0.0.1:{server.port}", "credentials are right", "protects")
        assert caught.value.http_status == 401


@pytest.mark.parametrize("body", [{"data": {"needsetup": "yes"}}, {"data": {"systemready": "no", "needsetup": "yes"}}])
def test_factory_default_is_recognised(body: t.Any) -> None:
    script = refused(Expect("GET", BRAND, challenge()), Expect("POST", READY, ok_json(body), check=no_credentials))
    with Server(*script) as server, connect(server) as session:
        with pytest.raises(AuthenticationFailed) as caught:
            session.request("POST", "/w", body=b"w")
        says(caught.value, f"127.0.0.1:{server.port}", "factory default")


@pytest.mark.parametrize("answer", [html(), Reply(401), Reply(301, "", {"Location": "https://x/"}), Reply(403)])
def test_a_device_without_systemready_still_has_a_wrong_password(answer: Reply) -> None:
    script = refused(Expect("GET", BRAND, challenge()), Expect("POST", READY, answer))
    with Server(*script) as server, connect(server) as session, pytest.raises(AuthenticationFailed, match="'root'"):
        session.request("POST", "/w", body=b"w")


def test_403_is_not_allowed() -> None:
    with (
        Server(
            Expect("GET", "/a", challenge()), Expect("GET", "/a", Reply(403, "Forbidden"), check=digest())
        ) as server,
        connect(server) as session,
    ):
        with pytest.raises(NotAllowed) as caught:
            session.request("GET", "/a")
        says(caught.value, f"127.0.0.1:{server.port}", "403", "role")


@pytest.mark.parametrize("username", ["Жук", "name\r\nX-Evil: 1", "日本"])
def test_a_user_name_no_header_can_carry_is_a_clear_error(username: str) -> None:
    with Server(Expect("GET", "/a", challenge(), check=no_credentials)) as server:
        with pytest.raises(VapixError) as caught:
            with connect(server, username) as session:
                session.request("GET", "/a")
        if not server.requests:
            server.script.clear()  # refused before anything was sent: as good
    assert caught.value.remedy and "user" in str(caught.value) and PASSWORD not in str(caught.value)


# --- repeating ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("failure", [Raw(), Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), Reply(503)])
def test_a_safe_request_is_repeated(failure: t.Any) -> None:
    with (
        Server(
            Expect("GET", "/a", failure), Expect("GET", "/a", failure), Expect("GET", "/a", text("at last"))
        ) as server,
        connect(server) as session,
    ):
        assert session.request("GET", "/a", safe=True).text == "at last"


@pytest.mark.parametrize(
    "failure",
    [
        Raw(),
        Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
        Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nha"),
        Raw(b"garbage without any sense\r\n\r\n"),
    ],
)
def test_a_write_is_never_repeated(failure: Raw) -> None:
    with Server(Expect("POST", "/a", failure)) as server, connect(server) as session:
        with pytest.raises(ConnectionFailed) as caught:
            session.request("POST", "/a", body=b"write")
        says(caught.value, f"127.0.0.1:{server.port}", "without a complete answer")


def test_a_write_answered_503_is_not_repeated() -> None:
    with Server(Expect("POST", "/a", Reply(503))) as server, connect(server) as session:
        assert session.request("POST", "/a", body=b"write").status == 503


def test_repeating_ends() -> None:
    with Server(*[Expect("GET", "/a", Raw())] * 3) as server, connect(server) as session:
        with pytest.raises(ConnectionFailed) as caught:
            session.request("GET", "/a", safe=True)
        says(caught.value, f"127.0.0.1:{server.port}")


def test_a_write_on_a_connection_the_device_closed_meanwhile_works() -> None:
    """An idle keep-alive connection is closed by the device; the next request makes a new one."""
    with (
        Server(Expect("GET", "/a", text("1", 200)), Expect("POST", "/b", text("2"))) as server,
        connect(server) as session,
    ):
        session.request("GET", "/a")
        for connection in list(server._open):
            connection.shutdown(socket.SHUT_RDWR)
        time.sleep(0.05)
        assert session.request("POST", "/b", body=b"x").text == "2"


# --- time -------------------------------------------------------------------------------------------------------------

TIMEOUT = 0.4
SLACK = 0.8


@pytest.mark.parametrize(
    ("answer", "safe"),
    [
        (Hang(), False),
        (Hang(), True),
        (Drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"), False),
        (Drip(b"HTTP/1.1 200 OK\r\n\r\n"), False),
        (Drip(b"HTTP/1.1 200 OK\r\nX-Slow: "), False),
        (Drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n"), True),
    ],
    ids=["hang", "hang-safe", "drip-length", "drip-no-length", "drip-header", "drip-chunked-safe"],
)
def test_the_timeout_binds(answer: t.Any, safe: bool) -> None:
    with Server(Expect("GET", "/a", answer)) as server, connect(server, timeout=TIMEOUT) as session:
        begin = time.monotonic()
        # The request was sent: who sent it must not take it for not done.
        with _alarm(1.5), pytest.raises(NoAnswerInTime) as caught:
            session.request("GET", "/a", safe=safe)
        took = time.monotonic() - begin
        assert took < TIMEOUT + SLACK, f"took {took:.1f} s with a timeout of {TIMEOUT} s"
        says(caught.value, f"127.0.0.1:{server.port}", "0.4 seconds", "timeout")


class _alarm:  # noqa: N801
    """Ends a call that would never return, so that one failing test does not cost minutes."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        import signal

        def ring(*dummy: object) -> t.NoReturn:
            raise AssertionError(f"the request was still going on after {self._seconds} s")

        signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, self._seconds)

    def __exit__(self, *dummy: object) -> None:
        import signal

        signal.setitimer(signal.ITIMER_REAL, 0)


def test_repeating_does_not_double_the_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two attempts that each use most of the time must not add up beyond it."""
    monkeypatch.setattr(session_module, "PAUSES", (0.05, 0.05))
    broken = Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
    with Server(Expect("GET", "/a", broken), Expect("GET", "/a", Hang())) as server:
        respond = server._respond

        def slowly(connection: t.Any, answer: t.Any) -> bool:
            if isinstance(answer, Raw):
                time.sleep(0.5)
            return respond(connection, answer)

        server._respond = slowly  # type: ignore[method-assign]
        with connect(server, timeout=0.7) as session:
            begin = time.monotonic()
            with pytest.raises(ConnectionFailed):
                session.request("GET", "/a", safe=True)
            took = time.monotonic() - begin
    assert took < 0.95, f"took {took:.2f} s with a timeout of 0.7 s"


# --- size, redirects, garbage -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("announced", [True, False])
def test_the_size_of_an_answer_is_bound(monkeypatch: pytest.MonkeyPatch, announced: bool) -> None:
    monkeypatch.setattr(session_module, "MAX_ANSWER", 200_000)
    head = b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: 900000\r\n" if announced else b"") + b"\r\n"
    with (
        Server(Expect("GET", "/a", Raw(head + b"x" * 300_000))) as server,
        connect(server) as session,
        pytest.raises(BadAnswer, match="larger than 200000 bytes") as caught,
    ):
        session.request("GET", "/a", safe=True)
    assert str(caught.value).startswith("127.0.0.1:")


def test_an_answer_of_exactly_the_bound_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "MAX_ANSWER", 100_000)
    with Server(Expect("GET", "/a", text(b"x" * 100_000))) as server, connect(server) as session:
        assert len(session.request("GET", "/a").body) == 100_000


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirections_are_not_followed(status: int) -> None:
    answer = Reply(status, "", {"Location": "https://192.0.2.9/axis-cgi/x.cgi"})
    with Server(Expect("GET", "/a", answer)) as server, connect(server) as session:
        with pytest.raises(BadAnswer) as caught:
            session.request("GET", "/a", safe=True)
        says(caught.value, f"127.0.0.1:{server.port}", "redirects", "192.0.2.9", "scheme")


def test_too_much_announced_is_not_a_whole_answer() -> None:
    short = Reply(200, "short", length=500, close=True)
    with Server(Expect("POST", "/a", short)) as server, connect(server) as session:
        with pytest.raises(ConnectionFailed, match="without a complete answer"):
            session.request("POST", "/a", body=b"x")


def test_204_and_empty_answers() -> None:
    with (
        Server(Expect("POST", "/a", Reply(204)), Expect("POST", "/b", Reply(200))) as server,
        connect(server) as session,
    ):
        assert session.request("POST", "/a", body=b"x").body == b""
        assert session.request("POST", "/b", body=b"x").status == 200


@pytest.mark.parametrize(
    ("body", "shown"),
    [("é".encode(), "é"), (b"caf\xe9", "café"), (b"", ""), ("日本".encode(), "日本")],
)
def test_text_is_utf8_or_latin1(body: bytes, shown: str) -> None:
    with Server(Expect("GET", "/a", text(body))) as server, connect(server) as session:
        assert session.request("GET", "/a").text == shown


@pytest.mark.parametrize(
    ("answer", "is_html"),
    [
        (html(status=200), True),
        (text("  <!DOCTYPE HTML><p>"), True),
        (text("<html>"), True),
        (text("root.A=<html>"), False),
        (ok_json({}), False),
    ],
)
def test_html_is_recognised(answer: Reply, is_html: bool) -> None:
    with Server(Expect("GET", "/a", answer)) as server, connect(server) as session:
        assert session.request("GET", "/a").is_html is is_html


# --- environment and proxies ------------------------------------------------------------------------------------------


def test_neither_proxy_nor_netrc_of_the_environment_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login thief password stolen\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "nowhere.pem"))
    with Server() as proxy, Server(Expect("GET", "/a", text("direct"), check=no_credentials)) as server:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        with connect(server, None, None) as session:
            assert session.request("GET", "/a").text == "direct"


def test_the_proxy_option_is_used_and_the_target_is_signed() -> None:
    """A proxy gets the whole URL, the device signs only its own target."""
    host = "http://camera.invalid:8080"

    def signed(request: t.Any) -> None:
        assert 'uri="/a?b=1"' in request.headers["authorization"]

    with Server(
        Expect("GET", f"{host}/a?b=1", challenge()), Expect("GET", f"{host}/a?b=1", text("by proxy"), check=signed)
    ) as proxy:
        address = Address("camera.invalid", 8080, "http", timeout=5, proxy=f"http://127.0.0.1:{proxy.port}")
        with Session(address, "root", PASSWORD) as session:
            assert session.request("GET", "/a?b=1").text == "by proxy"


def test_https_goes_through_the_proxy_by_connect() -> None:
    denied = Reply(403, "no")
    with Server(Expect("CONNECT", "camera.invalid:443", denied, check=no_credentials)) as proxy:
        address = Address("camera.invalid", 443, timeout=5, proxy=f"http://127.0.0.1:{proxy.port}")
        with Session(address, "root", PASSWORD) as session, pytest.raises(ConnectionFailed) as caught:
            session.request("GET", "/a")
    says(caught.value, "camera.invalid:443", "proxy")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_there_is_named(scheme: str) -> None:
    address = Address("192.0.2.1", 8080, scheme, timeout=3, proxy=f"http://user:proxypass@127.0.0.1:{free_port()}")
    with Session(address, "root", PASSWORD) as session, pytest.raises(ConnectionFailed) as caught:
        session.request("GET", "/a")
    says(caught.value, "192.0.2.1:8080", "proxy")
    assert "proxypass" not in str(caught.value) + repr(address)


def test_a_socks_proxy_is_used() -> None:
    with Server(Expect("GET", "/a", Reply(200, "through"))) as server, SocksServer() as proxy:
        with connect(server, proxy=f"socks5h://127.0.0.1:{proxy.port}") as session:
            assert session.request("GET", "/a").text == "through"
        assert proxy.asked == [("127.0.0.1", server.port)]


def test_a_device_that_refuses_a_socks_proxy_is_the_device_s_trouble() -> None:
    port = free_port()
    with SocksServer() as proxy:
        address = Address("127.0.0.1", port, "http", timeout=3, proxy=f"socks5h://127.0.0.1:{proxy.port}")
        with Session(address, "root", PASSWORD) as session, pytest.raises(ConnectionFailed) as caught:
            session.request("GET", "/a")
    says(caught.value, f"127.0.0.1:{port}", "refused")
    assert "Check the option proxy" not in str(caught.value)


def test_the_timeout_binds_through_a_socks_proxy() -> None:
    drip = Drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    with Server(Expect("GET", "/a", drip)) as server, SocksServer() as proxy:
        with connect(server, timeout=TIMEOUT, proxy=f"socks5h://127.0.0.1:{proxy.port}") as session:
            begin = time.monotonic()
            with _alarm(1.5), pytest.raises(ConnectionFailed):
                session.request("GET", "/a")
            assert time.monotonic() - begin < TIMEOUT + SLACK


def test_a_socks_proxy_that_is_not_there_is_named() -> None:
    pytest.importorskip("socks", reason="PySocks is not installed")
    address = Address("192.0.2.1", 80, "http", timeout=3, proxy=f"socks5h://127.0.0.1:{free_port()}")
    with Session(address, "root", PASSWORD) as session, pytest.raises(ConnectionFailed) as caught:
        session.request("GET", "/a")
    says(caught.value, "192.0.2.1:80", "proxy")
    assert "port 80" not in str(caught.value), "the device's port was not even tried"


@pytest.mark.parametrize("proxy", ["nonsense", "http://", "ftp://127.0.0.1:3128", "http://[::1", "http://proxy:port"])
def test_a_senseless_proxy_is_named(proxy: str) -> None:
    with pytest.raises(VapixError) as caught:
        with Session(Address("192.0.2.1", 80, "http", timeout=1, proxy=proxy), "root", PASSWORD) as session:
            session.request("GET", "/a")
    assert "option proxy" in str(caught.value) and caught.value.remedy
    assert "scheme: https" not in str(caught.value), "nothing was asked of the device yet"


# --- TLS --------------------------------------------------------------------------------------------------------------


def tls(certificate: Certificate, *script: Expect, **options: t.Any) -> tuple[Server, t.Callable[[], Session]]:
    server = Server(*script, certificate=certificate)
    return server, lambda: connect(server, scheme="https", **options)


def test_a_certificate_signed_by_the_given_ca(certificate: Certificate) -> None:
    server, session = tls(certificate, Expect("GET", "/a", text("yes")), ca_path=str(certificate.ca_file))
    with server, session() as opened:
        assert opened.request("GET", "/a").text == "yes"


def test_an_untrusted_certificate_sends_nothing_and_tells_the_fingerprint(certificate: Certificate) -> None:
    server, session = tls(certificate)
    with server, session() as opened:
        with pytest.raises(TlsFailed) as caught:
            opened.request("GET", "/a", safe=True)
        says(caught.value, f"127.0.0.1:{server.port}", "not trusted", "ca_path", certificate.fingerprint)


def test_another_ca_does_not_help(certificate: Certificate, other_certificate: Certificate) -> None:
    server, session = tls(certificate, ca_path=str(other_certificate.ca_file))
    with server, session() as opened, pytest.raises(TlsFailed, match="not trusted"):
        opened.request("GET", "/a")


def test_a_certificate_of_another_address(other_certificate: Certificate) -> None:
    server, session = tls(other_certificate, ca_path=str(other_certificate.ca_file))
    with server, session() as opened, pytest.raises(TlsFailed, match="mismatch"):
        opened.request("GET", "/a")


def test_a_device_that_moved_is_known_by_its_former_name(other_certificate: Certificate) -> None:
    """The certificate then has to be for that name, and for no other."""
    ca = str(other_certificate.ca_file)
    server, session = tls(other_certificate, Expect("GET", "/a", text("1")), Expect("GET", "/b", text("2")), ca_path=ca)
    with server, session() as opened:
        opened.move(certificate_name="192.0.2.1")
        assert opened.request("GET", "/a").text == "1"
        with opened.again() as other:
            assert other.request("GET", "/b").text == "2"
        for name in ("127.0.0.3", "camera.example.net", None):
            opened.move(certificate_name=name)
            with pytest.raises(TlsFailed, match="mismatch"):
                opened.request("GET", "/a")


def test_an_expired_certificate(expired_certificate: Certificate) -> None:
    server, session = tls(expired_certificate, ca_path=str(expired_certificate.ca_file))
    with server, session() as opened, pytest.raises(TlsFailed, match="expired"):
        opened.request("GET", "/a")


def spellings(digits: str) -> list[str]:
    colons = ":".join(digits[i : i + 2] for i in range(0, 64, 2)).upper()
    return [digits, colons, f"sha256:{digits}", f" SHA-256={colons} "]


@pytest.mark.parametrize("spelling", range(4))
def test_a_pinned_certificate_needs_no_ca(certificate: Certificate, spelling: int) -> None:
    pin = spellings(certificate.fingerprint)[spelling]
    server, session = tls(certificate, Expect("GET", "/a", text("yes")), fingerprint=pin)
    with server, session() as opened:
        assert opened.request("GET", "/a").text == "yes"


def test_a_pin_also_holds_where_the_address_differs(other_certificate: Certificate) -> None:
    server, session = tls(
        other_certificate, Expect("GET", "/a", text("yes")), fingerprint=other_certificate.fingerprint
    )
    with server, session() as opened:
        assert opened.request("GET", "/a").text == "yes"


@pytest.mark.parametrize("validate_certs", [True, False])
def test_a_wrong_pin_sends_nothing(
    certificate: Certificate, other_certificate: Certificate, validate_certs: bool
) -> None:
    options = {"fingerprint": other_certificate.fingerprint, "validate_certs": validate_certs}
    server, session = tls(certificate, **options, ca_path=str(certificate.ca_file))
    with server, session() as opened:
        with pytest.raises(TlsFailed) as caught:
            opened.request("GET", "/a", safe=True)
        says(caught.value, f"127.0.0.1:{server.port}", "pinned", certificate.fingerprint)


def test_pin_and_no_check_do_not_weaken_other_sessions(certificate: Certificate) -> None:
    """The contexts are shared; a session without verification must leave them as they were."""
    server, session = tls(certificate, Expect("GET", "/a", text("yes")), fingerprint=certificate.fingerprint)
    with server, session() as opened:
        opened.request("GET", "/a")
    server, session = tls(certificate)
    with server, session() as opened, pytest.raises(TlsFailed):
        opened.request("GET", "/a")


def test_no_verification_when_asked_without_a_warning_per_request(certificate: Certificate) -> None:
    """The user said validate_certs: false; a warning of urllib3 for every request of 1,000 cameras helps nobody."""
    server, session = tls(certificate, Expect("GET", "/a", text("yes")), validate_certs=False)
    with server, session() as opened:
        assert opened.request("GET", "/a").text == "yes"


@pytest.mark.parametrize("pin", ["", "abc", "z" * 64, "a" * 40, "md5:" + "a" * 64])
def test_a_senseless_pin_is_refused(pin: str) -> None:
    if pin:
        with pytest.raises(InvalidOption, match="SHA-256"):
            Session(Address("192.0.2.1", 443, fingerprint=pin))


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_a_ca_path_without_certificates_is_refused(tmp_path: pathlib.Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InvalidOption, match="ca_path"):
        Session(Address("192.0.2.1", 443, ca_path=str(path)))


def test_https_to_a_port_for_http() -> None:
    def plain(connection: socket.socket) -> None:
        with connection:
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    with Server() as server:
        server._serve = plain  # type: ignore[method-assign]
        with connect(server, scheme="https") as session, pytest.raises(TlsFailed) as caught:
            session.request("GET", "/a")
        says(caught.value, f"127.0.0.1:{server.port}", "does not speak TLS", "scheme: http")


def test_http_to_a_port_for_https(certificate: Certificate) -> None:
    with Server(certificate=certificate) as server, connect(server) as session:
        with pytest.raises(ConnectionFailed) as caught:
            session.request("GET", "/a")
        says(caught.value, f"127.0.0.1:{server.port}", "scheme: https")


# --- addresses --------------------------------------------------------------------------------------------------------


def test_a_name_that_does_not_exist() -> None:
    with (
        Session(Address("no-such-camera.invalid", 443, timeout=5)) as session,
        pytest.raises(ConnectionFailed) as caught,
    ):
        session.request("GET", "/a")
    says(caught.value, "no-such-camera.invalid:443", "cannot be resolved", "host")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_port_where_nobody_listens(scheme: str) -> None:
    port = free_port()
    with Session(Address("127.0.0.1", port, scheme, timeout=5)) as session, pytest.raises(ConnectionFailed) as caught:
        session.request("GET", "/a")
    says(caught.value, f"127.0.0.1:{port}", f"port {port}", "refused", "scheme")


@pytest.mark.parametrize(
    "host",
    ["camera:8080", "two words", "cam..local", "a" * 64 + ".local", "http://camera", "*", "[", "cam/era", "ca\nm"],
)
def test_a_senseless_host_is_a_clear_error(host: str) -> None:
    with pytest.raises(VapixError) as caught:
        with Session(Address(host, 1, "http", timeout=2)) as session:
            session.request("GET", "/a")
    assert caught.value.remedy and "host" in str(caught.value), str(caught.value)


def test_ipv6_addresses_are_bracketed() -> None:
    address = Address("2001:db8::1", 443)
    assert (str(address), address.origin) == ("[2001:db8::1]:443", "https://[2001:db8::1]:443")


def test_ipv6_on_the_wire() -> None:
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this host has no IPv6 loopback")
    server = Server(Expect("GET", "/a", text("six")))
    server._listener.close()
    server._listener, server.port = listener, listener.getsockname()[1]
    with server, Session(Address("::1", server.port, "http", timeout=5)) as session:
        assert session.request("GET", "/a").text == "six"
    assert server.requests[0].headers["host"] == f"[::1]:{server.port}"


def test_no_password_in_anything_shown() -> None:
    address = Address("192.0.2.1", 443, proxy="http://u:proxypass@192.0.2.2:1")
    session = Session(address, "root", PASSWORD)
    for shown in (repr(session), str(session), repr(session._authenticator), repr(address), str(address)):
        assert PASSWORD not in shown and "proxypass" not in shown


def test_nothing_is_sent_by_making_a_session() -> None:
    with Server() as server, connect(server) as session:
        assert session.address.port == server.port
        assert server.connections == 0


@pytest.mark.parametrize(
    "page",
    [
        "Reason: You're speaking plain HTTP to an SSL-enabled server port.",
        "<center>The plain HTTP request was sent to HTTPS port</center>",
        "Client sent an HTTP request to an HTTPS server.",
    ],
)
def test_a_web_server_that_says_the_port_is_for_https(page: str) -> None:
    with Server(Expect("GET", "/a", html(page, 400))) as server, connect(server) as session:
        with pytest.raises(ConnectionFailed) as caught:
            session.request("GET", "/a")
        says(caught.value, f"127.0.0.1:{server.port}", "HTTPS", "scheme: https")


def test_a_basic_challenge_for_a_protected_parameter_does_not_end_a_digest_session() -> None:
    """AXIS OS 12 refuses a batch with a protected parameter by 401 and Basic, in the middle of a good session."""
    with (
        Server(
            Expect("GET", "/a", challenge()),
            Expect("GET", "/a", text("1"), check=digest(count=1)),
            Expect("POST", "/w", challenge(scheme="basic"), check=digest(count=2)),
            Expect("GET", BRAND, text("root.Brand.Brand=AXIS"), check=digest(count=3)),
            Expect("GET", "/b", text("2"), check=digest(count=4)),
        ) as server,
        connect(server) as session,
    ):
        session.request("GET", "/a")
        with pytest.raises(NotAllowed) as caught:
            session.request("POST", "/w", body=b"w")
        says(caught.value, f"127.0.0.1:{server.port}", "credentials are right")
        assert session.request("GET", "/b").text == "2"


# --- hostile answers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [101, 900, 100_000])
@pytest.mark.parametrize(("start", "end"), [("[", "]"), ('{"a":', "}")])
def test_json_that_is_too_deep_is_none(depth: int, start: str, end: str) -> None:
    assert Answer(200, {}, (start * depth + "1" + end * depth).encode()).json is None
    assert Answer(200, {}, (start * 50 + "1" + end * 50).encode()).json is not None


def test_json_with_a_number_without_end_is_none() -> None:
    assert Answer(200, {}, b"9" * 5000).json is None


@pytest.mark.parametrize("forged", ["\x1b[2J", "\r\nok: [faked]", "\x9b31m", "\u2028", "\u202e", "\x00"])
def test_a_device_forges_no_line_of_a_log(forged: str) -> None:
    error = DeviceRefused(f"the device says {forged}!", remedy=f"Try {forged}", device=f"cam{forged}")
    for shown in (str(error), error.as_failure()["message"]):
        assert shown.isprintable() and "says" in shown


def test_a_failed_handshake_does_not_show_what_was_sent() -> None:
    """The text of the library holds the URL."""
    cause = requests.exceptions.SSLError(
        "HTTPSConnectionPool(host='x', port=443): Max retries exceeded with url: /axis-cgi/pwdgrp.cgi?pwd=topsecret "
        "(Caused by SSLError(SSLError(1, '[SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert (_ssl.c:1000)')))"
    )
    text = str(explain(cause, Address("x", 443)))
    assert "topsecret" not in text and "tlsv1 alert protocol version" in text
