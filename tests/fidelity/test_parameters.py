# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""param.cgi: list and listdefinitions agree whatever is written, and refusals have their exact texts."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("hypothesis", reason="NOT CHECKED: the PyPI package hypothesis is not installed")

from hypothesis import HealthCheck, given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from .recordings import definitions, lines  # noqa: E402

PROFILES = ("axis-os-12", "axis-os-11", "axis-os-9", "axis-os-5")
MOVING = {"Time.NTP.Server", "PTZ.PTZDriverStatuses.Driver1Status"}
# Descriptions of the device; logins; what restarts the web server; what moves the device.
UNTOUCHED = (
    "Properties.",
    "Brand.",
    "Network.HTTP.",
    "HTTPS.",
    "System.BoaGroupPolicy.",
    "System.BoaPort",
    "Network.BootProto",
)
# How a place for a name server reads that nobody filled (its default on the network settings page).
EMPTY = {"Network.DNSServer1": "0.0.0.0", "Network.DNSServer2": "0.0.0.0"}
# Printable Latin-1 and then some: whatever a client may send as the bytes of a value.
VALUES = st.one_of(
    st.text(st.characters(min_codepoint=32, max_codepoint=0x24F, blacklist_categories=("Cc", "Cs")), max_size=80),
    st.integers(-100, 70000).map(str),
    st.sampled_from(["yes", "no", "true", "false", "on", "off", "On", "Off", "Yes", "No", "", "auto", "10.0.0.9"]),
)


def both(client, group=None):
    """What list says and what listdefinitions says, without what moves between two reads."""
    listed = lines(client.params("list", **({"group": group} if group else {})))
    defined = definitions(client.definitions(group))
    plain = {name.removeprefix("root."): value for name, value in listed.items()}
    return (
        {name: value for name, value in plain.items() if name not in MOVING},
        {name: entry.value for name, entry in defined.items() if name not in MOVING},
    )


@pytest.mark.parametrize("profile", PROFILES)
def test_list_and_definitions_agree(profile, client):
    listed, defined = both(client(profile))
    assert len(listed) > 400
    assert list(listed) == list(defined)
    assert listed == defined


@pytest.mark.parametrize("profile", PROFILES)
def test_they_agree_after_random_writes(profile, client):
    device = client(profile)
    names = sorted(name for name in both(device)[0] if not name.startswith(UNTOUCHED))

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.dictionaries(st.sampled_from(names), VALUES, min_size=1, max_size=4))
    def write(wanted):
        definition = definitions(device.definitions())
        before = both(device)[0]
        answer = device.ask("POST", "/axis-cgi/param.cgi", data={"action": "update", **wanted})
        after, defined = both(device)
        assert after == defined
        if answer.status_code == 401:
            assert profile == "axis-os-12"
            assert after == before, "a refused batch changed something"
            return
        text = answer.content.decode("latin-1")
        for name, value in wanted.items():
            stored = value.encode().decode("latin-1")
            refused = f"# Error: Error setting 'root.{name}' to '{stored}'!\n" in text
            if name in MOVING:
                continue
            entry = definition[name]
            secret = entry.kind == "password" or "writeonly" in entry.flags
            if refused:
                # Writes of the same batch may move views of the same thing, never a refused plain parameter.
                assert after[name] == before[name] or name.startswith("Time.")
            elif not name.startswith("Time."):
                assert entry.accepts(stored)
                assert secret or after[name] == (stored or EMPTY.get(name, ""))
        assert text == "OK\n" or set(text.rstrip("\n").split("\n")) <= {
            f"# Error: Error setting 'root.{name}' to '{value.encode().decode('latin-1')}'!"
            for name, value in wanted.items()
        }

    write()


@pytest.mark.parametrize("profile", PROFILES)
def test_groups_leaves_and_wildcards_select_the_same(profile, client):
    device = client(profile)
    whole = both(device)[0]

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(sorted(whole)), st.integers(1, 5), st.booleans())
    def read(name, depth, star):
        parts = name.split(".")[:depth]
        if star and len(parts) > 1:
            parts[-2] = "*"
        pattern = ".".join(parts)
        expression = re.compile(pattern.replace(".", r"\.").replace("*", "[^.]+") + r"(?:\..*)?")
        listed, defined = both(device, pattern)
        assert listed == defined == {n: v for n, v in whole.items() if expression.fullmatch(n)}

    read()


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    "name, value",
    [
        ("Network.RTSP.Port", "80"),
        ("Network.RTSP.Port", "many"),
        ("Network.RTP.VideoDSCP", "64"),
        ("Network.UPnP.Enabled", "true"),
        ("Network.UPnP.Enabled", "YES"),
        ("Network.BootProto", "static"),
        ("Network.IPAddress", "300.1.1.1"),
        ("Network.Nope", "1"),
        ("network.bootproto", "none"),
    ],
)
def test_refused_values_have_their_line(profile, name, value, client, fleet):
    device = client(profile)
    before = both(device)[0]
    assert device.params("update", **{name: value}) == f"# Error: Error setting 'root.{name}' to '{value}'!\n"
    assert device.params("update", **{f"root.{name}": value}) == (
        f"# Error: Error setting 'root.{name}' to '{value}'!\n"
    )
    assert both(device)[0] == before


@pytest.mark.parametrize(
    "name, longest",
    [
        ("axis-os-12", 63),
        ("axis-os-11", 63),
        ("axis-os-9", 63),
    ],
)
def test_texts_have_their_length(name, longest, client):
    device = client(name)
    assert device.params("update", **{"Network.UPnP.FriendlyName": "x" * longest}) == "OK\n"
    assert device.params("update", **{"Network.UPnP.FriendlyName": "x" * (longest + 1)}).startswith("# Error")


def test_good_values_of_a_bad_batch_are_stored(client):
    device = client("axis-os-9")
    text = device.params("update", **{"Network.RTP.VideoDSCP": "12", "Network.BootProto": "bad", "Ignored": "1"})
    assert text == "# Error: Error setting 'root.Network.BootProto' to 'bad'!\n"
    assert lines(device.params("list", group="Network.RTP.VideoDSCP")) == {"root.Network.RTP.VideoDSCP": "12"}


@pytest.mark.parametrize(
    "name",
    [
        "Properties.Firmware.Version",
        "Image.I0.Source",
        "Network.eth0.IPAddress",
        "Network.Resolver.NameServer1",
        "StreamProfile.MaxGroups",
    ],
)
def test_a_protected_name_spoils_the_batch_on_12(name, client):
    device = client("axis-os-12")
    before = both(device)[0]
    batch = {"action": "update", "Network.RTP.VideoDSCP": "12", name: "1"}
    answer = device.ask("POST", "/axis-cgi/param.cgi", data=batch)
    assert answer.status_code == 401
    assert "WWW-Authenticate" in answer.headers
    assert both(device)[0] == before
    old = client("axis-os-9").ask("POST", "/axis-cgi/param.cgi", data=batch)
    assert old.status_code == 200
    assert old.text == f"# Error: Error setting 'root.{name}' to '1'!\n"


def test_ntp_server_parameter(client):
    assert client("axis-os-12").params("update", **{"Time.NTP.Server": "ntp.example.net"}).startswith("# Error")
    device = client("axis-os-9")
    assert device.params("update", **{"Time.NTP.Server": "ntp.example.net", "Time.ObtainFromDHCP": "no"}) == "OK\n"
    data = device.call("/axis-cgi/ntp.cgi", "getNTPInfo")["data"]["client"]
    assert (data["staticServers"], data["serversSource"]) == (["ntp.example.net"], "static")


def test_resolver_is_locked_while_dhcp_rules_it(client):
    device = client("axis-os-9")
    assert "readonly" in definitions(device.definitions("Network.Resolver.Search"))["Network.Resolver.Search"].flags
    assert device.params("update", **{"Network.Resolver.NameServer1": "10.0.0.1"}).startswith("# Error")
    assert device.params("update", **{"Network.Resolver.ObtainFromDHCP": "no"}) == "OK\n"
    assert device.params("update", **{"Network.Resolver.NameServer1": "10.0.0.1"}) == "OK\n"
    assert not definitions(device.definitions("Network.Resolver.Search"))["Network.Resolver.Search"].flags


def test_values_that_move(client):
    device = client("axis-os-9")
    seen = {lines(device.params("list", group="Time.NTP.Server"))["root.Time.NTP.Server"] for _round in range(4)}
    assert seen == {"", "0.0.0.0"}


def test_5_51_keeps_latin_1_and_trailing_blanks(client):
    device = client("axis-os-5")
    answer = device.ask("GET", "/axis-cgi/param.cgi?action=list&group=PTZ.Preset")
    assert b"Entr\xe9e" in answer.content and "charset" not in answer.headers["Content-Type"]
    assert device.params("list", group="Time.NTP.VolatileServer").endswith("192.0.2.123 \n")
    names = list(lines(device.params("list", group="Network")))
    assert names != sorted(names, key=str.lower)
    assert device.params("update", **{"PTZ.Preset.P0.Name": "caf\u00e9"}) == "OK\n"
    assert "caf\u00e9".encode() in device.ask("GET", "/axis-cgi/param.cgi?action=list&group=PTZ.Preset").content


def test_masks(client):
    device = client("axis-os-9")
    group = "Network.Interface.I0.dot1x.EAPTLS.PrivateKeyPassword"
    before = device.params("list", group=group)
    assert re.fullmatch(rf"root\.{group}=\*{{5,6}}\n", before)
    assert device.params("update", **{group: "secret"}) == "OK\n"
    assert device.params("list", group=group) == before


def test_long_urls(client):
    device = client("axis-os-12")
    wanted = {f"Image.I{number}.Nope{number}": "value" for number in range(340)}
    assert device.ask("GET", "/axis-cgi/param.cgi", params={"action": "update", **wanted}).status_code == 414
    assert device.ask("POST", "/axis-cgi/param.cgi", data={"action": "update", **wanted}).status_code == 200


@pytest.mark.parametrize("profile, limit, held", [("axis-os-12", 26, 0), ("axis-os-5", 20, 2)])
def test_dynamic_groups(profile, limit, held, client):
    device = client(profile)
    template = {"template": "streamprofile", "group": "StreamProfile"}
    for number in range(held, limit):
        answer = device.params("add", **template, **{"StreamProfile.S.Name": f"p{number}"})
        assert answer == f"S{number} OK\n"
    assert device.params("add", **template).startswith("# Request failed: ")
    assert device.params("add", **template, force="yes") == f"S{limit} OK\n"
    assert device.params("remove", group=f"StreamProfile.S{limit - 1},root.StreamProfile.S{limit}") == "OK\n"
    prefix = "root."
    assert (
        lines(device.params("list", group=f"root.StreamProfile.S{limit - 2}"))[
            f"{prefix}StreamProfile.S{limit - 2}.Name"
        ]
        == f"p{limit - 2}"
    )
    # The number that is free is given again: numbers are no identity.
    assert device.params("remove", group="StreamProfile.S1") == "OK\n"
    assert device.params("add", **template, **{"StreamProfile.S.Name": "again"}) == "S1 OK\n"
    assert device.params("remove", group="StreamProfile.S99").startswith("# Request failed: ")
    assert device.params("remove", group="Network").startswith("# Request failed: ")
    text = device.params("add", **template, **{"StreamProfile.S.Name": "x" * 65})
    error, _mark, created = text.partition("\n")
    assert error.startswith("# Error: ") and re.fullmatch(r"S\d+ OK\n", created)
    listed, defined = both(device)
    assert listed == defined
    assert device.params("add", template="nope", group="StreamProfile").startswith("# Request failed: ")
