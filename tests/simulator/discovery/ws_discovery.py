# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""WS-Discovery (April 2005), as ONVIF uses it.

Recorded (M2036-LE): ProbeMatches with its headers, types, scopes, and a list of addresses with http and https for the
LAN and the link-local address.
"""

from __future__ import annotations

import io
import itertools
import random
import time
import uuid
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from urllib.parse import quote
from xml.sax.saxutils import escape

from discovery._protocol import Home, Protocol
from discovery.links import Datagram
from state import Device

_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
_DISCOVERY = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
_NETWORK, _DEVICE = "http://www.onvif.org/ver10/network/wsdl", "http://www.onvif.org/ver10/device/wsdl"
_ANYBODY = f"{_ADDRESSING}/role/anonymous"
_EVERYBODY = "urn:schemas-xmlsoap-org:ws:2005:04:discovery"
_TYPES = {(_DEVICE, "Device"), (_NETWORK, "NetworkVideoTransmitter")}
_EXACT, _PREFIX = f"{_DISCOVERY}/strcmp0", f"{_DISCOVERY}/rfc3986"
# APP_MAX_DELAY.
_LONGEST_WAIT = 0.5


@dataclass(frozen=True)
class Target:
    """What a device shows: its name for programs, its scopes and its addresses."""

    name: str
    scopes: tuple[str, ...]
    addresses: tuple[str, ...]

    def matches(self, query: Query) -> bool:
        """Whether a Probe or Resolve means it."""
        if query.name is not None:
            return query.name == self.name
        return query.types <= _TYPES and all(
            any(_scope_matches(wanted, scope, query.rule) for scope in self.scopes) for wanted in query.scopes
        )


@dataclass
class Query:
    """A Probe, or a Resolve for one name."""

    message: str
    types: set[tuple[str, str]] = field(default_factory=set)
    scopes: list[str] = field(default_factory=list)
    rule: str = _PREFIX
    name: str | None = None


def _scope_matches(wanted: str, scope: str, rule: str) -> bool:
    """By whole segments of the path, or exactly; no other rule is known here."""
    if rule == _EXACT:
        return wanted == scope
    return rule == _PREFIX and f"{scope}/".startswith(wanted.rstrip("/") + "/")


def read_query(text: bytes) -> Query | None:
    """A Probe or Resolve; None for anything else."""
    prefixes: dict[str, str] = {}
    try:
        root = None
        for event, node in ET.iterparse(io.BytesIO(text), ("start-ns", "start")):
            if event == "start-ns":
                prefixes.setdefault(node[0], node[1])
            elif root is None:
                root = node
    except (ET.ParseError, ValueError, LookupError):
        return None
    if root is None or root.tag != f"{{{_SOAP}}}Envelope":
        return None
    message = root.findtext(f".//{{{_ADDRESSING}}}MessageID", "").strip()
    probe = root.find(f"{{{_SOAP}}}Body/{{{_DISCOVERY}}}Probe")
    if probe is not None:
        scopes = probe.find(f"{{{_DISCOVERY}}}Scopes")
        return Query(
            message,
            {_qualified(word, prefixes) for word in probe.findtext(f"{{{_DISCOVERY}}}Types", "").split()},
            (scopes.text or "").split() if scopes is not None else [],
            scopes.get("MatchBy", _PREFIX) if scopes is not None else _PREFIX,
        )
    name = root.findtext(f"{{{_SOAP}}}Body/{{{_DISCOVERY}}}Resolve//{{{_ADDRESSING}}}Address")
    return Query(message, name=name.strip()) if name is not None else None


def _qualified(word: str, prefixes: dict[str, str]) -> tuple[str, str]:
    prefix, colon, local = word.partition(":")
    return (prefixes.get(prefix, ""), local) if colon else (prefixes.get("", ""), word)


class WsDiscovery(Protocol[Target, Query]):
    """The WS-Discovery target service of all devices."""

    GROUPS = {4: "239.255.255.250", 6: "ff02::c"}
    PORT = 3702
    HOPS = 1

    def __init__(self) -> None:
        super().__init__()
        self._instance, self._number = int(time.time()), itertools.count(1)

    def presence(self, device: Device) -> Target | None:
        if device.state.get("WebService.DiscoveryMode.Discoverable").lower() != "yes":
            return None
        facts = device.profile.facts
        words = [
            "Profile/Streaming",
            "Profile/G",
            f"hardware/{quote(facts['model'])}",
            f"name/{quote(facts['short_name'])}",
            "Profile/M",
            "Profile/T",
            "location/",
        ]
        return Target(
            f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_DNS, device.host_name)}",
            tuple(f"onvif://www.onvif.org/{word}" for word in words),
            tuple(f"{url}/onvif/device_service" for url in device.announced_urls),
        )

    def greet(self, home: Home, now: Target) -> None:
        self.send(home, self._envelope("Hello", f"<d:Hello>{_target(now)}</d:Hello>"))

    def leave(self, home: Home, before: Target, now: Target | None) -> None:
        if now is None:
            self.send(home, self._envelope("Bye", f"<d:Bye>{_endpoint(before)}</d:Bye>"))

    def read(self, datagram: Datagram) -> Query | None:
        return read_query(datagram.data)

    def reply(self, home: Home, shown: Target, query: Query, datagram: Datagram) -> None:
        if shown.matches(query):
            wait = random.uniform(0, _LONGEST_WAIT)
            self.reply_later(home, shown, wait, self._answer, home, shown, query, datagram)

    def _answer(self, home: Home, target: Target, query: Query, datagram: Datagram) -> None:
        kind = "Probe" if query.name is None else "Resolve"
        match = f"<d:{kind}Match>{_target(target)}</d:{kind}Match>"
        body = f"<d:{kind}Matches>{match}</d:{kind}Matches>"
        self.send(home, self._envelope(f"{kind}Matches", body, query.message), datagram)

    def _envelope(self, action: str, body: str, asked: str | None = None) -> bytes:
        must = 'SOAP-ENV:mustUnderstand="true"'
        relates = f"<wsa:RelatesTo>{escape(asked)}</wsa:RelatesTo>" if asked is not None else ""
        to = _EVERYBODY if asked is None else _ANYBODY
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<SOAP-ENV:Envelope xmlns:SOAP-ENV="{_SOAP}" '
            'xmlns:SOAP-ENC="http://www.w3.org/2003/05/soap-encoding" '
            f'xmlns:wsa="{_ADDRESSING}" xmlns:d="{_DISCOVERY}" xmlns:dn="{_NETWORK}" xmlns:tds="{_DEVICE}">'
            f"<SOAP-ENV:Header><wsa:MessageID>uuid:{uuid.uuid4()}</wsa:MessageID>{relates}"
            f"<wsa:To {must}>{to}</wsa:To><wsa:Action {must}>{_DISCOVERY}/{action}</wsa:Action>"
            f'<d:AppSequence {must} MessageNumber="{next(self._number)}" InstanceId="{self._instance}">'
            "</d:AppSequence></SOAP-ENV:Header>"
            f"<SOAP-ENV:Body>{body}</SOAP-ENV:Body></SOAP-ENV:Envelope>"
        ).encode()


def _endpoint(target: Target) -> str:
    return f"<wsa:EndpointReference><wsa:Address>{target.name}</wsa:Address></wsa:EndpointReference>"


def _target(target: Target) -> str:
    return (
        f"{_endpoint(target)}<d:Types>tds:Device dn:NetworkVideoTransmitter</d:Types>"
        f"<d:Scopes>{escape(' '.join(target.scopes))}</d:Scopes>"
        f"<d:XAddrs>{escape(' '.join(target.addresses))}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>"
    )
