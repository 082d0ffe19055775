# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SSDP and the UPnP description (UPnP Device Architecture 1.0 and 1.1), over IPv4.

Recorded: the headers of NOTIFY (firmware 5.x) and of a search answer, and the elements of the description (M1065-LW).
The description is served by a web server of its own, at a port that nobody can foretell.
"""

from __future__ import annotations

import asyncio
import random
import re
import socket
from dataclasses import dataclass
from email.utils import formatdate
from html import escape
from typing import NamedTuple

from aiohttp import web

from discovery._protocol import Home, Protocol
from discovery.links import Datagram
from state import Device

_DEVICE_TYPE = "urn:schemas-upnp-org:device:Basic:1"
_SERVICE_TYPE = "urn:axis-com:service:BasicService:1"
_DESCRIPTION, _SERVICE_DESCRIPTION = "/rootdesc1.xml", "/scpd_basic.xml"
_MAX_AGE = 1800
# UPnP 1.1: more than five seconds count as five.
_LONGEST_WAIT = 5
_XML = 'text/xml; charset="utf-8"'
_SCPD = b"""<?xml version="1.0"?>
<scpd xmlns="urn:schemas-upnp-org:service-1-0">
<specVersion><major>1</major><minor>0</minor></specVersion>
</scpd>
"""


class Search(NamedTuple):
    """An M-SEARCH: what for, and in how many seconds to answer at most."""

    target: str
    wait: float


@dataclass(frozen=True)
class Root:
    """A device with UPnP on, at its IPv4 address."""

    serial: str
    address: str
    server: str
    boot_id: str

    @property
    def udn(self) -> str:
        """Its unique name."""
        return f"uuid:Upnp-BasicDevice-1_0-{self.serial}"

    @property
    def targets(self) -> dict[str, str]:
        """What it can be searched by, with the unique service name of each."""
        types = ("upnp:rootdevice", self.udn, _DEVICE_TYPE, _SERVICE_TYPE)
        return {type_: self.udn if type_ == self.udn else f"{self.udn}::{type_}" for type_ in types}


class Ssdp(Protocol[Root, Search]):
    """The SSDP responder of all devices."""

    GROUPS = {4: "239.255.255.250"}
    PORT = 1900
    HOPS = 2

    def __init__(self) -> None:
        super().__init__()
        # By serial number.
        self._libraries: dict[str, _Library] = {}

    def presence(self, device: Device) -> Root | None:
        address = device.ipv4
        if address is None or device.state.get("Network.UPnP.Enabled") != "yes":
            return None
        return Root(device.serial, address, device.profile.upnp_server, device.state.boot_id)

    def greet(self, home: Home, now: Root) -> None:
        library = self._libraries.get(now.serial)
        if library is None or library.address != now.address:
            self._close_library(now.serial)
            self._libraries[now.serial] = _Library(home.device, now)
        for type_ in now.targets:
            self.send(home, self._notify(now, type_, "ssdp:alive"))

    def leave(self, home: Home, before: Root, now: Root | None) -> None:
        # Not there: a device on two links has said goodbye on the other.
        if before.serial not in self._libraries:
            return
        for type_ in before.targets:
            self.send(home, self._notify(before, type_, "ssdp:byebye"))
        if now is None:
            self._close_library(before.serial)

    def forget(self, device: Device) -> None:
        super().forget(device)
        self._close_library(device.serial)

    def _close_library(self, serial: str) -> None:
        library = self._libraries.pop(serial, None)
        if library is not None:
            library.close()

    def read(self, datagram: Datagram) -> Search | None:
        start, *lines = datagram.data.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        fields = {name.strip().upper(): value.strip() for name, _colon, value in pairs}
        if not re.fullmatch(r"M-SEARCH \* HTTP/1\.[01]", start) or fields.get("MAN") != '"ssdp:discover"':
            return None
        if datagram.destination not in self.GROUPS.values():
            return Search(fields.get("ST", ""), 0)
        # By multicast without MX: to be ignored.
        wait = fields.get("MX", "")
        return Search(fields.get("ST", ""), min(int(wait), _LONGEST_WAIT)) if wait.isdecimal() else None

    def reply(self, home: Home, shown: Root, query: Search, datagram: Datagram) -> None:
        found = [type_ for type_ in shown.targets if query.target in (type_, "ssdp:all")]
        wait = random.uniform(0, query.wait)
        for type_ in found:
            self.reply_later(home, shown, wait, self._answer, home, shown, type_, datagram)

    def _answer(self, home: Home, root: Root, type_: str, datagram: Datagram) -> None:
        self.send(
            home,
            _head(
                "HTTP/1.1 200 OK",
                {
                    "CACHE-CONTROL": f"max-age={_MAX_AGE}",
                    "DATE": formatdate(usegmt=True),
                    "EXT": "",
                    **self._common(root),
                    "SERVER": root.server,
                    "X-User-Agent": "redsonic",
                    "ST": type_,
                    "USN": root.targets[type_],
                },
            ),
            datagram,
        )

    def _notify(self, root: Root, type_: str, what: str) -> bytes:
        return _head(
            "NOTIFY * HTTP/1.1",
            {
                "HOST": f"{self.GROUPS[4]}:{self.PORT}",
                "CACHE-CONTROL": f"max-age={_MAX_AGE}",
                **self._common(root),
                "NT": type_,
                "NTS": what,
                "SERVER": root.server,
                "X-User-Agent": "redsonic",
                "USN": root.targets[type_],
            },
        )

    def _common(self, root: Root) -> dict[str, str]:
        return {
            "LOCATION": f"{self._libraries[root.serial].url}{_DESCRIPTION}",
            "OPT": '"http://schemas.upnp.org/upnp/1/0/"; ns=01',
            "01-NLS": root.boot_id,
        }

    def close(self) -> None:
        super().close()
        for serial in list(self._libraries):
            self._close_library(serial)


def _head(start: str, fields: dict[str, str]) -> bytes:
    lines = [start, *(f"{name}: {value}" if value else f"{name}:" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


class _Library:
    """The web server with the description."""

    def __init__(self, device: Device, root: Root) -> None:
        self._device, self._root, self.address = device, root, root.address
        self._socket = socket.create_server((root.address, 0), backlog=16)
        self.url = f"http://{root.address}:{self._socket.getsockname()[1]}"
        self._front = web.Server(self._serve, access_log=None)
        self._opening = asyncio.ensure_future(self._open())

    async def _open(self) -> asyncio.AbstractServer:
        return await asyncio.get_running_loop().create_server(self._front, sock=self._socket)

    async def _serve(self, request: web.BaseRequest) -> web.Response:
        pages = {_DESCRIPTION: self._describe, _SERVICE_DESCRIPTION: lambda: _SCPD}
        page = pages.get(request.path)
        if page is None:
            return web.Response(status=404, headers={"Server": self._root.server})
        return web.Response(body=page(), headers={"Server": self._root.server, "Content-Type": _XML})

    def _describe(self) -> bytes:
        facts = self._device.profile.facts
        fields = {
            "deviceType": _DEVICE_TYPE,
            "friendlyName": self._device.state.get("Network.UPnP.FriendlyName"),
            "manufacturer": "AXIS",
            "manufacturerURL": "http://www.axis.com/",
            "modelDescription": facts["full_name"],
            "modelName": facts["short_name"],
            "modelNumber": facts["model"],
            "modelURL": "http://www.axis.com/",
            "serialNumber": self._device.serial,
            "UDN": self._root.udn,
        }
        service = {
            "serviceType": _SERVICE_TYPE,
            "serviceId": "urn:axis-com:serviceId:BasicServiceId",
            "controlURL": "/upnp/control/BasicServiceId",
            "eventSubURL": "/upnp/event/BasicServiceId",
            "SCPDURL": _SERVICE_DESCRIPTION,
        }
        presentation = f"http://{self.address}:{self._device.announced_port}/"
        return "".join(
            [
                '<?xml version="1.0"?>\n<root xmlns="urn:schemas-upnp-org:device-1-0">\n',
                "<specVersion>\n<major>1</major>\n<minor>0</minor>\n</specVersion>\n",
                _elements({"URLBase": self.url}),
                "<device>\n",
                _elements(fields),
                "<serviceList>\n<service>\n",
                _elements(service),
                "</service>\n</serviceList>\n",
                _elements({"presentationURL": presentation}),
                "</device>\n</root>\n",
            ]
        ).encode("latin-1")

    def close(self) -> None:
        """Stop serving."""
        self._opening.cancel()
        if self._opening.done() and not self._opening.cancelled():
            self._opening.result().close()
        self._socket.close()
        for connection in list(self._front.connections):
            if connection.transport is not None:
                connection.transport.abort()


def _elements(fields: dict[str, str]) -> str:
    return "".join(f"<{name}>{escape(value, quote=False)}</{name}>\n" for name, value in fields.items())
