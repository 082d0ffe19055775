# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``network-settings.v2``: the root document and ``wired`` are recorded on 12.11; the page has switch ports only.

Everything is read-only here: the page documents no setter for what a device without switch ports has. Assumed: the
words for what was not recorded (``STATIC``, link-local modes, 802.1X states), and how a VLAN is shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import network as net
from exchange import Request
from handlers._rest import Entity, Property, RestApi
from state import State

_CONFIG_ID = "2"
_MODES = {net.PEAP: "MSCHAPV2", net.EAP_TLS: "EAP_TLS", net.MACSEC: "MACSEC_PSK"}
_LABELS = {1: "CLIENT_EAP_ENCRYPTION", 2: "CLIENT_PEAP_ENCRYPTION"}
_ECN = {"0": "DISABLED", "1": "ACCEPT_INITIATE"}


def _of(read: Callable[[State], Any]) -> Property:
    return Property(lambda request: read(request.state))


def _constant(value: Any) -> Property:
    return Property(lambda request: value)


def _ip_configs(state: State) -> list[dict[str, Any]]:
    ipv4, ipv6 = state.network.wired.ipv4, state.network.wired.ipv6
    return [
        {
            "id": _CONFIG_ID,
            "ipv4": {
                "configurationMode": ipv4.mode.upper(),
                "enabled": ipv4.enabled,
                "linkLocalMode": ipv4.link_local_mode.upper(),
                "staticAddressConfig": {
                    "address": ipv4.address,
                    "broadcastAddress": ipv4.broadcast,
                    "prefixLength": ipv4.prefix,
                },
                "staticDefaultRouter": ipv4.router or None,
                "vendorClassIdentifier": state.get("Network.DHCP.VendorClass"),
            },
            "ipv6": {
                "autoConfigurationMode": state.get("Network.IPv6.DHCPv6").upper(),
                "enabled": ipv6,
                "staticAddresses": state.get("Network.IPv6.IPAddress").split(),
                "staticDefaultRouter": state.get("Network.IPv6.DefaultRouter") or None,
            },
        }
    ]


def _ipv4_status(state: State) -> list[dict[str, Any]]:
    now = state.link.now
    addresses = [{"ipAddress": now.address, "origin": now.origin.upper(), "prefixLength": now.prefix}]
    if not now.address:
        addresses = []
    own = net.link_local(state)
    if own:
        addresses.append({"ipAddress": own, "origin": "LINK_LOCAL", "prefixLength": net.LINK_LOCAL_PREFIX})
    return addresses


def _ipv6_status(state: State) -> list[dict[str, Any]]:
    origins = {"linkLocal": "LINK_LOCAL", "static": "STATIC"}
    return [
        {"ipAddress": address, "origin": origins[origin], "prefixLength": prefix}
        for address, prefix, origin in net.ipv6_addresses(state)
    ]


def _config(state: State, mode: str) -> dict[str, Any]:
    return net.dot1x_configuration(state, mode)


def _eapol(state: State, mode: str) -> int:
    return int(_config(state, mode)["eapolVersion"].removeprefix("EAPoLv"))


def _link_mode(word: str) -> str:
    """``100baseTX-FD`` -> ``100FD``."""
    return re.sub(r"baseTX?-", "", word).upper()


def _link_modes(request: Request) -> list[str]:
    definition = request.state.tree.find("Network.Media")
    assert definition is not None
    return [_link_mode(word) for word in definition.type.words]


def _actual_link_mode(state: State) -> str:
    static = _link_mode(state.get("Network.Media"))
    return "100FD" if static == "AUTO" else static


_wired = Entity(
    {
        "auth": Entity(
            {
                "configs": Entity(
                    {
                        "eapTls": Entity(
                            {
                                "caCerts": _of(lambda state: _config(state, net.EAP_TLS)["certsCA"]),
                                "clientCertId": _of(lambda state: _config(state, net.EAP_TLS)["certClient"] or None),
                                "eapolVersion": _of(lambda state: _eapol(state, net.EAP_TLS)),
                                "identity": _of(lambda state: _config(state, net.EAP_TLS)["identity"] or None),
                            }
                        ),
                        "macsecPsk": Entity({"ckn": _of(lambda state: _config(state, net.MACSEC)["mkaCkn"] or None)}),
                        "mschapv2": Entity(
                            {
                                "caCerts": _of(lambda state: _config(state, net.PEAP)["certsCA"]),
                                "eapolVersion": _of(lambda state: _eapol(state, net.PEAP)),
                                "identity": _of(lambda state: _config(state, net.PEAP)["identity"] or None),
                                "peap": Entity(
                                    {
                                        "label": _of(lambda state: _LABELS[_config(state, net.PEAP)["label"]]),
                                        "version": _of(lambda state: int(_config(state, net.PEAP)["peapVersion"][-1])),
                                    }
                                ),
                            }
                        ),
                    }
                ),
                "macsecStatus": _of(lambda state: "SECURED" if net.is_macsec_secured(state) else "STOPPED"),
                "mode": _of(lambda state: _MODES[state.network.dot1x.mode]),
                "status": _of(lambda state: net.dot1x_status(state).upper()),
            }
        ),
        "ipConfigId": _constant(_CONFIG_ID),
        "linkMode": _of(_actual_link_mode),
        "lowerState": _of(lambda state: state.network.wired.state.upper()),
        "macAddress": _of(lambda state: state.device.fill("{mac}").lower()),
        "managesSfp": _constant(False),
        "maxMtu": _constant(1500),
        "maxNumberOfVlans": _constant(net.MAX_VLANS),
        "minMtu": _constant(68),
        "mtu": _of(lambda state: int(state.get("Network.Interface.I0.Link.MTU"))),
        "staticLinkMode": _of(lambda state: _link_mode(state.get("Network.Media"))),
        "staticMtu": _of(lambda state: int(state.get("Network.Interface.I0.Link.MTU"))),
        "supportedLinkModes": Property(_link_modes),
        "vlans": _of(lambda state: [{"id": name.partition(".")[2]} for name in state.network.vlans]),
    }
)

ROOT = Entity(
    {
        "ip": Entity(
            {
                "configs": _of(_ip_configs),
                "ipStatus": Entity(
                    {
                        "ipv4": Entity(
                            {
                                "addresses": _of(_ipv4_status),
                                "defaultRouter": _of(lambda state: state.link.now.router),
                            }
                        ),
                        "ipv6": Entity({"addresses": _of(_ipv6_status), "defaultRouters": _constant([])}),
                    }
                ),
            }
        ),
        "modem_supported": _constant(False),
        "sfp_supported": _constant(False),
        "switch_supported": _constant(False),
        "system": Entity(
            {
                "activeUplink": _constant("WIRED"),
                "hostname": _of(net.host_name),
                "nameServers": _of(net.name_servers),
                "searchDomains": _of(net.search_domains),
                "staticHostname": _of(lambda state: state.network.host_name),
                "staticNameServers": _of(lambda state: state.network.static_name_servers()),
                "staticSearchDomains": _of(lambda state: state.network.search_domains),
                "tcpEcn": _of(lambda state: _ECN[state.get("Network.tcpECN")]),
                "uplinkBandwidthLimitation": _constant(0),
                "useDhcpHostname": _of(lambda state: state.network.use_dhcp_host_name),
                "useDhcpResolver": _of(lambda state: state.network.use_dhcp_resolver),
            }
        ),
        "wired": _wired,
        "wired_supported": _constant(True),
        "wlan_supported": _constant(False),
    }
)

REST = RestApi("network-settings", "v2", ROOT, {"axis-os-12": "2.0.3"})
