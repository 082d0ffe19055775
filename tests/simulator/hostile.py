# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Neighbours that mean no good, or know no better: what a client that discovers devices must survive.

    python tests/simulator/hostile.py mdns-loop@10.77.0.60 http-yes@10.77.0.61 ssdp-bomb@10.77.0.62

``KIND@ADDRESS[:PORT][=SERIAL]``. ``mdns-*``, ``ssdp-*`` and ``ws-*`` answer every question that comes to the group or
to their address; ``http-*`` and ``https-*`` listen at the port (default 80 and 443). For every ``http-NAME`` there is
an ``ssdp-NAME``, whose search answer leads to such a server at a free port. SERIAL: whom they pretend to be.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import signal
import socket
import ssl
import struct
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from discovery import dns
from discovery.dns import Message, Name, Record
from discovery.links import Datagram, Group, held_addresses, interface_of
from discovery.ws_discovery import read_query
from profiles import PROFILES
from state import Device
from tls import Authority, chain

TEMPLATE = "{{ lookup('pipe', 'id') }}"
_SERIAL = "ACCC8E0000FF"
_PLACE = re.compile(r"(?P<kind>[a-z0-9-]+)@(?P<address>[^:=]+)(?::(?P<port>\d+))?(?:=(?P<serial>.+))?")
_VIDEO = dns.name("_axis-video._tcp.local")
# Nearly the longest datagram there is.
_LONG = 60_000
_PIECE = b"x" * 65_536
_TRICKLE_SECONDS = 0.2


@dataclass(frozen=True)
class Neighbour:
    """One of them."""

    kind: str
    address: str
    port: int
    serial: str = _SERIAL

    @classmethod
    def parse(cls, text: str) -> Neighbour:
        """``KIND@ADDRESS[:PORT][=SERIAL]``."""
        match = _PLACE.fullmatch(text)
        if match is None or match["kind"] not in KINDS:
            raise argparse.ArgumentTypeError(f"{text}: KIND@ADDRESS[:PORT][=SERIAL], KIND one of {' '.join(KINDS)}")
        port = int(match["port"] or (443 if match["kind"].startswith("https-") else 80))
        return cls(match["kind"], match["address"], port, match["serial"] or _SERIAL)


# -- multicast DNS
def _records(
    who: Neighbour, *, label: bytes = b"", text: bytes | None = None, addresses: tuple[str, ...] = (), port: int = 80
) -> list[Record]:
    """Like those of a device, but for what is given."""
    instance: Name = (label or f"AXIS M0000 - {who.serial}".encode(), *_VIDEO)
    host: Name = (f"axis-{who.serial.lower()}".encode()[: dns.MAX_LABEL], b"local")
    return [
        Record(_VIDEO, dns.PTR, target=instance, unique=False),
        Record(instance, dns.SRV, struct.pack("!3H", 0, 0, port), host),
        Record(instance, dns.TXT, dns.texts([f"macaddress={who.serial}".encode()]) if text is None else text),
        *(Record(host, dns.A, socket.inet_aton(address)) for address in addresses or (who.address,)),
    ]


def _message(records: list[Record]) -> bytes:
    return Message(flags=dns.RESPONSE | dns.AUTHORITATIVE, answers=records).encode()


def _with_counts(packet: bytes, answers: int) -> bytes:
    return packet[:6] + struct.pack("!H", answers) + packet[8:]


def _loop(_who: Neighbour) -> bytes:
    """A name that points to itself, and two that point to each other."""
    head = struct.pack("!6H", 0, dns.RESPONSE, 0, 2, 0, 0)
    tail = struct.pack("!2HIH", dns.PTR, dns.INTERNET, 120, 2)
    return head + b"\xc0\x0c" + tail + b"\xc0\x0c" + b"\xc0\x1c" + tail + b"\xc0\x1a"


def _flood(who: Neighbour) -> bytes:
    """Many devices in one packet."""
    names = [replace(who, serial=f"ACCC8EFF{number:04X}") for number in range(1000)]
    return _message([_records(name)[0] for name in names])


MDNS: dict[str, Callable[[Neighbour], bytes]] = {
    "mdns-honest": lambda who: _message(_records(who)),
    "mdns-garbage": lambda _who: os.urandom(200),
    "mdns-empty": lambda _who: b"",
    "mdns-truncated": lambda who: _message(_records(who))[:-7],
    "mdns-counts": lambda who: _with_counts(_message(_records(who)), 65535),
    "mdns-loop": _loop,
    "mdns-flood": _flood,
    "mdns-oversized": lambda who: _message(_records(who, text=dns.texts([b"x" * 255] * (_LONG // 256)))),
    "mdns-not-utf8": lambda who: _message(_records(who, label=b"\xff\xfe\x80" + who.serial.encode())),
    "mdns-template": lambda who: _message(
        _records(
            who, label=TEMPLATE.encode(), text=dns.texts([f"macaddress={TEMPLATE}".encode(), TEMPLATE.encode() + b"=1"])
        )
    ),
    "mdns-wrong-serial": lambda who: _message(_records(who, label=b"Gate", text=dns.texts([b"macaddress=12345"]))),
    # The name says one serial, the text another.
    "mdns-two-serials": lambda who: _message(_records(who, label=b"AXIS M0000 - ACCC8E0000FE")),
    "mdns-no-text": lambda who: _message([record for record in _records(who) if record.kind != dns.TXT]),
    "mdns-no-address": lambda who: _message([record for record in _records(who) if record.kind != dns.A]),
    "mdns-elsewhere": lambda who: _message(
        _records(who, addresses=("127.0.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "169.254.169.254"))
    ),
    "mdns-port-0": lambda who: _message(_records(who, port=0)),
}

# -- XML
_BOMB = "".join(
    [
        "<!DOCTYPE b [\n<!ENTITY e0 'boom'>\n",
        *(f"<!ENTITY e{number} '{f'&e{number - 1};' * 10}'>\n" for number in range(1, 10)),
        "]>\n",
    ]
)
_EXTERNAL = "<!DOCTYPE b [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>\n"


def _description(who: Neighbour, prologue: str, name: str) -> bytes:
    """A UPnP description."""
    return (
        f'<?xml version="1.0"?>\n{prologue}<root xmlns="urn:schemas-upnp-org:device-1-0"><device>'
        f"<friendlyName>{name}</friendlyName><manufacturer>AXIS</manufacturer><modelName>AXIS M0000</modelName>"
        f"<modelNumber>M0000</modelNumber><serialNumber>{who.serial}</serialNumber>"
        f"<presentationURL>http://{who.address}:80/</presentationURL></device></root>"
    ).encode()


def _matches(who: Neighbour, asked: str, *, prologue: str = "", more: str = "", urls: str = "") -> bytes:
    """ProbeMatches."""
    return (
        f'<?xml version="1.0"?>\n{prologue}<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
        'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" '
        'xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header>'
        f"<a:MessageID>uuid:1</a:MessageID><a:RelatesTo>{asked}</a:RelatesTo>"
        "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</a:Action></s:Header><s:Body>"
        "<d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:1</a:Address></a:EndpointReference>"
        "<d:Types>dn:NetworkVideoTransmitter</d:Types>"
        f"<d:Scopes>onvif://www.onvif.org/name/AXIS%20M0000 onvif://www.onvif.org/hardware/M0000 {more}</d:Scopes>"
        f"<d:XAddrs>{urls or f'http://{who.address}/onvif/device_service'}</d:XAddrs>"
        "<d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>"
    ).encode()


WS: dict[str, Callable[[Neighbour, str], bytes]] = {
    "ws-honest": _matches,
    "ws-garbage": lambda _who, _asked: os.urandom(200),
    "ws-truncated": lambda who, asked: _matches(who, asked)[:-40],
    "ws-oversized": lambda who, asked: _matches(who, asked, more="onvif://www.onvif.org/x " * (_LONG // 24)),
    "ws-bomb": lambda who, asked: _matches(who, asked, prologue=_BOMB, more="&e9;"),
    "ws-external": lambda who, asked: _matches(who, asked, prologue=_EXTERNAL, more="&e;"),
    "ws-template": lambda who, asked: _matches(who, asked, more=f"onvif://www.onvif.org/name/{TEMPLATE}"),
    "ws-elsewhere": lambda who, asked: _matches(
        who, asked, urls="file:///etc/passwd http://127.0.0.1/ http://169.254.169.254/ not-a-url http://[::1"
    ),
    # An answer to somebody else's question.
    "ws-unasked": lambda who, _asked: _matches(who, "uuid:00000000-0000-0000-0000-000000000000"),
}


# -- SSDP
def _search_answer(who: Neighbour, location: str, more: str = "") -> bytes:
    return (
        f"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=1800\r\nEXT:\r\nLOCATION: {location}\r\n"
        "SERVER: Linux/4.14.173-axis8, UPnP/1.0, Portable SDK for UPnP devices/1.8.7\r\n"
        f"{more}ST: urn:axis-com:service:BasicService:1\r\n"
        f"USN: uuid:Upnp-BasicDevice-1_0-{who.serial}::urn:axis-com:service:BasicService:1\r\n\r\n"
    ).encode()


SSDP: dict[str, Callable[[Neighbour], bytes]] = {
    "ssdp-datagram-garbage": lambda _who: os.urandom(200),
    "ssdp-datagram-oversized": lambda who: _search_answer(who, f"http://{who.address}/", "X: " + "x" * _LONG + "\r\n"),
    "ssdp-datagram-truncated": lambda who: _search_answer(who, f"http://{who.address}/")[:60],
    "ssdp-location-none": lambda who: _search_answer(who, "").replace(b"LOCATION: \r\n", b""),
    "ssdp-location-file": lambda who: _search_answer(who, "file:///etc/passwd"),
    "ssdp-location-elsewhere": lambda who: _search_answer(who, "http://127.0.0.1:1/rootdesc1.xml"),
    "ssdp-location-template": lambda who: _search_answer(replace(who, serial=TEMPLATE), f"http://{TEMPLATE}/"),
}

# -- web servers
Serve = Callable[[Neighbour, bytes, asyncio.StreamWriter], Awaitable[None]]


def _always(body: Callable[[Neighbour, bytes], bytes], kind: str = "text/html", head: str = "200 OK") -> Serve:
    """The same answer to everything."""

    async def serve(who: Neighbour, request: bytes, writer: asyncio.StreamWriter) -> None:
        text = body(who, request)
        lines = head.replace("SERIAL", who.serial)
        writer.write(f"HTTP/1.1 {lines}\r\nContent-Type: {kind}\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text)
        await writer.drain()

    return serve


async def _hang(_who: Neighbour, _request: bytes, _writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def _trickle(_who: Neighbour, _request: bytes, writer: asyncio.StreamWriter) -> None:
    """A byte now and then: each keeps a time-out between two reads from expiring."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(_TRICKLE_SECONDS)


async def _endless(_who: Neighbour, _request: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n")
    while True:
        writer.write(_PIECE)
        await writer.drain()
        await asyncio.sleep(0)  # else nobody notices inside TLS that the connection is lost


async def _endless_head(_who: Neighbour, _request: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Filler: " + _PIECE[:1000] + b"\r\n")
        await writer.drain()
        await asyncio.sleep(0)  # else nobody notices inside TLS that the connection is lost


async def _garbage(_who: Neighbour, _request: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(os.urandom(200))


async def _close(_who: Neighbour, _request: bytes, _writer: asyncio.StreamWriter) -> None:
    return


_CHALLENGE = '401 Unauthorized\r\nWWW-Authenticate: Digest realm="AXIS_{}", nonce="1", algorithm=MD5, qop="auth"'
HTTP: dict[str, Serve] = {
    # 200 to whatever is asked, with a page, an empty object, an echo of the request, or a flag.
    "yes": _always(lambda _who, _request: b"<html><body>Welcome to your router!</body></html>"),
    "json": _always(lambda _who, _request: b"{}", "application/json"),
    "echo": _always(lambda _who, request: request, "application/json"),
    "list": _always(lambda _who, _request: b'{"data": {"propertyList": []}}', "application/json"),
    "deep": _always(lambda _who, _request: b"[" * 200_000, "application/json"),
    "hang": _hang,
    "trickle": _trickle,
    "endless": _endless,
    "endless-head": _endless_head,
    "garbage": _garbage,
    "close": _close,
    "redirect": _always(lambda _who, _request: b"", head="302 Found\r\nLocation: http://127.0.0.1:1/"),
    "redirect-loop": _always(lambda _who, _request: b"", head="302 Found\r\nLocation: /again"),
    "template": _always(lambda who, _request: _description(who, "", TEMPLATE), "text/xml"),
    "bomb": _always(lambda who, _request: _description(who, _BOMB, "&e9;"), "text/xml"),
    "external": _always(lambda who, _request: _description(who, _EXTERNAL, "&e;"), "text/xml"),
    "honest": _always(lambda who, _request: _description(who, "", "AXIS M0000"), "text/xml"),
    "realm": _always(lambda _who, _request: b"", head=_CHALLENGE.format("SERIAL")),
    "realm-template": _always(lambda _who, _request: b"", head=_CHALLENGE.format(TEMPLATE)),
    "realm-other": _always(lambda _who, _request: b"", head=_CHALLENGE.format("router").replace("AXIS_", "")),
}
KINDS = (*MDNS, *WS, *SSDP, *(f"{prefix}-{name}" for prefix in ("ssdp", "http", "https") for name in HTTP))


# -- the neighbours at work
class Street:
    """All of them."""

    def __init__(self, everybody: list[Neighbour]) -> None:
        self._everybody = everybody
        held = held_addresses()
        self._links = {who.address: interface_of(who.address, held) for who in everybody}
        self._groups: list[Group] = []
        self._locations: dict[Neighbour, str] = {}

    async def open(self) -> None:
        """Listen and answer."""
        for who in self._everybody:
            protocol, _dash, name = who.kind.partition("-")
            if protocol in ("http", "https"):
                await self._serve(who, HTTP[name], who.port)
            elif protocol == "ssdp" and name in HTTP:
                port = await self._serve(who, HTTP[name], 0)
                self._locations[who] = f"http://{who.address}:{port}/rootdesc1.xml"
        for prefix, address, port, answer in (
            ("mdns-", "224.0.0.251", 5353, self._answer_mdns),
            ("ssdp-", "239.255.255.250", 1900, self._answer_ssdp),
            ("ws-", "239.255.255.250", 3702, self._answer_ws),
        ):
            mine = [who for who in self._everybody if who.kind.startswith(prefix)]
            if mine:
                self._listen(mine, address, port, answer)

    def _listen(
        self, mine: list[Neighbour], address: str, port: int, answer: Callable[[Neighbour, bytes], bytes | None]
    ) -> None:
        def hear(datagram: Datagram) -> None:
            for who in mine:
                if datagram.destination in (address, who.address) and datagram.interface == self._links[who.address]:
                    data = answer(who, datagram.data)
                    if data is not None:
                        self._send(group, data, who, datagram)

        group = Group(address, port, 255, hear)
        self._groups.append(group)
        for who in mine:
            group.join(self._links[who.address])

    def _send(self, group: Group, data: bytes, who: Neighbour, datagram: Datagram) -> None:
        """To who asked; in multicast DNS to everybody, when the question came from its port."""
        to_all = datagram.sender[1] == group.port == 5353
        group.send(data, who.address, self._links[who.address], None if to_all else datagram.sender)

    @staticmethod
    def _answer_mdns(who: Neighbour, question: bytes) -> bytes | None:
        return None if question[2:3] >= b"\x80" else MDNS[who.kind](who)

    def _answer_ssdp(self, who: Neighbour, question: bytes) -> bytes | None:
        if not question.startswith(b"M-SEARCH"):
            return None
        return _search_answer(who, self._locations[who]) if who in self._locations else SSDP[who.kind](who)

    @staticmethod
    def _answer_ws(who: Neighbour, question: bytes) -> bytes | None:
        query = read_query(question)
        return None if query is None else WS[who.kind](who, query.message)

    @staticmethod
    async def _serve(who: Neighbour, serve: Serve, port: int) -> int:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?i)\ncontent-length: *(\d+)", head)
                body = await reader.readexactly(int(length[1])) if length else b""
                await serve(who, body, writer)
            writer.close()

        context = _certificate(who) if who.kind.startswith("https-") else None
        server = await asyncio.start_server(answer, who.address, port, ssl=context)
        return server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Stop answering."""
        for group in self._groups:
            group.close()


def _certificate(who: Neighbour) -> ssl.SSLContext:
    """Like a device's; nobody trusts its CA."""
    device = Device(PROFILES["axis-os-12"], 1, (who.address,), {})
    return chain(Authority().leaf(device, "")).context


async def run(chosen: argparse.Namespace) -> None:
    """Until told to stop."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    street = Street(chosen.neighbour)
    await street.open()
    if chosen.ready_file:
        chosen.ready_file.touch()
    await stop.wait()
    street.close()


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="hostile.py",
        description=__doc__,
        epilog="KINDS: " + " ".join(KINDS),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("neighbour", nargs="+", type=Neighbour.parse)
    parser.add_argument("--ready-file", type=Path, metavar="FILE", help="there when all of them listen")
    try:
        asyncio.run(run(parser.parse_args()))
    except OSError as error:
        print(f"hostile: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
