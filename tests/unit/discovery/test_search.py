# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking addresses: what answers like a device, and everything else that listens on a port 80 of this world."""

from __future__ import annotations

import asyncio
import collections.abc
import contextlib
import errno
import json
import socket
import ssl
import time
import typing as t

import pytest
from unit.scripted import Certificate

from ansible_collections.axis.vapix.plugins.module_utils.discovery import (
    identify,
    mdns,
    multicast,
    search,
    ssdp,
    sweep,
    ws_discovery,
    xml,
)
from ansible_collections.axis.vapix.plugins.module_utils.discovery.addresses import Range
from ansible_collections.axis.vapix.plugins.module_utils.discovery.multicast import Interface
from ansible_collections.axis.vapix.plugins.module_utils.discovery.sighting import Endpoint, Sighting

Serve = t.Callable[[asyncio.StreamReader, asyncio.StreamWriter], t.Awaitable[None]]
TIMEOUT = 0.3
HOSTILE = "{{ lookup('pipe', 'id') }}\r\n\u202e"


def reply(body: bytes | str, status: str = "200 OK", *headers: str) -> bytes:
    """An HTTP answer."""
    body = body.encode() if isinstance(body, str) else body
    return "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]).encode() + body


def always(answer: bytes, hang_up: bool = True) -> Serve:
    """A server with one answer to everything."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        if not hang_up:
            await reader.read()

    return serve


def camera(properties: dict[str, t.Any], needs_setup: str = "no") -> Serve:
    """A device as far as a probe asks."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        document: dict[str, t.Any] = {"data": {"propertyList": properties}}
        if b"systemready.cgi" in head:
            document = {"data": {"systemready": "yes", "needsetup": needs_setup}}
        writer.write(reply(json.dumps(document)))

    return serve


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that never comes to an end."""
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        writer.write(b"a" * 65536)
        await writer.drain()


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that says what it hears."""
    writer.write(await reader.read(4096))


async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that takes the connection and nothing else."""
    await reader.read()


@contextlib.asynccontextmanager
async def listening(
    serve: Serve, context: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> collections.abc.AsyncIterator[int]:
    """The port of a server."""
    busy: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        busy.add(t.cast("asyncio.Task[None]", asyncio.current_task()))
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await serve(reader, writer)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(handle, host, 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]
    await asyncio.gather(*busy)


async def probe(serve: Serve, scheme: str = "http", context: ssl.SSLContext | None = None) -> Sighting | None:
    """What a server is taken for."""
    async with listening(serve, context) as port:
        return await identify.identify("127.0.0.1", [Endpoint(scheme, port)], TIMEOUT)


GOOD = {"Brand": "AXIS", "SerialNumber": "B8A44F000001", "ProdNbr": "P3265-V", "Version": "12.11.77"}
YES = {"status": "success", "data": {"propertyList": {"SerialNumber": "yes", "Brand": "yes"}}}


@pytest.mark.parametrize(
    "serve",
    [
        always(reply("yes")),
        always(reply("<html><body>Welcome</body></html>", "200 OK", "Content-Type: text/html")),
        always(reply(json.dumps(YES))),
        always(reply(json.dumps({"data": {"propertyList": {}}}))),
        always(reply("root.Brand.Brand=AXIS\nroot.Properties.System.SerialNumber=yes\n")),
        always(reply("", "401 Unauthorized", 'WWW-Authenticate: Basic realm="router"')),
        always(reply("", "401 Unauthorized", 'WWW-Authenticate: Digest realm="AXIS_HELLO", nonce="x"')),
        always(reply("", "302 Found", "Location: http://192.0.2.1/")),
        always(b"SSH-2.0-OpenSSH_9.2\r\n"),
        always(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
        always(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx"),
        always(b"\x15\x03\x01\x00\x02\x02\x46"),
        always(b""),
        endless,
        echo,
        deaf,
    ],
)
def test_what_is_no_device(serve: Serve) -> None:
    """Whoever says yes to everything says no serial number; whoever says nothing or no end of it is left in time."""
    begin = time.monotonic()
    assert asyncio.run(probe(serve)) is None
    assert time.monotonic() - begin < 15


def test_a_device() -> None:
    """What it says of itself, without what could turn a line or hide in it."""
    seen = asyncio.run(probe(camera(GOOD | {"ProdType": HOSTILE}, needs_setup="yes")))
    assert seen is not None
    assert (seen.serial, seen.model, seen.axis_os, seen.needs_setup) == ("B8A44F000001", "P3265-V", "12.11.77", True)
    assert seen.product_type == "{{ lookup('pipe', 'id') }}"
    assert seen.addresses == ("127.0.0.1",) and seen.confirmed


def test_a_silent_device_that_never_hangs_up() -> None:
    """The realm is enough, and the connection need not end."""
    challenge = reply("", "401 Unauthorized", 'WWW-Authenticate: Digest realm="AXIS_B8A44F000001", nonce="x"')
    seen = asyncio.run(probe(always(challenge, hang_up=False)))
    assert seen is not None and (seen.serial, seen.needs_setup) == ("B8A44F000001", False)


def test_https_first(certificate: Certificate) -> None:
    """Of two ports the better one, and the other where it is no device."""

    async def check() -> None:
        context = certificate.context()
        async with listening(camera(GOOD), context) as secure, listening(camera(GOOD)) as plain:
            both = [Endpoint("https", secure), Endpoint("http", plain)]
            for order in (both, both[::-1]):
                seen = await identify.identify("127.0.0.1", order, TIMEOUT)
                assert seen is not None and seen.endpoint == order[0]
            crossed = [Endpoint("https", plain), Endpoint("http", secure), both[1]]
            seen = await identify.identify("127.0.0.1", crossed, TIMEOUT)
            assert seen is not None and seen.endpoint == both[1]

    asyncio.run(check())


def test_sweep_is_bounded_and_asks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never more addresses at a time than allowed, each once, whoever names it; never an excluded one."""
    now = most = 0
    asked: list[str] = []

    async def slow(address: str, _endpoints: t.Any, _timeout: float) -> Sighting | None:
        nonlocal now, most
        asked.append(address)
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.001)
        now -= 1
        return Sighting("probe", "B8A44F000001", (address,), confirmed=True) if address.endswith(".7") else None

    async def check() -> list[Sighting]:
        found: list[Sighting] = []
        prober = sweep.Prober((Endpoint("http", 80),), 1.0, 10, lambda address: address.endswith(".9"), found.append)
        await asyncio.gather(
            prober.sweep([Range.parse("10.0.0.0/25"), Range.parse("10.0.0.64/26")], lambda text: None),
            *(prober.first(["10.0.0.9", "10.0.0.7", "10.0.0.8"]) for _number in range(20)),
        )
        assert prober.swept == 126
        return found

    monkeypatch.setattr(sweep, "identify", slow)
    found = asyncio.run(check())
    assert most == 10 and [seen.addresses for seen in found] == [("10.0.0.7",)]
    assert sorted(asked) == sorted({*asked}) and "10.0.0.9" not in asked


def wanted(**members: t.Any) -> search.Wanted:
    """A search for nothing, but for what is given."""
    plain: dict[str, t.Any] = {
        "listen": (),
        "listen_seconds": 0.2,
        "interfaces": (),
        "ranges": (),
        "entries": (),
        "known": (),
        "endpoints": (Endpoint("http", 1),),
        "concurrency": 50,
        "timeout": TIMEOUT,
        "budget": 10.0,
        "never": lambda address: False,
    }
    return search.Wanted(**(plain | members))


def test_time_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found until then counts, and what was not asked is told."""

    async def slow(address: str, _endpoints: t.Any, _timeout: float) -> Sighting | None:
        if address.endswith(".1"):
            return Sighting("probe", "B8A44F000001", (address,), Endpoint("http", 80), confirmed=True)
        await asyncio.sleep(60)
        return None

    monkeypatch.setattr(sweep, "identify", slow)
    begin = time.monotonic()
    seen = search.search(wanted(ranges=(Range.parse("10.0.0.0/24"),), budget=0.2), lambda text: None, print)
    assert time.monotonic() - begin < 5
    assert [(one.source, one.serial) for one in seen.sightings] == [("sweep", "B8A44F000001")]
    assert [str(problem) for problem in seen.problems] == [
        "discovery: not everything was asked within time_budget (0.2 seconds), but 1 of 254 addresses of the sweep"
    ]


def test_an_interface_that_is_not_there() -> None:
    """It is told, with those that are there, and nothing else goes wrong."""
    seen = search.search(wanted(listen=("mdns", "ssdp"), interfaces=("eth99",)), lambda text: None, print)
    (problem,) = seen.problems
    assert "interface eth99: there is none of this name here; there are lo" in str(problem)


@pytest.mark.parametrize("name", ["ssdp", "ws_discovery", "mdns"])
def test_multicast_that_is_forbidden(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Where the system refuses to send, a source says so, and the search goes on."""

    def refuse(_sock: socket.socket, _group: t.Any, _packet: bytes) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(multicast, "send", refuse)
    monkeypatch.setattr(multicast, "interfaces", lambda names: ([Interface(1, "lo", bool(names))], []))
    for interfaces in ((), ("lo",)):
        seen = search.search(wanted(listen=(name,), interfaces=interfaces), lambda text: None, print)
        assert [str(problem) for problem in seen.problems] == [
            f"{name}, interface lo: nothing can be sent to the multicast group (Operation not permitted)"
        ]


def test_packages_that_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the source that needs one complains."""
    monkeypatch.setattr(mdns, "ZEROCONF_IMPORT_ERROR", "no module")
    monkeypatch.setattr(xml, "DEFUSEDXML_IMPORT_ERROR", "no module")

    async def check() -> list[str]:
        found = [await source.listen([], 0.1, print, print) for source in (mdns, ws_discovery)]
        return [str(problem) for problems in found for problem in problems]

    assert asyncio.run(check()) == [
        "mdns: the Python package 'zeroconf' is missing where this task runs",
        "ws_discovery: the Python package 'defusedxml' is missing where this task runs",
    ]
    assert search.search(wanted(), print, print).problems == []


def test_packets_that_make_no_sense() -> None:
    """A thousand of them are one warning, and a good one among them is heard."""
    group = multicast.Group("239.255.255.250", "ff02::c", 1900)
    good = f"HTTP/1.1 200 OK\r\nST: {ssdp.SERVICE}\r\nUSN: uuid:Upnp-BasicDevice-1_0-B8A44F000001::x\r\n\r\n".encode()
    heard: list[Sighting | None] = []
    warnings: list[str] = []

    async def check() -> None:
        receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        receiver.bind(("127.0.0.1", 0))
        receiver.setblocking(False)
        opened = ([receiver], [])
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with sender, pytest.MonkeyPatch.context() as patch:
            patch.setattr(multicast, "open_sockets", lambda *_arguments: opened)
            patch.setattr(multicast, "send", lambda *_arguments: None)
            task = asyncio.ensure_future(
                multicast.converse(
                    group, [], b"", 0.3,
                    lambda data, source: heard.append(ssdp.in_headers(ssdp.parse_headers(data), source)),
                    warnings.append,
                )
            )  # fmt: skip
            await asyncio.sleep(0.05)
            for packet in (b"junk", b"HTTP/1.1 200 OK" + b"a" * 10_000, good, *[b"\xff\x00"] * 50):
                sender.sendto(packet, receiver.getsockname())
            await task

    asyncio.run(check())
    assert heard == [Sighting("ssdp", "B8A44F000001", ("127.0.0.1",))]
    assert warnings == ["what 127.0.0.1 sends is ignored (no SSDP); of others like it nothing is told"]


def test_open_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more connections than this process may have files open."""
    warnings: list[str] = []
    monkeypatch.setattr(search.resource, "getrlimit", lambda _which: (264, 4096))
    assert search.affordable(50, 2, warnings.append) == 50 and not warnings
    assert search.affordable(500, 2, warnings.append) == 100
    assert "concurrency is 100 instead of 500" in warnings[0]


def test_ssdp_descriptions_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few at a time, few of each address, none of one that must not be asked."""
    now = most = 0
    described: list[str] = []

    async def describe(_seen: Sighting, sender: str, *_rest: t.Any) -> None:
        nonlocal now, most
        described.append(sender)
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.001)
        now -= 1

    async def converse(*arguments: t.Any) -> list[t.Any]:
        receive = arguments[4]
        for number in range(100):
            usn = f"USN: uuid:Upnp-BasicDevice-1_0-B8A44F{number:06d}::x"
            for sender in ("10.0.0.1", "10.0.0.9", f"10.0.1.{number}"):
                receive(f"HTTP/1.1 200 OK\r\nST: {ssdp.SERVICE}\r\n{usn}\r\n\r\n".encode(), sender)
        return []

    monkeypatch.setattr(ssdp, "_describe", describe)
    monkeypatch.setattr(multicast, "converse", converse)
    monkeypatch.setattr(multicast, "interfaces", lambda _names: ([Interface(1, "lo", False)], []))
    plan = wanted(listen=("ssdp",), never=lambda address: address != "10.0.0.1" and not address.startswith("10.0.1."))
    monkeypatch.setattr(search.Prober, "first", lambda *_arguments: asyncio.sleep(0))
    search.search(plan, lambda text: None, print)
    assert most == 16 and described.count("10.0.0.1") == 8 and len(described) == 108
    assert "10.0.0.9" not in described
