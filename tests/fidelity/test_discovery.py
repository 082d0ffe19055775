# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How simulated devices are found, against the recordings and clients that are not ours, over real multicast.

Recordings: home-assistant/zeroconf, ssdp and dhcp (M1065-LW), c-ssdp (firmware 5.x), teletask-onvif (M2036-LE).
Clients: the PyPI packages zeroconf and WSDiscovery, and sockets.
"""

from __future__ import annotations

import contextlib
import json
import re
import select
import socket
import struct
import time
import urllib.parse
import urllib.request
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from harness.fleet import Fleet, FleetError, SimulatedDevice
from harness.namespaces import CONTROLLER, CONTROLLER_6, INTERFACE, Namespaces

from fidelity.recordings import headers

zeroconf = pytest.importorskip("zeroconf", reason="NOT CHECKED: the PyPI package zeroconf is not installed")
from zeroconf import const  # noqa: E402

PROFILES = ("axis-os-12", "axis-os-11", "axis-os-9", "axis-os-5", "axis-os-10")
MDNS, SSDP, WS = ("224.0.0.251", 5353), ("239.255.255.250", 1900), ("239.255.255.250", 3702)
VIDEO, SERVICES = "_axis-video._tcp.local.", "_services._dns-sd._udp.local."
BASIC_SERVICE = "urn:axis-com:service:BasicService:1"
UNICAST = 0x8000
FRIENDLY = "Network.Bonjour.FriendlyName"
# A controller waits so long at most; most tests stop as soon as they have what they wait for.
SECONDS = 3.0
# Long enough to be sure that nothing comes.
SILENCE = 0.7

Answer = tuple[bytes, tuple[Any, ...]]


@pytest.fixture(scope="session")
def net() -> Iterator[Namespaces]:
    """A site and a controller."""
    with Namespaces.start() as net:
        yield net


@pytest.fixture
def other_net() -> Iterator[Namespaces]:
    """Another site, empty, and a controller."""
    with Namespaces.start() as net:
        yield net


@pytest.fixture(scope="session")
def _site(net: Namespaces) -> Iterator[Fleet]:
    addresses = [[f"10.77.0.{number}"] for number, _profile in enumerate(PROFILES, 1)]
    with net.fleet(addresses, profiles=PROFILES, discovery=True, reboot_seconds=1) as fleet:
        yield fleet
        assert "Traceback" not in fleet.log(), fleet.log()


@pytest.fixture
def site(_site: Fleet) -> Iterator[Fleet]:
    """One device of each profile, at 10.77.0.1 and so on, port 80."""
    yield _site
    _site.reset()


# -- sockets of the controller
def mouth(port: int = 0) -> socket.socket:
    """A socket to ask from."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((CONTROLLER, port))
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 4)
    return sock


def ear(group: tuple[str, int]) -> socket.socket:
    """A socket that hears what is sent to a group."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(group)
    member = socket.inet_aton(group[0]) + socket.inet_aton(CONTROLLER)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    return sock


def collect(sock: socket.socket, enough: Callable[[list[Answer]], bool], seconds: float = SECONDS) -> list[Answer]:
    """What comes in until it is enough, or the time is over."""
    found: list[Answer] = []
    end = time.monotonic() + seconds
    while not enough(found) and (left := end - time.monotonic()) > 0:
        if select.select([sock], [], [], left)[0]:
            found.append(sock.recvfrom(65536))
    return found


def ask(
    net: Namespaces, data: bytes, to: tuple[str, int], *, count: int = 0, port: int = 0, seconds: float = SECONDS
) -> list[Answer]:
    """Ask, and wait for so many answers by unicast; count 0: take what comes in a moment."""
    with net.call(mouth, port) as sock:
        sock.sendto(data, to)
        return collect(sock, lambda found: bool(count) and len(found) >= count, seconds if count else SILENCE)


def ask_all(net: Namespaces, asked: list[bytes], to: tuple[str, int], seconds: float = SILENCE) -> list[list[Answer]]:
    """Ask several things at once, each from a port of its own; what comes in that time."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(net.call(mouth)) for _data in asked]
        for sock, data in zip(sockets, asked, strict=True):
            sock.sendto(data, to)
        time.sleep(seconds)
        return [collect(sock, lambda _found: False, 0.01) for sock in sockets]


# -- multicast DNS
def question(*asked: tuple[str, int], unicast: bool = False, known: list[Any] | None = None, flags: int = 0) -> bytes:
    """A query, made by the package zeroconf."""
    out = zeroconf.DNSOutgoing(flags or const._FLAGS_QR_QUERY)
    for name, kind in asked:
        entry = zeroconf.DNSQuestion(name, kind, const._CLASS_IN | UNICAST * unicast)
        out.add_question(entry)
    for record in known or []:
        out.add_answer_at_time(record, 0)
    return out.packets()[0]


def records(packet: bytes) -> list[Any]:
    """The records of a message, read by the package zeroconf."""
    message = zeroconf.DNSIncoming(packet)
    assert message.valid
    return message.answers()


def kinds(packet: bytes) -> list[int]:
    return [record.type for record in records(packet)]


def names_of(answers: list[Answer], kind: int = const._TYPE_PTR, name: str = VIDEO) -> set[str]:
    """The instances told."""
    return {
        record.alias
        for data, _sender in answers
        for record in records(data)
        if record.type == kind and record.name == name and record.ttl
    }


def instances(fleet: Fleet) -> set[str]:
    """The instances of all devices in their default state, written out as recorded."""
    return {f"AXIS {device.model} - {device.serial}.{VIDEO}" for device in fleet.devices}


def browsed(net: Namespaces, expected: int, seconds: float = SECONDS) -> dict[str, Any]:
    """What the package zeroconf finds, as it comes."""

    def work() -> dict[str, Any]:
        found: dict[str, Any] = {}
        with contextlib.closing(zeroconf.Zeroconf(ip_version=zeroconf.IPVersion.All)) as client:
            seen: set[str] = set()

            def change(name: str, state_change: Any, **_rest: Any) -> None:
                if state_change is zeroconf.ServiceStateChange.Added:
                    seen.add(name)

            browser = zeroconf.ServiceBrowser(client, VIDEO, handlers=[change])
            end = time.monotonic() + seconds
            while len(seen) < expected and time.monotonic() < end:
                time.sleep(0.02)
            for name in seen:
                found[name] = client.get_service_info(VIDEO, name, timeout=int(seconds * 1000))
            browser.cancel()
        return found

    return net.call(work)


def test_recorded_service(net: Namespaces, site: Fleet, recorded: Path) -> None:
    seen = json.loads((recorded / "home-assistant" / "zeroconf-M1065-LW.json").read_text())
    lease = json.loads((recorded / "home-assistant" / "dhcp-M1065-LW.json").read_text())
    found = browsed(net, len(PROFILES))
    assert set(found) == instances(site)
    for device in site.devices:

        def localised(text: str, device: SimulatedDevice = device) -> str:
            text = text.replace("00408C123456", device.serial).replace("00408c123456", device.serial.lower())
            return text.replace("M1065-LW", device.model).replace("1.2.3.4", device.address)

        info = found[localised(seen["name"])]
        assert info.server == localised(seen["hostname"]) and info.type == seen["type"] and info.port == seen["port"]
        assert info.properties == {key.encode(): localised(value).encode() for key, value in seen["properties"].items()}
        assert localised(seen["host"]) in info.parsed_addresses()
        assert info.server == localised(lease["hostname"]) + ".local." and device.host_name == info.server[:-7]


def test_link_local_addresses_come_along(net: Namespaces, site: Fleet) -> None:
    device = site.device("axis-os-9")
    info = browsed(net, len(PROFILES))[f"AXIS M3045-V - {device.serial}.{VIDEO}"]
    assert sorted(info.parsed_addresses()) == ["10.77.0.3", "169.254.7.3"]


def test_answers_by_multicast(net: Namespaces, site: Fleet) -> None:
    with net.call(ear, MDNS) as sock, net.call(mouth, MDNS[1]) as asker:
        # Nothing is multicast twice in a second, the announcements of the start included.
        while collect(sock, bool, seconds=2.5):
            pass
        asker.sendto(question((VIDEO, const._TYPE_PTR)), MDNS)
        answers = collect(sock, lambda found: len(names_of(found)) == len(PROFILES))
        assert names_of(answers) == instances(site)
        for data, sender in answers:
            if not names_of([(data, sender)]):
                continue
            assert sender[1] == MDNS[1]
            message = zeroconf.DNSIncoming(data)
            assert message.id == 0 and message.flags == 0x8400 and message.num_questions == 0
            assert (message.num_answers, message.num_additionals) == (1, len(records(data)) - 1)
            told = {record.type: record for record in records(data)}
            ttls = {const._TYPE_PTR: 4500, const._TYPE_SRV: 120, const._TYPE_TXT: 4500, const._TYPE_A: 120}
            assert {kind: record.ttl for kind, record in told.items()} == ttls
            assert {kind for kind, record in told.items() if record.unique} == set(ttls) - {const._TYPE_PTR}
        # Again, too soon: nothing.
        asker.sendto(question((VIDEO, const._TYPE_PTR)), MDNS)
        again = collect(sock, lambda _found: False, SILENCE / 2)
        assert names_of(again) == set()


def test_answers_by_unicast(net: Namespaces, site: Fleet) -> None:
    """The top bit of the class asks for it; it is no matter when it was last multicast."""
    for _turn in range(2):
        answers = ask(net, question((VIDEO, const._TYPE_PTR), unicast=True), MDNS, port=MDNS[1], count=len(PROFILES))
        assert names_of(answers) == instances(site)
        assert {sender for _data, sender in answers} == {(device.address, 5353) for device in site.devices}


def test_answers_to_plain_dns(net: Namespaces, site: Fleet) -> None:
    """From another port than 5353: number and question come back, no top bit, a short life."""
    data = struct.pack("!H", 4711) + question((VIDEO, const._TYPE_PTR))[2:]
    answers = ask(net, data, MDNS, count=len(PROFILES))
    assert names_of(answers) == instances(site)
    for packet, _sender in answers:
        message = zeroconf.DNSIncoming(packet)
        assert (message.id, message.questions[0].name) == (4711, VIDEO)
        assert all(record.ttl <= 10 and not record.unique for record in message.answers())


def test_directly(net: Namespaces, site: Fleet) -> None:
    """A question to one device is answered by that device."""
    device = site.device("axis-os-11")
    answers = ask(net, question((VIDEO, const._TYPE_PTR)), (device.address, 5353))
    assert [sender[0] for _data, sender in answers] == [device.address]


@pytest.mark.parametrize(
    "kind, told",
    [
        (const._TYPE_SRV, {const._TYPE_SRV}),
        (const._TYPE_TXT, {const._TYPE_TXT}),
        (const._TYPE_ANY, {const._TYPE_SRV, const._TYPE_TXT}),
        (const._TYPE_AAAA, set()),
    ],
)
def test_questions_about_an_instance(kind: int, told: set[int], net: Namespaces, site: Fleet) -> None:
    name = f"aXiS p3265-v - {site.devices[0].serial}.{VIDEO}"
    answers = ask(net, question((name, kind), unicast=True), MDNS, port=MDNS[1], count=1 if told else 0)
    assert {one.type for data, _sender in answers for one in records(data) if one.name.endswith(VIDEO)} == told
    assert [sender[0] for _data, sender in answers] == [site.devices[0].address] * bool(told)


def test_questions_about_a_host(net: Namespaces, site: Fleet) -> None:
    device = site.devices[0]
    host = f"{device.host_name}.local."
    [(data, _sender)] = ask(net, question((host, const._TYPE_A), unicast=True), MDNS, port=MDNS[1], count=1)
    assert [socket.inet_ntoa(record.address) for record in records(data)] == [device.address]
    assert ask(net, question(("other.local.", const._TYPE_A), unicast=True), MDNS, port=MDNS[1]) == []


def test_services(net: Namespaces, site: Fleet) -> None:
    speaker, recorder = site.devices[0], site.devices[1]
    site.patch(speaker.serial, {"services": ["_axis-video._tcp", "_axis-audiosite._tcp"]})
    site.patch(recorder.serial, {"services": ["_axis-nvr._tcp"]})
    asked = question((SERVICES, const._TYPE_PTR), unicast=True)
    answers = ask(net, asked, MDNS, port=MDNS[1], count=len(PROFILES))
    told = {sender[0]: {record.alias for record in records(data)} for data, sender in answers}
    assert told[speaker.address] == {VIDEO, "_axis-audiosite._tcp.local."}
    assert told[recorder.address] == {"_axis-nvr._tcp.local."}
    assert told[site.devices[2].address] == {VIDEO}
    for service, device in (("_axis-audiosite._tcp.local.", speaker), ("_axis-nvr._tcp.local.", recorder)):
        [(data, sender)] = ask(net, question((service, const._TYPE_PTR)), MDNS, count=1)
        assert sender[0] == device.address and const._TYPE_SRV in kinds(data)


def pointers(fleet: Fleet, ttl: int = 4500) -> list[Any]:
    """What a client knows of all devices."""
    return [
        zeroconf.DNSPointer(VIDEO, const._TYPE_PTR, const._CLASS_IN, ttl, name) for name in sorted(instances(fleet))
    ]


def test_known_answers_are_not_repeated(net: Namespaces, site: Fleet) -> None:
    known = pointers(site)[1:]
    answers = ask(net, question((VIDEO, const._TYPE_PTR), unicast=True, known=known), MDNS, port=MDNS[1])
    assert names_of(answers) == {pointers(site)[0].alias}
    # Half dead, it is told again.
    dying = pointers(site, 2249)
    answers = ask(net, question((VIDEO, const._TYPE_PTR), unicast=True, known=dying), MDNS, port=MDNS[1], count=5)
    assert names_of(answers) == instances(site)


def test_known_answers_in_a_second_packet(net: Namespaces, site: Fleet) -> None:
    """The truncation bit says that more follow."""
    known = pointers(site)
    first = question((VIDEO, const._TYPE_PTR), unicast=True, known=known[:2], flags=const._FLAGS_TC)
    with net.call(mouth, MDNS[1]) as sock:
        sock.sendto(first, MDNS)
        sock.sendto(question(known=known[2:4]), MDNS)
        answers = collect(sock, bool)
        answers += collect(sock, lambda _found: False, 0.2)
    assert names_of(answers) == {known[4].alias}


def test_a_switch_and_a_new_name(net: Namespaces, site: Fleet) -> None:
    """Off: goodbye and silence. On: announced. Another name: goodbye to the old one."""
    device = site.device("axis-os-12")
    default = f"AXIS P3265-V - {device.serial}.{VIDEO}"
    ask_it = question((VIDEO, const._TYPE_PTR), unicast=True)
    with net.call(ear, MDNS) as sock:

        def told(name: str, ttl: int) -> None:
            def is_there(found: list[Answer]) -> bool:
                return any(
                    (record.alias, record.ttl) == (name, ttl)
                    for data, _sender in found
                    for record in records(data)
                    if record.type == const._TYPE_PTR and record.name == VIDEO
                )

            assert is_there(collect(sock, is_there))

        site.patch(device.serial, {"parameters": {"Network.Bonjour.Enabled": "no"}})
        told(default, 0)
        assert default not in names_of(ask(net, ask_it, MDNS, port=MDNS[1], count=len(PROFILES) - 1))
        assert ask(net, ask_it, (device.address, 5353)) == []
        site.patch(device.serial, {"parameters": {"Network.Bonjour.Enabled": "yes"}})
        told(default, 4500)
        site.patch(device.serial, {"parameters": {FRIENDLY: "Gate"}})
        told(default, 0)
        told(f"Gate - {device.serial}.{VIDEO}", 4500)


def test_changed_over_vapix(net: Namespaces, site: Fleet) -> None:
    """A parameter that a client writes counts as well."""
    device = site.device("axis-os-9")

    def write() -> bytes:
        login = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        login.add_password(None, device.url, "root", "pass")
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPDigestAuthHandler(login)
        )
        url = f"{device.url}/axis-cgi/param.cgi?action=update&{FRIENDLY}=Yard"
        with opener.open(url, timeout=30) as answer:
            return answer.read()

    assert net.call(write) == b"OK\n"
    answers = ask(net, question((VIDEO, const._TYPE_PTR)), (device.address, 5353), count=1)
    assert names_of(answers) == {f"Yard - {device.serial}.{VIDEO}"}


@pytest.mark.parametrize(
    "friendly, label",
    [
        ("{{ lookup('pipe','id') }}", b"{{ lookup('pipe','id') }}"),
        ("a.b\\c \"d\" 'e' @ user", b"a.b\\c \"d\" 'e' @ user"),
        ("two\nlines\x00\x1b[31m", b"two\nlines\x00\x1b[31m"),
        # Latin-1, as older firmware stores it; UTF-8 for what Latin-1 lacks.
        ("Gar\xe7on", b"Gar\xe7on"),
        ("\u5927\u9580", "\u5927\u9580".encode()),
        # A label has 63 bytes, of which the serial takes 15; a character is not cut.
        ("x" * 200, b"x" * 48),
        ("x" + "\u5927" * 17, b"x" + "\u5927".encode() * 15),
        ("\xe7" * 60, b"\xe7" * 48),
        ("", b""),
    ],
)
def test_hostile_names(friendly: str, label: bytes, net: Namespaces, site: Fleet) -> None:
    device = site.device("axis-os-12")
    site.patch(device.serial, {"parameters": {FRIENDLY: friendly, "Network.UPnP.FriendlyName": friendly}})
    [(data, _sender)] = ask(net, question((VIDEO, const._TYPE_PTR)), (device.address, 5353), count=1)
    whole = label + f" - {device.serial}".encode()
    assert bytes((len(whole),)) + whole in data
    # It stays a message that others can read.
    assert set(kinds(data)) == {const._TYPE_PTR, const._TYPE_SRV, const._TYPE_TXT, const._TYPE_A}


def test_malformed_queries_are_ignored(net: Namespaces, site: Fleet) -> None:
    good = question((VIDEO, const._TYPE_PTR))
    bad = [
        b"",
        b"\0" * 11,
        good[:-3],
        good[:12] + b"\xc0\x0c" + good[-4:],
        good[:12] + b"\x80a" + good[14:],
        # An answer, and another operation.
        good[:2] + b"\x84\x00" + good[4:],
        good[:2] + b"\x28\x00" + good[4:],
    ]
    with net.call(mouth) as sock:
        for data in bad:
            sock.sendto(data, MDNS)
        assert collect(sock, bool, SILENCE) == []
        sock.sendto(good, MDNS)
        assert collect(sock, bool) != []


# -- SSDP
def search(target: str, wait: str = "MX: 1\r\n", man: str = '"ssdp:discover"') -> bytes:
    """An M-SEARCH."""
    return (f"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: {man}\r\n{wait}ST: {target}\r\n\r\n").encode()


def header_lines(data: bytes) -> dict[str, str]:
    return headers(data.decode())


def fetch(net: Namespaces, url: str) -> bytes:
    """A page, from the controller."""

    def work() -> bytes:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=30) as answer:
            return answer.read()

    return net.call(work)


def test_recorded_notify(net: Namespaces, site: Fleet, recorded: Path) -> None:
    text = (recorded / "c-ssdp" / "ssdp-notify-alive-00408C184D0E.txt").read_text()
    device = site.device("axis-os-5")
    with net.call(ear, SSDP) as sock:
        site.patch(device.serial, {"parameters": {"Network.UPnP.Enabled": "no"}})
        gone = collect(sock, lambda found: len(found) >= 4)
        site.patch(device.serial, {"parameters": {"Network.UPnP.Enabled": "yes"}})
        there = collect(sock, lambda found: len(found) >= 4)

    def like_recorded(data: bytes) -> str:
        """With what differs from device to device and from start to start as in the recording."""
        told = re.sub(r"http://[\d.]+:\d+/", "http://172.26.150.15:49154/", data.decode()).replace("\r\n", "\n")
        told = re.sub(r"(?<=01-NLS: )[0-9a-f-]{36}", "1966d9e6-1dd2-11b2-aa65-a2d9092ea049", told)
        return told.replace(device.serial, "00408C184D0E").rstrip()

    alive = {header_lines(data)["nt"]: data for data, _sender in there}
    assert len(alive) == 4 and "upnp:rootdevice" in alive
    assert like_recorded(alive[BASIC_SERVICE]) == text.replace("\r\n", "\n").rstrip()
    byebye = {header_lines(data)["nt"]: header_lines(data)["nts"] for data, _sender in gone}
    assert byebye == dict.fromkeys(alive, "ssdp:byebye")


def test_recorded_search_answer_and_description(net: Namespaces, site: Fleet, recorded: Path) -> None:
    seen = json.loads((recorded / "home-assistant" / "ssdp-M1065-LW.json").read_text())
    device = site.device("axis-os-9")
    site.patch(device.serial, {"parameters": {"Network.UPnP.Enabled": "yes"}})
    answers = ask(net, search(BASIC_SERVICE), SSDP, count=2)
    told = {sender[0]: header_lines(data) for data, sender in answers}[device.address]

    def localised(text: str) -> str:
        return (
            text.replace("00408C123456", device.serial)
            .replace("M1065-LW", device.model)
            .replace("1.2.3.4", device.address)
        )

    assert {name: told[name] for name in ("st", "usn", "ext", "server")} == {
        name: localised(seen[name]) for name in ("st", "usn", "ext", "server")
    }
    assert re.fullmatch(rf"http://{device.address}:\d+/rootdesc1\.xml", told["location"])
    assert (told["x-user-agent"], told["cache-control"]) == ("redsonic", "max-age=1800")
    space = "{urn:schemas-upnp-org:device-1-0}"
    root = ET.fromstring(fetch(net, told["location"]))
    assert root.findtext(f"{space}URLBase") == told["location"].rpartition("/")[0]

    def tree(node: ET.Element) -> Any:
        return {child.tag.removeprefix(space): tree(child) for child in node} if len(node) else node.text

    wanted = {name: value for name, value in seen.items() if name not in ("st", "usn", "ext", "server")}
    shown = tree(root.find(f"{space}device"))
    assert shown == json.loads(localised(json.dumps(wanted)))
    assert list(shown) == list(wanted)
    page = urllib.parse.urljoin(told["location"], shown["serviceList"]["service"]["SCPDURL"])
    assert ET.fromstring(fetch(net, page)).tag == "{urn:schemas-upnp-org:service-1-0}scpd"


def test_search_targets(net: Namespaces, site: Fleet) -> None:
    """Only 5.51 has UPnP on by default. Sent to the device itself, a search needs no MX and is answered at once."""
    device = site.device("axis-os-5")
    udn = f"uuid:Upnp-BasicDevice-1_0-{device.serial}"
    known = ["upnp:rootdevice", udn, "urn:schemas-upnp-org:device:Basic:1", BASIC_SERVICE]
    expected = {"ssdp:all": known, **{target: [target] for target in known}}
    expected |= dict.fromkeys(["urn:schemas-upnp-org:device:MediaServer:1", ""], [])
    asked = [search(target, wait="") for target in expected]
    answers = ask_all(net, asked, (device.address, 1900), SILENCE / 2)
    for target, found in zip(expected, answers, strict=True):
        told = [header_lines(data) for data, _sender in found]
        assert [one["st"] for one in told] == expected[target]
        assert [one["usn"] for one in told] == [udn if one["st"] == udn else f"{udn}::{one['st']}" for one in told]


def test_searches_to_be_ignored(net: Namespaces, site: Fleet) -> None:
    """Without MX or with another MAN; a search sent to the device itself needs no MX."""
    device = site.device("axis-os-5")
    with net.call(mouth) as sock:
        sock.sendto(search(BASIC_SERVICE, wait=""), SSDP)
        sock.sendto(search(BASIC_SERVICE, man="ssdp:discover"), SSDP)
        sock.sendto(search(BASIC_SERVICE).replace(b"M-SEARCH", b"NOTIFY"), SSDP)
        assert collect(sock, bool, 1.2) == []
    assert ask(net, search(BASIC_SERVICE, wait=""), (device.address, 1900), count=1) != []


def test_hostile_name_in_the_description(net: Namespaces, site: Fleet) -> None:
    device = site.device("axis-os-5")
    name = "{{ lookup('pipe','id') }} <&]]> \"x\" " + "y" * 200
    site.patch(device.serial, {"parameters": {"Network.UPnP.FriendlyName": name}})
    [(data, _sender)] = ask(net, search(BASIC_SERVICE, wait=""), (device.address, 1900), count=1)
    root = ET.fromstring(fetch(net, header_lines(data)["location"]))
    assert root.findtext(".//{*}friendlyName") == name


# -- WS-Discovery
SPACES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "d": "http://schemas.xmlsoap.org/ws/2005/04/discovery",
    "dn": "http://www.onvif.org/ver10/network/wsdl",
    "tds": "http://www.onvif.org/ver10/device/wsdl",
}


def envelope(body: str, action: str = "Probe") -> tuple[str, bytes]:
    """A message and its number; the prefixes are not those the device uses."""
    number = f"uuid:{uuid.uuid4()}"
    spaces = " ".join(f'xmlns:{prefix}="{space}"' for prefix, space in SPACES.items())
    return number, (
        f"<s:Envelope {spaces}><s:Header><a:MessageID>{number}</a:MessageID>"
        "<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>"
        f"<a:Action>{SPACES['d']}/{action}</a:Action></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def probe(types: str = "", scopes: str = "", rule: str = "") -> tuple[str, bytes]:
    """A Probe."""
    rule = f' MatchBy="{rule}"' if rule else ""
    inside = f"<d:Types>{types}</d:Types>" if types else ""
    inside += f"<d:Scopes{rule}>{scopes}</d:Scopes>" if scopes else ""
    return envelope(f"<d:Probe>{inside}</d:Probe>")


def outline(node: ET.Element) -> Any:
    """Elements and attributes, without texts."""
    return node.tag, sorted(node.attrib), [outline(child) for child in node]


def words(root: ET.Element, tag: str) -> list[str]:
    return (root.findtext(f".//{{{SPACES['d']}}}{tag}") or "").split()


DISCOVERABLE = ("axis-os-11", "axis-os-9", "axis-os-10")


def test_recorded_probe_matches(net: Namespaces, site: Fleet, recorded: Path) -> None:
    seen = ET.fromstring((recorded / "teletask-onvif" / "wsdiscovery-ProbeMatches-M2036-LE.xml").read_text())
    device = site.device("axis-os-10")
    number, data = probe("dn:NetworkVideoTransmitter")
    answers = {sender[0]: data for data, sender in ask(net, data, WS, count=len(DISCOVERABLE))}
    told = ET.fromstring(answers[device.address])
    assert outline(told) == outline(seen)
    for tag in ("To", "Action"):
        assert told.findtext(f".//{{{SPACES['a']}}}{tag}") == seen.findtext(f".//{{{SPACES['a']}}}{tag}")
    assert told.findtext(f".//{{{SPACES['a']}}}RelatesTo") == number
    name = f".//{{{SPACES['a']}}}Address"
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", told.findtext(name, ""))
    assert words(told, "Types") == words(seen, "Types")
    assert words(told, "Scopes") == [scope.replace("M2036-LE", device.model) for scope in words(seen, "Scopes")]
    own = {"192.168.0.90": device.address, "169.254.209.66": "169.254.7.5"}
    wanted = [re.sub("|".join(own), lambda match: own[match[0]], url) for url in words(seen, "XAddrs")]
    # These devices speak plain HTTP only.
    assert words(told, "XAddrs") == [url for url in wanted if url.startswith("http:")]


def test_probes(net: Namespaces, site: Fleet) -> None:
    """All types asked for, and all scopes, must be the device's; a scope matches by whole segments or exactly."""
    scope, exactly = "onvif://www.onvif.org", f"{SPACES['d']}/strcmp0"
    meant = [
        probe(),
        probe("tds:Device"),
        probe("dn:NetworkVideoTransmitter tds:Device"),
        probe(scopes=f"{scope}/Profile {scope}/hardware"),
        probe(scopes=f"{scope}/Profile/G", rule=exactly),
    ]
    others = [
        probe("dn:Device"),
        probe("d:TargetService"),
        probe("tds:Device dn:Other"),
        probe(scopes=f"{scope}/Prof"),
        probe(scopes=f"{scope}/Profile", rule=exactly),
        probe(scopes=f"{scope}/Profile/G", rule="urn:other"),
    ]
    answers = ask_all(net, [data for _number, data in meant + others], WS)
    everybody = sorted(site.device(profile).address for profile in DISCOVERABLE)
    told = [sorted(sender[0] for _data, sender in found) for found in answers]
    assert told == [everybody] * len(meant) + [[]] * len(others)


def test_resolve(net: Namespaces, site: Fleet) -> None:
    device = site.device("axis-os-9")
    [(data, _sender)] = ask(net, probe()[1], (device.address, 3702), count=1)
    name = ET.fromstring(data).findtext(f".//{{{SPACES['a']}}}Address")
    reference = f"<a:EndpointReference><a:Address>{name}</a:Address></a:EndpointReference>"
    _number, resolve = envelope(f"<d:Resolve>{reference}</d:Resolve>", "Resolve")
    [(data, sender)] = ask(net, resolve, WS, count=1)
    assert sender[0] == device.address and b"ResolveMatches>" in data


def test_a_switched_discovery_mode(net: Namespaces, site: Fleet) -> None:
    device = site.device("axis-os-9")
    _number, data = probe()
    with net.call(ear, WS) as sock:
        site.patch(device.serial, {"parameters": {"WebService.DiscoveryMode.Discoverable": "No"}})
        [(bye, _sender)] = collect(sock, bool)
        assert words(ET.fromstring(bye), "XAddrs") == [] and b"Bye>" in bye
        assert ask(net, data, (device.address, 3702)) == []
        site.patch(device.serial, {"parameters": {"WebService.DiscoveryMode.Discoverable": "Yes"}})
        [(hello, _sender)] = collect(sock, bool)
        assert b"Hello>" in hello
        assert words(ET.fromstring(hello), "XAddrs")[0] == f"http://{device.address}/onvif/device_service"


def test_junk_is_ignored(net: Namespaces, site: Fleet) -> None:
    number, good = probe()
    with net.call(mouth) as sock:
        for data in (b"", b"<a>", b"\xff\xfe", good.replace(b"Probe>", b"Hello>"), good[:-5], b"<x/>", good):
            sock.sendto(data, (site.device("axis-os-9").address, 3702))
        answers = collect(sock, bool)
        answers += collect(sock, lambda _found: False, SILENCE)
    assert [number.encode() in data for data, _sender in answers] == [True]


def test_the_package_wsdiscovery(net: Namespaces, site: Fleet) -> None:
    package = pytest.importorskip("wsdiscovery.discovery", reason="NOT CHECKED: the PyPI package WSDiscovery")

    def work() -> dict[str, list[str]]:
        client = package.ThreadedWSDiscovery()
        client.start()
        try:
            return {service.getXAddrs()[0]: service.getScopes() for service in client.searchServices(timeout=1)}
        finally:
            client.stop()

    expected = {f"http://{site.device(profile).address}/onvif/device_service" for profile in DISCOVERABLE}
    assert set(net.call(work)) == expected


# -- all of them
def test_what_each_profile_answers_by_default(net: Namespaces, site: Fleet) -> None:
    """AXIS OS 12: multicast DNS only. UPnP is off since some 9.x, WS-Discovery came with its parameter."""
    asked = {
        "mdns": (question((VIDEO, const._TYPE_PTR)), 5353),
        "ssdp": (search("ssdp:all", wait=""), 1900),
        "ws": (probe()[1], 3702),
    }
    with contextlib.ExitStack() as stack:
        sockets: dict[tuple[str, str], socket.socket] = {}
        for device in site.devices:
            for protocol, (data, port) in asked.items():
                sock = sockets[device.profile, protocol] = stack.enter_context(net.call(mouth))
                sock.sendto(data, (device.address, port))
        time.sleep(SILENCE)
        answered = {key for key, sock in sockets.items() if select.select([sock], [], [], 0)[0]}
    assert answered == {
        *((profile, "mdns") for profile in PROFILES),
        ("axis-os-5", "ssdp"),
        *((profile, "ws") for profile in DISCOVERABLE),
    }


def test_a_reboot(net: Namespaces, site: Fleet) -> None:
    """Silent while it is away, announced when it is back."""
    device = site.device("axis-os-9")
    site.patch(device.serial, {"plan": {"returns": False}, "power": "cut"})
    while site.state(device.serial)["listening"]:
        time.sleep(0.02)
    asked = question((VIDEO, const._TYPE_PTR), unicast=True)
    gone = ask(net, asked, MDNS, port=MDNS[1], count=len(PROFILES) - 1)
    assert names_of(gone) == {name for name in instances(site) if device.serial not in name}
    assert ask(net, probe()[1], (device.address, 3702)) == []
    with net.call(ear, MDNS) as sock:
        site.patch(device.serial, {"plan": {"returns": True}})
        back = collect(sock, bool)
    assert names_of(back) == {name for name in instances(site) if device.serial in name}
    site.wait_for_boot(device.serial)


def test_a_device_that_moves(net: Namespaces, site: Fleet) -> None:
    """Silent at the old address, announced at the new one by all protocols."""
    device = site.device("axis-os-9")
    net.give("10.77.3.9")
    with net.call(ear, MDNS) as sock:
        ipv4 = {"mode": "static", "address": "10.77.3.9"}
        site.patch(device.serial, {"network": {"interfaces": {"eth0": {"ipv4": ipv4}}}})

        def came(found: list[Answer]) -> bool:
            return any(sender[0] == "10.77.3.9" for _data, sender in found)

        told = collect(sock, came, 10)
    assert came(told) and device.serial in told[-1][0].decode("latin-1")
    asked = question((VIDEO, const._TYPE_PTR))
    assert ask(net, asked, (device.address, 5353)) == []
    [(data, _sender)] = ask(net, asked, ("10.77.3.9", 5353), count=1)
    assert "10.77.3.9" in {socket.inet_ntoa(one.address) for one in records(data) if one.type == const._TYPE_A}
    [(data, _sender)] = ask(net, probe()[1], ("10.77.3.9", 3702), count=1)
    assert words(ET.fromstring(data), "XAddrs")[0] == "http://10.77.3.9/onvif/device_service"
    assert net.call(socket.create_connection, ("10.77.3.9", 80), 5).close() is None


def test_addresses(other_net: Namespaces) -> None:
    """Two addresses, IPv6 only, and both; all found by zeroconf, and the web server is at each."""
    places = [["10.77.2.1", "10.77.2.2"], ["fd77::2:3", "fe80::77:3"], ["10.77.2.4", "fd77::2:4"]]
    options = {"profiles": ["axis-os-12"], "discovery": True, "https": "both", "port": 443, "http_port": 80}
    with other_net.fleet(places, **options) as fleet:
        found = browsed(other_net, 3)
        for device, addresses in zip(fleet.devices, places, strict=True):
            info = found[f"AXIS P3265-V - {device.serial}.{VIDEO}"]
            assert set(info.parsed_addresses()) == set(addresses) == set(device.addresses)
            assert info.port == 80
            for address in addresses:
                scope = f"%{INTERFACE}" if address.startswith("fe80") else ""
                for port in (80, 443):
                    other_net.call(socket.create_connection, (address + scope, port), 5).close()
        # Its HTTP port shut, a device tells the other one; both shut, it is there all the same.
        for doors, port in (({"http": False}, 443), ({"https": False}, 80)):
            fleet.patch(fleet.devices[0].serial, {"doors": doors})
            asked = question((f"AXIS P3265-V - {fleet.devices[0].serial}.{VIDEO}", const._TYPE_SRV))
            [(data, _sender)] = ask(other_net, asked, ("10.77.2.2", 5353), count=1)
            assert records(data)[0].port == port
        device = fleet.devices[1]
        assert device.url == "https://[fd77::2:3]:443"
        [(data, sender)] = other_net.call(_ask_over_ipv6, probe_after_switching(fleet, device))
        assert sender[0].startswith("fe80::77:3")
        assert words(ET.fromstring(data), "XAddrs")[:2] == [
            "http://[fd77::2:3]/onvif/device_service",
            "https://[fd77::2:3]/onvif/device_service",
        ]


def probe_after_switching(fleet: Fleet, device: SimulatedDevice) -> bytes:
    fleet.patch(device.serial, {"parameters": {"WebService.DiscoveryMode.Discoverable": "Yes"}})
    return probe()[1]


def _ask_over_ipv6(data: bytes) -> list[Answer]:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        sock.bind((CONTROLLER_6, 0))
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, socket.if_nametoindex(INTERFACE))
        sock.sendto(data, ("ff02::c", 3702))
        return collect(sock, bool)


def test_two_hundred_devices(other_net: Namespaces) -> None:
    """They say hello, are all found within a client's usual few seconds, and say goodbye."""
    with contextlib.ExitStack() as stack:
        sock = stack.enter_context(other_net.call(ear, MDNS))
        fleet = stack.enter_context(other_net.fleet(other_net.addresses(200), profiles=["axis-os-12"], discovery=True))
        found = browsed(other_net, 200, seconds=10)
        assert {info.parsed_addresses()[0] for info in found.values()} == {device.address for device in fleet.devices}
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
        collect(sock, lambda _found: False, 0.1)
        fleet.stop()
        goodbyes = collect(sock, lambda _found: False, 0.3)
        gone = {
            record.alias
            for data, _sender in goodbyes
            for record in records(data)
            if record.type == const._TYPE_PTR and record.name == VIDEO and record.ttl == 0
        }
        assert gone == set(found)


@pytest.mark.parametrize("arguments", [(), ("--discovery", "--interface", "lo")])
def test_nobody_answers_unasked(arguments: tuple[str, ...], other_net: Namespaces) -> None:
    """Without the option, or on another interface."""
    with other_net.fleet([["10.77.3.1"]], profiles=["axis-os-9"], arguments=arguments):
        assert ask(other_net, question((VIDEO, const._TYPE_PTR)), ("10.77.3.1", 5353)) == []


def test_on_loopback(tmp_path: Path) -> None:
    """Where namespaces are not permitted: each device has an address of 127.0.0.0/8 and can be asked directly."""
    address = "127.77.0.1"
    with Fleet.start(addresses=[[address]], port=8077, profiles=["axis-os-5"], discovery=True, tmp_path=tmp_path):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for data, to in ((question((VIDEO, const._TYPE_PTR)), 5353), (search(BASIC_SERVICE, wait=""), 1900)):
                sock.sendto(data, (address, to))
                [(_data, sender)] = collect(sock, bool)
                assert sender == (address, to)


def test_options(tmp_path: Path) -> None:
    def refusal(*arguments: str) -> str:
        with pytest.raises(FleetError) as failure:
            Fleet.start(tmp_path=tmp_path, arguments=arguments)
        return str(failure.value)

    assert "Cannot assign requested address" in refusal("--address", "192.0.2.1", "--port", "8077")
    assert "2 times --address for 1 devices" in refusal(*["--address", "127.0.0.1"] * 2, "--port", "8077")
    assert "go together" in refusal("--address", "127.0.0.1")
    assert "invalid addresses value: 'nowhere'" in refusal("--address", "nowhere", "--port", "8077")
    assert "no interface with this name" in refusal("--discovery", "--interface", "none7")
