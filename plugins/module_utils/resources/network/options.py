# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Options of the network settings."""

from __future__ import annotations

from ...model.option import ON_UNSUPPORTED, Option, update_secrets
from .settings import MODES

_DHCP_OR_STATIC = ("dhcp", "static")

HOSTNAME = {
    "source": Option(
        choices=_DHCP_OR_STATIC,
        null="dhcp",
        doc="Whether a name that a DHCP server gives is used instead of O(hostname.name).",
    ),
    "name": Option(identity=True, doc="The host name, without DHCP or where DHCP gives none."),
}
DNS = {
    "source": Option(
        choices=_DHCP_OR_STATIC, doc="Whether what a DHCP server gives is used instead of the other options here."
    ),
    "servers": Option(
        "list",
        elements="str",
        null=[],
        doc="Addresses of name servers, in order of preference. The list replaces that on the device.",
    ),
    "search_domains": Option(
        "list",
        elements="str",
        null=[],
        doc="Domains in which names without a domain are looked up, in order. The list replaces that on the device.",
    ),
    "domain": Option(null="", doc="The domain of the device."),
}
GLOBAL_PROXY = {
    "http": Option(
        null="",
        risk="reboots",
        doc=(
            "URL of the proxy for HTTP, for example V(http://proxy.example.net:3128). The empty text is none.",
            "A password in it is not compared, because devices obscure it, see O(update_secrets).",
        ),
    ),
    "https": Option(null="", risk="reboots", doc="URL of the proxy for HTTPS, like O(global_proxy.http)."),
    "no_proxy": Option(
        "list",
        elements="str",
        null=[],
        ordered=False,
        risk="reboots",
        doc="Hosts, domains (V(.example.net)) and networks (V(10.0.0.0/8)) that are reached without a proxy. The list "
        "replaces that on the device.",
    ),
}
IPV6 = {
    "enabled": Option("bool", doc="Whether IPv6 is on."),
    "accept_ra": Option("bool", null=True, doc="Whether router advertisements are accepted."),
    "dhcpv6": Option(
        choices=("auto", "stateful", "stateless", "off"),
        null="auto",
        doc="What DHCPv6 is used for. V(auto) is what the router advertises, V(stateful) addresses and the rest, "
        "V(stateless) the rest only.",
    ),
    "addresses": Option(
        "list",
        elements="str",
        null=[],
        ordered=False,
        identity=True,
        doc="Static addresses, in any order. Without a prefix length it is 64. The list replaces that on the device.",
    ),
    "gateway": Option(null="", doc="Address of the default router. The empty text is none."),
}
VLAN = {
    "id": Option("int", required=True, doc="The VLAN ID, 1 to 4094."),
    "state": Option(
        choices=("present", "absent"),
        default="present",
        doc="Whether the VLAN exists. One that is in use is not removed.",
    ),
}
DOT1X = {
    "enabled": Option("bool", null=False, doc="Whether 802.1X is on."),
    "mode": Option(
        choices=tuple(MODES),
        doc=(
            "How the device authenticates.",
            "A device keeps the settings of each mode. They are compared and set for the mode that is in force "
            "afterwards.",
        ),
    ),
    "identity": Option(null="", identity=True, doc="The EAP identity."),
    "password": Option(secret=True, write_only=True, doc="The EAP password, for V(peap_mschapv2)."),
    "eapol_version": Option(choices=("1", "2", "3"), doc="The EAPOL version."),
    "peap_version": Option(choices=("0", "1"), doc="The PEAP version, for V(peap_mschapv2)."),
    "peap_label": Option(
        choices=("1", "2"),
        doc="The PEAP label, for V(peap_mschapv2). V(1) is client EAP encryption, V(2) client PEAP encryption.",
    ),
    "client_certificate": Option(
        null="",
        identity=True,
        doc="Alias of a certificate on the device, which it shows. V(eap_tls) cannot be enabled without. The empty "
        "text is "
        "none.",
    ),
    "ca_certificates": Option(
        "list",
        elements="str",
        null=[],
        ordered=False,
        doc="Aliases of CA certificates on the device that the authentication server is checked with, in any order.",
    ),
    "cak": Option(
        secret=True,
        write_only=True,
        doc="The connectivity association key, 32 or 64 hexadecimal digits, for V(macsec_psk).",
    ),
    "ckn": Option(doc="The name of the key, 2 to 64 hexadecimal digits, for V(macsec_psk)."),
}
IPV4 = {
    "enabled": Option(
        "bool", null=True, doc="Whether IPv4 is on. It can only be turned off over a connection by IPv6."
    ),
    "source": Option(
        choices=_DHCP_OR_STATIC, null="dhcp", doc="Whether the address comes from a DHCP server or is static."
    ),
    "addresses": Option(
        "list",
        elements="str",
        ordered=False,
        identity=True,
        doc=(
            "Static addresses with prefix length, for example V(192.0.2.5/24), in any order. The list replaces that on "
            "the device.",
            "With O(ipv4.source=dhcp) they are stored, and used where the device falls back to them.",
            "With O(ipv4.source=static) an address that another host of the same run declares is refused, unless one "
            "of "
            "the tasks is delegated to another machine than the other, or goes through another O(proxy). The first "
            "host "
            "that declares it is the one that gets it.",
        ),
    ),
    "gateway": Option(doc="Address of the default router, in the subnet of an address."),
    "static_fallback": Option("bool", doc="Whether the static settings are used where DHCP fails."),
    "link_local": Option(
        choices=("off", "on", "fallback"),
        doc="Whether the device has a link-local address (169.254.0.0/16), always or where it has no other.",
    ),
    "dhcp_static_routes": Option(
        "bool", doc="Whether static routes that DHCP gives are used. Its default router is ignored then."
    ),
}

#: What is state of the device, in the order in which it is set. The address is last.
STATE = {
    "hostname": Option("dict", options=HOSTNAME, doc="The host name."),
    "dns": Option("dict", options=DNS, doc="Name servers and domains."),
    "global_proxy": Option(
        "dict",
        options=GLOBAL_PROXY,
        doc=(
            "Proxies that the device itself uses. O(proxy) is that of the connection to the device.",
            "They take effect with the next reboot, so that RV(reboot_required) is set. Whether a device shows them "
            "before that is not documented. So they are not read back, and the change is told again until the device "
            "shows them.",
        ),
    ),
    "ipv6": Option(
        "dict",
        options=IPV6,
        doc=(
            "IPv6. All but O(ipv6.enabled) are parameters of the device.",
            "Changes that can take away the address that the task is connected by are refused. A host name counts as "
            "an "
            "address of both families, unless it resolves to one only.",
        ),
    ),
    "vlans": Option(
        "list",
        elements="dict",
        options=VLAN,
        doc=(
            "VLANs on O(interface). Those that are not listed are left alone.",
            "Without O(interface), over a connection through a VLAN, they are those on the interface that it is on.",
        ),
    ),
    "dot1x": Option(
        "dict",
        options=DOT1X,
        doc=(
            "Wired 802.1X. A switch port that wants something else cuts the device off, so try it on one device first.",
            "Before AXIS OS 8.50 there are only O(dot1x.enabled), O(dot1x.identity) and O(dot1x.eapol_version), for "
            "EAP-TLS.",
        ),
    ),
    "ipv4": Option("dict", options=IPV4, doc="IPv4."),
}

#: What steers the module.
STEERING = {
    "interface": Option(
        steers=True,
        doc=(
            "Name of the network interface, for example V(eth0).",
            "Left out, it is the one the task is connected to, else one that is in use.",
        ),
    ),
    "reconnect_timeout": Option(
        "float",
        default=90.0,
        unit="seconds",
        range=(0.1, 86400),
        doc="How long to look for the device after a change that can cut the connection. The time that a device "
        "takes is "
        "not documented. A look that is under way is finished.",
    ),
    "reconnect_hosts": Option(
        "list",
        elements="str",
        steers=True,
        format="host",
        doc="Addresses or names where to look for the device, too, after O(ipv4.source=dhcp), for example the "
        "address that "
        "the DHCP server reserves for it.",
    ),
    "update_secrets": update_secrets(aliases=("update_password",), words={"on_create": "on_change"}),
    "on_unsupported": ON_UNSUPPORTED,
}
