# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fixed dome on AXIS OS 9.80, like the Companion Bullet LE 9.80.2.2 that trunnion recorded.

Recorded: API list (without status), parameter definitions, challenge, content types. Assumed: see README.md.
"""

from __future__ import annotations

from profiles._profile import NTP_START, STREAM_PROFILE, Profile, Template, api_table

API_LIST = api_table(
    """
privacy-mask 1.0 | Privacy Masking
recording-storage-limit 1.0 | Edge Recording storage limit
mdnssd 1.0 | mDNS-SD
api-discovery 1.0 | API Discovery Service
io-port-management 1.0 | IO Port Management
stream-profiles 1.0 | Stream Profiles
dynamicoverlay 1.0 | Dynamic Overlay
disk-management 1.0 | Edge storage Disk management
oak 1.0 | OAK
mqtt-client 1.0 | MQTT Client API
ntp 1.2 | NTP
upnp 1.1 | UPnP
network-settings 1.6 | Network Settings
systemready 1.1 | Systemready
time-service 1.0 | Time API
disk-properties 1.1 | Edge storage Disk properties
custom-firmware-certificate 1.0 | Custom Firmware Certificate
recording 1.0 | Edge Recording
basic-device-info 1.1 | Basic Device Information
user-management 1.1 | User Management
onscreencontrols 1.4 | On-Screen Controls
shuttergain-cgi 2.0 | Shuttergain CGI
packagemanager 1.4 | Package Manager
overlayimage 1.0 | Overlay image API
ptz-control 1.0 | PTZ Control
capture-mode 1.0 | Capture Mode
light-control 1.1 | Light Control
disk-network-share 1.0 | Edge storage Network share
recording-export 1.1 | Export edge recording
guard-tour 1.0 | Guard Tour
param-cgi 1.0 | Legacy Parameter Handling
customhttpheader 1.0 | Custom HTTP header
fwmgr 1.4 | Firmware Management
"""
)

PROFILE = Profile(
    name="axis-os-9",
    facts={
        "model": "M3045-V",
        "short_name": "AXIS M3045-V",
        "full_name": "AXIS M3045-V Network Camera",
        "product_type": "Network Camera",
        "axis_os": "9.80.2.2",
        # The vendor class lags behind the firmware (recorded).
        "vendor_class_version": "8.40.3",
        "build_date": "Jun 18 2020 11:02",
        "build_number": "36",
        "architecture": "armv7hf",
        "soc": "Ambarella S2L (Flattened Device Tree)",
        "hardware_id": "71B",
        "web_url": "http://www.axis.com",
        "blank": "",
    },
    oui="ACCC8E",
    apis={
        "/axis-cgi/apidiscovery.cgi": {"version": "1.0", "indent": None},
        "/axis-cgi/basicdeviceinfo.cgi": {"version": "1.1", "echo_method": True, "unrestricted": False},
        "/axis-cgi/systemready.cgi": {"version": "1.1", "keys": ()},
        "/axis-cgi/ntp.cgi": {"version": "1.2", "nts": False, "polls": False, "ca_certificates": False},
        "/axis-cgi/time.cgi": {"version": "1.0"},
        "/axis-cgi/network_settings.cgi": {"version": "1.6"},
        "/axis-cgi/param.cgi": {},
        "/axis-cgi/pwdgrp.cgi": {"groups": "groups-10.txt", "tail": "\n"},
        "/axis-cgi/usergroup.cgi": {"primary": True},
        "/axis-cgi/restart.cgi": {"html": True},
        "/axis-cgi/factorydefault.cgi": {"html": True},
        "/axis-cgi/firmwaremanagement.cgi": {"version": "1.4", "reset_source": False},
        "/axis-cgi/firmwareupgrade.cgi": {"two_slots": True},
        "/axis-cgi/hardfactorydefault.cgi": {"html": True},
        "/vapix/services": {},
    },
    params=("params-9.txt",),
    server="Apache/2.4.39 (Unix) OpenSSL/1.1.1g",
    api_list=API_LIST,
    locked_by_dhcp=frozenset(
        f"Network.Resolver.{name}" for name in ("NameServer1", "NameServer2", "NameServerList", "Search")
    ),
    templates={"streamprofile": Template("StreamProfile", STREAM_PROFILE, 26)},
    ntp_start={**NTP_START, "staticServers": []},
)
