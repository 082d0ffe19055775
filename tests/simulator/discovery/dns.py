# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""DNS messages as multicast DNS uses them (RFC 1035 section 4, RFC 6762 section 18)."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

A, PTR, TXT, AAAA, SRV, ANY = 1, 12, 16, 28, 33, 255
INTERNET = 1
RESPONSE, AUTHORITATIVE, TRUNCATED = 0x8000, 0x0400, 0x0200
OPCODE = 0x7800
# The top bit of the class: in a question "answer by unicast", in a record "forget what else you know of this name".
TOP_BIT = 0x8000
MAX_LABEL = 63
_MAX_NAME = 255
_POINTER = 0xC0
# Types whose data ends in a name, and what comes before it.
_FIXED_LENGTH = {PTR: 0, SRV: 6}

Name = tuple[bytes, ...]


class Malformed(ValueError):
    """No DNS message."""


def name(text: str) -> Name:
    """A name of plain labels: ``name("_axis-video._tcp.local")``."""
    return tuple(label.encode() for label in text.split("."))


def folded(labels: Name) -> Name:
    """For comparisons: the case of ASCII letters does not count."""
    return tuple(label.lower() for label in labels)


@dataclass(frozen=True)
class Question:
    """What somebody wants to know."""

    name: Name
    kind: int
    unicast: bool = False


@dataclass(frozen=True)
class Record:
    """A resource record: its data is ``fixed``, then the name ``target`` where the type has one."""

    name: Name
    kind: int
    fixed: bytes = b""
    target: Name = ()
    ttl: int = 120
    # The cache-flush bit: nobody else has records of this name and type.
    unique: bool = True

    @property
    def identity(self) -> tuple[Name, int, bytes, Name]:
        """Equal for equal records, whatever their time to live."""
        return folded(self.name), self.kind, self.fixed, folded(self.target)


@dataclass
class Message:
    """A message; authority and additional records that come in are read as answers."""

    id: int = 0
    flags: int = 0
    questions: list[Question] = field(default_factory=list)
    answers: list[Record] = field(default_factory=list)
    additional: list[Record] = field(default_factory=list)

    def encode(self, *, legacy: bool = False) -> bytes:
        """The packet; ``legacy`` for plain DNS clients, which know neither the top bit nor names within SRV."""
        out = bytearray(
            struct.pack("!6H", self.id, self.flags, len(self.questions), len(self.answers), 0, len(self.additional))
        )
        places: dict[Name, int] = {}
        for question in self.questions:
            _put_name(out, question.name, places)
            out += struct.pack("!2H", question.kind, INTERNET | TOP_BIT * (question.unicast and not legacy))
        for record in (*self.answers, *self.additional):
            _put_name(out, record.name, places)
            class_ = INTERNET | TOP_BIT * (record.unique and not legacy)
            out += struct.pack("!2HIH", record.kind, class_, record.ttl, 0)
            start = len(out)
            out += record.fixed
            if record.target:
                _put_name(out, record.target, {} if legacy and record.kind == SRV else places)
            struct.pack_into("!H", out, start - 2, len(out) - start)
        return bytes(out)


def _put_name(out: bytearray, labels: Name, places: dict[Name, int]) -> None:
    for at in range(len(labels)):
        rest = labels[at:]
        if rest in places:
            out += struct.pack("!H", _POINTER << 8 | places[rest])
            return
        # A pointer has 14 bits.
        if len(out) < 0x4000:
            places[rest] = len(out)
        out.append(len(labels[at]))
        out += labels[at]
    out.append(0)


def decode(packet: bytes) -> Message:
    """Read a packet; raises Malformed."""
    try:
        id_, flags, *counts = struct.unpack_from("!6H", packet)
        message, at = Message(id_, flags), 12
        for _turn in range(counts[0]):
            labels, at = _name_at(packet, at)
            kind, class_ = struct.unpack_from("!2H", packet, at)
            message.questions.append(Question(labels, kind, bool(class_ & TOP_BIT)))
            at += 4
        for _turn in range(sum(counts[1:])):
            record, at = _record_at(packet, at)
            message.answers.append(record)
    except (struct.error, IndexError) as error:
        raise Malformed(str(error)) from None
    return message


def _record_at(packet: bytes, at: int) -> tuple[Record, int]:
    labels, at = _name_at(packet, at)
    kind, class_, ttl, length = struct.unpack_from("!2HIH", packet, at)
    at += 10
    end = at + length
    if end > len(packet):
        raise Malformed("data beyond the end")
    fixed, target = packet[at:end], ()
    if kind in _FIXED_LENGTH:
        fixed = packet[at : at + _FIXED_LENGTH[kind]]
        target, _end = _name_at(packet, at + len(fixed))
    return Record(labels, kind, fixed, target, ttl, bool(class_ & TOP_BIT)), end


def _name_at(packet: bytes, at: int) -> tuple[Name, int]:
    labels: list[bytes] = []
    size, end, before = 0, 0, at
    while length := packet[at]:
        if length & _POINTER == _POINTER:
            target = struct.unpack_from("!H", packet, at)[0] & 0x3FFF
            end = end or at + 2
            # Backwards only, so that it comes to an end.
            if target >= before:
                raise Malformed("a pointer that does not point back")
            at = before = target
            continue
        if length & _POINTER:
            raise Malformed("a label of an unknown kind")
        labels.append(packet[at + 1 : at + 1 + length])
        size += length + 1
        at += length + 1
        if size > _MAX_NAME:
            raise Malformed("a name without end")
    return tuple(labels), end or at + 1


def texts(entries: Iterable[bytes]) -> bytes:
    """The data of a TXT record."""
    return b"".join(bytes((len(entry),)) + entry for entry in entries)
