# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""From what was seen to devices: one for each serial number, whatever number of sources and addresses it has.

What a device says of itself when it is asked counts more than what is said of it. Who is only heard of and does not
answer is no device, unless somebody listed it. Where sightings contradict each other or lead nowhere, a warning tells.
"""

from __future__ import annotations

import collections
import dataclasses
import typing as t

from .addresses import preference
from .sighting import SOURCES, Endpoint, Sighting

# Whom to believe about what a device is, and about how it is called.
_AUTHORITY = ("login", "probe", "sweep", "ssdp", "ws_discovery", "mdns", "static_file")
_NAMING = ("static_file", "mdns", "ssdp", "ws_discovery")
_FACTS = ("model", "axis_os", "product_type", "needs_setup", "capabilities")


@dataclasses.dataclass
class Found:
    """A device that was found.

    :param serial: None for one that somebody listed by its address, and that has not answered yet.
    :param addresses: the one to use first. :param scheme, port: None where it has not answered.
    :param sources: who saw it, of :data:`SOURCES`; only ``cache`` for one that was not found again.
    :param seen: when it answered last, in seconds since 1970; 0 for one that is only listed.
    """

    serial: str | None
    addresses: list[str]
    scheme: str | None = None
    port: int | None = None
    name: str | None = None
    model: str | None = None
    axis_os: str | None = None
    product_type: str | None = None
    needs_setup: bool | None = None
    capabilities: list[str] | None = None
    sources: list[str] = dataclasses.field(default_factory=list)
    seen: int = 0

    @property
    def label(self) -> str:
        """How to speak of it in a message."""
        return self.serial or self.addresses[0]


class _Answers:
    """Who answered where, when asked."""

    def __init__(self, sightings: t.Iterable[Sighting]) -> None:
        self._serials: dict[str, dict[int, str]] = collections.defaultdict(dict)
        for seen in sightings:
            if seen.confirmed and seen.serial and seen.endpoint:
                for address in seen.addresses:
                    self._serials[address][seen.endpoint.port] = seen.serial

    def at(self, address: str, port: int | None = None) -> set[str]:
        """The serial numbers at an address, or at one port of it (behind one address can be several devices)."""
        by_port = self._serials.get(address, {})
        return {serial for number, serial in by_port.items() if port is None or number == port}


def merge(sightings: t.Iterable[Sighting], now: float, warn: t.Callable[[str], None]) -> list[Found]:
    """The devices behind the sightings, by serial number; those without one come last."""
    all_of_them = sorted(set(sightings), key=str)  # whatever came first
    answers = _Answers(all_of_them)
    # Rows of a list without a serial number are asked themselves: who only says to be there gets nothing of theirs.
    listed = {
        address
        for seen in all_of_them
        if seen.source == "static_file" and seen.serial is None
        for address in seen.addresses
    }
    by_serial: dict[str, list[Sighting]] = collections.defaultdict(list)
    nameless: list[Sighting] = []
    for seen in all_of_them:
        if seen.serial is None:
            nameless.append(seen)
        else:
            kept = seen if seen.confirmed else _not_contradicted(seen, answers, listed, warn)
            if kept is not None:
                by_serial[str(seen.serial)].append(kept)
    claims: dict[str, set[str]] = collections.defaultdict(set)
    for serial, seen_of_it in by_serial.items():
        for address in (address for seen in seen_of_it for address in seen.addresses):
            claims[address].add(serial)
    lonely = [seen for seen in nameless if not _joined(seen, answers, claims, listed, by_serial)]
    there = {
        serial: seen
        for serial, seen in by_serial.items()
        if any(item.confirmed or (item.wanted and item.addresses) for item in seen)
    }
    strangers = [seen for serial, seen_of_it in by_serial.items() if serial not in there for seen in seen_of_it]
    strangers += [seen for seen in lonely if seen.source == "ws_discovery" and (seen.name or "").startswith("AXIS")]
    if strangers:
        labels = [f"{seen.serial or seen.name} at {next(iter(seen.addresses), 'no address')}" for seen in strangers]
        warn(f"heard of, but not answering when asked, so left out: {shortened(sorted(set(labels)))}")
    found = [_device(serial, seen, now, warn) for serial, seen in sorted(there.items())]
    silent = [device.label for device in found if not device.seen]
    if silent:
        warn(f"listed, and not found: {shortened(silent)}")
    return [*found, *_listed_only(lonely, warn)]


def _not_contradicted(
    seen: Sighting, answers: _Answers, listed: t.Collection[str], warn: t.Callable[[str], None]
) -> Sighting | None:
    """A claim without the addresses at which another device answered, or where it does not answer itself although
    somebody listed them; None when nothing is left of it.
    """
    port = seen.endpoint.port if seen.endpoint and seen.source == "static_file" else None
    kept = []
    for address in seen.addresses:
        others = answers.at(address, port)
        if others and seen.serial not in others:
            warn(f"{seen.source} says that {seen.serial} is at {address}, but there is {', '.join(sorted(others))}")
        elif seen.source != "static_file" and address in listed and not others:
            warn(f"{seen.source} says that {seen.serial} is at {address}, but it does not answer there")
        else:
            kept.append(address)
    if seen.addresses and not kept:
        return None
    return dataclasses.replace(seen, addresses=tuple(kept))


def _joined(
    seen: Sighting,
    answers: _Answers,
    claims: t.Mapping[str, set[str]],
    listed: t.Collection[str],
    by_serial: dict[str, list[Sighting]],
) -> bool:
    """Add a sighting without a serial number to the device at its addresses, if there is exactly one."""
    port = seen.endpoint.port if seen.endpoint else None
    for address in seen.addresses:
        serials = answers.at(address, port) or claims.get(address, set())
        if len(serials) == 1:
            (serial,) = serials
            if seen.source != "static_file":
                mine = (place for place in seen.addresses if place not in listed or serial in answers.at(place))
                seen = dataclasses.replace(seen, addresses=tuple(mine))
            by_serial[serial].append(seen)
            return True
    return False


def _device(serial: str, seen: list[Sighting], now: float, warn: t.Callable[[str], None]) -> Found:
    places = {(address, item.endpoint) for item in seen if item.source == "static_file" for address in item.addresses}
    answered = sorted(
        ((address, item.endpoint) for item in seen if item.confirmed and item.endpoint for address in item.addresses),
        key=lambda pair: (pair not in places, *preference(pair[0]), pair[1].scheme != "https", pair[1].port),
    )
    claimed = sorted({address for item in seen for address in item.addresses}, key=preference)
    listed = next((item.endpoint for item in seen if item.source == "static_file" and item.endpoint), None)
    endpoint: Endpoint | None = answered[0][1] if answered else listed
    device = Found(
        serial,
        list(dict.fromkeys([*(address for address, _endpoint in answered), *claimed])),
        endpoint.scheme if endpoint else None,
        endpoint.port if endpoint else None,
        name=_first(seen, "name", _NAMING),
        sources=_sources(seen),
        seen=int(now) if answered else 0,
    )
    for fact in _FACTS:
        value = _first(seen, fact, _AUTHORITY)
        setattr(device, fact, list(value) if fact == "capabilities" and value is not None else value)
    _compare_models(serial, seen, device.model, warn)
    return device


def _first(seen: t.Iterable[Sighting], member: str, order: t.Sequence[str]) -> t.Any:
    ranked = sorted((item for item in seen if item.source in order), key=lambda item: order.index(item.source))
    return next((value for item in ranked if (value := getattr(item, member)) is not None), None)


def _sources(seen: t.Iterable[Sighting]) -> list[str]:
    names = {item.source for item in seen}
    return [name for name in SOURCES if name in names] or ["cache"]


def _compare_models(serial: str, seen: list[Sighting], model: str | None, warn: t.Callable[[str], None]) -> None:
    """Tell of a model that is another one. What mDNS calls a device is a name that anybody can give it."""
    for item in seen:
        if item.model and item.source != "mdns" and str(model).casefold() != item.model.casefold():
            warn(f"{item.source} says that {serial} is {item.model}, but it is {model}")


def _listed_only(lonely: t.Iterable[Sighting], warn: t.Callable[[str], None]) -> list[Found]:
    """Devices of a static file of which only the address is known."""
    found: dict[tuple[str, Endpoint | None], Found] = {}
    for seen in lonely:
        if seen.wanted and seen.addresses:
            scheme, port = seen.endpoint or (None, None)
            place = seen.addresses[0], seen.endpoint
            found[place] = Found(None, [place[0]], scheme, port, seen.name, sources=[seen.source])
    if found:
        warn(
            "not found and without a serial number, so they are named by their address for now: "
            + shortened([device.addresses[0] for device in found.values()])
        )
    return list(found.values())


def follow(
    found: list[Found], known: t.Iterable[Found], keep: bool, oldest: float, warn: t.Callable[[str], None]
) -> tuple[list[Found], list[Found]]:
    """Add what is known from before: facts that stay with a device, and devices that were not found this time.

    :param keep: whether those belong to the result, as long as they were seen at ``oldest`` or later.
    :returns: all devices, and those that were not found.
    """
    before = {device.serial: device for device in known if device.serial}
    result = {device.serial: device for device in found if device.serial}
    for serial, device in result.items():
        old = before.get(serial)
        if old is None:
            continue
        device.model = device.model or old.model
        device.product_type = device.product_type or old.product_type
        device.name = device.name or old.name
        device.capabilities = old.capabilities if device.capabilities is None else device.capabilities
        if not device.seen:  # it is listed at an address, and was found somewhere
            result[serial] = dataclasses.replace(old, name=device.name, sources=["static_file", "cache"])
    lost = [device for serial, device in before.items() if serial not in result and device.seen >= oldest]
    if keep:
        result |= {device.serial: dataclasses.replace(device, sources=["cache"]) for device in lost}
    at = {address: device for device in before.values() for address in device.addresses}
    nameless: list[Found] = []
    for device in found:
        if device.serial is not None:
            continue
        old = at.get(device.addresses[0])
        if old is None:
            nameless.append(device)  # listed, and never seen yet
        elif old.serial in result and device.addresses[0] not in result[old.serial].addresses:
            warn(f"{old.serial} is listed at {device.addresses[0]}, but is at {result[old.serial].addresses[0]} now")
        else:
            result.setdefault(old.serial, dataclasses.replace(old, sources=["static_file", "cache"]))
    return [*(result[serial] for serial in sorted(result, key=str)), *nameless], lost


def shortened(texts: t.Sequence[str], limit: int = 8) -> str:
    """The first few of many."""
    return ", ".join(texts[:limit]) + (f" and {len(texts) - limit} more" if len(texts) > limit else "")
