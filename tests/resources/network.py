# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network settings. What moves the device, or cuts it off, is proven in a network of its own: see elsewhere."""

from __future__ import annotations

from resources.proof import ALL, ANY, CANARY, Bad, Case, Proof, Shows, Step

TESTS = "tests/integration/test_network.py::"


def names(host: str, *servers: str) -> Shows:
    """What a device shows with static names."""
    return {
        "network.use_dhcp_host_name": False,
        "network.host_name": host,
        "network.use_dhcp_resolver": False,
        "network.name_servers": list(servers),
        "network.domain": "example.net",
    }


WIRED = "network.interfaces.eth0.ipv4"
FALLBACK = {
    f"{WIRED}.address": "192.0.2.77",
    f"{WIRED}.prefix": 25,
    f"{WIRED}.broadcast": "192.0.2.127",
    f"{WIRED}.router": "192.0.2.126",
}


def vlan(number: int) -> Shows:
    """What a device shows of a VLAN."""
    ipv4 = ("enabled", "mode", "link_local", "link_local_fallback", "address", "prefix", "broadcast", "router")
    members = [*(f"ipv4.{name}" for name in (*ipv4, "dhcp_fallback", "dhcp_routes")), "state", "ipv6"]
    return {f"network.interfaces.eth0.{number}.{name}": ANY for name in members}


PEAP, PSK, TLS = (
    f"network.dot1x.configurations.{mode}"
    for mode in ("WPA-Enterprise-PEAP-MSCHAPv2", "MACsec-PSK", "WPA-Enterprise-EAPTLS")
)
USED = {"certificates.Axis device ID ECC-P256 (802.1AR).used_by": ANY}
KEPT = {
    f"{PEAP}.identity": "gate",
    f"{PEAP}.is_password_set": True,
    f"{PEAP}.eapolVersion": "EAPoLv2",
    f"{PEAP}.peapVersion": "PEAPv0",
    f"{PEAP}.label": 2,
}
KEY = {f"{PSK}.is_mka_cak_set": True, f"{PSK}.mkaCkn": "cafe"}

PROOF = Proof(
    "network",
    cases=(
        Case(
            title="names",
            steps=(
                Step(
                    {
                        "hostname": {"source": "static", "name": "gate"},
                        "dns": {"source": "static", "servers": ["192.0.2.54", "192.0.2.53"], "domain": "example.net"},
                    },
                    names("gate", "192.0.2.54", "192.0.2.53"),
                ),
                Step(
                    {"hostname": {"name": "yard"}, "dns": {"servers": ["192.0.2.53", "192.0.2.54"]}},
                    names("yard", "192.0.2.53", "192.0.2.54"),
                ),
                Step(
                    {"hostname": {"source": None}, "dns": {"source": "dhcp", "servers": None, "domain": None}},
                    {"network.host_name": "yard"},
                ),
            ),
        ),
        Case(
            title="IPv6",
            steps=(
                Step(
                    {
                        "ipv6": {
                            "enabled": True,
                            "accept_ra": False,
                            "dhcpv6": "off",
                            "addresses": ["2001:db8::7/64"],
                            "gateway": "fe80::1",
                        }
                    },
                    {"network.interfaces.eth0.ipv6": True},
                ),
                Step(
                    {"ipv6": {"addresses": ["2001:DB8::8:7/48", "2001:db8::7"]}}, {"network.interfaces.eth0.ipv6": True}
                ),
                Step(
                    {"ipv6": {"enabled": False, "accept_ra": None, "dhcpv6": None, "addresses": None, "gateway": None}},
                    {},
                ),
            ),
        ),
        Case(
            title="static address beside DHCP",
            steps=(
                Step({"ipv4": {"addresses": ["192.0.2.77/25"], "gateway": "192.0.2.126"}}, FALLBACK),
                Step(
                    {"ipv4": {"addresses": ["192.168.0.90/255.255.255.0"], "gateway": "192.168.0.1", "source": None}},
                    {},
                ),
            ),
        ),
        Case(
            title="beyond parameters",
            profiles=("axis-os-12",),
            steps=(
                Step(
                    {
                        "dns": {"search_domains": ["b.example.net", "a.example.net"]},
                        "global_proxy": {
                            "http": f"http://user:{CANARY}@proxy.example.net:3128",
                            "https": "http://proxy.example.net:3129",
                            "no_proxy": ["localhost", "10.0.0.0/8"],
                        },
                        "vlans": [{"id": 30, "state": "present"}, {"id": 31, "state": "absent"}],
                        "ipv4": {"static_fallback": True, "link_local": "on", "dhcp_static_routes": True},
                        "update_secrets": "on_change",
                        "interface": "eth0",
                        "reconnect_timeout": 5,
                    },
                    {
                        "network.search_domains": ["b.example.net", "a.example.net"],
                        "network.proxies.httpProxy": f"http://user:{CANARY}@proxy.example.net:3128",
                        "network.proxies.httpsProxy": "http://proxy.example.net:3129",
                        "network.proxies.noProxy": "localhost,10.0.0.0/8",
                        f"{WIRED}.link_local_fallback": False,
                        f"{WIRED}.dhcp_fallback": True,
                        f"{WIRED}.dhcp_routes": True,
                    }
                    | vlan(30),
                ),
                Step(
                    {
                        "global_proxy": {"http": "http://proxy.example.net:3128", "https": None},
                        "vlans": [{"id": 30, "state": "absent"}, {"id": 31}],
                        "ipv4": {"link_local": "off"},
                    },
                    {
                        "network.search_domains": ["b.example.net", "a.example.net"],
                        "network.proxies.httpProxy": "http://proxy.example.net:3128",
                        "network.proxies.noProxy": "localhost,10.0.0.0/8",
                        f"{WIRED}.link_local": False,
                        f"{WIRED}.link_local_fallback": False,
                        f"{WIRED}.dhcp_fallback": True,
                        f"{WIRED}.dhcp_routes": True,
                    }
                    | vlan(31),
                ),
                Step(
                    {
                        "dns": {"search_domains": []},
                        "global_proxy": None,
                        "vlans": [{"id": 31, "state": "absent"}],
                        "ipv4": {"static_fallback": False, "link_local": "fallback", "dhcp_static_routes": False},
                    },
                    {},
                ),
            ),
        ),
        Case(
            title="802.1X",
            profiles=("axis-os-12",),
            steps=(
                Step(
                    {
                        "dot1x": {
                            "enabled": True,
                            "mode": "peap_mschapv2",
                            "identity": "gate",
                            "password": CANARY + " & = %",
                            "eapol_version": "2",
                            "peap_version": "0",
                            "peap_label": "2",
                        }
                    },
                    {"network.dot1x.enabled": True, "network.dot1x.mode": "WPA-Enterprise-PEAP-MSCHAPv2"} | KEPT | USED,
                ),
                Step(
                    {"dot1x": {"mode": "macsec_psk", "cak": "00112233445566778899aabbccddeeff", "ckn": "CAFE"}},
                    {"network.dot1x.enabled": True, "network.dot1x.mode": "MACsec-PSK"} | KEPT | KEY | USED,
                ),
                Step(
                    {"dot1x": {"mode": "eap_tls", "identity": "yard"}},
                    {"network.dot1x.enabled": True, f"{TLS}.identity": "yard"} | KEPT | KEY | USED,
                ),
                Step({"dot1x": {"enabled": None, "identity": None}}, KEPT | KEY),
            ),
        ),
    ),
    bad=(
        Bad({"ipv4": {"source": "static", "addresses": []}}, "ipv4.source is static, but there are no addresses"),
        Bad({"ipv4": {"addresses": ["192.0.2.5"]}}, "ipv4.addresses: '192.0.2.5' has no prefix length", ALL),
        Bad({"ipv4": {"enabled": False}}, "the device would have no address"),
        Bad({"ipv4": {"link_local": "perhaps"}}, "must be one of: off, on, fallback"),
        Bad({"hostname": {"name": "a b"}}, "hostname.name: 'a b' is no host name", ALL),
        Bad({"dns": {"servers": ["x"]}}, "dns.servers: 'x' is no IP address", ALL),
        Bad({"global_proxy": {"http": "ftp://x"}}, "global_proxy.http is not the URL of a proxy"),
        Bad({"vlans": [{"id": 5000}]}, "vlans: 5000 is not between 1 and 4094"),
        Bad({"dot1x": {"mode": "eap_tls", "password": CANARY}}, "dot1x.password belongs to 802.1X mode peap_mschapv2"),
        Bad({"dot1x": {"client_certificate": "none"}}, "the device has no certificate 'none'"),
        Bad({"interface": "eth7", "hostname": {"name": "a"}}, "the device has no interface 'eth7'"),
        Bad({"reconnect_timeout": 0}, "reconnect_timeout: 0.0 is not between 0.1 and 86400 seconds"),
        Bad({"reconnect_hosts": ["a b"]}, "reconnect_hosts: 'a b' is not a host name"),
    ),
    unproven=("network.proxies.",),
    mirrors=("parameters.Network.",),
    no_way_back="the address, 802.1X and what holds a secret stay as they are",
    few_faults=True,
    elsewhere={
        "dot1x.client_certificate": TESTS + "test_certificates",
        "dot1x.ca_certificates": TESTS + "test_certificates",
        "ipv4.enabled": "tests/integration/test_bad_input.py::test_values",
        "reconnect_hosts": TESTS + "test_from_static_to_dhcp",
    },
)
