# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Multicast DNS service discovery (RFC 6762, RFC 6763), as Axis devices show themselves with it.

Recorded (M1065-LW) and verified by others (P3265-V 12.11, M3206-LVE 10.12): the instance ``<friendly name> -
<SERIAL>``, port 80 of ``axis-<serial>.local``, one text ``macaddress=<SERIAL>``, link-local addresses among the others.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from dataclasses import dataclass, replace
from functools import cached_property, partial

from discovery import dns
from discovery._protocol import Home, Protocol
from discovery.dns import Message, Name, Question, Record
from discovery.links import Datagram
from state import Device

_DOMAIN = b"local"
_SERVICES = dns.name("_services._dns-sd._udp.local")
# RFC 6762, section 10: what has to do with the host name, and the rest.
_HOST_TTL, _OTHER_TTL = 120, 4500
# Section 6.7: the most a plain DNS client is told.
_LEGACY_TTL = 10
# Section 6: answers others may have, too, wait for a moment; a record is not multicast twice in a second.
_SHARED_DELAY = 0.020, 0.120
_PAUSE_SECONDS = 1.0
# Section 7.2: more known answers follow.
_MORE_SECONDS = 0.45
# Section 8.3: the second announcement.
_SECOND_SECONDS = 1.0


@dataclass(frozen=True)
class Zone:
    """The records of a device."""

    records: tuple[Record, ...]

    def matching(self, question: Question) -> list[Record]:
        """The answers to a question."""
        wanted = dns.folded(question.name)
        return [
            record
            for record in self.records
            if question.kind in (record.kind, dns.ANY) and dns.folded(record.name) == wanted
        ]

    def beside(self, answers: list[Record]) -> list[Record]:
        """What who asked will want to know next: the records of the names that answers lead to."""
        told = list(answers)
        # It grows while it is read.
        for record in told:
            told += [more for more in self.records if more.name == record.target and more.unique and more not in told]
        return told[len(answers) :]


@dataclass
class Query:
    """Questions, and what who asks already knows."""

    message: Message

    @cached_property
    def known(self) -> set[tuple]:
        """The known answers that still live long enough (section 7.1)."""
        return {
            record.identity
            for record in self.message.answers
            if record.ttl >= (_HOST_TTL if record.kind in (dns.A, dns.AAAA, dns.SRV) else _OTHER_TTL) / 2
        }


def instance_label(friendly: bytes, serial: str) -> bytes:
    """The name people see. 12.11 has a friendly name without the serial (recorded), older firmware one with it."""
    tail = f" - {serial}".encode()
    head = friendly.removesuffix(tail)
    end = min(len(head), dns.MAX_LABEL - len(tail))
    # Not in the middle of a character of UTF-8.
    while 0 < end < len(head) and head[end] & 0xC0 == 0x80:
        end -= 1
    return head[:end] + tail


def zone_of(device: Device) -> Zone:
    """All records of a device."""
    state = device.state
    label = instance_label(state.get("Network.Bonjour.FriendlyName").encode("latin-1"), device.serial)
    host = (device.host_name.encode(), _DOMAIN)
    records = []
    for service in state.services:
        type_ = dns.name(f"{service}.local")
        instance: Name = (label, *type_)
        records += [
            Record(type_, dns.PTR, target=instance, ttl=_OTHER_TTL, unique=False),
            Record(_SERVICES, dns.PTR, target=type_, ttl=_OTHER_TTL, unique=False),
            Record(instance, dns.SRV, struct.pack("!3H", 0, 0, device.announced_port), host, _HOST_TTL),
            Record(instance, dns.TXT, dns.texts([b"macaddress=" + device.serial.encode()]), ttl=_OTHER_TTL),
        ]
    for address in device.announced_addresses:
        kind, family = (dns.AAAA, socket.AF_INET6) if ":" in address else (dns.A, socket.AF_INET)
        records.append(Record(host, kind, socket.inet_pton(family, address), ttl=_HOST_TTL))
    return Zone(tuple(records))


class Mdns(Protocol[Zone, Query]):
    """The multicast DNS responder of all devices."""

    GROUPS = {4: "224.0.0.251", 6: "ff02::fb"}
    PORT = 5353
    HOPS = 255

    def __init__(self) -> None:
        super().__init__()
        # By sender: questions whose known answers are not complete yet.
        self._held: dict[tuple, Message] = {}
        # When a device multicast which record last.
        self._told: dict[tuple[str, int, tuple], float] = {}

    def presence(self, device: Device) -> Zone | None:
        return zone_of(device) if device.state.get("Network.Bonjour.Enabled") == "yes" else None

    def greet(self, home: Home, now: Zone) -> None:
        self._tell(home, list(now.records))
        self.reply_later(home, now, _SECOND_SECONDS, self._tell, home, list(now.records))

    def leave(self, home: Home, before: Zone, now: Zone | None) -> None:
        kept = {record.identity for record in now.records} if now is not None else set()
        gone = [replace(record, ttl=0) for record in before.records if record.identity not in kept]
        if gone:
            self._tell(home, gone)

    def read(self, datagram: Datagram) -> Query | None:
        try:
            message = dns.decode(datagram.data)
        except dns.Malformed:
            return None
        if message.flags & (dns.RESPONSE | dns.OPCODE):
            return None
        held = self._held.get(datagram.sender)
        if held is not None:
            held.questions += message.questions
            held.answers += message.answers
            return None
        if message.flags & dns.TRUNCATED:
            self._held[datagram.sender] = message
            self.later(_MORE_SECONDS, self._release, datagram)
            return None
        return Query(message)

    def _release(self, datagram: Datagram) -> None:
        self.spread(Query(self._held.pop(datagram.sender)), datagram)

    def reply(self, home: Home, shown: Zone, query: Query, datagram: Datagram) -> None:
        questions, known = query.message.questions, query.known
        answers: list[Record] = []
        for question in questions:
            answers += [
                record for record in shown.matching(question) if record.identity not in known and record not in answers
            ]
        if not answers:
            return
        beside = [record for record in shown.beside(answers) if record.identity not in known]
        wait = 0.0 if all(record.unique for record in answers) else random.uniform(*_SHARED_DELAY)
        later = partial(self.reply_later, home, shown, wait)
        if datagram.sender[1] != self.PORT:
            later(self.send, home, _legacy(query.message, answers, beside), datagram)
        elif datagram.destination not in self.GROUPS.values() or all(question.unicast for question in questions):
            later(self.send, home, _response(answers, beside), datagram)
        else:
            later(self._tell_politely, home, answers, beside)

    def _tell_politely(self, home: Home, answers: list[Record], beside: list[Record]) -> None:
        """Multicast what was not multicast a moment ago."""
        recent = asyncio.get_running_loop().time() - _PAUSE_SECONDS
        told = self._told
        fresh = [r for r in answers if told.get((home.device.serial, home.interface, r.identity), 0.0) <= recent]
        if fresh:
            self._tell(home, fresh, beside)

    def _tell(self, home: Home, answers: list[Record], beside: list[Record] | None = None) -> None:
        now = asyncio.get_running_loop().time()
        self._told.update({(home.device.serial, home.interface, record.identity): now for record in answers})
        self.send(home, _response(answers, beside or []))


def _response(answers: list[Record], beside: list[Record]) -> bytes:
    return Message(flags=dns.RESPONSE | dns.AUTHORITATIVE, answers=answers, additional=beside).encode()


def _legacy(asked: Message, answers: list[Record], beside: list[Record]) -> bytes:
    """For a plain DNS client: its number and question come back (section 6.7)."""
    short = [[replace(record, ttl=min(record.ttl, _LEGACY_TTL)) for record in part] for part in (answers, beside)]
    flags = dns.RESPONSE | dns.AUTHORITATIVE
    return Message(asked.id, flags, asked.questions, *short).encode(legacy=True)
