# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""SSDP, the discovery of UPnP: who offers Axis' basic service tells the serial number, a description tells the model.

Sources: UPnP Device Architecture 1.0, recordings of devices. AXIS OS 12 has it turned off by default.
"""

from __future__ import annotations

import asyncio
import collections
import dataclasses
import re
import typing as t
from urllib.parse import SplitResult, urlsplit

from ..wire.errors import missing_package
from . import http, multicast, xml
from .addresses import canonical
from .multicast import Group, Ignored, Interface, Malformed
from .sighting import Endpoint, Problem, Sighting, clean, serial_in

NAME = "ssdp"
GROUP = Group("239.255.255.250", "ff02::c", 1900)
SERVICE = "urn:axis-com:service:BasicService:1"

#: Descriptions that are fetched at the same time.
_TOGETHER = 16
#: Serial numbers that are heard from one address.
_MAX_SERIALS = 8

_SERIAL = re.compile(r"uuid:Upnp-BasicDevice-1_0-([0-9A-F]{12})(?:::|$)", re.IGNORECASE)
_SEARCH = (
    f'M-SEARCH * HTTP/1.1\r\nHOST: {GROUP.v4}:{GROUP.port}\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: {SERVICE}\r\n\r\n'
).encode("ascii")


async def listen(
    through: t.Collection[Interface],
    seconds: float,
    emit: t.Callable[[Sighting], None],
    warn: t.Callable[[str], None],
    never: t.Callable[[str], bool] = lambda address: False,
) -> list[Problem]:
    """Ask who is there, and each of them for its description. :param never: tells addresses that must not be asked."""
    heard: dict[tuple[str, str], asyncio.Task[None]] = {}
    senders: collections.Counter[str] = collections.Counter()
    few = asyncio.Semaphore(_TOGETHER)
    ignored = Ignored(warn)

    def receive(data: bytes, sender: str) -> None:
        headers = parse_headers(data)
        seen = in_headers(headers, sender)
        if seen is None or (str(seen.serial), sender) in heard or never(sender) or senders[sender] >= _MAX_SERIALS:
            return
        senders[sender] += 1
        emit(seen)
        heard[str(seen.serial), sender] = asyncio.ensure_future(describe(seen, sender, headers.get("location", "")))

    async def describe(seen: Sighting, sender: str, location: str) -> None:
        async with few:
            await _describe(seen, sender, location, seconds, emit, ignored)

    problems = await multicast.converse(GROUP, through, _SEARCH, seconds, receive, warn)
    await asyncio.gather(*heard.values())
    if heard and xml.DEFUSEDXML_IMPORT_ERROR:
        problems.append(Problem("models", missing_package("defusedxml").problem))
    return problems


async def _describe(
    seen: Sighting,
    sender: str,
    location: str,
    seconds: float,
    emit: t.Callable[[Sighting], None],
    ignored: Ignored,
) -> None:
    url = _url(location)
    # A device describes itself: nobody sends us to another address.
    if xml.DEFUSEDXML_IMPORT_ERROR or not _is_at(url, sender) or url.scheme != "http":
        return
    endpoint = Endpoint("http", _port(url) or 80)
    connection = await http.connect(sender, endpoint.port, seconds)
    if connection is None:
        return
    answer = await http.ask(connection, sender, endpoint, "GET", url.path or "/", b"", seconds)
    if answer is None or answer.status != 200:
        return
    try:
        described = in_description(parse_description(answer.body), sender)
    except Malformed as exc:
        ignored(f"the description of {sender}", exc)
        return
    if described is not None and described.serial in (None, seen.serial):
        emit(dataclasses.replace(described, serial=seen.serial))


def parse_headers(data: bytes) -> dict[str, str]:
    """The headers of an answer or an announcement, names in lower case.

    :raises Malformed: it is neither.
    """
    first, *lines = data.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    if not re.match(r"(?:HTTP/1\.[01] 200|NOTIFY \* HTTP/1\.[01])", first):
        raise Malformed("no SSDP")
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), value.strip())
    return headers


def in_headers(headers: t.Mapping[str, str], sender: str) -> Sighting | None:
    """The device that answers or announces itself; None when it goes away or is none of Axis'."""
    match = _SERIAL.match(headers.get("usn", ""))
    if match is None or headers.get("nts", "ssdp:alive") != "ssdp:alive":
        return None
    if SERVICE not in (headers.get("st"), headers.get("nt")):
        return None
    serial = serial_in(match[1])
    return Sighting(NAME, serial, (canonical(sender),)) if serial else None


def parse_description(data: bytes) -> dict[str, str]:
    """The members of a description that tell who it is.

    :raises Malformed: it is no description.
    """
    root = xml.parse(data)
    names = ("friendlyName", "modelNumber", "modelName", "serialNumber", "presentationURL", "UDN")
    return {name: found[0] for name in names if (found := xml.texts(root, name))}


def in_description(described: t.Mapping[str, t.Any], sender: str) -> Sighting | None:
    """The device of a description; some lack the serial number or the address of the web page."""
    udn = _SERIAL.match(str(described.get("UDN", "")))
    serial = serial_in(described.get("serialNumber")) or (serial_in(udn[1]) if udn else None)
    name = clean(described.get("friendlyName"))
    if name and serial:
        name = clean(name.removesuffix(serial).removesuffix("- "))
    model = clean(described.get("modelNumber"), 64)
    if model is None:
        model = (clean(described.get("modelName"), 64) or "").removeprefix("AXIS ") or None
    if not (serial or name or model):
        return None
    page = _url(str(described.get("presentationURL", "")))
    port = _port(page) if _is_at(page, sender) else None
    endpoint = Endpoint(page.scheme, port) if port and page.scheme in ("http", "https") else None
    return Sighting(NAME, serial, (canonical(sender),), endpoint=endpoint, name=name, model=model)


def _url(text: str) -> SplitResult:
    try:
        return urlsplit(text[:512].strip())
    except ValueError:
        return urlsplit("")


def _port(url: SplitResult) -> int | None:
    try:
        return url.port or {"http": 80, "https": 443}.get(url.scheme)
    except ValueError:
        return None


def _is_at(url: SplitResult, sender: str) -> bool:
    return bool(url.hostname) and canonical(str(url.hostname)) == canonical(sender.partition("%")[0])
