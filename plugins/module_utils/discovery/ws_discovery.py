# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""WS-Discovery, as ONVIF uses it: tells a name and where to ask, and no serial number.

Who answers is asked for its serial number like any address of a sweep. Cameras of others answer, too.

Sources: WS-Discovery 1.0 (April 2005), ONVIF Core Specification, section "Device discovery"; a recording of a device.
"""

from __future__ import annotations

import typing as t
import uuid
from urllib.parse import unquote, urlsplit

from ..wire.errors import missing_package
from . import multicast, xml
from .addresses import canonical, is_announceable, parse
from .multicast import Group, Interface, Malformed
from .sighting import MAX_ADDRESSES, Problem, Sighting, clean, model_in

NAME = "ws_discovery"
GROUP = Group("239.255.255.250", "ff02::c", 3702)

_SCOPE = "onvif://www.onvif.org/"
_PROBE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
    ' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"'
    ' xmlns:n="http://www.onvif.org/ver10/network/wsdl">'
    "<e:Header><a:MessageID>uuid:{}</a:MessageID>"
    "<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>"
    "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action></e:Header>"
    "<e:Body><d:Probe><d:Types>n:NetworkVideoTransmitter</d:Types></d:Probe></e:Body></e:Envelope>"
)


async def listen(
    through: t.Collection[Interface],
    seconds: float,
    emit: t.Callable[[Sighting], None],
    warn: t.Callable[[str], None],
) -> list[Problem]:
    """Ask which video transmitters there are."""
    if xml.DEFUSEDXML_IMPORT_ERROR:
        return [Problem("ws_discovery", missing_package("defusedxml").problem)]

    def receive(data: bytes, sender: str) -> None:
        for seen in in_matches(data, sender):
            emit(seen)

    return await multicast.converse(GROUP, through, probe(), seconds, receive, warn)


def probe() -> bytes:
    """The question, with an identifier of its own."""
    return _PROBE.format(uuid.uuid4()).encode("ascii")


def in_matches(data: bytes, sender: str) -> list[Sighting]:
    """The devices in an answer. The sender's address comes first; what else it lists has to prove itself like it.

    :raises Malformed: it is no answer of WS-Discovery.
    """
    root = xml.parse(data)
    if not xml.texts(root, "ProbeMatches"):
        raise Malformed("no answer to the question")
    found = []
    for match in (node for node in root.iter() if isinstance(node.tag, str) and node.tag.endswith("}ProbeMatch")):
        scopes = " ".join(xml.texts(match, "Scopes")).split()
        name, hardware = _scope(scopes, "name"), _scope(scopes, "hardware")
        listed = (_host(url, sender) for url in " ".join(xml.texts(match, "XAddrs")).split()[: 4 * MAX_ADDRESSES])
        addresses = dict.fromkeys([canonical(sender), *(address for address in listed if address)])
        model = (hardware or "").removeprefix("AXIS ") or model_in(name)
        found.append(Sighting(NAME, None, tuple(addresses)[:MAX_ADDRESSES], name=name, model=model))
    return found


def _scope(scopes: t.Iterable[str], kind: str) -> str | None:
    prefix = f"{_SCOPE}{kind}/"
    return next((clean(unquote(scope.removeprefix(prefix))) for scope in scopes if scope.startswith(prefix)), None)


def _host(url: str, sender: str) -> str | None:
    """The address in a URL. A link-local one of IPv6 is good only on the interface on which the answer came."""
    try:
        host = urlsplit(url[:512]).hostname
    except ValueError:
        return None
    number = parse(host or "")
    if host is None or number is None or not is_announceable(host):
        return None
    if number.version == 6 and number.is_link_local:
        plain, (_address, sign, zone) = host.partition("%")[0], sender.partition("%")
        return canonical(f"{plain}%{zone}") if sign else None
    return canonical(host)
