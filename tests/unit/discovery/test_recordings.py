# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What recorded devices said, read to the right serial number, model and address."""

from __future__ import annotations

import json
import pathlib
from xml.sax.saxutils import escape

import pytest
from unit.fake import NEEDS_RECORDINGS, P3265, RECORDED

from ansible_collections.axis.vapix.plugins.module_utils.discovery import (
    http,
    identify,
    mdns,
    ssdp,
    static_file,
    ws_discovery,
)
from ansible_collections.axis.vapix.plugins.module_utils.discovery.sighting import Endpoint, Sighting

pytestmark = NEEDS_RECORDINGS


@pytest.fixture
def recorded() -> pathlib.Path:
    """The folder of recordings."""
    return RECORDED


def test_mdns(recorded: pathlib.Path) -> None:
    """The record of an M1065-LW."""
    told = json.loads((recorded / "home-assistant/zeroconf-M1065-LW.json").read_text())
    seen = mdns.in_service(
        told["name"], told["type"], told["hostname"], [told["host"], "169.254.8.9"], told["port"], told["properties"]
    )
    assert seen == Sighting(
        "mdns",
        "00408C123456",
        ("1.2.3.4", "169.254.8.9"),
        Endpoint("http", 80),
        name="AXIS M1065-LW",
        model="M1065-LW",
    )
    # As the library hands it over.
    raw = {key.encode(): value.encode() for key, value in told["properties"].items()}
    assert mdns.in_service(told["name"], told["type"], "", [], None, raw).serial == "00408C123456"


def test_ssdp_answer_and_description(recorded: pathlib.Path) -> None:
    """An M1065-LW: the answer tells the serial number, the description the model. Recorded as one dictionary."""
    told = json.loads((recorded / "home-assistant/ssdp-M1065-LW.json").read_text())
    packet = f"HTTP/1.1 200 OK\r\nST: {told['st']}\r\nUSN: {told['usn']}\r\nSERVER: {told['server']}\r\n\r\n"
    assert ssdp.in_headers(ssdp.parse_headers(packet.encode()), "1.2.3.4") == Sighting(
        "ssdp", "00408C123456", ("1.2.3.4",)
    )
    members = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in told.items() if isinstance(value, str))
    document = f'<root xmlns="urn:schemas-upnp-org:device-1-0"><device>{members}</device></root>'
    assert ssdp.in_description(ssdp.parse_description(document.encode()), "1.2.3.4") == Sighting(
        "ssdp", "00408C123456", ("1.2.3.4",), Endpoint("http", 80), name="AXIS M1065-LW", model="M1065-LW"
    )


def test_ssdp_announcement(recorded: pathlib.Path) -> None:
    """A device that says that it is there."""
    packet = (recorded / "c-ssdp/ssdp-notify-alive-00408C184D0E.txt").read_bytes()
    seen = ssdp.in_headers(ssdp.parse_headers(packet), "172.26.150.15")
    assert seen == Sighting("ssdp", "00408C184D0E", ("172.26.150.15",))
    gone = packet.replace(b"ssdp:alive", b"ssdp:byebye")
    assert ssdp.in_headers(ssdp.parse_headers(gone), "172.26.150.15") is None


def test_ws_discovery(recorded: pathlib.Path) -> None:
    """An M2036-LE with two addresses; the answer has no serial number."""
    packet = (recorded / "teletask-onvif/wsdiscovery-ProbeMatches-M2036-LE.xml").read_bytes()
    assert ws_discovery.in_matches(packet, "192.168.0.90") == [
        Sighting("ws_discovery", None, ("192.168.0.90", "169.254.209.66"), name="AXIS M2036-LE", model="M2036-LE")
    ]


def test_dhcp(recorded: pathlib.Path) -> None:
    """A lease as a static file."""
    entries, problems = static_file.entries(json.loads((recorded / "home-assistant/dhcp-M1065-LW.json").read_text()))
    assert problems == []
    assert [entry.sighting for entry in entries] == [Sighting("static_file", "00408C123456", ("1.2.3.4",), wanted=True)]
    assert entries[0].variables == {}


def test_unrestricted_properties(recorded: pathlib.Path) -> None:
    """What a device tells everybody."""
    body = (recorded / P3265 / "basicdeviceinfo-getAllUnrestrictedProperties.json").read_bytes()
    answer = http.parse(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    assert identify.in_properties(answer) == Sighting(
        "probe",
        "B8A44F631339",
        model="P3265-V",
        axis_os="12.11.77",
        product_type="Dome Camera",
        confirmed=True,
    )


@pytest.mark.parametrize("name", ["http-401-headers.txt", "https-401-headers.txt"])
def test_challenge(recorded: pathlib.Path, name: str) -> None:
    """A device that is told to be silent still names itself where it asks for a login, by Digest and by Basic."""
    head = (recorded / P3265 / name).read_bytes().replace(b"\r\n", b"\n").strip().replace(b"\n", b"\r\n")
    # The recording was made over HTTP/2, and its body is not kept.
    head = head.replace(b"HTTP/2 ", b"HTTP/1.1 ").replace(b"Transfer-Encoding: chunked", b"X-Was: chunked")
    found = identify.in_challenge(http.parse(head + b"\r\n\r\n"))
    assert found == Sighting("probe", "B8A44F631339", needs_setup=False, confirmed=True)


def test_challenge_9_80(recorded: pathlib.Path) -> None:
    """The same of two older devices."""
    lines = (recorded / "trunnion-vapix/embedded/www-authenticate-9.80.txt").read_text().splitlines()
    answers = [http.parse(f"HTTP/1.1 401 Unauthorized\r\n{line}\r\n\r\n".encode()) for line in lines]
    assert [identify.in_challenge(answer).serial for answer in answers] == ["ACCC8EF7DE6B", "ACCC8EF7D108"]


@pytest.mark.parametrize(
    "name, expected",
    [("oadm/P3265-V-12.11.77/systemready.json", False), ("oadm/M3206-LVE-10.12/systemready.json", False)],
)
def test_systemready(recorded: pathlib.Path, name: str, expected: bool) -> None:
    """Whether a device waits for its first account."""
    body = (recorded / name).read_bytes()
    ready = http.parse(b"HTTP/1.1 200 OK\r\n\r\n" + body)
    assert identify.needs_setup(ready) is expected
    assert identify.needs_setup(http.parse(b"HTTP/1.1 200 OK\r\n\r\n" + body.replace(b'"no"', b'"yes"'))) is True


def test_parameters(recorded: pathlib.Path) -> None:
    """A device without a password tells its parameters."""
    lines = (recorded / "kane610-axis/param-list-whole-M1065-LW-9.10.1.txt").read_text().splitlines()
    wanted = [line for line in lines if line.startswith(("root.Brand.", "root.Properties.System.SerialNumber"))]
    body = "\r\n".join([*wanted, "root.Properties.Firmware.Version=9.10.1"]).encode()
    found = identify.in_parameters(http.parse(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + body))
    assert (found.serial, found.model, found.axis_os, found.needs_setup) == ("ACCC12345678", "M1065-LW", "9.10.1", True)
