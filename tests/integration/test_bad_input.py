# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong gives one error that names the host, the cause and the remedy, in time, and no write is sent."""

from __future__ import annotations

import dataclasses
import pathlib
import re
import socket
import time
import typing as t

import pytest
import yaml
from harness.fleet import Fleet
from harness.playbook import CANARY, Run, play

Args = dict[str, t.Any]

MISTAKEN = "mistaken-CANARY-password"


@dataclasses.dataclass(frozen=True)
class Wrong:
    """One thing that is wrong. :param said: regular expressions that the message has to match."""

    module: str
    args: Args
    said: tuple[str, ...]
    profiles: tuple[str, ...] = ("axis-os-12", "axis-os-11", "axis-os-9", "axis-os-5")


def _static(address: str = "127.0.9.1{{ inventory_hostname[-2:] }}/24", **more: t.Any) -> Args:
    """A static address, another one for each host."""
    ipv4 = {"source": "static", "addresses": [address], "gateway": more.pop("gateway", "127.0.9.1")}
    return {"ipv4": {name: value for name, value in ipv4.items() if value is not None}, **more}


VALUES = {
    "typo in a parameter": Wrong(
        "param",
        {"parameters": {"Network.UPnP.Enabledd": True}},
        ("no parameter Network.UPnP.Enabledd", "mean Network.UPnP.Enabled"),
    ),
    "typo in a group": Wrong(
        "param", {"parameters": {"Netwrk.UPnP.Enabled": True}}, ("no parameter Netwrk.UPnP.Enabled",)
    ),
    "no name": Wrong(
        "param", {"parameters": {"Enabled": True}}, ("'Enabled' is no name of a parameter", "Write it like")
    ),
    "not in the list": Wrong(
        "param", {"parameters": {"System.BoaGroupPolicy.admin": "htps"}}, ("'htps' is not among", "mean 'https'")
    ),
    "no boolean": Wrong(
        "param", {"parameters": {"Network.UPnP.Enabled": "maybe"}}, ("'maybe' is neither 'yes' nor 'no'",)
    ),
    "out of range": Wrong(
        "param", {"parameters": {"Image.I0.Appearance.Compression": 101}}, ("101 is not between 0 and 100",)
    ),
    "no number": Wrong(
        "param", {"parameters": {"Image.I0.Appearance.Compression": "much"}}, ("'much' is no whole number",)
    ),
    "read-only": Wrong("param", {"parameters": {"Brand.Brand": "AXES"}}, ("Brand.Brand is read-only",)),
    "moves by itself": Wrong(
        "param", {"parameters": {"Network.eth0.IPAddress": "192.0.2.1"}}, ("Network.eth0.IPAddress",)
    ),
    "mask": Wrong("param", {"parameters": {"Network.Bonjour.FriendlyName": "******"}}, ("instead of a secret",)),
    "mapping": Wrong("param", {"parameters": {"Network.Bonjour.FriendlyName": {"a": 1}}}, ("a mapping is no value",)),
    "protected": Wrong(
        "param", {"parameters": {"StreamProfile.MaxGroups": 30}}, ("StreamProfile.MaxGroups",), ("axis-os-12",)
    ),
    "one of two is wrong": Wrong(
        "param",
        {"parameters": {"Image.I0.Appearance.Compression": 12, "Image.I0.Appearance.Nope": 1}},
        ("no parameter Image.I0.Appearance.Nope",),
    ),
    "unknown dynamic group": Wrong(
        "param",
        {"groups": [{"parent": "StreamProfiles", "present": [{"Name": "a"}]}]},
        ("no parameter group StreamProfiles",),
    ),
    "entry without name": Wrong(
        "param", {"groups": [{"parent": "StreamProfile", "present": [{"Description": "a"}]}]}, ("no Name",)
    ),
    "two blocks of one parent": Wrong(
        "param",
        {"groups": [{"parent": "StreamProfile", "exclusive": True}, {"parent": "root.StreamProfile", "absent": ["a"]}]},
        ("StreamProfile has two blocks",),
    ),
    "identity that entries do not have": Wrong(
        "param",
        {"groups": [{"parent": "StreamProfile", "identity": "Nmae", "exclusive": True}]},
        ("its entries have no parameter Nmae", "They have .*Name"),
        ("axis-os-5",),  # the others have no entry yet
    ),
    "entry by number beside its block": Wrong(
        "param",
        {"parameters": {"StreamProfile.S0.Name": "a"}, "groups": [{"parent": "StreamProfile", "absent": ["b"]}]},
        ("StreamProfile.S0.Name is in parameters, and its group StreamProfile in groups",),
    ),
    "unknown parameter of a new entry": Wrong(
        "param",
        {"groups": [{"parent": "StreamProfile", "present": [{"Name": "a", "Fps": 5}]}]},
        ("entries of StreamProfile have no parameter Fps",),
    ),
    "too long in a new entry": Wrong(
        "param",
        {"groups": [{"parent": "StreamProfile", "present": [{"Name": "\u65e5" * 40}]}]},
        ("120 bytes are longer than the 6[0-9] it holds",),
    ),
    "control character": Wrong(
        "param", {"parameters": {"Network.Bonjour.FriendlyName": "a\tb"}}, ("without control characters",)
    ),
    "moves by itself on old devices too": Wrong(
        "param",
        {"parameters": {"Time.NTP.Server": "ntp.example.net"}},
        ("Time.NTP.Server cannot be set", "axis.vapix.ntp"),
    ),
    "too many entries": Wrong(
        "param",
        {"groups": [{"parent": "StreamProfile", "present": [{"Name": f"p{n}"} for n in range(27)]}]},
        (r"would have \d+ entries, the device holds \d+",),
    ),
    "neither parameters nor groups": Wrong("param", {}, ("one of the following is required: parameters, groups",)),
    "too many servers": Wrong(
        "ntp",
        {"source": "static", "servers": [f"ntp{n}.example.net" for n in range(9)]},
        (r"9 (servers|entries) are given, the device holds \d", "Shorten the list|Correct it"),
    ),
    "no server name": Wrong(
        "ntp", {"servers": ["ntp example"]}, ("'ntp example' is not a host name or an IP address",)
    ),
    "mistyped address": Wrong("ntp", {"servers": ["10.0.0.256"]}, ("'10.0.0.256' is not a host name",)),
    "server twice": Wrong("ntp", {"servers": ["a.example.net", "A.example.net"]}, ("named twice",)),
    "static without servers": Wrong("ntp", {"source": "static"}, ("there are no servers",)),
    "no address": Wrong("ntp", {"servers": ["0.0.0.0"]}, ("0.0.0.0 and :: are no servers",)),
    "NTS without servers": Wrong(
        "ntp", {"nts": {"enabled": True}}, ("nts is enabled, but has no servers",), ("axis-os-12", "axis-os-11")
    ),
    "poll out of range": Wrong("ntp", {"minpoll": 64}, ("64 is not between 0 and 24",), ("axis-os-12", "axis-os-11")),
    "polls crossed": Wrong(
        "ntp", {"minpoll": 11}, (r"minpoll \(11\) is larger than maxpoll \(10\)",), ("axis-os-12", "axis-os-11")
    ),
    "no NTS there": Wrong(
        "ntp", {"nts": {"enabled": True}}, ("nts.enabled", "Leave it out|leave it out"), ("axis-os-9", "axis-os-5")
    ),
    "unknown choice": Wrong("ntp", {"source": "gps"}, ("source must be one of: dhcp, static, got: gps",)),
    "unknown option": Wrong("ntp", {"server": "a"}, ("server is no option; did you mean servers?",)),
    "only address family": Wrong("network", {"ipv4": {"enabled": False}}, ("ipv6 is off, too",)),
    "address family in use": Wrong(
        "network",
        {"ipv4": {"enabled": False}, "ipv6": {"enabled": True}},
        ("the connection to the device may use ipv4",),
    ),
    "host name from DHCP without DHCP": Wrong(
        "network",
        _static(hostname={"source": "dhcp"}),
        ("hostname.source is dhcp, but ipv4.source is static",),
    ),
    "gateway of before": Wrong("network", _static(gateway=None), ("the device has now, is outside of 127.0.9.0",)),
    "gateway elsewhere": Wrong("network", _static(gateway="10.0.0.1"), ("10.0.0.1 is outside of 127.0.9.0/24",)),
    "address of a network": Wrong("network", _static("127.0.9.0/24"), ("the address of the network",), ("axis-os-12",)),
    "no prefix length": Wrong("network", _static("127.0.9.5"), ("has no prefix length",), ("axis-os-12",)),
    "too many name servers": Wrong(
        "network", {"dns": {"servers": [f"192.0.2.{n}" for n in range(1, 5)]}}, (r"4 are given, the device holds \d",)
    ),
    "name of a name server": Wrong("network", {"dns": {"servers": ["dns.example.net"]}}, ("is no IP address",)),
    "null without a default": Wrong("network", {"ipv4": {"addresses": None}}, ("ipv4.addresses cannot be null",)),
    "certificate that is not there": Wrong(
        "network",
        {"dot1x": {"client_certificate": "fleet"}},
        ("the device has no certificate 'fleet'. It has 'Axis device ID",),
        ("axis-os-12",),
    ),
    "CA certificate that is not there": Wrong(
        "network",
        {"dot1x": {"ca_certificates": ["radius"]}},
        ("the device has no CA certificate 'radius'",),
        ("axis-os-12",),
    ),
    "802.1X without a certificate": Wrong(
        "network",
        {"dot1x": {"enabled": True, "client_certificate": None}},
        ("without dot1x.client_certificate",),
        ("axis-os-12",),
    ),
    "too many VLANs": Wrong(
        "network", {"vlans": [{"id": 3}, {"id": 4}]}, ("there would be 2, the device holds 1",), ("axis-os-12",)
    ),
    "no such interface": Wrong(
        "network", {"interface": "eth7", "hostname": {"name": "gate"}}, ("no interface 'eth7'. It has eth0",)
    ),
    "unknown zone": Wrong("time", {"timezone": "Europe/Berlinn"}, ("'Europe/Berlinn' is not known",)),
    "zone with a hint": Wrong(
        "time", {"timezone": "Europe/Berlinn"}, ("mean Europe/Berlin",), ("axis-os-12", "axis-os-11", "axis-os-9")
    ),
    "no POSIX zone": Wrong("time", {"posix_timezone": "Europe/Berlin"}, ("is no POSIX time zone", "option timezone")),
    "two zones": Wrong(
        "time", {"timezone": "UTC", "posix_timezone": "UTC0"}, ("mutually exclusive: timezone|posix_timezone",)
    ),
    "dst alone": Wrong("time", {"dst": True}, ("dst belongs to posix_timezone",)),
    "null zone on old devices": Wrong(
        "time",
        {"timezone": None},
        ("cannot tell whether the zone comes from DHCP",),
        ("axis-os-11", "axis-os-9", "axis-os-5"),
    ),
    "clock of an old device": Wrong("time", {"sync_clock": True}, ("cannot set the clock",), ("axis-os-5",)),
    "no JMESPath": Wrong("facts", {"query": "a["}, ("no JMESPath expression",)),
    "no REST path": Wrong("api", {"dialect": "rest", "path": "time", "method": "GET"}, ("no REST path",)),
    "unknown JSON method": Wrong(
        "api",
        {"dialect": "json", "path": "ntp.cgi", "method": "getNothing"},
        ("4000", "ntp.cgi getNothing"),
        ("axis-os-12", "axis-os-11", "axis-os-9"),
    ),
    "refused raw update": Wrong(
        "api",
        {"dialect": "param", "method": "update", "params": {"Nope.X": 1}},
        ("the device refuses", "Nope.X"),
    ),
    "REST GET with params": Wrong(
        "api",
        {"dialect": "rest", "path": "/config/rest/x", "method": "GET", "params": {"a": 1}},
        ("GET carries no params",),
    ),
    "no such CGI": Wrong(
        "api", {"dialect": "cgi", "path": "nothing.cgi", "method": "GET"}, ("does not have this API", "404")
    ),
}


def test_values(generations: Fleet, ansible_playbook: t.Callable[..., Run]) -> None:
    """All of them in one run, each on every generation it is wrong for."""
    hosts = {device.profile: device.host_name for device in generations.devices}
    tasks = [
        {
            "name": title,
            f"axis.vapix.{wrong.module}": wrong.args,
            "ignore_errors": True,
            "when": "inventory_hostname in " + str([hosts[profile] for profile in wrong.profiles]),
        }
        for title, wrong in VALUES.items()
    ]
    run = ansible_playbook([play(tasks)], generations.inventory)
    failures = []
    for title, wrong in VALUES.items():
        for profile in wrong.profiles:
            outcome = run.of(hosts[profile], title)
            if outcome.status != "failed" or outcome.changed:
                failures.append(f"{title}, {profile}: not refused: {outcome.result}")
            unsaid = [text for text in wrong.said if not re.search(text, outcome.message)]
            if unsaid:
                failures.append(f"{title}, {profile}: {unsaid} not in {outcome.message!r}")
    assert not failures, "\n".join(failures)
    # What a raw call sends, only the device can refuse, and an unknown method could have been anything.
    unavoidable = ("getNothing", "Nope.X")
    assert [request for request in generations.writes() if not any(word in str(request) for word in unavoidable)] == []


@pytest.fixture
def silent_port() -> t.Iterator[int]:
    """A port that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_connections(
    generations: Fleet,
    secured: Fleet,
    silent_port: int,
    closed_port: int,
    scratch: pathlib.Path,
    ansible_playbook: t.Callable[..., Run],
) -> None:
    """What can be wrong between us and the device, each on a host of its own."""
    plain, old = generations.device("axis-os-12"), generations.device("axis-os-5")
    tls, other = secured.devices
    ca = str(secured.ca_file)
    http = {"vapix_scheme": "http", "vapix_port": plain.port}
    https = {"vapix_scheme": "https", "vapix_port": tls.port}
    wrong: dict[str, tuple[Args, str, str]] = {
        "password": (
            http | {"ansible_password": MISTAKEN},
            "does not accept the credentials",
            "Check username and password",
        ),
        "password5": (
            http | {"vapix_port": old.port, "ansible_password": MISTAKEN},
            "does not accept the credentials",
            "Check username",
        ),
        "user": (http | {"ansible_user": "nobody"}, "credentials of user 'nobody'", "Check username and password"),
        "port": (http | {"vapix_port": closed_port}, "connection refused", "Check port and scheme"),
        "name": (http | {"ansible_host": "camera.invalid"}, "'camera.invalid' cannot be resolved", "ansible_host"),
        "silent": (http | {"vapix_port": silent_port}, "no answer within 2 seconds", "timeout"),
        "http_to_https": (
            https | {"vapix_scheme": "http"},
            "this port is for HTTPS|closed without a complete",
            "scheme: https",
        ),
        "https_to_http": (http | {"vapix_scheme": "https"}, "does not speak TLS", "scheme: http"),
        "untrusted": (https, "is not trusted", "ca_path.*fingerprint"),
        "wrong_pin": (https | {"vapix_fingerprint": other.fingerprint_sha256}, "not the pinned one", "Find out why"),
        "no_pin": (https | {"vapix_fingerprint": "12:34"}, "is not a SHA-256 fingerprint", "64 hexadecimal"),
        "no_ca": (https | {"vapix_ca_path": "/nowhere.pem"}, "/nowhere.pem", "PEM"),
        "proxy": (http | {"vapix_proxy": f"http://127.0.0.1:{closed_port}"}, "proxy", "proxy"),
    }
    right: dict[str, Args] = {
        "trusted": https | {"vapix_ca_path": ca},
        "pinned": https | {"vapix_fingerprint": tls.fingerprint_sha256},
        "unchecked": https | {"vapix_validate_certs": False},
    }
    hosts = {name: {"ansible_host": "127.0.0.1", "vapix_timeout": 2} | row[0] for name, row in wrong.items()}
    hosts |= {name: {"ansible_host": "127.0.0.1", "vapix_timeout": 5} | row for name, row in right.items()}
    shared = {"ansible_user": "root", "ansible_password": "{{ lookup('ansible.builtin.env', 'AXIS_VAPIX_PASSWORD') }}"}
    inventory = scratch / "connections.yml"
    inventory.write_text(yaml.safe_dump({"cameras": {"hosts": hosts, "vars": shared}}))
    begin = time.monotonic()
    run = ansible_playbook(
        [play([{"name": "Set", "axis.vapix.ntp": {"servers": ["ntp.example.net"]}}])], inventory, "--check"
    )
    assert time.monotonic() - begin < 60
    failures = []
    for name, (variables, cause, remedy) in wrong.items():
        outcome = run.of(name)
        address = f"{hosts[name]['ansible_host']}:{variables.get('vapix_port')}"
        if (
            outcome.status != "failed"
            or not re.search(cause, outcome.message)
            or not re.search(remedy, outcome.message)
        ):
            failures.append(f"{name}: {outcome.status} {outcome.message!r}")
        if name not in ("no_pin", "no_ca") and address not in outcome.message:
            failures.append(f"{name}: does not name {address}: {outcome.message!r}")
        if CANARY in outcome.message or MISTAKEN in outcome.message:
            failures.append(f"{name}: tells the password: {outcome.message!r}")
    failures += [f"{name}: {run.of(name).message}" for name in right if run.of(name).status != "ok"]
    assert not failures, "\n".join(failures)
    assert generations.writes() == [] and secured.writes() == []


READING = {
    "ntp": {"servers": ["ntp.example.net"]},
    "time": {"timezone": "Asia/Tokyo"},
    "param": {"parameters": {"Network.UPnP.Enabled": True}},
    "facts": {"gather_subset": ["identity"]},
}
ANSWERS: dict[str, tuple[Args, str]] = {
    "html": ({}, "not the JSON|no list of|HTML|text/html|not that of"),
    "truncate": ({}, "not the JSON|not well-formed|without a complete answer|no list of"),
    "garbage": ({}, "not the JSON|no list of|not well-formed|without a complete answer"),
    "status": ({"code": 500, "body": "oops", "content_type": "text/plain"}, "HTTP 500"),
    "close": ({}, "closed without a complete answer"),
    "hang": ({}, "no answer within 5 seconds|not complete after 5 seconds"),
}


@pytest.mark.parametrize("module", READING)
def test_answers(
    module: str, generations: Fleet, scratch: pathlib.Path, ansible_playbook: t.Callable[..., Run]
) -> None:
    """A device that answers HTML, half of an answer or nothing."""
    del scratch
    device = generations.device("axis-os-12")
    tasks = [{"name": "Ask", f"axis.vapix.{module}": READING[module] | {"timeout": 5}, "ignore_errors": True}]
    failures = []
    for kind, (fields, said) in ANSWERS.items():
        generations.clear_faults()
        generations.fault(kind, device=device.serial, path="*", position="all", **fields)
        begin = time.monotonic()
        outcome = ansible_playbook([play(tasks, hosts=device.host_name)], generations.inventory).of(device.host_name)
        if (
            outcome.status != "failed"
            or not re.search(said, outcome.message)
            or str(device.port) not in outcome.message
        ):
            failures.append(f"{kind}: {outcome.status}: {outcome.message!r}")
        if time.monotonic() - begin > 60:
            failures.append(f"{kind}: took {time.monotonic() - begin:.0f} s")
    assert not failures, "\n".join(failures)
    assert generations.writes() == []
