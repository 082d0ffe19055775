# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever strangers send, it is read as what it is or refused, and never raises anything else."""

from __future__ import annotations

import ipaddress
import json
import typing as t
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.axis.vapix.plugins.module_utils.discovery import (
    http,
    identify,
    mdns,
    ssdp,
    static_file,
    ws_discovery,
    xml,
)
from ansible_collections.axis.vapix.plugins.module_utils.discovery.addresses import Range, canonical, preference
from ansible_collections.axis.vapix.plugins.module_utils.discovery.memory import Memory
from ansible_collections.axis.vapix.plugins.module_utils.discovery.merge import Found
from ansible_collections.axis.vapix.plugins.module_utils.discovery.multicast import Malformed
from ansible_collections.axis.vapix.plugins.module_utils.discovery.sighting import (
    Sighting,
    clean,
    model_in,
    serial_in,
    serial_in_host_name,
)
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import InvalidOption

JUNK = st.binary(max_size=400)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
# Hostile documents get past the first look when they resemble a good one.
LIKE_SSDP = st.lists(
    st.sampled_from([
        "HTTP/1.1 200 OK", "NOTIFY * HTTP/1.1", f"ST: {ssdp.SERVICE}", "USN: uuid:Upnp-BasicDevice-1_0-00408C123456",
        "USN: uuid:Upnp-BasicDevice-1_0-ZZ", "LOCATION: http://[::1", "NTS: ssdp:alive", "LOCATION: http://a:99999/",
    ]) | st.text(max_size=20),
    max_size=8,
).map(lambda lines: "\r\n".join(lines).encode("utf-8", "surrogatepass"))  # fmt: skip
TAGS = st.sampled_from(["ProbeMatches", "ProbeMatch", "XAddrs", "Scopes", "device", "serialNumber", "friendlyName"])
LIKE_XML = st.recursive(
    st.sampled_from(["http://10.0.0.5/onvif", "http://[", "onvif://www.onvif.org/name/%ff%00", "00408C123456", "&lt;"]),
    lambda inner: st.tuples(TAGS, st.lists(inner, max_size=4)).map(
        lambda item: f"<n:{item[0]} xmlns:n='u'>{''.join(item[1])}</n:{item[0]}>"
    ),
    max_leaves=10,
).map(str.encode)


def is_sane(seen: Sighting) -> bool:
    """What later code relies on."""
    texts = [text for text in (seen.name, seen.model, seen.axis_os, seen.product_type) if text is not None]
    plain = all(text == clean(text) for text in texts)
    return plain and (seen.serial is None or serial_in(seen.serial) == seen.serial) and len(seen.addresses) <= 8


@given(JUNK | LIKE_SSDP)
def test_ssdp(packet: bytes) -> None:
    """An answer, or malformed."""
    try:
        seen = ssdp.in_headers(ssdp.parse_headers(packet), "10.0.0.5")
    except Malformed:
        return
    assert seen is None or is_sane(seen)


@given(JUNK | LIKE_XML)
def test_ssdp_description(document: bytes) -> None:
    """A description, or malformed."""
    try:
        seen = ssdp.in_description(ssdp.parse_description(document), "10.0.0.5")
    except Malformed:
        return
    assert seen is None or is_sane(seen)


@given(JUNK | LIKE_XML)
def test_ws_discovery(packet: bytes) -> None:
    """Answers, or malformed; addresses are addresses."""
    try:
        found = ws_discovery.in_matches(packet, "10.0.0.5")
    except Malformed:
        return
    for seen in found:
        assert is_sane(seen)
        for address in seen.addresses:
            ipaddress.ip_address(address)


@pytest.mark.parametrize(
    "document",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        b'<?xml version="1.0" encoding="no-such"?><a/>',
        b"",
        b"<a>",
        b"\xff\xfe<",
    ],
)
def test_dangerous_xml(document: bytes) -> None:
    """Neither entities nor files nor unknown encodings."""
    with pytest.raises(Malformed):
        xml.parse(document)


@given(st.text(max_size=80), st.text(max_size=30), st.dictionaries(st.binary() | st.text(), st.binary() | st.none()))
@example("{{ lookup('pipe', 'id') }}\n - 00408C123456", "x", {})
def test_mdns(name: str, server: str, properties: dict[t.Any, t.Any]) -> None:
    """A service, or none."""
    kind = "_axis-video._tcp.local."
    addresses = ["10.0.0.5", "x", "127.0.0.1", "255.255.255.255", "224.0.0.1", "fe80::1%9"]
    seen = mdns.in_service(f"{name}.{kind}", kind, server, addresses, 80, properties)
    assert seen is None or (is_sane(seen) and seen.addresses == ("10.0.0.5", "fe80::1%9"))


@pytest.mark.parametrize(
    "instance, name, serial",
    [
        ("Gate - 4 - B8A44F000001", "Gate - 4", "B8A44F000001"),
        ("Gate - B8A44F000001 (2)", "Gate", "B8A44F000001"),
        ("B8A44F000001", None, "B8A44F000001"),
        ("AXIS P3265-V - B8A44F000001", "AXIS P3265-V", "B8A44F000001"),
    ],
)
def test_mdns_instance(instance: str, name: str | None, serial: str) -> None:
    """The friendly name can hold anything, even what separates it from the serial number."""
    kind = "_axis-video._tcp.local."
    seen = mdns.in_service(f"{instance}.{kind}", kind, "", [], 80, {})
    assert seen is not None and (seen.name, seen.serial) == (name, serial)


@given(JUNK | st.binary(max_size=60).map(lambda body: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body))
def test_http(data: bytes) -> None:
    """An answer, or none."""
    answer = http.parse(data)
    if answer is not None:
        for read in (identify.in_properties, identify.in_challenge, identify.in_parameters):
            seen = read(answer)
            assert seen is None or is_sane(seen)
        identify.needs_setup(answer)


def test_http_head_that_python_fails_to_read() -> None:
    """A boundary given twice makes email raise a TypeError."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/mixed; boundary*=a; boundary*0=b\r\n\r\n"
    assert http.parse(head) is None


@given(JSON)
@example({"data": {"propertyList": {"SerialNumber": "00408C123456", "Brand": "\u202e\n"}}})
@example({"data": {"propertyList": {"SerialNumber": ["00408C123456"], "Brand": "AXIS"}}})
def test_http_json(document: t.Any) -> None:
    """JSON of any form is a device only with a serial number and a brand."""
    body = json.dumps(document).encode()
    answer = http.parse(b"HTTP/1.1 200 OK\r\n\r\n" + body)
    assert answer is not None
    assert identify.in_properties(answer) is None and identify.needs_setup(answer) in (None, True, False)


@given(JSON)
def test_static_file(document: t.Any) -> None:
    """Each row is an entry or a problem."""
    entries, problems = static_file.entries(document)
    assert all(is_sane(entry.sighting) for entry in entries)
    if isinstance(document, list):
        assert len(entries) + sum(problem.where != static_file.NAME for problem in problems) == len(document)


@given(st.text(max_size=200))
def test_csv(text: str) -> None:
    """Rows, or a plain error."""
    try:
        rows = static_file.parse_csv(text)
    except ValueError:
        return
    static_file.entries(rows)


def test_csv_of_a_register() -> None:
    """Semicolons, a mark at the beginning, remarks, empty fields, variables."""
    text = "\ufeffaddress;serial;name;site;rack nr\n# moved\n10.0.0.5;b8:a4:4f:00:00:01; Gate ;north;\n10.0.0.6;;;;1\n"
    entries, problems = static_file.entries(static_file.parse_csv(text))
    assert [str(problem) for problem in problems] == [
        "static_file: 'rack nr' cannot be the name of a variable, so it is left out"
    ]
    first, second = entries
    assert (first.sighting.serial, first.sighting.name) == ("B8A44F000001", "Gate")
    assert first.variables == {"site": "north"} and second.variables == {}
    assert second.sighting == Sighting("static_file", None, ("10.0.0.6",), wanted=True)


@pytest.mark.parametrize(
    "row, why",
    [
        ({"serial": "B8A44F000001"}, "its address None is neither"),
        ({"address": "10.0.0.300"}, "its address '10.0.0.300' is neither"),
        ({"address": "224.0.0.1"}, "neither an IP address nor a host name"),
        ({"address": "10.0.0.5", "serial": "4711"}, "its serial number '4711' is not 12 hexadecimal digits"),
        ({"address": "10.0.0.5", "port": "x"}, "its port 'x' is not between 1 and 65535"),
        ({"address": "10.0.0.5", "scheme": "ftp"}, "its scheme 'ftp' is neither https nor http"),
        (["10.0.0.5"], "no mapping"),
    ],
)
def test_wrong_rows(row: t.Any, why: str) -> None:
    """A wrong row is told with its number, the others count."""
    entries, problems = static_file.entries([{"address": "10.0.0.1"}, row])
    assert len(entries) == 1 and problems[0].where == "static_file, device 2" and why in problems[0].what


def test_a_lease_of_somebody_else_is_only_a_hint() -> None:
    """Only Axis' MAC addresses and host names make a lease a device that is wanted."""
    rows = [
        {"ip": "10.0.0.1", "macaddress": "B8A44F000001", "hostname": "gate"},
        {"ip": "10.0.0.2", "macaddress": "02:00:00:00:00:01", "hostname": "laptop"},
        {"ip": "10.0.0.3", "macaddress": "02:00:00:00:00:02", "hostname": "axis-020000000002"},
    ]
    seen = [entry.sighting for entry in static_file.entries(rows)[0]]
    assert [(one.serial, one.wanted) for one in seen] == [
        ("B8A44F000001", True),
        (None, False),
        ("020000000002", True),
    ]


@given(st.text(max_size=40) | st.sampled_from(["10.0.0.0/22", "10.0.0.5-9", "fd00::/120", "10.0.0.9-5", "::-::ffff"]))
def test_ranges(text: str) -> None:
    """A range, or an error that says how to write one."""
    try:
        found = Range.parse(text)
    except InvalidOption as exc:
        assert "Write it like" in str(exc)
        return
    assert found.size > 0
    if found.size < 5000:
        listed = list(found.addresses())
        assert len(listed) == found.size == len(set(listed))
        assert all(found.holds(ipaddress.ip_address(address)) for address in listed)


@pytest.mark.parametrize(
    "text, first, last, size",
    [
        ("10.0.0.0/22", "10.0.0.1", "10.0.3.254", 1022),
        ("10.0.0.5/22", "10.0.0.1", "10.0.3.254", 1022),
        ("10.0.0.4/31", "10.0.0.4", "10.0.0.5", 2),
        ("10.0.0.5", "10.0.0.5", "10.0.0.5", 1),
        ("10.0.0.5-9", "10.0.0.5", "10.0.0.9", 5),
        ("10.0.0.250 - 10.0.1.4", "10.0.0.250", "10.0.1.4", 11),
        ("fd00::10-fd00::1f", "fd00::10", "fd00::1f", 16),
        ("fd00::/126", "fd00::1", "fd00::3", 3),
    ],
)
def test_range(text: str, first: str, last: str, size: int) -> None:
    """The forms of a range."""
    listed = list(Range.parse(text).addresses())
    assert (listed[0], listed[-1], len(listed)) == (first, last, size)


def test_which_address_is_used() -> None:
    """Names that somebody wrote down, IPv4, IPv6, and link-local ones last; 9 before 10."""
    wanted = ["gate.example.net", "10.0.0.9", "10.0.0.10", "fd00::5", "169.254.1.1", "fe80::1%eth0"]
    assert sorted({*wanted}, key=preference) == wanted
    assert canonical("FD00:0::5") == "fd00::5" and canonical("Gate.Example.NET") == "gate.example.net"


@given(JSON)
def test_memory(document: t.Any) -> None:
    """A document that we did not write is no memory."""
    assert Memory.parse(document) is None


@given(JSON)
def test_memory_with_a_strange_member(strange: t.Any) -> None:
    """Nor is one in which somebody wrote."""
    good = Memory(1.0, [Found("B8A44F000001", ["10.0.0.5"], "https", 443, sources=["sweep"], seen=5)])
    document = json.loads(json.dumps(good.document()))
    assert Memory.parse(document) == good
    document["devices"][0]["port"] = strange
    parsed = Memory.parse(document)
    assert parsed is None or isinstance(parsed.devices[0].port, (int, type(None)))
    for place in (document, document["devices"][0]):
        place["extra"] = strange
    assert Memory.parse(document) is None


@given(st.text())
def test_clean(text: str) -> None:
    """One line of visible text."""
    cleaned = clean(text)
    assert cleaned is None or (
        0 < len(cleaned) <= 128
        and not any(unicodedata.category(char)[0] == "C" or char in "\r\n\u2028" for char in cleaned)
        and clean(cleaned) == cleaned
    )


@pytest.mark.parametrize(
    "text, serial",
    [
        ("B8A44F000001", "B8A44F000001"),
        ("b8:a4:4f:00:00:01", "B8A44F000001"),
        ("B8-A4-4F-00-00-01", "B8A44F000001"),
        ("000000000000", None),
        ("B8A44F00001", None),
        ("B8A44F00000G", None),
        (None, None),
    ],
)
def test_serial(text: t.Any, serial: str | None) -> None:
    """A MAC address in any spelling."""
    assert serial_in(text) == serial


def test_names_that_tell() -> None:
    """Models and serial numbers in names."""
    names = ["AXIS M1065-LW", "AXIS P12 Mk III", "AXIS M1137 Mk II", "AXIS FA54", "AXIS at the gate", "Gate", None]
    assert [model_in(name) for name in names] == ["M1065-LW", "P12 Mk III", "M1137 Mk II", "FA54", None, None, None]
    assert serial_in_host_name("axis-b8a44f000001.local.") == "B8A44F000001"
    assert serial_in_host_name("axis-b8a44f0000012") is None
