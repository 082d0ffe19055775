# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A list of devices that somebody keeps: written by hand, or exported from a DHCP server or an asset register.

A row has an address, and can have a serial number, a name, a scheme and a port; whatever else it has becomes variables
of the host. A DHCP lease has all kinds of clients: who has neither Axis' MAC address nor a name like ``axis-<serial>``
is asked and, if it is no device of Axis, silently nobody.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import typing as t

from .addresses import canonical, is_target
from .sighting import (
    Endpoint,
    Problem,
    Sighting,
    clean,
    looks_like_axis,
    serial_in,
    serial_in_host_name,
)

NAME = "static_file"

_ADDRESS = ("address", "ip", "ansible_host")
_SERIAL = ("serial", "vapix_serial")
_MAC = ("macaddress", "mac_address", "mac")
_NAME = ("name",)
_HOST_NAME = ("hostname", "host_name")
_PORT = ("port", "vapix_port")
_SCHEME = ("scheme", "vapix_scheme")
_KNOWN = frozenset((*_ADDRESS, *_SERIAL, *_MAC, *_NAME, *_HOST_NAME, *_PORT, *_SCHEME))


@dataclasses.dataclass(frozen=True)
class Entry:
    """One row. :param variables: of the host, as they stand in the file."""

    sighting: Sighting
    variables: dict[str, t.Any]


def parse_csv(text: str) -> list[dict[str, t.Any]]:
    """The rows of a CSV file with a heading; empty fields are left out. Comma, semicolon or tab, as the heading has it.

    :raises ValueError: it has no proper heading.
    """
    text = text.removeprefix("\ufeff")
    heading = text.partition("\n")[0]
    delimiter = max(",;\t", key=heading.count)
    lines = (line for line in io.StringIO(text) if not line.lstrip().startswith("#"))
    try:
        rows = list(csv.DictReader(lines, delimiter=delimiter, strict=True))
    except csv.Error as exc:
        raise ValueError(str(exc)) from exc
    return [
        {str(key).strip(): value.strip() for key, value in row.items() if isinstance(value, str) and value.strip()}
        for row in rows
    ]


def entries(document: t.Any) -> tuple[list[Entry], list[Problem]]:
    """The entries of a document, and what is wrong with the rows that are none.

    :param document: a list of rows, a mapping with the list as ``devices``, or a single row.
    """
    if isinstance(document, t.Mapping):
        document = document.get("devices", [document])
    if not isinstance(document, (list, tuple)):
        return [], [Problem(NAME, "it holds no list of devices")]
    found: list[Entry] = []
    problems: list[Problem] = []
    names = dict.fromkeys(name for row in document if isinstance(row, t.Mapping) for name in row)
    for name in names:
        if not (isinstance(name, str) and name.isidentifier()):
            problems.append(Problem(NAME, f"{name!r} cannot be the name of a variable, so it is left out"))
    for number, row in enumerate(document, 1):
        try:
            found.append(_entry(row))
        except ValueError as exc:
            problems.append(Problem(f"{NAME}, device {number}", str(exc)))
    return found, problems


def _entry(row: t.Any) -> Entry:
    if not isinstance(row, t.Mapping):
        raise ValueError("it is no mapping of names to values")
    address = _first(row, _ADDRESS)
    if not isinstance(address, str) or not is_target(address.strip("[]")):
        raise ValueError(f"its address {address!r} is neither an IP address nor a host name")
    told = _first(row, _SERIAL)
    serial = serial_in(str(told)) if told is not None else None
    if told is not None and serial is None:
        raise ValueError(f"its serial number {told!r} is not 12 hexadecimal digits")
    host_name = str(_first(row, _HOST_NAME) or "")
    hinted = serial_in_host_name(host_name)
    mac = serial_in(_first(row, _MAC))
    hinted = hinted or (mac if looks_like_axis(mac) else None)
    lease = serial is None and hinted is None and (mac is not None or bool(host_name))
    name = clean(_first(row, _NAME)) or (clean(host_name) if host_name and not serial_in_host_name(host_name) else None)
    return Entry(
        Sighting(
            NAME,
            serial or hinted,
            (canonical(address.strip("[]")),),
            endpoint=_endpoint(row),
            name=name,
            wanted=not lease,
        ),
        {name: row[name] for name in row if name not in _KNOWN and isinstance(name, str) and name.isidentifier()},
    )


def _endpoint(row: t.Mapping[str, t.Any]) -> Endpoint | None:
    scheme, port = _first(row, _SCHEME), _first(row, _PORT)
    if scheme is None and port is None:
        return None
    if scheme not in (None, "https", "http"):
        raise ValueError(f"its scheme {scheme!r} is neither https nor http")
    try:
        number = int(str(port)) if port is not None else {"https": 443, "http": 80}[str(scheme)]
    except ValueError:
        number = 0
    if not 1 <= number <= 65535:
        raise ValueError(f"its port {port!r} is not between 1 and 65535")
    return Endpoint(str(scheme) if scheme else ("http" if number == 80 else "https"), number)


def _first(row: t.Mapping[str, t.Any], names: t.Iterable[str]) -> t.Any:
    return next((row[name] for name in names if row.get(name) is not None), None)
