# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fixed dome on AXIS OS 11.11.

Recorded: the list carries ``status``; versions of dynamicoverlay, mdnssd, onscreencontrols, overlayimage,
remote-syslog, time-service (HA #112550), fwmgr 1.4 (11.8), network-settings 1.29 (11.x); systemready 1.4 with uptime,
bootid and previewmode (11.11). Assumed: the other ids and versions, the parameters that differ from 9.80 beyond those
params-11.txt names as recorded, NTP API 1.4 without CA certificates, and that nothing of the REST framework (there
since 11.8) is released: ``/config/discover`` lists only beta APIs and /config/rest answers 404 for what we use.
"""

from __future__ import annotations

from certificates import Equipment
from profiles._profile import (
    CERTIFICATE_SETS,
    NTP_START,
    SOFTWARE_KEYS,
    STREAM_PROFILE,
    Profile,
    Template,
    api_table,
)

API_LIST = api_table(
    """
ssh 1.0 | SSH
recording 1.0 | Edge Recording
feature-flag 1.0 | Feature Flag API
serial-port 2.0 | Serial Port
ntp 1.4 | NTP
sip 2.2 | Call service API
disk-management 1.0 | Edge storage Disk management
customhttpheader 1.1 | Custom HTTP header
recording-group 1.0 | Edge Recording group
recording-storage-limit 1.0 | Edge Recording storage limit
io-port-management 1.1 | IO Port Management
systemready 1.4 | Systemready
overlayimage 1.0 | Overlay image API
mdnssd 1.1 | mDNS-SD
oak 1.0 | OAK
custom-firmware-certificate 1.0 | Custom Firmware Certificate
time-service 1.1 | Time API
onscreencontrols 1.6 | On-Screen Controls
view-area 1.0 | View Area
light-control 1.6 | Light Control
remote-syslog 1.1 | Remote Syslog API
dynamicoverlay 1.7 | Dynamic Overlay
supervised-io 2.0 | Supervised IO
temperaturecontrol 1.0 | Temperature Control
capture-mode 1.0 | Capture Mode
fwmgr 1.4 | Firmware Management
disk-properties 1.1 | Edge storage Disk properties
recording-export 1.3 | Export edge recording
stream-profiles 1.0 | Stream Profiles
event-mqtt-bridge 1.2 | Event-MQTT Bridge API
media-cgi 1.0 | Media stream over HTTP
mediaclip 1.0 | Mediaclip
param-cgi 1.0 | Legacy Parameter Handling
streamstatus 1.0 | Stream Status CGI
application 1.0 | Application
disk-network-share 1.0 | Edge storage Network share
user-management 1.2 | User Management
upnp 1.1 | UPnP
analytics-metadata-config 1.0 | Analytics Metadata Producer Configuration API
api-discovery 1.0 | API Discovery Service
mqtt-client 1.5 | MQTT Client API
power-settings 1.6 | Power Settings
signed-video 1.0 | Signed Video
audio-streaming-capabilities 1.0 | Audio Streaming Capabilities
guard-tour 1.1 | Guard Tour
network-settings 1.29 | Network Settings
audio-mixer 1.0 | Audio Mixer
privacy-mask 2.4 | Privacy Masking
packagemanager 1.4 - | Package Manager
ptz-control 2.1 | PTZ Control
zipstream 1.0 | ZipStream
basic-device-info 1.3 | Basic Device Information
shuttergain-cgi 2.0 | Shuttergain CGI
optics-control 1.3 | Optics Control
""",
    status="official",
)

PROFILE = Profile(
    name="axis-os-11",
    facts={
        "model": "P3245-LV",
        "short_name": "AXIS P3245-LV",
        "full_name": "AXIS P3245-LV Dome Camera",
        "product_type": "Dome Camera",
        "axis_os": "11.11.114",
        "vendor_class_version": "10.12.130",
        "build_date": "Sep 24 2024 08:41",
        "build_number": "114",
        "architecture": "armv7hf",
        "soc": "Axis Artpec-7",
        "hardware_id": "7CF.2",
        "web_url": "http://www.axis.com",
        "blank": "",
    },
    oui="B8A44F",
    apis={
        "/axis-cgi/apidiscovery.cgi": {"version": "1.0", "indent": 2},
        "/axis-cgi/basicdeviceinfo.cgi": {"version": "1.3", "echo_method": False, "unrestricted": True},
        "/axis-cgi/systemready.cgi": {"version": "1.4", "keys": ("uptime", "bootid", "previewmode")},
        "/axis-cgi/ntp.cgi": {"version": "1.4", "nts": True, "polls": True, "ca_certificates": False},
        "/axis-cgi/time.cgi": {"version": "1.1"},
        "/axis-cgi/network_settings.cgi": {"version": "1.29"},
        "/axis-cgi/param.cgi": {},
        "/axis-cgi/pwdgrp.cgi": {"crlf": True},
        "/axis-cgi/usergroup.cgi": {},
        "/axis-cgi/restart.cgi": {"html": False},
        "/axis-cgi/factorydefault.cgi": {"html": False},
        "/axis-cgi/firmwaremanagement.cgi": {"version": "1.4", "reset_source": False},
        "/axis-cgi/firmwareupgrade.cgi": {"two_slots": True},
        "/axis-cgi/hardfactorydefault.cgi": {"html": False},
        "/config/discover": {"framework": "1.0.0"},
        "/config/rest": {},
        "/vapix/services": {},
    },
    # Edge Vault devices (11.8) come with 802.1X on, so there is a device ID.
    certificates=Equipment((SOFTWARE_KEYS,), ("TPM0", ("EC-P256", "RSA-2048")), CERTIFICATE_SETS),
    params=("params-9.txt", "params-11.txt"),
    server="Apache/2.4.62 (Unix) OpenSSL/1.1.1w",
    headers={"X-Content-Type-Options": "nosniff", "X-Frame-Options": "SAMEORIGIN", "X-XSS-Protection": "1; mode=block"},
    api_list=API_LIST,
    rest_list=(
        ("param", "v2", "v2beta", "2.0.0-beta.1", "beta"),
        ("ssh", "v1", "v1beta", "1.0.0-beta.1", "beta"),
    ),
    locked_by_dhcp=frozenset(
        f"Network.Resolver.{name}" for name in ("NameServer1", "NameServer2", "NameServerList", "Search")
    ),
    templates={"streamprofile": Template("StreamProfile", STREAM_PROFILE, 26)},
    ntp_start={**NTP_START},
    first_user_must_be_root=False,
    anonymous_api_list=True,
    forbidden_status=403,
)
