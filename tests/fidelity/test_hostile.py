# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hostile neighbours do what their names say: a test of a client proves little when they do not."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from harness.fleet import SIMULATOR
from harness.namespaces import Namespaces

from fidelity.test_discovery import (
    BASIC_SERVICE,
    MDNS,
    SSDP,
    VIDEO,
    WS,
    ask,
    fetch,
    header_lines,
    probe,
    question,
    records,
    search,
    zeroconf,
)

SERIAL = "ACCC8E0000FF"
PTR, SRV, TXT, A = 12, 33, 16, 1
READABLE = (
    "mdns-honest",
    "mdns-template",
    "mdns-wrong-serial",
    "mdns-two-serials",
    "mdns-no-text",
    "mdns-no-address",
    "mdns-elsewhere",
    "mdns-port-0",
    "mdns-flood",
)
UNREADABLE = (
    "mdns-garbage",
    "mdns-empty",
    "mdns-oversized",
    "mdns-not-utf8",
    "mdns-truncated",
    "mdns-counts",
    "mdns-loop",
)
WS_KINDS = (
    "ws-honest",
    "ws-garbage",
    "ws-bomb",
    "ws-external",
    "ws-oversized",
    "ws-unasked",
    "ws-elsewhere",
    "ws-truncated",
    "ws-template",
)
SSDP_KINDS = (
    "ssdp-location-none",
    "ssdp-location-file",
    "ssdp-location-elsewhere",
    "ssdp-location-template",
    "ssdp-datagram-oversized",
    "ssdp-datagram-truncated",
    "ssdp-datagram-garbage",
)
LIBRARIES = {
    "ssdp-honest": b"<serialNumber>ACCC8E0000FF</serialNumber>",
    "ssdp-yes": b"Welcome",
    "ssdp-bomb": b"<!ENTITY e9",
    "ssdp-external": b"/etc/passwd",
    "ssdp-template": b"lookup('pipe', 'id')",
}
WEB = (
    "http-yes",
    "http-echo",
    "http-hang",
    "http-trickle",
    "http-endless",
    "http-endless-head",
    "http-redirect",
    "http-realm",
    "http-realm-template",
    "http-close",
    "https-yes",
)
KINDS = (*READABLE, *UNREADABLE, *WS_KINDS, *SSDP_KINDS, *LIBRARIES, *WEB)
ADDRESSES = {kind: f"10.77.1.{number}" for number, kind in enumerate(KINDS, 1)}


@pytest.fixture(scope="module")
def net() -> Iterator[Namespaces]:
    """A site with one neighbour of each kind."""
    with Namespaces.start() as net, net.hostile(*(f"{kind}@{address}" for kind, address in ADDRESSES.items())):
        yield net


def told(net: Namespaces, data: bytes, to: tuple[str, int], kinds: tuple[str, ...]) -> dict[str, bytes]:
    """The answers of these kinds to one question."""
    names = {address: kind for kind, address in ADDRESSES.items()}
    answers = {names[sender[0]]: answer for answer, sender in ask(net, data, to, count=len(kinds))}
    assert sorted(answers) == sorted(kinds)
    return answers


def test_multicast_dns(net: Namespaces) -> None:
    answers = told(net, question((VIDEO, PTR)), MDNS, (*READABLE, *UNREADABLE))

    def shown(kind: str) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = {}
        for record in records(answers[kind]):
            found.setdefault(record.type, []).append(record)
        return found

    honest = shown("mdns-honest")
    assert honest[PTR][0].alias == f"AXIS M0000 - {SERIAL}.{VIDEO}"
    assert honest[TXT][0].text == b"\x17macaddress=" + SERIAL.encode()
    assert socket.inet_ntoa(honest[A][0].address) == ADDRESSES["mdns-honest"]
    template = shown("mdns-template")
    assert "lookup('pipe', 'id')" in template[PTR][0].alias and b"lookup" in template[TXT][0].text
    assert b"macaddress=12345" in shown("mdns-wrong-serial")[TXT][0].text
    assert "ACCC8E0000FE" in shown("mdns-two-serials")[PTR][0].alias
    assert TXT not in shown("mdns-no-text") and A not in shown("mdns-no-address")
    assert {socket.inet_ntoa(record.address) for record in shown("mdns-elsewhere")[A]} >= {"127.0.0.1", "224.0.0.1"}
    assert shown("mdns-port-0")[SRV][0].port == 0
    assert len(shown("mdns-flood")[PTR]) == 1000
    assert answers["mdns-empty"] == b"" and len(answers["mdns-oversized"]) > 50_000
    assert b"\xff\xfe\x80" in answers["mdns-not-utf8"]
    assert not zeroconf.DNSIncoming(answers["mdns-truncated"]).valid
    assert not zeroconf.DNSIncoming(answers["mdns-counts"]).valid
    # Two records, whose names end nowhere.
    assert answers["mdns-loop"][4:8] == b"\0\0\0\2" and zeroconf.DNSIncoming(answers["mdns-loop"]).answers() == []


def test_ws_discovery(net: Namespaces) -> None:
    number, data = probe()
    answers = told(net, data, WS, WS_KINDS)
    honest = answers["ws-honest"].decode()
    assert number in honest and f"http://{ADDRESSES['ws-honest']}/onvif/device_service" in honest
    assert b"<!ENTITY e9" in answers["ws-bomb"] and b"&e9;" in answers["ws-bomb"]
    assert b"file:///etc/passwd" in answers["ws-external"] and b"http://127.0.0.1/" in answers["ws-elsewhere"]
    assert len(answers["ws-oversized"]) > 50_000 and not answers["ws-truncated"].endswith(b"Envelope>")
    assert number.encode() not in answers["ws-unasked"] and b"{{" in answers["ws-template"]


def test_ssdp(net: Namespaces) -> None:
    answers = told(net, search(BASIC_SERVICE), SSDP, (*SSDP_KINDS, *LIBRARIES))
    assert "location" not in header_lines(answers["ssdp-location-none"])
    assert header_lines(answers["ssdp-location-file"])["location"] == "file:///etc/passwd"
    assert header_lines(answers["ssdp-location-elsewhere"])["location"].startswith("http://127.0.0.1:1/")
    assert b"Upnp-BasicDevice-1_0-{{ lookup" in answers["ssdp-location-template"]
    assert len(answers["ssdp-datagram-oversized"]) > 50_000 and len(answers["ssdp-datagram-truncated"]) == 60
    for kind, part in LIBRARIES.items():
        assert part in fetch(net, header_lines(answers[kind])["location"])


def test_several_pretend_to_be_one() -> None:
    places = ("mdns-honest@10.77.2.1=B8A44F000001", "mdns-honest@10.77.2.2=B8A44F000001", "mdns-no-text@10.77.2.1")
    with Namespaces.start() as net, net.hostile(*places):
        answers = ask(net, question((VIDEO, PTR)), MDNS, count=3)
    named = sorted((sender[0], records(data)[0].alias.partition(".")[0][-12:]) for data, sender in answers)
    assert named == [("10.77.2.1", SERIAL), ("10.77.2.1", "B8A44F000001"), ("10.77.2.2", "B8A44F000001")]


def test_web_servers(net: Namespaces) -> None:
    def talk(kind: str, size: int = 1 << 16, seconds: float = 5) -> bytes:
        """What comes for a POST, until the end, so many bytes or the time-out."""
        return net.call(_talk, ADDRESSES[kind], 443 if kind.startswith("https") else 80, size, seconds)

    assert talk("http-yes").startswith(b"HTTP/1.1 200 OK")
    assert talk("https-yes").endswith(b"Welcome to your router!</body></html>")
    assert talk("http-echo").endswith(b"\r\n\r\nping")
    assert talk("http-hang", seconds=0.3) == b"..."
    trickled = talk("http-trickle", size=76, seconds=5)
    assert trickled.startswith(b"HTTP/1.1 200") and not trickled.endswith(b"...")
    assert len(talk("http-endless", size=1 << 22)) >= 1 << 22
    assert b"\r\n\r\n" not in talk("http-endless-head", size=1 << 20)
    assert b"Location: http://127.0.0.1:1/" in talk("http-redirect")
    assert f'realm="AXIS_{SERIAL}"'.encode() in talk("http-realm")
    assert b"realm=\"AXIS_{{ lookup('pipe', 'id') }}\"" in talk("http-realm-template")
    assert talk("http-close") == b""


def _talk(address: str, port: int, size: int, seconds: float) -> bytes:
    got = b""
    sock = socket.create_connection((address, port), 5)
    if port == 443:
        sock = ssl._create_unverified_context().wrap_socket(sock)
    with sock:
        sock.settimeout(seconds)
        sock.sendall(b"POST /axis-cgi/x.cgi HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nping")
        try:
            while len(got) < size and (part := sock.recv(65536)):
                got += part
        except TimeoutError:
            got += b"..."
    return got


@pytest.mark.parametrize(
    "place, code, said",
    [
        ("http-nice@127.0.0.1", 2, "KIND one of"),
        ("http-yes@192.0.2.1", 1, "no interface holds 192.0.2.1"),
    ],
)
def test_options(place: str, code: int, said: str) -> None:
    command = [sys.executable, str(SIMULATOR / "hostile.py"), place]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code and said in done.stderr
