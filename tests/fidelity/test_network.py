# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network settings: the recorded answers, one state with several views, what is refused, 802.1X."""

from __future__ import annotations

import json

import pytest
from harness.fleet import FleetError

from .recordings import lines, shape

CGI, REST, PARAM = "/axis-cgi/network_settings.cgi", "/config/rest/network-settings/v2", "/axis-cgi/param.cgi"
P3265 = "oadm/P3265-V-12.11.77"
PEAP, EAP_TLS, MACSEC = "WPA-Enterprise-PEAP-MSCHAPv2", "WPA-Enterprise-EAPTLS", "MACsec-PSK"
DEVICE_ID = "Axis device ID ECC-P256 (802.1AR)"
NEWER = ("axis-os-12", "axis-os-11", "axis-os-9")


def load(recorded, name):
    return json.loads((recorded / P3265 / name).read_text(encoding="utf-8"))


def settings(device):
    """getNetworkInfo: system and eth0."""
    data = device.call(CGI, "getNetworkInfo")["data"]
    return data["system"], data["devices"][0]


def put_in_recorded_state(fleet, device):
    """Give it the settings of the recorded camera; returns what still differs: recorded text -> own."""
    fleet.patch(
        device.serial,
        {
            "network": {
                "use_dhcp_resolver": False,
                "name_servers": ["1.1.1.1"],
                "host_name": "recorded",
                "dot1x": {"configurations": {EAP_TLS: {"identity": "48"}}},
            },
            "plan": {"lease": {"host_name": "recorded", "router": "10.0.0.138"}, "network_seconds": 0},
        },
    )
    fleet.wait_for_network(device.serial)
    mac = ":".join(device.serial.lower()[at : at + 2] for at in range(0, 12, 2))
    return {
        "10.0.0.48": device.address,
        "10.0.0.255": "127.0.0.255",
        "ac:cc:8e:00:00:01": mac,
        "b8:a4:4f:63:13:39": mac,
        "axis-accc8e000001": "recorded",
        "axis-b8a44f631339": "recorded",
    }


def as_own(document, own):
    """A recording with the addresses and names of the simulated device."""
    text = json.dumps(document)
    for recorded, here in own.items():
        text = text.replace(recorded, here)
    return json.loads(text)


# -- recordings


def test_get_network_info_is_the_recorded(recorded, client, fleet):
    real = load(recorded, "network_settings-getNetworkInfo.json")
    device = client("axis-os-12")
    own = put_in_recorded_state(fleet, device.device)
    answer = device.ask("POST", CGI, json={"apiVersion": "1.0", "context": "oadm", "method": "getNetworkInfo"})
    assert answer.json() == as_own(real, own)
    assert shape(answer.json()) == shape(real), "the keys in their order"


def test_get_supported_versions_is_the_recorded(recorded, client):
    real = load(recorded, "network_settings-getSupportedVersions.json")
    assert client("axis-os-12").ask("POST", CGI, json={"method": "getSupportedVersions"}).json() == real


@pytest.mark.parametrize(
    "path, name", [("", "rest-network-settings-v2.json"), ("/wired", "rest-network-settings-v2-wired.json")]
)
def test_rest_is_the_recorded(path, name, recorded, client, fleet):
    real = load(recorded, name)
    device = client("axis-os-12")
    own = put_in_recorded_state(fleet, device.device)
    answer = device.ask("GET", REST + path).json()
    assert answer == as_own(real, own)
    assert shape(answer) == shape(real)


def test_views_in_param_cgi_are_the_recorded(recorded, client, fleet):
    real = lines((recorded / P3265 / "param-list-Network.txt").read_text())
    device = client("axis-os-12")
    put_in_recorded_state(fleet, device.device)
    own = lines(device.params("list", group="Network"))
    views = [
        name
        for name in real
        if name in own
        and name.removeprefix("root.Network.").startswith(
            (
                "BootProto",
                "Broadcast",
                "DefaultRouter",
                "DNSServer",
                "DomainName",
                "IPAddress",
                "SubnetMask",
                "IPv6.",
                "Interface.I0.dot1x.",
                "Resolver.",
                "ZeroConf.",
                "VolatileHostName.ObtainFromDHCP",
                "eth0.SubnetMask",
            )
        )
    ]
    assert len(views) >= 24
    assert {name: own[name] for name in views} == {name: real[name] for name in views}
    assert own["root.Network.eth0.IPAddress"] == device.device.address
    assert own["root.Network.HostName"] == own["root.Network.VolatileHostName.HostName"] == "recorded"


def test_802_1x_of_an_edge_vault_device_on_11(client):
    """Recorded on 11.8: on from the factory, unauthorized, and reachable all the same."""
    _system, eth0 = settings(client("axis-os-11"))
    dot1x = eth0["wired"]["8021X"]
    assert (dot1x["enabled"], dot1x["status"], dot1x["mode"]) == (True, "Unauthorized", EAP_TLS)
    own = lines(client("axis-os-11").params("list", group="Network.Interface.I0.dot1x"))
    assert [own[f"root.Network.Interface.I0.dot1x.{name}"] for name in ("Enabled", "Status", "EAPOLVersion")] == [
        "yes",
        "Unauthorized",
        "3",
    ]


@pytest.mark.parametrize("profile, version", [("axis-os-12", "1.38"), ("axis-os-11", "1.29"), ("axis-os-9", "1.6")])
def test_versions(profile, version, client):
    device = client(profile)
    assert device.call(CGI, "getSupportedVersions")["data"]["apiVersions"] == [version]
    listed = device.call("/axis-cgi/apidiscovery.cgi", "getApiList")["data"]["apiList"]
    shown = next(api["version"] for api in listed if api["id"] == "network-settings")
    assert shown == ("1.37" if profile == "axis-os-12" else version)
    known = {
        name: device.call(CGI, name)["error"]["code"] != 4000
        for name in ("setDeviceConfiguration", "addVlan", "removeVlan")
    }
    assert set(known.values()) == {profile != "axis-os-9"}
    system, eth0 = settings(device)
    assert ("globalProxies" in system) == ("useDHCPStaticRoutes" in eth0["IPv4"]) == (profile != "axis-os-9")
    modes = {"axis-os-12": [PEAP, EAP_TLS, MACSEC], "axis-os-11": [PEAP, EAP_TLS], "axis-os-9": [EAP_TLS]}[profile]
    assert eth0["wired"]["8021X"]["supportedModes"] == modes


def test_5_51_has_parameters_only(client):
    device = client("axis-os-5")
    assert device.ask("POST", CGI, json={"method": "getSupportedVersions"}).status_code == 404
    assert lines(device.params("list", group="Network.BootProto")) == {"root.Network.BootProto": "dhcp"}


def test_only_administrators(client, fleet):
    for profile in NEWER:
        users = {"op": {"password": "pass", "groups": ["operator", "viewer"]}}
        fleet.patch(fleet.device(profile).serial, {"users": users})
        answer = client(profile, user="op").ask("POST", CGI, json={"apiVersion": "1.0", "method": "getNetworkInfo"})
        assert answer.status_code in (401, 403)


# -- one state


@pytest.mark.parametrize("profile", NEWER)
def test_what_json_sets_param_cgi_and_rest_show(profile, client):
    device = client(profile)
    assert (
        device.call(CGI, "setHostnameConfiguration", {"useDhcpHostname": False, "staticHostname": "gate-1"})["data"]
        == {}
    )
    resolver = {
        "useDhcpResolverInfo": False,
        "staticNameServers": ["192.0.2.1", "192.0.2.2", "2001:db8::3"],
        "staticSearchDomains": ["a.example", "b.example"],
        "staticDomainName": "example.net",
    }
    assert device.call(CGI, "setResolverConfiguration", resolver)["data"] == {}
    system, _eth0 = settings(device)
    assert (system["hostname"]["hostname"], system["hostname"]["staticHostname"]) == ("gate-1", "gate-1")
    assert {key: system["resolver"][key] for key in resolver} == resolver
    assert system["resolver"]["nameServers"] == resolver["staticNameServers"]
    own = lines(device.params("list", group="root.Network"))
    shown = {
        "HostName": "gate-1",
        "VolatileHostName.HostName": "gate-1",
        "VolatileHostName.ObtainFromDHCP": "no",
        "DNSServer1": "192.0.2.1",
        "DNSServer2": "192.0.2.2",
        "Resolver.NameServer1": "192.0.2.1",
        "Resolver.NameServerList": "192.0.2.1 192.0.2.2 2001:db8::3",
        "Resolver.ObtainFromDHCP": "no",
        "Resolver.Search": "a.example b.example",
        "DomainName": "example.net",
    }
    assert {name: own[f"root.Network.{name}"] for name in shown} == shown
    if profile == "axis-os-12":
        rest = device.ask("GET", f"{REST}/system").json()["data"]
        assert (rest["staticHostname"], rest["useDhcpHostname"]) == ("gate-1", False)
        assert rest["staticNameServers"] == rest["nameServers"] == resolver["staticNameServers"]


@pytest.mark.parametrize("profile", NEWER)
def test_what_param_cgi_sets_json_shows(profile, client):
    device = client(profile)
    wanted = {
        "Network.HostName": "gate-2",
        "Network.DNSServer1": "192.0.2.7",
        "Network.DNSServer2": "0.0.0.0",
        "Network.DomainName": "example.org",
        "Network.VolatileHostName.ObtainFromDHCP": "no",
        "Network.Resolver.ObtainFromDHCP": "no",
        "Network.IPAddress": "192.0.2.77",
        "Network.SubnetMask": "255.255.0.0",
        "Network.ZeroConf.Enabled": "no",
        "Network.IPv6.Enabled": "yes",
        "Network.IPv6.IPAddress": "2001:db8::7/64",
    }
    assert device.params("update", **wanted) == "OK\n"
    system, eth0 = settings(device)
    assert system["hostname"] == {"useDhcpHostname": False, "hostname": "gate-2", "staticHostname": "gate-2"}
    assert (system["resolver"]["staticNameServers"], system["resolver"]["domainName"]) == (["192.0.2.7"], "example.org")
    assert eth0["IPv4"]["staticAddressConfigurations"] == [
        {"address": "192.0.2.77", "prefixLength": 16, "broadcast": "192.0.255.255"}
    ]
    assert (eth0["IPv4"]["configurationMode"], eth0["IPv4"]["linkLocalMode"]) == ("dhcp", "off")
    assert eth0["IPv6"]["enabled"] and [a["origin"] for a in eth0["IPv6"]["addresses"]] == ["linkLocal", "static"]
    assert "fe80::" in lines(device.params("list", group="root.Network.eth0"))["root.Network.eth0.IPv6.IPAddresses"]


def test_a_lease_has_precedence_where_it_is_wanted(client, fleet):
    device = client("axis-os-12")
    lease = {"name_servers": ["192.0.2.99"], "host_name": "leased", "domain": "leased.example"}
    fleet.patch(device.device.serial, {"plan": {"lease": lease}})
    own = {"staticHostname": "own", "useDhcpHostname": True}
    device.call(CGI, "setHostnameConfiguration", own)
    own = {"staticNameServers": ["192.0.2.7"], "staticDomainName": "own.example"}
    device.call(CGI, "setResolverConfiguration", own)
    system, _eth0 = settings(device)
    assert system["hostname"] == {"useDhcpHostname": True, "hostname": "leased", "staticHostname": "own"}
    assert (system["resolver"]["nameServers"], system["resolver"]["domainName"]) == (["192.0.2.99"], "leased.example")
    device.call(CGI, "setResolverConfiguration", {"useDhcpResolverInfo": False})
    system, _eth0 = settings(device)
    assert (system["resolver"]["nameServers"], system["resolver"]["domainName"]) == (["192.0.2.7"], "own.example")


@pytest.mark.parametrize(
    "mode, zero_conf",
    [
        ("off", ("no", "yes")),
        ("on", ("yes", "no")),
        ("fallback", ("yes", "yes")),
    ],
)
def test_link_local_modes(mode, zero_conf, client, fleet):
    device = client("axis-os-12")
    fleet.patch(device.device.serial, {"plan": {"network_seconds": 0}})
    device.call(CGI, "setIPv4AddressConfiguration", {"deviceName": "eth0", "linkLocalMode": mode}, apiVersion="1.21")
    own = lines(device.params("list", group="root.Network.ZeroConf"))
    assert (own["root.Network.ZeroConf.Enabled"], own["root.Network.ZeroConf.Fallback"]) == zero_conf
    _system, eth0 = settings(device)
    link_local = [entry for entry in eth0["IPv4"]["addresses"] if entry["origin"] == "linkLocal"]
    assert [entry["address"] for entry in link_local] == [own["root.Network.ZeroConf.IPAddress"]][: mode == "on"]
    assert bool(own["root.Network.ZeroConf.IPAddress"]) == (mode == "on")


def test_proxies(client, fleet):
    device = client("axis-os-12")
    wanted = {
        "httpProxy": "http://cam:CANARY-1@192.0.2.8:8080",
        "httpsProxy": "http://192.0.2.8:8080",
        "noProxy": ".example.com,192.0.2.0/24",
    }
    assert device.call(CGI, "setGlobalProxyConfiguration", wanted)["data"] == {}
    system, _eth0 = settings(device)
    assert system["globalProxies"] == {**wanted, "httpProxy": "http://cam:****@192.0.2.8:8080"}
    assert "CANARY" not in json.dumps(fleet.requests())
    # An example of the page leaves one out, which keeps its value.
    device.call(CGI, "setGlobalProxyConfiguration", {"httpProxy": "", "httpsProxy": ""})
    assert settings(device)[0]["globalProxies"] == {"httpProxy": "", "httpsProxy": "", "noProxy": wanted["noProxy"]}


def test_vlans(client):
    device = client("axis-os-12")
    add = {"masterDeviceName": "eth0", "VlanId": 30}
    assert device.call(CGI, "addVlan", add)["data"] == {}
    data = device.call(CGI, "getNetworkInfo")["data"]
    assert (
        [entry["name"] for entry in data["devices"]]
        == data["system"]["deviceSwitching"]["devices"]
        == ["eth0", "eth0.30"]
    )
    assert data["system"]["deviceSwitching"]["activeDevices"] == ["eth0"]
    static = {
        "deviceName": "eth0.30",
        "configurationMode": "static",
        "staticAddressConfigurations": [{"address": "192.0.2.30", "prefixLength": 24}],
    }
    assert device.call(CGI, "setIPv4AddressConfiguration", static)["data"] == {}
    vlan = device.call(CGI, "getNetworkInfo")["data"]["devices"][1]
    assert [entry["address"] for entry in vlan["IPv4"]["addresses"]] == ["192.0.2.30"] and "wired" not in vlan
    assert code(device.call(CGI, "addVlan", add)) == (4004, 201)
    assert code(device.call(CGI, "addVlan", {**add, "VlanId": 31})) == (4004, 101), "one VLAN at most"
    assert device.call(CGI, "removeVlan", {"VlanName": "eth0.30"})["data"] == {}
    assert code(device.call(CGI, "removeVlan", {"VlanName": "eth0.30"})) == (4004, 201)


def test_an_active_vlan_is_not_removed(client, fleet):
    device = client("axis-os-12")
    device.call(CGI, "addVlan", {"masterDeviceName": "eth0", "VlanId": 4})
    manual = {"switching": "manual", "manual_devices": ["eth0", "eth0.4"]}
    fleet.patch(device.device.serial, {"network": manual})
    assert code(device.call(CGI, "removeVlan", {"VlanName": "eth0.4"})) == (4004, 200)


# -- what is refused


def code(answer):
    """Error code and sub-code."""
    error = answer["error"]
    return error["code"], error.get("details", {}).get("subCode")


def address(**members):
    return {"staticAddressConfigurations": [{"address": "192.0.2.5", "prefixLength": 24, **members}]}


BAD = [
    ("setHostnameConfiguration", {"staticHostname": ""}, 100),
    ("setHostnameConfiguration", {"staticHostname": "a_b"}, 100),
    ("setHostnameConfiguration", {"staticHostname": "x" * 64}, 100),
    ("setHostnameConfiguration", {"staticHostname": 7}, 100),
    ("setHostnameConfiguration", {"useDhcpHostname": "yes", "staticHostname": "good"}, 101),
    ("setResolverConfiguration", {"useDhcpResolverInfo": 1}, 100),
    ("setResolverConfiguration", {"staticNameServers": ["192.0.2.1"] * 4}, 101),
    ("setResolverConfiguration", {"staticNameServers": ["ns.example.net"]}, 101),
    ("setResolverConfiguration", {"staticNameServers": "192.0.2.1"}, 101),
    ("setResolverConfiguration", {"staticSearchDomains": ["a.example"] * 7}, 102),
    ("setResolverConfiguration", {"staticSearchDomains": ["-"]}, 102),
    ("setResolverConfiguration", {"staticDomainName": "a b"}, 103),
    ("setIPv4AddressConfiguration", {"deviceName": 1}, 100),
    ("setIPv4AddressConfiguration", {"configurationMode": "none"}, 101),
    ("setIPv4AddressConfiguration", {"staticDefaultRouter": "gw"}, 102),
    ("setIPv4AddressConfiguration", {"staticAddressConfigurations": []}, 103),
    ("setIPv4AddressConfiguration", {"staticAddressConfigurations": ["192.0.2.5/24"]}, 103),
    ("setIPv4AddressConfiguration", {"staticAddressConfigurations": 2 * address()["staticAddressConfigurations"]}, 103),
    ("setIPv4AddressConfiguration", address(address="192.0.2.256"), 104),
    ("setIPv4AddressConfiguration", address(address="224.0.0.1"), 104),
    ("setIPv4AddressConfiguration", address(prefixLength=33), 105),
    ("setIPv4AddressConfiguration", address(prefixLength="24"), 105),
    ("setIPv4AddressConfiguration", address(broadcast="all"), 106),
    ("setIPv4AddressConfiguration", address(broadcast="198.51.100.255"), 107),
    ("setIPv4AddressConfiguration", address(address="192.0.2.255"), 107),
    ("setIPv4AddressConfiguration", {"useStaticDHCPFallback": "no"}, 108),
    ("setIPv4AddressConfiguration", {"linkLocalMode": True}, 109),
    ("setIPv4AddressConfiguration", {"useDHCPStaticRoutes": None}, 110),
    ("setIPv4AddressConfiguration", {"enabled": False}, 111),
    ("setIPv6AddressConfiguration", {"deviceName": []}, 100),
    ("setIPv6AddressConfiguration", {"enabled": "no"}, 101),
    ("setDeviceConfiguration", {"deviceName": {}}, 100),
    ("setDeviceConfiguration", {"staticState": "off"}, 101),
    ("setGlobalProxyConfiguration", {"httpProxy": "192.0.2.8:8080"}, 100),
    ("setGlobalProxyConfiguration", {"httpsProxy": ["http://192.0.2.8"]}, 101),
    ("setGlobalProxyConfiguration", {"noProxy": "*.example.com"}, 102),
    ("setWired8021XConfiguration", {"deviceName": "eth9"}, 100),
    ("setWired8021XConfiguration", {"enabled": "yes"}, 101),
    ("setWired8021XConfiguration", {"mode": "MACsec PSK"}, 102),
    ("setWired8021XConfiguration", {"identity": "x" * 129}, 103),
    ("setWired8021XConfiguration", {"eapolVersion": 2}, 104),
    ("setWired8021XConfiguration", {"password": 1}, 107),
    ("setWired8021XConfiguration", {"peapVersion": "1"}, 108),
    ("setWired8021XConfiguration", {"label": True}, 109),
    ("setWired8021XConfiguration", {"label": "1"}, 109),
    ("setWired8021XConfiguration", {"mkaCak": "00" * 15}, 110),
    ("setWired8021XConfiguration", {"mkaCkn": "caf"}, 111),
    ("setWired8021XConfiguration", {"certClient": "nobody"}, 112),
    ("setWired8021XConfiguration", {"certsCA": ["nobody"]}, 113),
    ("addVlan", {"masterDeviceName": "eth1", "VlanId": 4}, 100),
    ("addVlan", {"masterDeviceName": "eth0", "VlanId": 4095}, 101),
    ("addVlan", {"masterDeviceName": "eth0", "VlanId": "4"}, 101),
    ("removeVlan", {"VlanName": "wlan0.1"}, 100),
    ("removeVlan", {"VlanName": "eth0.9"}, 201),
]


def test_bad_values_have_their_sub_code_and_change_nothing(client, fleet):
    device = client("axis-os-12")
    before = fleet.state(device.device.serial)["network"]
    for method, params, sub_code in BAD:
        eth0 = {} if method.startswith(("setHost", "setRes", "setGlob", "add", "rem")) else {"deviceName": "eth0"}
        answer = device.call(CGI, method, {**eth0, **params}, apiVersion="1.38")
        assert code(answer) == (4004, sub_code), (method, params)
        assert answer["error"]["message"] == "Invalid parameter(s)" and answer["method"] == method
    assert fleet.state(device.device.serial)["network"] == before
    assert all(request["write"] for request in fleet.writes(device.device.serial))


@pytest.mark.parametrize(
    "method, params, wanted",
    [
        ("setIPv4AddressConfiguration", {"deviceName": "eth1"}, (5000, None)),
        ("setIPv6AddressConfiguration", {"deviceName": "eth1"}, (5000, None)),
        ("setDeviceConfiguration", {"deviceName": "wlan0"}, (5000, None)),
        ("setIPv4AddressConfiguration", {}, (4003, None)),
        ("setIPv4AddressConfiguration", {"deviceName": "eth0", "staticAddressConfigurations": [{}]}, (4003, None)),
        ("setWired8021XConfiguration", {"enabled": True}, (4003, None)),
        ("addVlan", {"VlanId": 3}, (4003, None)),
        ("removeVlan", {}, (4003, None)),
        ("setEverything", {}, (4000, None)),
    ],
)
def test_other_errors(method, params, wanted, client):
    assert code(client("axis-os-12").call(CGI, method, params)) == wanted


def test_newer_parameters_are_unknown_to_older_versions(client, fleet):
    device = client("axis-os-9")
    wanted = {"deviceName": "eth0", "linkLocalMode": "nonsense", "useDHCPStaticRoutes": 7}
    assert device.call(CGI, "setIPv4AddressConfiguration", wanted)["data"] == {}


@pytest.mark.parametrize(
    "name, value",
    [
        ("Network.IPAddress", "2001:db8::1"),
        ("Network.IPAddress", "0.0.0.0"),
        ("Network.IPAddress", ""),
        ("Network.SubnetMask", "255.0.255.0"),
        ("Network.SubnetMask", "0.0.0.0"),
        ("Network.Broadcast", ""),
        ("Network.DefaultRouter", "2001:db8::1"),
        ("Network.HostName", ""),
        ("Network.HostName", "a b"),
        ("Network.DomainName", "a b"),
        ("Network.Interface.I0.dot1x.EAPOLVersion", "4"),
    ],
)
def test_param_cgi_refuses_what_can_not_be(name, value, client, fleet):
    for profile in ("axis-os-12", "axis-os-5"):
        device = client(profile)
        before = fleet.state(device.device.serial)["network"]
        assert device.params("update", **{name: value}).startswith("# Error: Error setting ")
        assert fleet.state(device.device.serial)["network"] == before


def test_rest_is_read_only(client):
    device = client("axis-os-12")
    for path in ("", "/system", "/system/staticHostname", "/wired/auth", "/ip/configs"):
        assert device.ask("PATCH", REST + path, json={"data": {}}).status_code == 405
        assert device.ask("GET", REST + path).status_code == 200
    assert device.ask("GET", f"{REST}/switch").status_code == 404


def test_bad_control_requests(client, fleet):
    serial = fleet.device("axis-os-12").serial
    for changes in (
        {"network": {"nope": 1}},
        {"network": {"interfaces": {"eth1": {}}}},
        {"plan": {"network": "no"}},
        {"plan": {"switch": "no"}},
        {"plan": {"lease": {"mask": 8}}},
        {"parameters": {"Network.eth0.IPAddress": "192.0.2.1"}},
    ):
        with pytest.raises(FleetError):
            fleet.patch(serial, changes)


# -- 802.1X


def dot1x(device):
    return settings(device)[1]["wired"]["8021X"]


def own_configuration(device, mode):
    return next(entry["params"] for entry in dot1x(device)["configurations"] if entry["mode"] == mode)


@pytest.mark.parametrize("switch, status", [("open", "Unauthorized"), ("accepts", "Authorized")])
def test_eap_tls(switch, status, client, fleet):
    device = client("axis-os-12")
    serial = device.device.serial
    fleet.patch(serial, {"ca_certificates": ["corp-root"], "plan": {"switch": switch, "network_seconds": 1}})
    wanted = {
        "identity": "cam-17",
        "eapolVersion": "EAPoLv2",
        "certClient": "Axis device ID RSA-2048 (802.1AR)",
        "certsCA": ["corp-root"],
    }
    answer = device.call(
        CGI, "setWired8021XConfiguration", {"deviceName": "eth0", "enabled": True, "mode": EAP_TLS, **wanted}
    )
    assert answer["data"] == {}
    assert (dot1x(device)["enabled"], dot1x(device)["status"]) == (True, "Connecting")
    fleet.wait_for_network(serial)
    assert dot1x(device)["status"] == status and own_configuration(device, EAP_TLS) == wanted
    names = lines(device.params("list", group="root.Network.Interface.I0.dot1x"))
    shown = [
        names[f"root.Network.Interface.I0.dot1x.{name}"]
        for name in ("Enabled", "Status", "EAPOLVersion", "EAPTLS.Identity")
    ]
    assert shown == ["yes", status, "2", "cam-17"]
    auth = device.ask("GET", f"{REST}/wired/auth").json()["data"]
    assert (auth["mode"], auth["status"], auth["configs"]["eapTls"]["caCerts"]) == (
        "EAP_TLS",
        status.upper(),
        ["corp-root"],
    )
    device.call(CGI, "setWired8021XConfiguration", {"deviceName": "eth0", "enabled": False})
    assert dot1x(device)["status"] == "Stopped"


@pytest.mark.parametrize("profile", ["axis-os-12", "axis-os-9"])
def test_eap_tls_needs_a_client_certificate(profile, client):
    device = client(profile)
    wanted = {"deviceName": "eth0", "certClient": ""}
    assert device.call(CGI, "setWired8021XConfiguration", wanted)["data"] == {}
    assert code(device.call(CGI, "setWired8021XConfiguration", {"deviceName": "eth0", "enabled": True})) == (4004, 112)
    name = "Network.Interface.I0.dot1x.Enabled"
    assert device.params("update", **{name: "yes"}) == f"# Error: Error setting 'root.{name}' to 'yes'!\n"


def test_certificates_are_those_of_the_store(client, fleet):
    device = client("axis-os-12")
    serial = device.device.serial

    def used_by(alias):
        return fleet.state(serial)["certificates"][alias]["used_by"]

    rsa = "Axis device ID RSA-2048 (802.1AR)"
    assert own_configuration(device, EAP_TLS)["certClient"] == DEVICE_ID
    assert "EAPTLS_WIRED" not in used_by(rsa)
    wanted = {"deviceName": "eth0", "enabled": True, "certClient": rsa, "certsCA": ["Axis device ID Root CA RSA"]}
    assert device.call(CGI, "setWired8021XConfiguration", wanted)["data"] == {}
    assert "EAPTLS_WIRED" in used_by(rsa) and "EAPTLS_WIRED" in used_by("Axis device ID Root CA RSA")
    assert code(device.call(CGI, "setWired8021XConfiguration", {**wanted, "certsCA": [rsa]})) == (4004, 113)
    fleet.patch(serial, {"certificates": {"drop": [rsa]}})
    assert own_configuration(device, EAP_TLS)["certClient"] == ""


def test_secrets_are_written_and_never_read(client, fleet):
    device = client("axis-os-12")
    peap = {
        "deviceName": "eth0",
        "mode": PEAP,
        "identity": "cam",
        "password": "CANARY-1",
        "peapVersion": "PEAPv0",
        "label": 2,
    }
    macsec = {"deviceName": "eth0", "mode": MACSEC, "mkaCak": "0a" * 16, "mkaCkn": "caffee", "enabled": True}
    assert code(device.call(CGI, "setWired8021XConfiguration", {**macsec, "mkaCkn": ""})) == (4004, 111)
    for wanted in (peap, macsec):
        assert device.call(CGI, "setWired8021XConfiguration", wanted)["data"] == {}
    assert own_configuration(device, PEAP) == {
        "identity": "cam",
        "is_password_set": True,
        "eapolVersion": "EAPoLv3",
        "peapVersion": "PEAPv0",
        "label": 2,
        "certClient": "",
        "certsCA": [],
    }
    assert own_configuration(device, MACSEC) == {"is_mka_cak_set": True, "mkaCkn": "caffee"}
    told = json.dumps([fleet.requests(), fleet.state(device.device.serial)])
    assert "CANARY" not in told and "0a" * 16 not in told


def test_macsec_needs_a_key(client, fleet):
    device = client("axis-os-12")
    fleet.patch(device.device.serial, {"plan": {"switch": "accepts", "network_seconds": 0}})
    wanted = {"deviceName": "eth0", "mode": MACSEC, "enabled": True}
    assert code(device.call(CGI, "setWired8021XConfiguration", wanted)) == (4004, 101)
    keys = {"mkaCak": "00" * 32, "mkaCkn": "01"}
    assert device.call(CGI, "setWired8021XConfiguration", {**wanted, **keys})["data"] == {}
    fleet.wait_for_network(device.device.serial)
    assert dot1x(device)["MACsecSecured"] is True
