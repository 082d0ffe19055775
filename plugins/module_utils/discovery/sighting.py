# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What was seen of a device, by one source, as a value.

Everything in it was said by a device or by whoever pretends to be one: texts come through :func:`clean` and serial
numbers through :func:`serial_in`, and nothing of it is believed before the device itself was asked.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t
import unicodedata

#: The sources in the order in which their names are listed.
SOURCES = ("mdns", "ssdp", "ws_discovery", "sweep", "static_file", "cache")
#: Prefixes that IEEE gave to Axis Communications. A hint only: devices made for other brands can have others.
AXIS_OUIS = ("00408C", "ACCC8E", "B8A44F", "E82725")
#: Addresses one device may announce; more is no device.
MAX_ADDRESSES = 8
_MAX_TEXT = 128
_MAX_RAW = 4 * _MAX_TEXT

_SERIAL = re.compile(r"[0-9A-F]{12}")
_MODEL = re.compile(r"AXIS ([A-Z]{1,2}\d{2,5}\S*(?: Mk [IVX]+(?:-\S+)?)?)(?: |$)")
_HOST_NAME = re.compile(r"axis-([0-9a-f]{12})(?:\.|$)", re.IGNORECASE)


class Problem(t.NamedTuple):
    """Something that keeps a source from telling all it could. :param where: the source, and what of it."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class Endpoint(t.NamedTuple):
    """Where to ask at an address. :param scheme: ``https`` or ``http``."""

    scheme: str
    port: int

    def __str__(self) -> str:
        return f"{self.scheme}:{self.port}"


@dataclasses.dataclass(frozen=True)
class Sighting:
    """What one source saw. Members are None where it does not tell.

    :param source: one of :data:`SOURCES`, ``probe`` for an answer to a question that another source gave rise to, or
        ``login`` for what the device tells who logs in.
    :param serial: 12 upper-case hexadecimal digits.
    :param addresses: where it is said to be, or where it answered: IP addresses, and host names of a static file.
    :param endpoint: what it speaks there. :param name: a friendly name. :param model: the product number.
    :param confirmed: the device at that address said so itself when it was asked there.
    :param wanted: somebody listed it, so it belongs to the inventory even if it does not answer.
    """

    source: str
    serial: str | None = None
    addresses: tuple[str, ...] = ()
    endpoint: Endpoint | None = None
    name: str | None = None
    model: str | None = None
    axis_os: str | None = None
    product_type: str | None = None
    needs_setup: bool | None = None
    capabilities: tuple[str, ...] | None = None
    confirmed: bool = False
    wanted: bool = False


def clean(text: t.Any, limit: int = _MAX_TEXT) -> str | None:
    """A text of a device on one line: no control or formatting characters, blanks squeezed, cut; None when empty."""
    if not isinstance(text, str):
        return None
    # Formatting characters (category Cf) turn the direction of a line or hide parts of it.
    kept = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in text[:_MAX_RAW])
    return " ".join(kept.split())[:limit].strip() or None


def serial_in(text: t.Any) -> str | None:
    """A serial number: the MAC address as 12 hexadecimal digits, with or without separators; None if it is none."""
    if not isinstance(text, str):
        return None
    digits = re.sub(r"[:.-]", "", text.strip()[:32]).upper()
    return digits if _SERIAL.fullmatch(digits) and digits.strip("0") else None


def serial_in_host_name(text: str) -> str | None:
    """The serial number in the name that a device gives itself, ``axis-<serial>`` with or without a domain."""
    match = _HOST_NAME.match(text)
    return match[1].upper() if match else None


def model_in(text: str | None) -> str | None:
    """The product number in a name like ``AXIS M1065-LW``; devices are called so until somebody renames them."""
    match = _MODEL.match(text or "")
    return match[1] if match else None


def looks_like_axis(serial: str | None) -> bool:
    """Whether the MAC address is one of Axis'."""
    return bool(serial) and str(serial).startswith(AXIS_OUIS)
