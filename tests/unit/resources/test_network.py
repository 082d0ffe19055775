# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network settings: what is read, refused, planned and sent; how a device is found again and recognised."""

from __future__ import annotations

import copy
import dataclasses
import ipaddress
import json
import socket
import typing as t
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from unit.fake import DISCOVER, NEEDS_RECORDINGS, P3265, PARAM, FakeSession, Sent, answer, json_answer

from ansible_collections.axis.vapix.plugins.module_utils.device import whereabouts
from ansible_collections.axis.vapix.plugins.module_utils.device.device import Device
from ansible_collections.axis.vapix.plugins.module_utils.engine import reconcile as engine
from ansible_collections.axis.vapix.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.axis.vapix.plugins.module_utils.model.option import flatten_options
from ansible_collections.axis.vapix.plugins.module_utils.model.resource import World as NoPromises
from ansible_collections.axis.vapix.plugins.module_utils.resources import network
from ansible_collections.axis.vapix.plugins.module_utils.resources.network import DECLARED, checks, settings
from ansible_collections.axis.vapix.plugins.module_utils.wire.address import Address
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import (
    BadAnswer,
    ConnectionFailed,
    InvalidOption,
    NotSupported,
    NotTaken,
    RolledBack,
    TlsFailed,
)

INFO, USERGROUP = "/axis-cgi/basicdeviceinfo.cgi", "/axis-cgi/usergroup.cgi"
HOME, LEASE, NEW = "192.168.0.90", "10.0.0.48", "192.168.0.7"
SERIAL = "B8A44F000001"
Args = dict[str, t.Any]


class Clock:
    """Time that passes only by waiting."""

    def __init__(self) -> None:
        self.now = 1000.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def monotonic(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    for module in (network, whereabouts, engine):
        monkeypatch.setattr(module, "time", made)
    return made


#: What names resolve to.
NAMES = {
    "four.example.net": ["192.0.2.4"],
    "six.example.net": ["2001:db8::5"],
    "both.example.net": ["192.0.2.4", "2001:db8::5"],
}


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that were looked up. Addresses are their own."""
    asked = []

    def look_up(host: str, port: int, **_options: t.Any) -> list[tuple[t.Any, ...]]:
        asked.append(host)
        found = NAMES.get(host, [host] if checks.is_address(host) else [])
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        families = {4: socket.AF_INET, 6: socket.AF_INET6}
        return [
            (families[ipaddress.ip_address(text).version], socket.SOCK_STREAM, 6, "", (text, port)) for text in found
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def blank() -> Args:
    """getNetworkInfo as a device answers it, short."""
    dot1x = {
        "enabled": False,
        "mode": "WPA-Enterprise-EAPTLS",
        "configurations": [
            {
                "mode": "WPA-Enterprise-PEAP-MSCHAPv2",
                "params": {
                    "identity": "", "is_password_set": False, "eapolVersion": "EAPoLv3", "peapVersion": "PEAPv1",
                    "label": 1, "certClient": "", "certsCA": [],
                },
            },
            {
                "mode": "WPA-Enterprise-EAPTLS",
                "params": {"identity": "48", "eapolVersion": "EAPoLv3", "certClient": "", "certsCA": []},
            },
            {"mode": "MACsec-PSK", "params": {"is_mka_cak_set": False, "mkaCkn": ""}},
        ],
        "supportedModes": ["WPA-Enterprise-PEAP-MSCHAPv2", "WPA-Enterprise-EAPTLS", "MACsec-PSK"],
    }  # fmt: skip
    return {
        "system": {
            "maxSupportedVlans": 1,
            "deviceSwitching": {"mode": "auto", "activeDevices": ["eth0"]},
            "hostname": {"useDhcpHostname": True, "hostname": "axis-1", "staticHostname": "axis-1"},
            "resolver": {
                "useDhcpResolverInfo": True, "nameServers": ["1.1.1.1"], "staticNameServers": [],
                "maxSupportedStaticNameServers": 3, "staticSearchDomains": [], "maxSupportedStaticSearchDomains": 6,
                "staticDomainName": "",
            },
            "globalProxies": {"httpProxy": "", "httpsProxy": "", "noProxy": ""},
        },
        "devices": [
            {
                "name": "eth0",
                "type": "wired",
                "partOfBridge": "",
                "wired": {"8021X": dot1x},
                "IPv4": {
                    "enabled": True, "configurationMode": "dhcp", "linkLocalMode": "fallback",
                    "addresses": [{"address": LEASE, "prefixLength": 24, "origin": "dhcp", "scope": "global"}],
                    "maxSupportedStaticAddressConfigurations": 1,
                    "staticAddressConfigurations": [{"address": HOME, "prefixLength": 24}],
                    "staticDefaultRouter": "192.168.0.1", "useStaticDHCPFallback": False, "useDHCPStaticRoutes": False,
                },
                "IPv6": {"enabled": False, "addresses": []},
            }
        ],
    }  # fmt: skip


PARAMETERS = {
    "Network.IPv6.AcceptRA": "yes", "Network.IPv6.DHCPv6": "auto", "Network.IPv6.IPAddress": "",
    "Network.IPv6.DefaultRouter": "", "Network.IPv6.Enabled": "no",
}  # fmt: skip
OLD = PARAMETERS | {
    "Network.BootProto": "dhcp", "Network.IPAddress": HOME, "Network.SubnetMask": "255.255.255.0",
    "Network.Broadcast": "192.168.0.255", "Network.DefaultRouter": "192.168.0.1", "Network.HostName": "axis-1",
    "Network.DNSServer1": "0.0.0.0", "Network.DNSServer2": "0.0.0.0", "Network.DomainName": "",
    "Network.Enabled": "yes", "Network.VolatileHostName.ObtainFromDHCP": "yes",
    "Network.Resolver.ObtainFromDHCP": "yes", "Network.ZeroConf.Enabled": "yes",
    "Network.Interface.I0.SystemDevice": "eth0", "Network.Interface.I0.dot1x.Enabled": "no",
    "Network.Interface.I0.dot1x.EAPOLVersion": "1", "Network.Interface.I0.dot1x.EAPTLS.Identity": "",
    "Network.eth0.IPAddress": LEASE, "Network.eth0.SubnetMask": "255.255.255.0",
    "Properties.System.SerialNumber": SERIAL,
}  # fmt: skip

#: Who is where.
World = dict[str, "Camera"]


class Camera:
    """A device as the pages and recordings have it: settings by JSON CGI, or parameters only; it really moves."""

    def __init__(self, world: World, serial: str = SERIAL, old: bool = False) -> None:
        self.world, self.serial, self.old = world, serial, old
        self.info = blank()
        self.parameters = dict(OLD if old else PARAMETERS)
        self.aliases = {"certificates": ["device"], "ca_certificates": ["root", "other"]}
        self.calls: list[tuple[str, Args]] = []
        self.updates: list[dict[str, str]] = []
        self.tells_serial = True
        self.outcome = "moves"  # or "rolls back", "vanishes", "ignores", "lingers"
        self.lease = LEASE

    def answer(self, request: Sent) -> t.Any:
        data = request.json if request.body.startswith(b"{") else None
        if request.target == INFO:
            if self.old or (request.anonymous and not self.tells_serial):
                return answer("", 404 if self.old else 401)
            return json_answer({"data": {"propertyList": {"SerialNumber": self.serial, "Version": "12.11.77"}}})
        if request.target == USERGROUP:
            realm = f"AXIS_{self.serial}" if self.tells_serial else "camera"
            if not request.anonymous:
                return answer("root\nroot admin operator viewer ptz")
            return dataclasses.replace(
                answer("", 401), headers={"WWW-Authenticate": f'Digest realm="{realm}", nonce="1"'}
            )
        assert not request.anonymous, "nothing else is asked without a login"
        if request.target == PARAM:
            return self._param(request.form)
        if request.target == settings.PATH and not self.old:
            return json_answer({"apiVersion": "1.38", "method": data["method"], "data": self._call(data)})
        if request.target == DISCOVER and not self.old:
            api = {"v1": {"version": "1.1.2", "state": "released", "rest_api": "/config/rest/cert/v1"}}
            return json_answer({"apis": {"cert": api}})
        for kind, aliases in self.aliases.items():
            if request.target == f"/config/rest/cert/v1/{kind}":
                pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
                return json_answer({"status": "success", "data": [{"alias": a, "certificate": pem} for a in aliases]})
        return answer("<html>", 404, "text/html")

    def _param(self, form: dict[str, str]) -> t.Any:
        if form.pop("action") == "list":
            groups = tuple(f"{group.removeprefix('root.')}." for group in form["group"].split(","))
            found = [f"root.{name}={value}" for name, value in self.parameters.items() if name.startswith(groups)]
            return answer("\n".join(found) + "\n")
        values = {name.removeprefix("root."): value for name, value in form.items()}
        assert values.keys() <= self.parameters.keys(), "a parameter that is not there"
        self.updates.append(values)
        before = dict(self.parameters)
        if self.outcome != "ignores":
            self.parameters |= values
        if self.old and {"Network.BootProto", "Network.IPAddress"} & values.keys():
            static = self.parameters["Network.BootProto"] == "none"
            self._go(self.parameters["Network.IPAddress"] if static else self.lease, lambda: self._restore(before))
        return answer("OK")

    def _restore(self, parameters: dict[str, str]) -> None:
        self.parameters = parameters

    def _call(self, data: Args) -> Args:
        method, params = data["method"], data.get("params", {})
        if method == "getNetworkInfo":
            return copy.deepcopy(self.info)
        self.calls.append((method, params))
        if self.outcome == "ignores":
            return {}
        system, eth0 = self.info["system"], self.info["devices"][0]
        values = {name: value for name, value in params.items() if name != "deviceName"}
        assert params.get("deviceName", "eth0") == "eth0"
        if method == "setHostnameConfiguration":
            system["hostname"] |= values
        elif method == "setResolverConfiguration":
            system["resolver"] |= values
        elif method == "setGlobalProxyConfiguration":
            masked = {name: checks.re.sub(r":[^:@/]+@", ":****@", value) for name, value in values.items()}
            system["globalProxies"] |= masked
        elif method == "setIPv6AddressConfiguration":
            eth0["IPv6"] |= values
        elif method == "setWired8021XConfiguration":
            self._dot1x(eth0["wired"]["8021X"], values)
        elif method == "addVlan":
            self.info["devices"].append({"name": f"{params['masterDeviceName']}.{params['VlanId']}", "type": "vlan"})
        elif method == "removeVlan":
            self.info["devices"] = [entry for entry in self.info["devices"] if entry["name"] != params["VlanName"]]
        elif method == "setIPv4AddressConfiguration":
            self._ipv4(eth0, values)
        else:
            raise AssertionError(method)
        return {}

    @staticmethod
    def _dot1x(now: Args, values: Args) -> None:
        now |= {name: values.pop(name) for name in ("enabled", "mode") if name in values}
        params = next(entry["params"] for entry in now["configurations"] if entry["mode"] == now["mode"])
        for name, shown in (("password", "is_password_set"), ("mkaCak", "is_mka_cak_set")):
            if values.pop(name, None):
                values[shown] = True
        assert values.keys() <= params.keys(), "a setting of another mode"
        params |= values

    def _ipv4(self, eth0: Args, values: Args) -> None:
        before = copy.deepcopy(eth0["IPv4"])
        eth0["IPv4"] |= values
        after = eth0["IPv4"]
        static = after["configurationMode"] == "static"
        host = after["staticAddressConfigurations"][0]["address"] if static else self.lease
        origin = "static" if static else "dhcp"
        ip = host if host[0].isdigit() else LEASE  # a name of whatever DHCP gave it
        after["addresses"] = [{"address": ip, "prefixLength": 24, "origin": origin, "scope": "global"}]
        self._go(host, lambda: eth0.__setitem__("IPv4", before))

    def _go(self, host: str, restore: t.Callable[[], None]) -> None:
        """Take effect as a device does: go to the address, or take it back, or be gone."""
        here = next(place for place, camera in self.world.items() if camera is self)
        if self.outcome == "rolls back":
            restore()
        elif self.outcome == "vanishes":
            del self.world[here]
        elif self.outcome == "moves" and host != here:
            self.world[host] = self.world.pop(here)


class WorldSession(FakeSession):
    """Requests to whoever is at the address of the session."""

    def __init__(self, world: World, host: str, address: Address | None = None) -> None:
        super().__init__()
        self.world = world
        self.address = address or Address(host, 80, "http")
        self.asked: list[str] = []
        self.untrusted: set[str] = set()
        self.unverified = False

    def request(self, method: str, target: str, **options: t.Any) -> t.Any:
        options.pop("content_type", None)
        request = Sent(method, target, options.get("body") or b"", options.get("safe", False),
                       options.get("anonymous", False))  # fmt: skip
        self.sent.append(request)
        host = self.address.host
        self.asked.append(host)
        if host not in self.world:
            raise ConnectionFailed("nothing listens on port 80 (connection refused)")
        if not self.unverified and host in self.untrusted and self.address.certificate_name is None:
            raise TlsFailed("the device's certificate is not trusted")
        return self.world[host].answer(request)

    def again(self, *, credentials: t.Any = None, unverified: bool = False, **changes: t.Any) -> t.Any:
        other = copy.copy(self)  # the same records
        other.address = dataclasses.replace(self.address, **changes)
        other.unverified = unverified
        return other

    def logins(self, host: str) -> list[Sent]:
        """Requests that an address got with a login."""
        return [sent for sent, asked in zip(self.sent, self.asked, strict=True) if asked == host and not sent.anonymous]

    def move(self, **changes: t.Any) -> None:
        self.address = dataclasses.replace(self.address, **changes)

    def __enter__(self) -> WorldSession:
        return self

    def __exit__(self, *_error: object) -> None:
        pass


@pytest.fixture
def world() -> World:
    return {}


@pytest.fixture
def camera(world: World) -> Camera:
    world[LEASE] = Camera(world)
    return world[LEASE]


@pytest.fixture
def old(world: World) -> Camera:
    world[LEASE] = Camera(world, old=True)
    return world[LEASE]


@dataclasses.dataclass
class Done:
    result: Args
    session: WorldSession
    said: list[str]
    warned: list[str]

    @property
    def paths(self) -> list[str]:
        return [change["path"] for change in self.result["changes"]]


STEERING = {"reconnect_timeout": 30.0, "update_secrets": "on_change", "on_unsupported": "fail"}


def target(world: World, args: Args, host: str = LEASE, address: Address | None = None) -> tuple[t.Any, Done]:
    session = WorldSession(world, host, address)
    done = Done({}, session, [], [])
    device = Device(t.cast(t.Any, session), done.said.append, done.warned.append)
    return DECLARED.on(device, STEERING | args), done


def run(world: World, args: Args, host: str = LEASE, check: bool = False, address: Address | None = None) -> Done:
    aimed, done = target(world, args, host, address)
    done.result = reconcile(aimed, check)
    return done


def refused(world: World, args: Args, host: str = LEASE) -> str:
    """The problem of an error that comes before anything is written."""
    aimed, done = target(world, {}, host)
    with pytest.raises((InvalidOption, NotSupported)) as caught:
        done.result = reconcile(DECLARED.on(aimed.device, STEERING | args), False)
    assert not any(camera.calls or camera.updates for camera in world.values())
    assert "apiVersion" not in str(caught.value)
    return caught.value.problem


def static(*addresses: str, **more: t.Any) -> Args:
    return {"ipv4": {"source": "static", "addresses": list(addresses)} | more}


# -- reading ---------------------------------------------------------------------------------------------------------


@NEEDS_RECORDINGS
def test_a_recorded_device() -> None:
    info = json.loads((P3265 / "network_settings-getNetworkInfo.json").read_text())
    session = FakeSession({settings.PATH: json_answer(info), PARAM: answer(
        (P3265 / "param-list-Network.txt").read_text())})  # fmt: skip
    found = settings.read(Device(t.cast(t.Any, session)), None, None, True)
    assert (found.interface, found.wired, found.vlans, found.active) == ("eth0", "eth0", {}, {"eth0"})
    assert found.values == {
        "hostname.source": "dhcp", "hostname.name": "axis-accc8e000001",
        "dns.source": "static", "dns.servers": ["1.1.1.1"], "dns.search_domains": [], "dns.domain": "",
        "global_proxy.http": "", "global_proxy.https": "", "global_proxy.no_proxy": [],
        "ipv6.enabled": False, "ipv6.accept_ra": True, "ipv6.dhcpv6": "auto", "ipv6.addresses": [],
        "ipv6.gateway": "",
        "dot1x.enabled": False, "dot1x.mode": "eap_tls", "dot1x.identity": "48", "dot1x.eapol_version": "3",
        "dot1x.client_certificate": "Axis device ID ECC-P256 (802.1AR)", "dot1x.ca_certificates": [],
        "ipv4.enabled": True, "ipv4.source": "dhcp", "ipv4.addresses": ["192.168.0.90/24"],
        "ipv4.gateway": "192.168.0.1", "ipv4.static_fallback": False, "ipv4.link_local": "fallback",
        "ipv4.dhcp_static_routes": False,
    }  # fmt: skip
    assert found.limits == {"dns.servers": 3, "dns.search_domains": 6, "ipv4.addresses": 1, "vlans": 1}
    assert found.live == (settings.Live(ipaddress.ip_interface("10.0.0.48/24"), "dhcp", "eth0"),)
    assert session.sent[0].json == {"apiVersion": "1.0", "method": "getNetworkInfo"} and session.writes == []
    other = settings.read(Device(t.cast(t.Any, session)), "eth0", "peap_mschapv2", False)
    assert "ipv6.addresses" not in other.values and other.values["dot1x.password"] is False
    assert (other.values["dot1x.peap_version"], other.values["dot1x.peap_label"]) == ("1", "1")


@NEEDS_RECORDINGS
def test_a_recorded_device_by_parameters() -> None:
    """The same device, had it no network_settings.cgi."""
    session = FakeSession({PARAM: answer((P3265 / "param-list-Network.txt").read_text())})
    found = settings.read(Device(t.cast(t.Any, session)), None, None, True)
    assert found.values == {
        "hostname.source": "dhcp", "hostname.name": "axis-b8a44f631339", "dns.source": "static",
        "dns.servers": ["1.1.1.1"], "dns.domain": "", "ipv6.enabled": False, "ipv6.accept_ra": True,
        "ipv6.dhcpv6": "auto", "ipv6.addresses": [], "ipv6.gateway": "", "dot1x.enabled": False,
        "dot1x.eapol_version": "3", "dot1x.identity": "48", "ipv4.enabled": True, "ipv4.source": "dhcp",
        "ipv4.addresses": ["192.168.0.90/24"], "ipv4.gateway": "192.168.0.1", "ipv4.link_local": "fallback",
    }  # fmt: skip
    assert found.live == (settings.Live(ipaddress.ip_interface("10.0.0.48/24"), "", "eth0"),)


def test_which_interface_is_meant(world: World, camera: Camera) -> None:
    """The one we are connected to, else one in use; 802.1X is that of the port below it."""
    eth0 = camera.info["devices"][0]
    bridge = {"name": "br0", "type": "bridge", "IPv4": eth0.pop("IPv4"), "Ipv6": eth0.pop("IPv6")}
    port = {"name": "eth1.1", "type": "switchPort", "partOfBridge": "br0"}
    eth0["partOfBridge"] = "br0"
    wlan = {"name": "wlan0", "type": "wlan", "IPv4": bridge["IPv4"] | {"addresses": []}}
    down = {"name": "eth2", "wired": {"isDownlink": True, "8021X": {}}}
    camera.info["devices"] = [down, wlan, eth0, port, bridge]
    device = target(world, {})[0].device
    found = settings.read(device, None, None, False)
    assert (found.interface, found.wired, found.vlans) == ("br0", "eth0", {})
    assert found.values["ipv6.enabled"] is False
    camera.info["system"]["deviceSwitching"]["activeDevices"] = ["wlan0"]
    world["camera.example.net"] = camera
    device.session.address = Address("camera.example.net", 80, "http")
    assert settings.read(device, None, None, False).interface == "wlan0"
    assert settings.read(device, "br0", None, False).interface == "br0"
    with pytest.raises(InvalidOption, match="no interface 'eth7'"):
        settings.read(device, "eth7", None, False)
    camera.info["devices"] = [port]
    with pytest.raises(BadAnswer, match="no interface that can have an address"):
        settings.read(device, None, None, False)


@pytest.mark.parametrize(
    "spelling", ["WPA-Enterprise_EAPTLS", "WPA-Enterprise-EAP-TLS", "wpa-enterprise-eaptls", "WPA-Enterprise-EAPTLS"]
)
def test_spellings_that_pages_and_devices_have(spelling: str, world: World, camera: Camera) -> None:
    system, dot1x = camera.info["system"], camera.info["devices"][0]["wired"]["8021X"]
    system["resolver"]["useDHCPResolverInfo"] = system["resolver"].pop("useDhcpResolverInfo")
    dot1x["mode"] = spelling
    dot1x["params"] = {"identity": "x", "peapVersion": 1, "eapolVersion": "EAPoLv2"}
    del dot1x["configurations"]
    found = settings.read(target(world, {})[0].device, None, None, False)
    assert found.values["dns.source"] == "dhcp"
    assert [found.values[f"dot1x.{o}"] for o in ("mode", "identity", "peap_version", "eapol_version")] == [
        "eap_tls", "x", "1", "2"
    ]  # fmt: skip


def test_an_address_that_is_gone_is_none(world: World, camera: Camera) -> None:
    camera.info["devices"][0]["IPv4"]["addresses"].append(
        {"address": HOME, "prefixLength": 24, "origin": "static", "scope": "nowhere"}
    )
    found = settings.read(target(world, {})[0].device, None, None, False)
    assert [live.host for live in found.live] == [LEASE]


@pytest.mark.parametrize(
    "place, value",
    [
        ("staticAddressConfigurations", [{"address": "x"}]),
        ("staticAddressConfigurations", 4),
    ],
)
def test_unusable_answers(place: str, value: t.Any, world: World, camera: Camera) -> None:
    camera.info["devices"][0]["IPv4"][place] = value
    with pytest.raises(BadAnswer, match=f"unusable 'IPv4.{place}'"):
        run(world, {"hostname": {"name": "x"}})


# -- refusing --------------------------------------------------------------------------------------------------------

WRONG: list[tuple[Args, str]] = [
    (static("192.168.0.7"), "has no prefix length"),
    (static("192.168.0.7/33"), "is no IPv4 address with prefix length"),
    (static("192.168.0.7/0"), "prefix length that is not between 1 and 31"),
    (static("192.168.0.7/32"), "prefix length that is not between 1 and 31"),
    (static("192.168.0.0/24"), "is the address of the network 192.168.0.0/24 itself"),
    (static("192.168.0.255/24"), "is the broadcast address of 192.168.0.0/24"),
    (static("224.0.0.7/24"), "is a multicast address"),
    (static("0.0.0.0/24"), "is the unspecified address"),
    (static("250.0.0.7/24"), "is a reserved address"),
    (static("127.0.0.7/24", gateway="127.0.0.1"), "is a loopback address"),
    (static("2001:db8::7/64"), "is no IPv4 address"),
    (static("192.168.0.7/24", "192.168.0.7/24"), "something is there twice"),
    (static("192.168.0.7/24", "192.168.0.8/24"), "2 are given, the device holds 1"),
    (static(), "there are no addresses"),
    (static("10.1.0.7/24"), "192.168.0.1, which the device has now, is outside of 10.1.0.0/24"),
    (static("10.1.0.7/24", gateway="10.2.0.1"), "10.2.0.1 is outside of 10.1.0.0/24"),
    (static("10.1.0.7/24", gateway="10.1.0.7"), "is an address of the device itself"),
    (static("10.1.0.7/24", gateway="10.1.0.255"), "is the address of no host"),
    (static("10.1.0.7/24", gateway="fe80::1"), "is no IPv4 address"),
    ({"ipv4": {"gateway": "10.1.0.1"}}, "outside of 192.168.0.0/24, 10.0.0.0/24"),
    ({"ipv4": {"gateway": None}}, "cannot be null"),
    ({"ipv4": {"enabled": False}}, "ipv6 is off, too: the device would have no address"),
    ({"ipv4": {"enabled": False}, "ipv6": {"enabled": True}}, "the connection to the device may use ipv4"),
    (static(f"{NEW}/24") | {"hostname": {"source": "dhcp"}}, "hostname.source is dhcp, but ipv4.source is static"),
    (static(f"{NEW}/24") | {"dns": {"source": "dhcp"}}, "dns.source is dhcp, but ipv4.source is static"),
    ({"hostname": {"name": "a_b c"}}, "is no host name"),
    ({"hostname": {"name": "10.0.0.1"}}, "is no host name"),
    ({"hostname": {"name": "a" * 64}}, "is no host name"),
    ({"dns": {"servers": ["dns.example.net"]}}, "is no IP address"),
    ({"dns": {"servers": ["1.1.1.1", "2.2.2.2", "3.3.3.3", "4.4.4.4"]}}, "4 are given, the device holds 3"),
    ({"dns": {"servers": ["1.1.1.1", "1.1.1.1"]}}, "something is there twice"),
    ({"dns": {"search_domains": ["exa mple"]}}, "'exa mple' is no domain name"),
    ({"dns": {"domain": "10.0.0.1"}}, "'10.0.0.1' is no domain name"),
    ({"dns": {"source": None}}, "dns.source cannot be null"),
    ({"ipv6": {"addresses": ["2001:db8::7/129"]}}, "is no IPv6 address"),
    ({"ipv6": {"addresses": ["ff02::1/64"]}}, "is a multicast address"),
    ({"ipv6": {"gateway": "10.0.0.1"}}, "is no IPv6 address"),
    ({"vlans": [{"id": 0, "state": "present"}]}, "0 is not between 1 and 4094"),
    ({"vlans": [{"id": 4095, "state": "present"}]}, "4095 is not between 1 and 4094"),
    ({"vlans": [{"id": 4, "state": "present"}, {"id": 4, "state": "absent"}]}, "4 is there twice"),
    ({"vlans": [{"id": 4, "state": "present"}, {"id": 5, "state": "present"}]}, "would be 2, the device holds 1"),
    ({"global_proxy": {"http": "ftp://proxy"}}, "global_proxy.http is not the URL of a proxy"),
    ({"global_proxy": {"https": "http://user:secret@pro xy:99999"}}, "global_proxy.https is not the URL of a proxy"),
    ({"global_proxy": {"http": "http://proxy:0"}}, "global_proxy.http is not the URL of a proxy"),
    ({"global_proxy": {"no_proxy": ["*.example.net"]}}, "has a wildcard"),
    ({"global_proxy": {"no_proxy": ["a,b"]}}, "is no host, domain or network"),
    ({"dot1x": {"enabled": True}}, "in mode eap_tls without dot1x.client_certificate"),
    ({"dot1x": {"enabled": True, "mode": "peap_mschapv2"}}, "without dot1x.identity and dot1x.password"),
    ({"dot1x": {"enabled": True, "mode": "macsec_psk"}}, "without dot1x.cak and dot1x.ckn"),
    ({"dot1x": {"password": "secret"}}, "dot1x.password belongs to 802.1X mode peap_mschapv2, but the mode is eap_tls"),
    ({"dot1x": {"ckn": "ab"}, "on_unsupported": "warn"}, "dot1x.ckn belongs to 802.1X mode macsec_psk"),
    ({"dot1x": {"mode": "macsec_psk", "cak": "12"}}, "dot1x.cak is not 32 or 64 hexadecimal digits"),
    ({"dot1x": {"mode": "macsec_psk", "ckn": "123"}}, "is not 2 to 64 hexadecimal digits"),
    ({"dot1x": {"client_certificate": "mine"}}, "the device has no certificate 'mine'"),
    ({"dot1x": {"ca_certificates": ["root", "nope"]}}, "the device has no CA certificate 'nope'"),
    ({"dot1x": {"identity": "a\nb"}}, "printable characters"),
    ({"dot1x": {"identity": "a" * 129}}, "at most 128 printable characters"),
    ({"interface": "eth3", "hostname": {"name": "x"}}, "the device has no interface 'eth3'"),
    ({"reconnect_timeout": 0.0}, "is not between 0.1 and 86400"),
    (
        {"ipv4": {"source": "dhcp"}, "reconnect_hosts": ["gate", "10.0.0.5/24"]},
        "'10.0.0.5/24' is not a host name or an IP address",
    ),
]


@pytest.mark.parametrize("args, said", WRONG, ids=[said for dummy, said in WRONG])
def test_refused_before_anything_is_sent(args: Args, said: str, world: World, camera: Camera) -> None:
    assert said in refused(world, args)


def test_what_uses_the_connection_is_not_taken_away(world: World, camera: Camera) -> None:
    eth0 = camera.info["devices"][0]
    eth0["IPv6"] |= {"enabled": True}
    camera.parameters["Network.IPv6.IPAddress"] = "2001:db8::5"
    world |= {"2001:db8::5": camera, "169.254.3.4": camera, "camera.example.net": camera}
    by = {"camera.example.net": "host camera.example.net", LEASE: "may use ipv4"}
    for host, said in by.items():
        assert said in refused(world, {"ipv4": {"enabled": False}}, host)
    off = {"ipv6": {"enabled": False}}
    assert "may use ipv6" in refused(world, off, "2001:db8::5")
    assert "which it may lose" in refused(world, {"ipv6": {"addresses": ["2001:db8::6"]}}, "2001:db8::5")
    assert "link-local address" in refused(world, {"ipv4": {"link_local": "off"}}, "169.254.3.4")
    del world["camera.example.net"], world["169.254.3.4"], world["2001:db8::5"]
    assert run(world, off).paths == ["ipv6.enabled"]


@pytest.mark.parametrize("option", [{"accept_ra": False}, {"dhcpv6": "off"}, {"addresses": ["2001:db8::6"]}])
def test_a_name_is_what_it_resolves_to(option: Args, world: World, camera: Camera, names: list[str]) -> None:
    eth0 = camera.info["devices"][0]
    eth0["IPv6"] |= {"enabled": True}
    hosts = [*NAMES, "unknown.example.net"]
    world |= dict.fromkeys(hosts, camera)
    off, change = {"ipv6": {"enabled": False}}, {"ipv6": option}
    for host in ("both.example.net", "unknown.example.net"):
        assert f"may use ipv6 (host {host})" in refused(world, off, host)
        assert f"may use ipv6 (host {host}), and lose it" in refused(world, change, host)
    assert "may use ipv6" in refused(world, off, "six.example.net")
    assert "uses 2001:db8::5, which it may lose" in refused(world, change, "six.example.net")
    assert "may use ipv4" in refused(world, {"ipv4": {"enabled": False}}, "four.example.net")
    names.clear()
    through_proxy = Address("four.example.net", 80, "http", proxy="http://127.0.0.1:3128")
    with pytest.raises(InvalidOption, match="may use ipv6"):
        run(world, off, "four.example.net", address=through_proxy)
    assert names == []
    assert run(world, change, "four.example.net").paths == [f"ipv6.{next(iter(option))}"]
    assert names == ["four.example.net"]
    assert run(world, off, "four.example.net").paths == ["ipv6.enabled"]
    assert run(world, {"ipv6": {"accept_ra": None, "dhcpv6": None, "addresses": []}}, "both.example.net").paths == [
        f"ipv6.{next(iter(option))}"
    ], "IPv6 is off"


def test_connected_through_a_vlan(world: World, camera: Camera) -> None:
    """Its parent is where VLANs are, unless the user named it."""
    eth0 = camera.info["devices"][0]
    vlan = {"name": "eth0.30", "type": "vlan", "IPv4": eth0["IPv4"], "IPv6": eth0["IPv6"]}
    eth0["IPv4"] = eth0["IPv4"] | {"addresses": []}
    camera.info["devices"].append(vlan)
    camera.info["system"]["maxSupportedVlans"] = 2
    present, absent = ({"vlans": [{"id": 30, "state": state}]} for state in ("present", "absent"))
    done = run(world, present)
    assert done.paths == [] and done.result["interface"] == "eth0.30"
    assert "eth0.30 is in use" in refused(world, absent)
    assert run(world, present | {"interface": "eth0.30"}, check=True).result["changes"][0]["after"] == "eth0.30.30"
    other = run(world, {"vlans": [{"id": 31, "state": "present"}]})
    assert other.result["changes"][0]["after"] == "eth0.31"
    assert camera.calls == [("addVlan", {"masterDeviceName": "eth0", "VlanId": 31})]


def test_a_vlan_in_use_stays(world: World, camera: Camera) -> None:
    camera.info["devices"].append({"name": "eth0.4", "type": "vlan"})
    camera.info["system"]["deviceSwitching"]["activeDevices"] = ["eth0", "eth0.4"]
    assert "eth0.4 is in use" in refused(world, {"vlans": [{"id": 4, "state": "absent"}]})


def test_loopback_is_for_who_is_connected_to_loopback(world: World, camera: Camera) -> None:
    world["127.0.3.1"] = world.pop(LEASE)
    args = static("127.0.3.2/24", gateway="127.0.3.9")
    assert run(world, args, "127.0.3.1").result["address"] == "127.0.3.2"


def test_another_device_at_the_address(world: World, camera: Camera) -> None:
    """It is seen before anything is sent, in check mode too, and asked for nothing but its serial number."""
    other = world[NEW] = Camera(world, "B8A44F000002")
    for check in (True, False):
        aimed, done = target(world, static(f"{NEW}/24"))
        with pytest.raises(InvalidOption, match=f"something else answers at {NEW} already .*B8A44F000002"):
            reconcile(aimed, check)
        assert done.session.logins(NEW) == []
    assert not camera.calls and not other.calls
    other.tells_serial = False
    assert "it tells no serial number" in refused(world, static(f"{NEW}/24"))


@pytest.mark.parametrize("status", [502, 503, 504])
@pytest.mark.parametrize("proxy, free", [("http://127.0.0.1:3128", True), ("socks5h://127.0.0.1:1080", False)])
def test_a_proxy_that_reaches_nobody(
    proxy: str, free: bool, status: int, world: World, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An HTTP proxy answers itself where nobody is; through another one it is a device that answers."""

    def request(session: WorldSession, method: str, target: str, **options: t.Any) -> t.Any:
        if session.address.host not in world:
            return answer("<html>", status, "text/html")
        return plain(session, method, target, **options)

    plain = WorldSession.request
    monkeypatch.setattr(WorldSession, "request", request)
    found = whereabouts.who_is_at(t.cast(t.Any, WorldSession(world, LEASE, Address(LEASE, 80, proxy=proxy))), NEW)
    assert found.anybody is not free and found.serial is None
    if free:
        done = run(world, static(f"{NEW}/24"), address=Address(LEASE, 80, "http", proxy=proxy))
        assert done.result["address"] == NEW


def test_options_that_a_device_lacks(world: World, camera: Camera, old: Camera) -> None:
    del old
    camera = world[LEASE]
    args = {"dns": {"search_domains": ["a.example"]}, "hostname": {"name": "gate"}}
    assert "(param.cgi Network) cannot hold dns.search_domains" in refused(world, args)
    done = run(world, args | {"on_unsupported": "warn"})
    assert done.paths == ["hostname.name"] and len(done.warned) == 1
    assert camera.parameters["Network.HostName"] == "gate"
    assert "cannot set ipv4.link_local to fallback" in refused(
        {LEASE: Camera(world, old=True)}, {"ipv4": {"link_local": "fallback"}}
    )
    assert "cannot hold vlans" in refused({LEASE: Camera(world, old=True)}, {"vlans": [{"id": 1, "state": "present"}]})


def test_an_802_1x_mode_that_a_device_lacks(world: World, camera: Camera) -> None:
    dot1x = camera.info["devices"][0]["wired"]["8021X"]
    dot1x["supportedModes"] = ["WPA-Enterprise-EAPTLS"]
    args = {"dot1x": {"mode": "macsec_psk", "ckn": "ab"}}
    assert "cannot set dot1x.mode to macsec_psk" in refused(world, args)


# -- planning and writing --------------------------------------------------------------------------------------------


def test_all_in_order(world: World, camera: Camera) -> None:
    """What can cut us off is last, and the second run writes nothing."""
    args: Args = {
        "hostname": {"source": "static", "name": "gate"},
        "dns": {"source": "static", "servers": ["192.0.2.53", "2001:DB8::53"], "search_domains": ["b.net", "a.net"],
                "domain": "example.net"},
        "global_proxy": {"http": "http://proxy.example.net:3128", "no_proxy": ["localhost", "10.0.0.0/8"]},
        "ipv6": {"enabled": True, "accept_ra": False, "dhcpv6": "off", "addresses": ["2001:db8::7", "2001:db8:1::7/48"],
                 "gateway": "fe80::1"},
        "vlans": [{"id": 30, "state": "present"}, {"id": 31, "state": "absent"}],
        "dot1x": {"enabled": True, "mode": "eap_tls", "identity": "gate", "eapol_version": "2",
                  "client_certificate": "device", "ca_certificates": ["other", "root"]},
        "ipv4": {"source": "static", "addresses": [f"{NEW}/24"], "gateway": "192.168.0.254", "link_local": "off",
                 "static_fallback": True, "dhcp_static_routes": True},
    }  # fmt: skip
    predicted = run(world, args, check=True)
    assert not camera.calls and predicted.result["address"] == NEW
    done = run(world, args)
    assert done.result == predicted.result
    assert [method for method, dummy in camera.calls] == [
        "setHostnameConfiguration", "setResolverConfiguration", "setGlobalProxyConfiguration",
        "setIPv6AddressConfiguration", "addVlan", "setWired8021XConfiguration", "setIPv4AddressConfiguration",
    ]  # fmt: skip
    calls = dict(camera.calls)
    assert calls["setHostnameConfiguration"] == {"useDhcpHostname": False, "staticHostname": "gate"}
    assert calls["setResolverConfiguration"] == {
        "useDhcpResolverInfo": False, "staticNameServers": ["192.0.2.53", "2001:db8::53"],
        "staticSearchDomains": ["b.net", "a.net"], "staticDomainName": "example.net",
    }  # fmt: skip
    assert calls["setGlobalProxyConfiguration"] == {
        "httpProxy": "http://proxy.example.net:3128", "httpsProxy": "", "noProxy": "localhost,10.0.0.0/8"
    }  # fmt: skip
    assert calls["addVlan"] == {"masterDeviceName": "eth0", "VlanId": 30}
    assert calls["setWired8021XConfiguration"] == {
        "deviceName": "eth0", "enabled": True, "identity": "gate", "eapolVersion": "EAPoLv2", "certClient": "device",
        "certsCA": ["other", "root"],
    }  # fmt: skip
    assert calls["setIPv4AddressConfiguration"] == {
        "deviceName": "eth0", "configurationMode": "static", "linkLocalMode": "off", "useStaticDHCPFallback": True,
        "staticAddressConfigurations": [{"address": NEW, "prefixLength": 24}], "staticDefaultRouter": "192.168.0.254",
        "useDHCPStaticRoutes": True,
    }  # fmt: skip
    assert camera.updates == [{
        "Network.IPv6.AcceptRA": "no", "Network.IPv6.DHCPv6": "off", "Network.IPv6.DefaultRouter": "fe80::1",
        "Network.IPv6.IPAddress": "2001:db8::7/64 2001:db8:1::7/48",
    }]  # fmt: skip
    versions = {sent.json["method"]: sent.json["apiVersion"] for sent in done.session.writes
                if sent.target == settings.PATH}  # fmt: skip
    assert versions["setIPv4AddressConfiguration"] == "1.29" and versions["setIPv6AddressConfiguration"] == "1.6"
    assert versions["setHostnameConfiguration"] == "1.0"
    assert done.session.address.host == NEW and done.result["interface"] == "eth0"
    assert done.result["reboot_required"] is True
    risks = {change["path"]: change["risk"] for change in done.result["changes"]}
    assert risks["ipv4.source"] == risks["ipv4.addresses"] == "moves_address"
    assert (risks["dot1x.enabled"], risks["hostname.name"], risks["global_proxy.http"]) == (
        "restarts_service", "none", "reboots"
    )  # fmt: skip
    camera.calls.clear()
    camera.updates.clear()
    again = run(world, args, NEW)
    assert again.result["changes"] == [] and again.result["address"] == NEW
    assert not camera.calls and not camera.updates and again.session.writes == []


def test_a_static_address_that_is_not_in_use_moves_nothing(world: World, camera: Camera) -> None:
    """It is stored, nobody is looked for, and no address is asked whether it is free."""
    world[NEW] = Camera(world, "B8A44F000002")
    args = {"ipv4": {"addresses": [f"{NEW}/25"], "gateway": "192.168.0.2"}}
    done = run(world, args)
    assert {change["risk"] for change in done.result["changes"]} == {"none"}
    assert done.result["address"] == LEASE and done.said == [] and set(done.session.asked) == {LEASE}


def test_a_static_address_in_use_as_fallback_does(world: World, camera: Camera) -> None:
    ipv4 = camera.info["devices"][0]["IPv4"]
    ipv4["addresses"][0]["origin"] = "static"
    done = run(world, {"ipv4": {"addresses": [f"{NEW}/24"]}}, check=True)
    assert done.result["changes"][0]["risk"] == "moves_address"


def test_a_gateway_beside_dhcp(world: World, camera: Camera) -> None:
    """Where DHCP gives no router."""
    assert run(world, {"ipv4": {"gateway": "10.0.0.1"}}).paths == ["ipv4.gateway"]


def test_another_interface_than_ours(world: World, camera: Camera) -> None:
    """It moves, and we do not."""
    wlan = copy.deepcopy(camera.info["devices"][0]) | {"name": "wlan0", "type": "wlan"}
    wlan["IPv4"]["addresses"] = []
    camera.info["devices"].append(wlan)
    done = run(world, static(f"{NEW}/24") | {"interface": "wlan0"}, check=True)
    assert done.result["address"] == LEASE and done.result["interface"] == "wlan0"
    assert {change["risk"] for change in done.result["changes"]} == {"restarts_service"}


def test_equal_values_are_equal(world: World, camera: Camera) -> None:
    """However they are written."""
    camera.info["system"]["resolver"]["staticNameServers"] = ["2001:db8::53"]
    camera.parameters["Network.IPv6.IPAddress"] = "2001:db8::7 2001:db8::8/48"
    camera.info["devices"][0]["wired"]["8021X"]["configurations"][2]["params"]["mkaCkn"] = "CAFFEE"
    camera.info["devices"][0]["wired"]["8021X"]["mode"] = "MACsec PSK"
    args = {
        "ipv4": {"addresses": ["192.168.0.90/255.255.255.0"]},
        "dns": {"servers": ["2001:DB8:0::53"]},
        "ipv6": {"addresses": ["2001:db8:0::8/48", "2001:db8::7/64"], "gateway": None, "accept_ra": None},
        "dot1x": {"ckn": "Caffee", "mode": "macsec_psk"},
        "hostname": {"source": None},
        "global_proxy": None,
        "vlans": None,
    }
    args["global_proxy"] = dict.fromkeys(("http", "https", "no_proxy"))
    assert run(world, args).result["changes"] == []


def test_order_of_name_servers_counts(world: World, camera: Camera) -> None:
    camera.info["system"]["resolver"]["staticNameServers"] = ["192.0.2.1", "192.0.2.2"]
    assert run(world, {"dns": {"servers": ["192.0.2.2", "192.0.2.1"]}}).paths == ["dns.servers"]


def test_vlans_come_and_go(world: World, camera: Camera) -> None:
    camera.info["devices"].append({"name": "eth0.4", "type": "vlan"})
    args = {"vlans": [{"id": 4, "state": "absent"}, {"id": 5, "state": "present"}]}
    done = run(world, args)
    assert camera.calls == [
        ("removeVlan", {"VlanName": "eth0.4"}), ("addVlan", {"masterDeviceName": "eth0", "VlanId": 5})
    ]  # fmt: skip
    assert [(c["path"], c["before"], c["after"]) for c in done.result["changes"]] == [
        ("vlans.4", "eth0.4", None), ("vlans.5", None, "eth0.5")
    ]  # fmt: skip


# -- secrets ---------------------------------------------------------------------------------------------------------


def test_secrets_are_set_once_and_with_what_they_belong_to(world: World, camera: Camera) -> None:
    peap = {"enabled": True, "mode": "peap_mschapv2", "identity": "gate", "password": "CANARY-1"}
    done = run(world, {"dot1x": peap})
    assert done.paths == ["dot1x.enabled", "dot1x.mode", "dot1x.identity", "dot1x.password"]
    assert camera.calls[-1][1]["password"] == "CANARY-1" and "CANARY" not in json.dumps(done.result)
    assert run(world, {"dot1x": peap | {"password": "CANARY-2"}}).paths == [], "nobody can tell"
    assert run(world, {"dot1x": peap | {"identity": "yard"}}).paths == ["dot1x.identity", "dot1x.password"]
    assert run(world, {"dot1x": {"identity": "door"}}).paths == ["dot1x.identity"]
    always = run(world, {"dot1x": peap | {"identity": "door"}, "update_secrets": "always"})
    assert always.paths == ["dot1x.password"]
    macsec = {"mode": "macsec_psk", "cak": "00112233445566771111111111111111", "ckn": "CAFE"}
    assert run(world, {"dot1x": macsec}).paths == ["dot1x.mode", "dot1x.ckn", "dot1x.cak"]
    assert camera.calls[-1][1]["mkaCkn"] == "cafe"
    assert run(world, {"dot1x": macsec}).paths == []


def test_passwords_of_proxies(world: World, camera: Camera) -> None:
    """They are obscured when read: all else of the URL is compared."""
    url = "http://user:CANARY%201@proxy.example.net:3128"
    wanted = {"global_proxy": {"http": url}}
    assert DECLARED.secrets(wanted)[:2] == ["CANARY%201", "CANARY 1"]
    done = run(world, wanted)
    assert camera.calls[-1][1]["httpProxy"] == url and "CANARY" not in json.dumps(done.result)
    assert done.result["changes"][0]["after"] == "http://user@proxy.example.net:3128"
    assert run(world, wanted).paths == []
    assert run(world, wanted | {"update_secrets": "always"}).paths == ["global_proxy.http"]
    assert "hides its password" in refused({LEASE: _untouched(camera)}, {"global_proxy": {"https": "http://other"}})
    both = {"global_proxy": {"https": "http://other:80", "http": url}}
    assert run(world, both).paths == ["global_proxy.https"]
    assert camera.calls[-1][1] == {"httpProxy": url, "httpsProxy": "http://other:80", "noProxy": ""}
    url = "http://{}proxy.example.net{}"
    for other in (url.format("user@", ":3128"), url.format("user:CANARY@", ""), url.format("x:CANARY@", ":3128")):
        args = {"global_proxy": {"http": other, "https": "http://other:80"}}
        assert run(world, args, check=True).paths == ["global_proxy.http"]


def _untouched(camera: Camera) -> Camera:
    camera.calls.clear()
    camera.updates.clear()
    return camera


@pytest.mark.parametrize(
    "shown, wanted, same",
    [
        ("", "", True),
        ("http://a", "", False),
        ("http://*****@a:1", "http://u:p@a:1", True),
        ("http://*****:*****@a:1", "http://u:p@a:1", True),
        ("http://u:*****@a:1", "http://u:p@a:1", True),
        ("http://u:*****@a:1", "http://u:p@a:2", False),
        ("http://u@a:1", "http://u:p@a:1", False),
        ("https://a:1", "http://a:1", False),
        ("HTTP://A:1", "http://a:1/", True),
        ("nonsense://", "http://a", False),
    ],
)
def test_same_proxy(shown: str, wanted: str, same: bool) -> None:
    assert checks.same_proxy(shown, wanted) is same


# -- moving ----------------------------------------------------------------------------------------------------------


def test_to_a_static_address_and_back(world: World, camera: Camera) -> None:
    done = run(world, static(f"{NEW}/24"))
    assert done.session.address.host == NEW and world == {NEW: camera} and done.result["address"] == NEW
    assert done.said[0] == f"looking for it at {NEW} and {LEASE}" and done.said[-1].startswith(f"found it at {NEW}")
    assert run(world, static(f"{NEW}/24"), NEW).result["changes"] == []
    # The lease is where nobody could know it, except by asking the DHCP server.
    camera.lease = "10.0.0.200"
    args = {"ipv4": {"source": "dhcp"}, "reconnect_hosts": ["10.0.0.100", "10.0.0.200"]}
    assert run(world, args, NEW, check=True).result["address"] is None
    done = run(world, args, NEW)
    assert done.result["address"] == "10.0.0.200" and world == {"10.0.0.200": camera}


@pytest.mark.parametrize("lacks", [{"hostname.name": "a b"}, {"dns.domain": "10.0.0.5/24"}])
def test_names_that_are_none_are_not_looked_for(lacks: Args, world: World, camera: Camera) -> None:
    aimed, _done = target(world, {"ipv4": {"source": "dhcp"}})
    reading = aimed.read()
    reading = dataclasses.replace(reading, values=reading.values | {"dns.domain": "example.net"} | lacks)
    assert all(map(network.is_host, aimed._places([], reading)))


def test_connected_by_ipv6(world: World, camera: Camera) -> None:
    """IPv4 moves, the connection does not; still nobody else may have the new address."""
    host = "2001:db8::5"
    eth0 = camera.info["devices"][0]
    eth0["IPv6"] = {"enabled": True, "addresses": [{"address": host, "prefixLength": 64, "scope": "global"}]}
    world[host] = world.pop(LEASE)
    camera._go = lambda host, restore: None  # type: ignore[method-assign]
    other = world[NEW] = Camera(world, "B8A44F000002")
    assert f"something else answers at {NEW}" in refused(world, static(f"{NEW}/24"), host)
    assert not other.calls
    del world[NEW]
    for args in (static(f"{NEW}/24"), {"ipv4": {"source": "dhcp"}}):
        assert run(world, args, host, check=True).result["address"] == host
        done = run(world, args, host)
        assert done.result["address"] == host and done.said[-1].endswith("after 0 s")


@pytest.mark.parametrize("host", ["camera.example.net", "198.51.100.7"])
def test_a_lease_that_is_made_static(host: str, world: World, camera: Camera) -> None:
    """Nothing moves, so the name it is known by, or the address that is translated to it, stays."""
    world[host] = world.pop(LEASE)
    camera._go = lambda host, restore: None  # type: ignore[method-assign]
    args = static(f"{LEASE}/24", gateway="10.0.0.1")
    assert run(world, args, host, check=True).result["address"] == host
    done = run(world, args, host)
    assert done.result["address"] == host and done.said[-1].endswith("after 0 s")
    assert run(world, static(f"{NEW}/24", gateway="192.168.0.1"), host, check=True).result["address"] == NEW


def test_found_by_its_name(world: World, camera: Camera) -> None:
    run(world, static(f"{NEW}/24"))
    args = {"ipv4": {"source": "dhcp"}, "hostname": {"name": "gate"}, "dns": {"domain": "example.net"}}
    camera.lease = "gate.example.net"
    assert run(world, args, NEW).result["address"] == "gate.example.net"


def test_the_same_address_from_dhcp_and_static(world: World, camera: Camera) -> None:
    """It has to be in use as a static one; a device that does not show that is believed in the end."""
    args = static(f"{LEASE}/24", gateway="10.0.0.1")
    assert run(world, args).result["address"] == LEASE
    camera.info["devices"][0]["IPv4"]["configurationMode"] = "dhcp"
    camera._ipv4 = lambda eth0, values: eth0["IPv4"].update(values)  # type: ignore[method-assign]
    camera.info["devices"][0]["IPv4"]["addresses"][0]["origin"] = "dhcp"
    done = run(world, args)
    assert done.result["changed"] and "after 10 s" in done.said[-1]


def test_taken_back(world: World, camera: Camera, clock: Clock) -> None:
    camera.outcome = "rolls back"
    began = clock.now
    with pytest.raises(RolledBack) as caught:
        run(world, static(f"{NEW}/24") | {"hostname": {"name": "gate"}})
    error = caught.value
    assert f"at {NEW}: nothing listens" in error.problem
    assert f"at {LEASE}: it still has its old settings" in error.problem
    assert (error.applied, error.not_applied) == (["hostname.name"], ["ipv4.source", "ipv4.addresses"])
    assert 30 <= clock.now - began < 40


def test_nowhere(world: World, camera: Camera) -> None:
    camera.outcome = "vanishes"
    with pytest.raises(whereabouts.NotFound) as caught:
        run(world, static(f"{NEW}/24") | {"hostname": {"name": "gate"}})
    error = caught.value
    assert f"at {NEW}: nothing listens" in error.problem and f"at {LEASE}: nothing listens" in error.problem
    assert "reconnect_hosts" in str(error)
    assert (error.applied, error.unknown) == (["hostname.name"], ["ipv4.source", "ipv4.addresses"])


def test_new_settings_at_the_old_address(world: World, camera: Camera) -> None:
    camera.outcome = "lingers"
    with pytest.raises(NotTaken, match="it shows the new settings, but it is still here"):
        run(world, static(f"{NEW}/24"))


def test_somebody_else_comes_to_the_address(world: World, camera: Camera) -> None:
    """Between the look and the move: it gets no login, and the error names it."""
    aimed, done = target(world, static(f"{NEW}/24"))
    plan = aimed.plan(aimed.read(), NoPromises())
    camera.outcome = "vanishes"
    other = world[NEW] = Camera(world, "B8A44F000002")
    with pytest.raises(whereabouts.NotFound, match=f"at {NEW}: another device, with serial number B8A44F000002"):
        aimed.do(plan.steps[0].do[0])
    assert done.session.logins(NEW) == []
    assert not other.calls and done.session.address.host == LEASE


def test_not_answered_but_made(world: World, camera: Camera) -> None:
    """A device that moves at once cannot answer; whether it moved is seen."""

    def cut(eth0: Args, values: Args) -> None:
        Camera._ipv4(camera, eth0, values)
        raise ConnectionFailed("the connection was closed")

    camera._ipv4 = cut  # type: ignore[method-assign]
    assert run(world, static(f"{NEW}/24")).result["address"] == NEW
    camera.outcome = "rolls back"
    with pytest.raises(RolledBack, match="the command was not answered: the connection was closed"):
        run(world, static("192.168.0.8/24"), NEW)


def test_known_by_the_realm_of_its_login(world: World, old: Camera) -> None:
    """Old devices tell their serial number nowhere else without a login."""
    done = run(world, static(f"{NEW}/24", gateway="192.168.0.254") | {"hostname": {"name": "gate"}})
    assert done.result["address"] == NEW and done.result["api"] == "param.cgi Network"
    assert old.updates == [
        {"Network.HostName": "gate"},
        {
            "Network.BootProto": "none", "Network.IPAddress": NEW, "Network.SubnetMask": "255.255.255.0",
            "Network.Broadcast": "192.168.0.255", "Network.DefaultRouter": "192.168.0.254",
        },
    ]  # fmt: skip
    old.updates.clear()
    assert run(world, static(f"{NEW}/24", gateway="192.168.0.254"), NEW).result["changes"] == []
    assert run(world, {"ipv4": {"source": "dhcp"}, "reconnect_hosts": [LEASE]}, NEW).result["address"] == LEASE


def test_an_old_device_without_a_static_address(world: World, old: Camera) -> None:
    args = {"ipv4": {"source": "dhcp", "addresses": []}}
    assert run(world, args).paths == ["ipv4.addresses"]
    assert old.updates == [
        {"Network.IPAddress": "0.0.0.0", "Network.SubnetMask": "0.0.0.0", "Network.Broadcast": "0.0.0.0"}
    ]
    assert run(world, args).paths == []


@pytest.mark.parametrize("router", ["dhcp", "0.0.0.0", ""])
def test_words_for_no_router(router: str, world: World, camera: Camera) -> None:
    camera.info["devices"][0]["IPv4"]["staticDefaultRouter"] = router
    assert run(world, {"ipv4": {"gateway": ""}}).paths == []
    assert run(world, static(f"{NEW}/24")).paths == ["ipv4.source", "ipv4.addresses"]


def test_an_old_device_that_takes_it_back(world: World, old: Camera) -> None:
    old.outcome = "rolls back"
    with pytest.raises(RolledBack):
        run(world, static(f"{NEW}/24"))


def test_everything_by_parameters(world: World, old: Camera) -> None:
    args: Args = {
        "hostname": {"source": "static"}, "dns": {"source": "static", "servers": ["192.0.2.53"], "domain": "a.net"},
        "ipv6": {"enabled": True, "addresses": ["2001:db8::7"]}, "dot1x": {"identity": "gate", "eapol_version": "2"},
        "ipv4": {"link_local": "off"},
    }  # fmt: skip
    run(world, args)
    assert old.updates[0] == {
        "Network.VolatileHostName.ObtainFromDHCP": "no", "Network.Resolver.ObtainFromDHCP": "no",
        "Network.DNSServer1": "192.0.2.53", "Network.DNSServer2": "0.0.0.0", "Network.DomainName": "a.net",
    }  # fmt: skip
    assert old.updates[1] == {
        "Network.IPv6.Enabled": "yes", "Network.IPv6.IPAddress": "2001:db8::7/64",
        "Network.Interface.I0.dot1x.EAPTLS.Identity": "gate", "Network.Interface.I0.dot1x.EAPOLVersion": "2",
    }  # fmt: skip
    assert old.updates[2:] == [{"Network.ZeroConf.Enabled": "no"}]
    assert run(world, args).result["changes"] == []


def test_a_device_that_cannot_be_recognised(world: World, camera: Camera) -> None:
    """By plain HTTP it gets no login; by HTTPS its certificate proves who it is."""
    camera.tells_serial = False
    camera.outcome = "moves"
    with pytest.raises(whereabouts.NotFound, match="does not tell its serial number"):
        run(world, static(f"{NEW}/24"))
    assert not any(method for method, dummy in camera.calls[1:])
    https = Address(NEW, 443, "https")
    done = run(world, static("192.168.0.8/24"), NEW, address=https)
    assert done.result["address"] == "192.168.0.8"


def test_the_certificate_is_for_the_old_address(world: World, camera: Camera) -> None:
    """It proves all the same that it is the same device, and the next task will need something else: a warning."""
    session = WorldSession(world, LEASE, Address(LEASE, 443, "https"))
    session.untrusted = {NEW}
    warned: list[str] = []
    device = Device(t.cast(t.Any, session), lambda text: None, warned.append)
    assert reconcile(DECLARED.on(device, STEERING | static(f"{NEW}/24")), False)["address"] == NEW
    assert session.address.certificate_name == LEASE
    assert len(warned) == 1 and f"its certificate is for {LEASE}" in warned[0]
    whereabouts.move(t.cast(t.Any, session), LEASE)
    assert session.address.certificate_name is None


def test_802_1x_that_cuts_it_off(world: World, camera: Camera) -> None:
    """What was set before is proven before, and a command without an answer is no failure by itself."""

    def cut(now: Args, values: Args) -> None:
        now["enabled"] = True
        if camera.outcome == "vanishes":
            del world[LEASE]
        raise ConnectionFailed("the connection was closed")

    camera._dot1x = cut  # type: ignore[method-assign]
    camera.info["devices"][0]["wired"]["8021X"]["configurations"][1]["params"]["certClient"] = "device"
    args = {"hostname": {"name": "gate"}, "dot1x": {"enabled": True}}
    assert run(world, args | {"hostname": {"name": "yard"}}).paths == ["hostname.name", "dot1x.enabled"]
    camera.info["devices"][0]["wired"]["8021X"]["enabled"] = False
    camera.outcome = "vanishes"
    with pytest.raises(whereabouts.NotFound, match="the command was not answered: the connection was closed") as caught:
        run(world, args)
    assert (caught.value.applied, caught.value.unknown) == (["hostname.name"], ["dot1x.enabled"])


@pytest.mark.parametrize(
    "enabled, status, waits",
    [
        (True, "Connecting", True),
        (True, "Stopped", True),
        (True, "Unauthorized", False),
        (True, "authorized", False),
        (False, "Authorized", True),
        (False, "Stopped", False),
    ],
)
def test_802_1x_settles(enabled: bool, status: str, waits: bool, world: World, camera: Camera) -> None:
    """It is waited for, and in the end believed."""
    dot1x = camera.info["devices"][0]["wired"]["8021X"]
    dot1x |= {"status": status, "enabled": not enabled}
    dot1x["configurations"][1]["params"]["certClient"] = "device"
    done = run(world, {"dot1x": {"enabled": enabled}})
    assert done.said[-1].endswith("after 10 s" if waits else "after 0 s")


def test_without_a_serial_number(world: World, camera: Camera) -> None:
    """Nothing is done that could lose it."""
    camera.serial = ""
    assert "could not be recognised" in refused(world, static(f"{NEW}/24"))
    assert "could not be recognised" in refused(world, {"dot1x": {"eapol_version": "2"}})
    assert run(world, {"hostname": {"name": "gate"}}).paths == ["hostname.name"]


def test_ignored(world: World, camera: Camera) -> None:
    camera.outcome = "ignores"
    with pytest.raises(NotTaken, match="did not take: hostname.name"):
        run(world, {"hostname": {"name": "gate"}})
    with pytest.raises(RolledBack):
        run(world, static(f"{NEW}/24"))
    with pytest.raises(NotTaken, match="it still has its old settings"):
        run(world, {"dot1x": {"eapol_version": "2"}})


# -- properties ------------------------------------------------------------------------------------------------------

V4 = st.ip_addresses(v=4).filter(lambda a: not (a.is_multicast or a.is_reserved or a.is_unspecified or a.is_loopback))
V6 = st.ip_addresses(v=6).filter(lambda a: not (a.is_multicast or a.is_unspecified or a.is_loopback))


@given(V4, st.integers(1, 30))
def test_addresses_survive_both_apis(address: ipaddress.IPv4Address, prefix: int) -> None:
    """What is wanted is what is read after it was written, be it by JSON or by parameters."""
    network_of = ipaddress.IPv4Network((address, prefix), strict=False)
    if address in (network_of.network_address, network_of.broadcast_address):
        return
    for text in (f"{address}/{prefix}", f"{address}/{network_of.netmask}"):
        wanted = checks.normal("ipv4.addresses", [text])
        field = settings._FIELDS["ipv4.addresses"]
        sent = field.encode(wanted)
        assert sent == [{"address": str(address), "prefixLength": prefix}] and field.decode(sent) == wanted
        held = settings._PARAMETERS["ipv4.addresses"]
        assert held.decode(*held.encode(wanted)) == wanted
        assert ipaddress.ip_address(held.encode(wanted)[2]) == network_of.broadcast_address


@given(st.lists(st.tuples(V6, st.integers(1, 128)), max_size=4))
def test_ipv6_addresses_survive(entries: list[tuple[t.Any, int]]) -> None:
    wanted = checks.normal("ipv6.addresses", [f"{address}/{prefix}" for address, prefix in entries])
    held = settings._PARAMETERS["ipv6.addresses"]
    assert held.decode(*held.encode(wanted)) == wanted


@pytest.mark.parametrize(
    "url, hides",
    [
        ("", False),
        ("http://a:1", False),
        ("a:1", False),
        ("http://u@a:1", False),
        ("http://u:****@a:1", True),
        ("u:****@a:1", True),
        ("http://***@a", True),
    ],
)
def test_what_a_device_hides(url: str, hides: bool) -> None:
    assert checks.hides_secret(url) is hides


@given(st.sampled_from(["off", "on", "fallback"]), st.sampled_from(["dhcp", "static"]), st.booleans())
def test_parameters_survive(mode: str, source: str, flag: bool) -> None:
    values = {"ipv4.link_local": mode, "ipv4.source": source, "dns.source": source, "ipv6.enabled": flag}
    for path, value in values.items():
        held = settings._PARAMETERS[path]
        assert held.decode(*held.encode(value)) == value


@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1),
    st.booleans(),
    st.sampled_from(["http://", "HTTPS://", ""]),
)
@example("CANARY@SECRET", False, "http://")
def test_no_password_of_a_proxy_is_shown(password: str, valid: bool, scheme: str) -> None:
    """Whatever is in it, and whether the URL is right."""
    # Where the scheme is missing, user:// would be taken for one.
    spelled = quote(password, safe="") if valid else password if scheme else password.lstrip("/") or "x"
    url = f"{scheme}user:{spelled}@proxy.example.net:3128"
    assert checks.proxy_shown(url) == f"{scheme}user@proxy.example.net:3128"
    assert spelled in checks.proxy_secrets(url)


@pytest.mark.parametrize("url", ["", "proxy:3128", "http://proxy:3128", "http://user@proxy:3128", "user@proxy"])
def test_a_proxy_without_a_password_is_shown_as_it_is(url: str) -> None:
    assert (checks.proxy_shown(url), checks.proxy_secrets(url)) == (url, [])


WISHES = st.fixed_dictionaries(
    {},
    optional={
        "hostname": st.fixed_dictionaries({"name": st.sampled_from(["a", "b"])}),
        "dns": st.fixed_dictionaries({"servers": st.lists(st.sampled_from(["192.0.2.1", "192.0.2.2"]), unique=True)}),
        "ipv6": st.fixed_dictionaries({"enabled": st.booleans(), "dhcpv6": st.sampled_from(["auto", "off"])}),
        "ipv4": st.one_of(
            st.just({"source": "dhcp"}),
            st.sampled_from([NEW, "192.168.0.9"]).map(lambda host: static(f"{host}/24")["ipv4"]),
        ),
    },
)


@given(st.lists(WISHES, max_size=3), st.booleans())
def test_any_state_leads_to_any_other(wishes: list[Args], old: bool) -> None:
    """Each run ends where it was predicted, at the device, and a second one changes nothing."""
    world: World = {}
    camera = world[LEASE] = Camera(world, old=old)
    clock = Clock()
    kept = {module: module.time for module in (network, whereabouts, engine)}
    for module in kept:
        module.time = t.cast(t.Any, clock)
    try:
        host = LEASE
        for wish in wishes:
            args = wish | {"reconnect_hosts": [LEASE]}
            predicted = run(world, args, host, check=True)
            done = run(world, args, host)
            assert done.result | {"address": None} == predicted.result | {"address": None}
            assert predicted.result["address"] in (None, done.result["address"])
            host = done.result["address"]
            assert world == {host: camera}
            assert run(world, args, host).result["changes"] == []
    finally:
        for module, former in kept.items():
            module.time = former


def test_every_option_has_a_place() -> None:
    """So that none is silently left out."""
    known = set(settings._FIELDS) | set(settings._PARAMETERS) | {"vlans"}
    named = set(flatten_options(DECLARED.options)) - set(network.STEERING)
    assert named == known
    assert {path.partition(".")[0] for path in named} == set(network.STATE)
