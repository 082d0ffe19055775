# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From sightings to devices: one for each serial number, nothing lost without a word."""

from __future__ import annotations

import dataclasses
import typing as t

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.axis.vapix.plugins.module_utils.discovery.merge import Found, follow, merge
from ansible_collections.axis.vapix.plugins.module_utils.discovery.sighting import SOURCES, Endpoint, Sighting

ONE, TWO = "B8A44F000001", "B8A44F000002"
HTTPS, HTTP = Endpoint("https", 443), Endpoint("http", 80)

ADDRESSES = st.sampled_from(["10.0.0.5", "10.0.0.6", "fd00::5", "169.254.0.5", "gate.example.net"])
SIGHTINGS = st.lists(
    st.builds(
        Sighting,
        source=st.sampled_from(["mdns", "ssdp", "ws_discovery", "static_file"]),
        serial=st.sampled_from([ONE, TWO, None]),
        addresses=st.lists(ADDRESSES, max_size=3, unique=True).map(tuple),
        endpoint=st.sampled_from([HTTPS, HTTP, None]),
        name=st.sampled_from(["Gate", None]),
        model=st.sampled_from(["P3265-V", "M1065-LW", None]),
        wanted=st.booleans(),
    )
    | st.builds(
        Sighting,
        source=st.sampled_from(["probe", "sweep"]),
        serial=st.sampled_from([ONE, TWO]),
        addresses=ADDRESSES.map(lambda address: (address,)),
        endpoint=st.sampled_from([HTTPS, HTTP]),
        confirmed=st.just(True),
    ),
    max_size=8,
)


def merged(*sightings: Sighting) -> tuple[list[Found], list[str]]:
    """The devices and the warnings."""
    warnings: list[str] = []
    return merge(sightings, 1000.0, warnings.append), warnings


def answer(serial: str, address: str, endpoint: Endpoint = HTTPS, **members: t.Any) -> Sighting:
    """A device that was asked."""
    return Sighting("probe", serial, (address,), endpoint, confirmed=True, **members)


@given(SIGHTINGS, st.randoms(use_true_random=False))
def test_each_device_once_in_whatever_order(sightings: list[Sighting], random: t.Any) -> None:
    """Serial numbers are unique, who answered is there at where it answered, and the order does not matter."""
    found, warnings = merged(*sightings)
    serials = [device.serial for device in found if device.serial]
    assert len(serials) == len(set(serials))
    by_serial = {device.serial: device for device in found}
    for seen in sightings:
        if seen.confirmed:
            assert seen.addresses[0] in by_serial[seen.serial].addresses
        elif seen.serial and seen.serial not in by_serial:
            assert any(seen.serial in warning for warning in warnings)
        elif seen.wanted and seen.serial is None and seen.addresses:
            everything = [address for device in found for address in device.addresses]
            assert set(seen.addresses) & set(everything)
    assert all(device.addresses and set(device.sources) <= set(SOURCES) for device in found)
    shuffled = list(sightings)
    random.shuffle(shuffled)
    again = {device.serial: (device.addresses, device.port, device.sources) for device in merged(*shuffled)[0]}
    assert {device.serial: (device.addresses, device.port, device.sources) for device in found if device.serial} == {
        serial: rest for serial, rest in again.items() if serial
    }


def test_all_sources_are_one_device() -> None:
    """Each tells what it knows; the device's own word counts most, and the name somebody gave it."""
    found, warnings = merged(
        Sighting("mdns", ONE, ("10.0.0.5", "fe80::5%eth0"), HTTP, name="AXIS P3265-V", model="P3265-V"),
        Sighting("ssdp", ONE, ("10.0.0.5",), HTTP, name="Old name", model="P3265-V"),
        Sighting("ws_discovery", None, ("10.0.0.5", "169.254.0.5"), name="AXIS P3265-V"),
        Sighting("static_file", ONE, ("10.0.0.5",), name="Gate"),
        answer(ONE, "10.0.0.5", model="P3265-V", axis_os="12.11.77", product_type="Dome Camera", needs_setup=False),
    )
    assert warnings == []
    assert found == [
        Found(
            ONE,
            ["10.0.0.5", "169.254.0.5", "fe80::5%eth0"],
            "https",
            443,
            name="Gate",
            model="P3265-V",
            axis_os="12.11.77",
            product_type="Dome Camera",
            needs_setup=False,
            sources=["mdns", "ssdp", "ws_discovery", "static_file"],
            seen=1000,
        )
    ]


def test_two_addresses_are_one_device() -> None:
    """The better address is the one to use: IPv4 before IPv6, HTTPS before HTTP, link-local last."""
    found, warnings = merged(answer(ONE, "fd00::5"), answer(ONE, "10.0.0.6", HTTP), answer(ONE, "10.0.0.6", HTTPS))
    assert warnings == [] and len(found) == 1
    assert (found[0].addresses, found[0].scheme) == (["10.0.0.6", "fd00::5"], "https")
    (alone,), _warnings = merged(answer(ONE, "fe80::5%eth0"))
    assert alone.addresses == ["fe80::5%eth0"]


def test_a_claim_that_the_device_contradicts() -> None:
    """Somebody says that ONE is where TWO answers: no host of ONE with the address of TWO."""
    found, warnings = merged(Sighting("mdns", ONE, ("10.0.0.5",), HTTP), answer(TWO, "10.0.0.5"))
    assert [device.serial for device in found] == [TWO]
    assert warnings == [f"mdns says that {ONE} is at 10.0.0.5, but there is {TWO}"]


def test_several_devices_behind_one_address() -> None:
    """Ports that are forwarded: each row of a list is about its own port."""
    rows = [Sighting("static_file", serial, ("192.0.2.1",), Endpoint("http", port), wanted=True)
            for serial, port in ((ONE, 8001), (TWO, 8002))]  # fmt: skip
    found, warnings = merged(*rows, answer(TWO, "192.0.2.1", Endpoint("http", 8002)))
    assert warnings == [f"listed, and not found: {ONE}"]
    assert [(device.serial, device.port) for device in found] == [(ONE, 8001), (TWO, 8002)]
    nameless = [dataclasses.replace(row, serial=None) for row in rows]
    found, warnings = merged(
        *nameless,
        answer(ONE, "192.0.2.1", Endpoint("http", 8001)),
        answer(TWO, "192.0.2.1", Endpoint("http", 8002)),
    )
    assert [(device.serial, device.port, device.sources) for device in found] == [
        (ONE, 8001, ["static_file"]),
        (TWO, 8002, ["static_file"]),
    ]


def test_what_nobody_can_name() -> None:
    """A listed device that does not answer stays; an announcement that says Axis and not which device is told."""
    found, warnings = merged(
        Sighting("static_file", None, ("10.0.0.5",), name="Gate", wanted=True),
        Sighting("static_file", None, ("10.0.0.6",)),
        Sighting("ws_discovery", None, ("10.0.0.7",), name="AXIS M2036-LE"),
        Sighting("ws_discovery", None, ("10.0.0.8",), name="Other"),
    )
    assert [(device.serial, device.addresses, device.name) for device in found] == [(None, ["10.0.0.5"], "Gate")]
    assert len(warnings) == 2
    assert "left out: AXIS M2036-LE at 10.0.0.7" in warnings[0] and "10.0.0.5" in warnings[1]


def test_who_is_only_heard_of() -> None:
    """Anybody can announce anything: who does not answer is no host, and one line tells of all of them."""
    claims = [Sighting("mdns", f"B8A44F{number:06d}", (f"10.0.0.{number}",), HTTP) for number in range(1, 20)]
    found, warnings = merged(*claims, Sighting("mdns", "B8A44F0000AA"), answer("B8A44F000003", "10.0.0.3"))
    assert [device.serial for device in found] == ["B8A44F000003"]
    (warning,) = warnings
    assert "so left out: B8A44F000001 at 10.0.0.1, B8A44F000002 at 10.0.0.2" in warning and "and 11 more" in warning


def test_models_that_differ() -> None:
    """The device's own word counts and the other is told. A friendly name is nobody's word for a model."""
    found, warnings = merged(
        answer(ONE, "10.0.0.5", model="P3265-V"),
        Sighting("ssdp", ONE, ("10.0.0.5",), model="Q1615"),
        Sighting("mdns", ONE, ("10.0.0.5",), name="AXIS M1065", model="M1065"),
    )
    assert found[0].model == "P3265-V" and warnings == [f"ssdp says that {ONE} is Q1615, but it is P3265-V"]


def found_before(serial: str, address: str, seen: int = 900) -> Found:
    """A device of an earlier run."""
    return Found(serial, [address], "https", 443, model="P3265-V", sources=["sweep"], seen=seen)


def test_a_device_that_moved_is_the_same() -> None:
    """It is found at its new address, and what does not change is still known."""
    found, _warnings = merged(answer(ONE, "10.0.0.9"))
    result, lost = follow(found, [found_before(ONE, "10.0.0.5")], True, 0, print)
    assert (lost, len(result)) == ([], 1)
    assert (result[0].addresses, result[0].model) == (["10.0.0.9"], "P3265-V")


def test_devices_that_are_not_found_again() -> None:
    """They are kept as they were where that is wanted, for a while, and told."""
    known = [found_before(ONE, "10.0.0.5"), found_before(TWO, "10.0.0.6", seen=100)]
    result, lost = follow([], known, True, 500, print)
    assert [(device.serial, device.sources, device.seen) for device in result] == [(ONE, ["cache"], 900)]
    assert [device.serial for device in lost] == [ONE]
    assert follow([], known, False, 500, print)[0] == []


def test_a_listed_device_is_where_it_was_found() -> None:
    """As long as it does not answer anywhere, what is known from before counts, and not when the list was read."""
    found, warnings = merged(Sighting("static_file", ONE, ("10.0.0.5",), name="Gate", wanted=True))
    assert (found[0].seen, warnings) == (0, [f"listed, and not found: {ONE}"])
    result, _lost = follow(found, [found_before(ONE, "10.0.0.9")], False, 0, print)
    assert [(device.addresses, device.name, device.seen) for device in result] == [(["10.0.0.9"], "Gate", 900)]


def test_a_listed_address_is_that_of_the_device_seen_there() -> None:
    """A list without serial numbers keeps its hosts while they are off, and tells when they moved."""
    listed, _warnings = merged(Sighting("static_file", None, ("10.0.0.5",), wanted=True))
    known = [found_before(ONE, "10.0.0.5")]
    result, _lost = follow(listed, known, False, 0, print)
    assert [(device.serial, device.sources) for device in result] == [(ONE, ["static_file", "cache"])]
    moved, _warnings = merged(Sighting("static_file", None, ("10.0.0.5",), wanted=True), answer(ONE, "10.0.0.9"))
    warnings: list[str] = []
    result, _lost = follow(moved, known, True, 0, warnings.append)
    assert [device.addresses for device in result] == [["10.0.0.9"]]
    assert warnings == [f"{ONE} is listed at 10.0.0.5, but is at 10.0.0.9 now"]


def test_who_only_claims_a_listed_address() -> None:
    """It gets neither the row nor the address, whether it answers elsewhere or not at all."""
    row = Sighting("static_file", None, ("10.0.0.5",), wanted=True)
    for claim in (
        Sighting("mdns", ONE, ("10.0.0.5", "10.0.0.6"), HTTP),
        Sighting("ws_discovery", None, ("10.0.0.6", "10.0.0.5")),
    ):
        found, _warnings = merged(row, claim, answer(ONE, "10.0.0.6"))
        assert [(device.serial, device.addresses) for device in found] == [(ONE, ["10.0.0.6"]), (None, ["10.0.0.5"])]
    found, warnings = merged(row, Sighting("mdns", ONE, ("10.0.0.5",), HTTP))
    assert [(device.serial, device.addresses) for device in found] == [(None, ["10.0.0.5"])]
    assert f"mdns says that {ONE} is at 10.0.0.5, but it does not answer there" in warnings
    found, _warnings = merged(row, Sighting("mdns", ONE, ("10.0.0.5",), HTTP), answer(ONE, "10.0.0.5"))
    assert [(device.serial, device.sources) for device in found] == [(ONE, ["mdns", "static_file"])]


def test_the_listed_port_is_the_one_to_use() -> None:
    """Where the device answers there, even if it answers at a better one, too."""
    listed = Endpoint("http", 8001)
    row = Sighting("static_file", None, ("10.0.0.5",), listed, wanted=True)
    (found,), _warnings = merged(row, answer(ONE, "10.0.0.5"), answer(ONE, "10.0.0.5", listed))
    assert (found.scheme, found.port) == listed
    (found,), _warnings = merged(row, answer(ONE, "10.0.0.5"))
    assert (found.scheme, found.port) == HTTPS


def test_what_a_lost_packet_would_have_told() -> None:
    """Name and capabilities are kept, unless the device tells others."""
    old = dataclasses.replace(found_before(ONE, "10.0.0.5"), name="Gate", capabilities=["ptz"])
    (kept,), _lost = follow([found_before(ONE, "10.0.0.5")], [old], True, 0, print)
    assert (kept.name, kept.capabilities) == ("Gate", ["ptz"])
    told = dataclasses.replace(old, name="Yard", capabilities=[])
    (kept,), _lost = follow([told], [old], True, 0, print)
    assert (kept.name, kept.capabilities) == ("Yard", [])
