# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Asking an address whether an Axis device is there, and which one.

Without a login, from the newest way to the oldest:

1. ``basicdeviceinfo.cgi`` tells model, serial number and version from AXIS OS 10.12 on, unless that was turned off.
2. A 401 names the serial number in its realm, ``AXIS_<serial>``, by Digest or Basic, on hardened devices too.
3. ``param.cgi`` is there on devices that have neither, which either want a login (see 2) or, up to AXIS OS 5 without
   a password, tell everything.

``systemready.cgi`` then tells from AXIS OS 9.50 on whether the device waits for its first account. A web server that
says yes to everything says none of these things.

Sources: VAPIX "Basic device information", "Systemready API"; recordings from several generations.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
import typing as t

from ..device.device import BASIC_DEVICE_INFO, SYSTEM_READY
from ..wire.auth import parse_challenges
from ..wire.session import Answer
from . import http
from .sighting import Endpoint, Sighting, clean, serial_in

#: How often the time for a connection a device may take to answer: TLS alone takes old ones seconds.
PATIENCE = 6

_SERIAL_PARAMETER = "Properties.System.SerialNumber"
_VERSION_PARAMETER = "Properties.Firmware.Version"
_PARAMETERS = f"/axis-cgi/param.cgi?action=list&group=root.Brand,root.{_SERIAL_PARAMETER},root.{_VERSION_PARAMETER}"
_REALM = re.compile(r"AXIS_([0-9A-F]{12})")

Ask: t.TypeAlias = "t.Callable[[str, str, bytes], t.Awaitable[Answer | None]]"


async def identify(address: str, endpoints: t.Sequence[Endpoint], timeout: float) -> Sighting | None:
    """The device at an address, or None when no device says that it is there.

    All endpoints are connected to at once, so that an address where nobody is costs the timeout once; the first of
    them, in the order given, that tells a serial number is the one to use.

    :param timeout: seconds for a connection.
    """
    opening = [asyncio.ensure_future(http.connect(address, endpoint.port, timeout)) for endpoint in endpoints]
    try:
        for endpoint, opened in zip(endpoints, opening, strict=True):
            connection = await opened
            if connection is None:
                continue
            found = await _at(address, endpoint, connection, timeout)
            if found is not None:
                return dataclasses.replace(found, addresses=(address,), endpoint=endpoint)
        return None
    finally:
        for opened in opening:
            opened.cancel()
            opened.add_done_callback(_close)


def _close(opened: asyncio.Future[http.Connection | None]) -> None:
    connection = None if opened.cancelled() else opened.result()
    if connection is not None:
        connection.close()


async def _at(address: str, endpoint: Endpoint, first: http.Connection, timeout: float) -> Sighting | None:
    unused: list[http.Connection] = [first]

    async def ask(method: str, target: str, body: bytes) -> Answer | None:
        connection = unused.pop() if unused else await http.connect(address, endpoint.port, timeout)
        if connection is None:
            return None
        return await http.ask(connection, address, endpoint, method, target, body, timeout * PATIENCE)

    return await _who(ask)


async def _who(ask: Ask) -> Sighting | None:
    answer = await ask("POST", BASIC_DEVICE_INFO.path, _call(BASIC_DEVICE_INFO.version, "getAllUnrestrictedProperties"))
    if answer is None:
        return None
    found = in_properties(answer) or in_challenge(answer)
    if found is None:
        answer = await ask("GET", _PARAMETERS, b"")
        if answer is None:
            return None
        found = in_parameters(answer) or in_challenge(answer)
        if found is None:
            return None
    ready = await ask("POST", SYSTEM_READY.path, _call(SYSTEM_READY.version, "systemready", {"timeout": 0}))
    told = needs_setup(ready) if ready is not None else None
    return found if told is None else dataclasses.replace(found, needs_setup=told)


def _call(version: str, method: str, params: dict[str, t.Any] | None = None) -> bytes:
    document: dict[str, t.Any] = {"apiVersion": version, "method": method}
    return json.dumps(document if params is None else document | {"params": params}).encode("ascii")


def in_properties(answer: Answer) -> Sighting | None:
    """The device that ``basicdeviceinfo.cgi`` tells of."""
    data = answer.json.get("data") if isinstance(answer.json, dict) else None
    properties = data.get("propertyList") if isinstance(data, dict) else None
    return _described(properties) if answer.status == 200 and isinstance(properties, dict) else None


def _described(properties: t.Mapping[str, t.Any]) -> Sighting | None:
    serial = serial_in(properties.get("SerialNumber"))
    if serial is None or clean(properties.get("Brand")) is None:
        return None
    return Sighting(
        source="probe",
        serial=serial,
        model=clean(properties.get("ProdNbr"), 64),
        axis_os=clean(properties.get("Version"), 64),
        product_type=clean(properties.get("ProdType"), 64),
        confirmed=True,
    )


def in_challenge(answer: Answer) -> Sighting | None:
    """The device that wants a login."""
    if answer.status != 401:
        return None
    for challenge in parse_challenges(answer.headers.get("Www-Authenticate", "")).values():
        match = _REALM.fullmatch(challenge.get("realm", ""))
        if match and serial_in(match[1]):
            # It has accounts, or would not ask. One in factory default may ask as well; systemready.cgi tells then.
            return Sighting("probe", serial=match[1], needs_setup=False, confirmed=True)
    return None


def in_parameters(answer: Answer) -> Sighting | None:
    """The device that tells its parameters to everybody, because it has no password yet."""
    if answer.status != 200 or answer.is_html:
        return None
    # Groups come back with "root.", single parameters without.
    lines = (line.removeprefix("root.").partition("=") for line in answer.text.splitlines()[:64])
    values = {name: value.strip() for name, sign, value in lines if sign}
    found = _described(
        {
            "SerialNumber": values.get(_SERIAL_PARAMETER),
            "Brand": values.get("Brand.Brand"),
            "ProdNbr": values.get("Brand.ProdNbr"),
            "ProdType": values.get("Brand.ProdType"),
            "Version": values.get(_VERSION_PARAMETER),
        }
    )
    return dataclasses.replace(found, needs_setup=True) if found else None


def needs_setup(answer: Answer) -> bool | None:
    """Whether ``systemready.cgi`` says that the device waits for its first account; None when it does not tell."""
    data = answer.json.get("data") if answer.status == 200 and isinstance(answer.json, dict) else None
    told = data.get("needsetup") if isinstance(data, dict) else None
    return {"yes": True, "no": False}.get(told) if isinstance(told, str) else None
