# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Parameters with a character of their own: those that move by themselves, and those a device protects silently.

Each row has its reason. The facts were found on real devices by others; definitions alone do not tell them.
"""

from __future__ import annotations

import dataclasses
import fnmatch


@dataclasses.dataclass(frozen=True)
class Rule:
    """A fact about all parameters whose name matches a pattern (shell style, letter case counts).

    :param reason: continues "cannot be set: ...". :param instead: what to use instead.
    :param since: the first AXIS OS version it holds for.
    """

    pattern: str
    reason: str
    instead: str = "Leave it out"
    since: tuple[int, ...] = ()


_MOVES = "the device changes it by itself"
_PROTECTED = "AXIS OS 12 refuses it, and every other parameter of the same request with it"
_STATUS = "it shows a state of the device"

#: Values that move on their own: never compared, never written.
VOLATILE = (
    Rule("Network.eth*.*", _STATUS, "Use the network module or Network.IPAddress and its neighbours"),
    Rule("Network.Routing.*", _STATUS),
    Rule("Network.VolatileHostName.*", _MOVES, "Set Network.HostName"),
    Rule("Network.ZeroConf.IPAddress", _MOVES),
    Rule("Network.ZeroConf.SubnetMask", _MOVES),
    Rule("Network.DHCP.VendorClass", _MOVES),
    Rule("Network.UPnP.FriendlyName", _MOVES, "Set Network.Bonjour.FriendlyName", since=(12,)),
    Rule("Network.UPnP.NATTraversal.Active", _STATUS),
    Rule("Network.UPnP.NATTraversal.ExternalIPAddress", _STATUS),
    Rule("Network.Interface.*.dot1x.Status", _STATUS),
    Rule("Time.NTP.VolatileServer", _MOVES, "Use the module axis.vapix.ntp"),
    Rule("Time.NTP.Server", _MOVES, "Use the module axis.vapix.ntp"),
    Rule("Time.ServerDate", _MOVES, "Use the module axis.vapix.time"),
    Rule("Time.ServerTime", _MOVES, "Use the module axis.vapix.time"),
    Rule("SNMP.EngineBoots", _MOVES),
    Rule("PTZ.PTZDriverStatuses.*", _STATUS),
    Rule("Properties.*", "it tells what the device is"),
)

#: Writable by their definition, refused by the device.
PROTECTED = tuple(
    Rule(pattern, _PROTECTED, since=(12,))
    for pattern in (
        "Image.I*.Source",
        "Image.I*.Type",
        "Image.NbrOfConfigs",
        "StreamProfile.MaxGroups",
        "IOPort.I*.Configurable",
        "Network.Interface.*.SystemDevice",
        "Network.RTP.NbrOfRTPGroups",
        "Network.LLDP.POE.MaxPower",
        "Network.LLDP.POE.PoeClass",
        "LLDP.POE.MaxPower",
        "LLDP.POE.PoeClass",
        "Network.QoS.Class*.Desc",
    )
)


@dataclasses.dataclass(frozen=True)
class Template:
    """A dynamic group: the documented template for its entries, and what they consist of (name and longest value)."""

    name: str
    fields: dict[str, int | None]


#: By parent. Others work with the option template, but what they consist of is only known where an entry is there.
TEMPLATES = {"StreamProfile": Template("streamprofile", {"Name": 64, "Description": 128, "Parameters": None})}

#: Changes that can cut the connection or restart a service.
RISKS = (
    ("Network.BootProto", "moves_address"),
    ("Network.IPAddress", "moves_address"),
    ("Network.SubnetMask", "moves_address"),
    ("Network.DefaultRouter", "moves_address"),
    ("System.BoaPort", "moves_address"),
    ("HTTPS.*", "restarts_service"),
    ("System.BoaGroupPolicy.*", "restarts_service"),
    ("Network.HTTP.*", "restarts_service"),
    ("Network.RTSP*", "restarts_service"),
    ("Network.SSH.*", "restarts_service"),
)


def rules_for(name: str) -> list[Rule]:
    """The rules that can forbid to set a parameter; whether one does depends on the device."""
    return [rule for rule in (*VOLATILE, *PROTECTED) if fnmatch.fnmatchcase(name, rule.pattern)]


def risk_of(name: str) -> str:
    """How bad it is to change a parameter."""
    return next((risk for pattern, risk in RISKS if fnmatch.fnmatchcase(name, pattern)), "none")
