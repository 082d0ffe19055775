# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fixed dome on AXIS OS 12.11, like the P3265-V whose answers OADM recorded.

Recorded: API list, REST list, headers, authentication, device information, NTP and time answers, most parameter names.
Assumed: see README.md.
"""

from __future__ import annotations

from certificates import Equipment
from profiles._profile import (
    NTP_START,
    SECURE_ELEMENT,
    STREAM_PROFILE,
    TEE,
    Profile,
    Template,
    api_table,
    rest_table,
)

_CSP = (
    "default-src 'self'; frame-ancestors 'self'; connect-src 'self' https://*.axis.com mediastream: blob:; "
    "script-src 'self' https://*.axis.com; style-src 'self' 'unsafe-inline'; img-src 'self' https://*.axis.com data: "
    "blob:; media-src 'self' mediastream: blob:; object-src 'none'"
)

API_LIST = api_table(
    """
ssh 1.0 | SSH
recording 1.0 | Edge Recording
feature-flag 1.0 | Feature Flag API
serial-port 2.0 | Serial Port
ntp 1.5 | NTP
sip 2.2 | Call service API
disk-management 1.0 | Edge storage Disk management
customhttpheader 1.1 | Custom HTTP header
audio-analytics 1.0 | Audio Analytics
recording-group 1.0 | Edge Recording group
straightenimage 1.0 - | Straighten Image
recording-storage-limit 1.0 | Edge Recording storage limit
remoteservice 1.1 | Remote service
io-port-management 1.1 | IO Port Management
systemready 1.4 | Systemready
overlayimage 1.0 | Overlay image API
mdnssd 1.1 | mDNS-SD
oak 1.0 | OAK
custom-firmware-certificate 1.0 | Custom Firmware Certificate
time-service 1.1 | Time API
onscreencontrols 1.6 | On-Screen Controls
view-area 1.0 | View Area
device-config 1.0 | Device Config API
light-control 1.6 | Light Control
device-self-test 1.0 | Device Self Test
remote-syslog 1.2 | Remote Syslog API
dynamicoverlay 1.8 | Dynamic Overlay
supervised-io 2.0 | Supervised IO
temperaturecontrol 1.0 | Temperature Control
audit-log 1.0 | Audit Log API
daynight 1.2 | daynight
capture-mode 1.0 | Capture Mode
fwmgr 1.10 | Firmware Management
disk-properties 1.1 | Edge storage Disk properties
recording-export 1.3 | Export edge recording
stream-profiles 1.0 | Stream Profiles
image-size 1.0 | Image Size
audio-device-control 1.0 | Audio Device Control
event-mqtt-bridge 1.2 | Event-MQTT Bridge API
media-cgi 1.0 | Media stream over HTTP
rtsp-over-websocket 1.0 | RTSP Streaming over WebSocket
mediaclip 1.0 | Mediaclip
param-cgi 1.0 | Legacy Parameter Handling
airquality 1.1 beta | Air quality
streamstatus 1.0 | Stream Status CGI
application 1.0 | Application
disk-network-share 1.0 | Edge storage Network share
user-management 1.2 | User Management
upnp 1.1 | UPnP
analytics-metadata-config 1.0 | Analytics Metadata Producer Configuration API
api-discovery 1.1 | API Discovery Service
mqtt-client 1.6 | MQTT Client API
power-settings 1.8 | Power Settings
signed-video 1.0 | Signed Video
audio-streaming-capabilities 1.0 | Audio Streaming Capabilities
guard-tour 1.1 | Guard Tour
event-streaming-over-websocket 1.0 | Event Streaming over WebSocket
audio-device-control 2.0 | Audio Device Control
network-speaker-pairing 1.4 deprecated | Network Speaker Pairing
network-settings 1.37 | Network Settings
audio-mixer 1.0 | Audio Mixer
privacy-mask 2.4 | Privacy Masking
packagemanager 1.4 - | Package Manager
privacy-mask 3.0 | Privacy Masking
ptz-control 2.1 | PTZ Control
zipstream 1.0 | ZipStream
video-streaming-indicator 1.1 | Video Streaming Indicator
basic-device-info 1.3 | Basic Device Information
shuttergain-cgi 2.0 | Shuttergain CGI
optics-control 1.3 | Optics Control
datahub-streaming-over-websocket 1.0 | Datahub Streaming over WebSocket
widget-overlay 1.0 | Widget Overlay
""",
    status="official",
)

REST_LIST = rest_table(
    """
action-rules v2 v2 2.0.1 released
airqualitymodbus v1 v1 1.0.1 released
airqualitymonitor v1 v1 1.0.1 released
analytics-mqtt v1 v1 1.0.1 released
basic-device-info v2 v2 2.0.1 released
best-snapshot v1 v1 1.0.1 released
cert v1 v1 1.1.2 released
cert-est v1 v1 1.0.1 released
coordinate-conversion v1 v1 1.0.1 released
crypto-policy v1 v1 1.1.0 released
data-transformation v1 v1beta 1.0.0-beta.1 beta
dnsupdate-configuration v2 v2 2.0.1 released
event-mqtt-bridge v2 v2 2.0.1 released
event-schedules v2 v2 2.0.1 released
firewall v1 v1 1.1.2 released
geolocation v2 v2beta 2.0.0-beta.1 beta
lldp v1 v1 1.0.2 released
log v1 v1 1.0.2 released
mdnssd v2 v2 2.0.1 released
network-diagnostics v1 v1 1.4.0 released
network-settings v2 v2 2.0.3 released
network-time-sync v1 v1 1.0.1 released
oauth-ccgrant v1 v1beta 1.0.1-beta.1 beta
object-snapshot v1 v1 1.0.1 released
oidcsetup v1 v1 1.0.3 released
param v2 v2beta 2.0.0-beta.1 beta
power-settings v2 v2beta 2.0.0-beta.1 beta
recording-data-producer v1 v1alpha 1.0.0-alpha.2 alpha
recording-group v2 v2 2.4.2 released
remote-object-storage v1 v1 1.1.0 released
snmp v1 v1 1.3.1 released
ssh v1 v1beta 1.0.0-beta.1 beta
ssh v2 v2 2.0.2 released
time v2 v2 2.0.1 released
unified-proxy-configuration v1 v1 1.0.1 released
user-management v2 v2 2.0.1 released
video-analytics v1 v1 1.0.1 released
virtualhost v1 v1 1.2.0 released
"""
)

# Recorded, in that order.
_SETS = (
    "EAPTLS_WIRED",
    "EAPTLS_WIRED_SERVER",
    "EAPTLS_WIFI",
    "EAPPEAP_MSCHAPV2_WIFI",
    "AUDIOSITE",
    "MediaPlayerClient",
    "NTS",
    "EAPPEAP_MSCHAPV2_WIRED",
    "AVHS",
    "SIP",
    "Streaming_RTSPS",
    "RemoteSyslog",
    "StreamingMediaClient",
    "WebServer",
    "StreamingDeviceEventClient",
    "mqtt_client",
    "O3C",
)

PROFILE = Profile(
    name="axis-os-12",
    facts={
        "model": "P3265-V",
        "short_name": "AXIS P3265-V",
        "full_name": "AXIS P3265-V Dome Camera",
        "product_type": "Dome Camera",
        "axis_os": "12.11.77",
        "vendor_class_version": "12.11.77",
        "build_date": "Jun 30 2026 10:15",
        "build_number": "77",
        "architecture": "aarch64",
        "soc": "Axis Artpec-8",
        "hardware_id": "931.11",
        "web_url": "https://www.axis.com",
        "blank": "",
    },
    oui="B8A44F",
    apis={
        "/axis-cgi/apidiscovery.cgi": {"version": "1.1", "indent": 2},
        # 1.3 does not echo the method (recorded).
        "/axis-cgi/basicdeviceinfo.cgi": {"version": "1.3", "echo_method": False, "unrestricted": True},
        # The list says 1.4, the API answers 1.5 (both recorded).
        "/axis-cgi/systemready.cgi": {
            "version": "1.5",
            "keys": ("uptime", "bootid", "previewmode", "passphrasepolicy"),
        },
        "/axis-cgi/ntp.cgi": {"version": "1.5", "nts": True, "polls": True, "ca_certificates": True},
        "/axis-cgi/time.cgi": {"version": "1.1"},
        # The list says 1.37, the API answers 1.38 (both recorded).
        "/axis-cgi/network_settings.cgi": {"version": "1.38"},
        "/axis-cgi/param.cgi": {},
        "/axis-cgi/pwdgrp.cgi": {},
        "/axis-cgi/usergroup.cgi": {},
        "/axis-cgi/restart.cgi": {"html": False},
        "/axis-cgi/factorydefault.cgi": {"html": False},
        "/axis-cgi/firmwaremanagement.cgi": {"version": "1.10", "reset_source": True},
        "/axis-cgi/firmwareupgrade.cgi": {"two_slots": True},
        "/axis-cgi/hardfactorydefault.cgi": {"html": False},
        "/config/discover": {"framework": "1.1.0"},
        "/config/rest": {},
        "/vapix/services": {"without": ("tds:SetDot1XConfiguration", "tds:GetDot1XConfigurations")},
    },
    params=("params-9.txt", "params-11.txt", "params-12.txt"),
    server="Apache/2.4.68 (Unix) OpenSSL/3.5.7",
    headers={
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
        "X-XSS-Protection": "1; mode=block",
        "Content-Security-Policy": _CSP,
        "Referrer-Policy": "strict-origin-when-cross-origin",
    },
    chunked=True,
    api_list=API_LIST,
    rest_list=REST_LIST,
    certificates=Equipment((TEE, SECURE_ELEMENT), ("SE0", ("EC-P256", "RSA-2048", "RSA-4096")), _SETS),
    redirects_to_https=False,
    bare_leaves=True,
    protected=(
        "Image.I*.Source",
        "Image.I*.Type",
        "Image.NbrOfConfigs",
        "StreamProfile.MaxGroups",
        "IOPort.I*.Configurable",
        "Network.eth0.*",
        "Network.eth0.*.*",
        "Network.Routing.*",
        "Network.Routing.*.*",
        "Network.Interface.I0.dot1x.Status",
        "Network.Interface.I0.SystemDevice",
        "Network.DHCP.VendorClass",
        "Network.RTP.NbrOfRTPGroups",
        "Network.LLDP.POE.MaxPower",
        "Network.LLDP.POE.PoeClass",
        "Network.QoS.Class*.Desc",
        "Network.ZeroConf.IPAddress",
        "Network.ZeroConf.SubnetMask",
    ),
    readonly_is_401=True,
    ntp_server_param_refused=True,
    locked_by_dhcp=frozenset(
        f"Network.Resolver.{name}" for name in ("NameServer1", "NameServer2", "NameServerList", "Search")
    ),
    templates={"streamprofile": Template("StreamProfile", STREAM_PROFILE, 26)},
    ntp_start={**NTP_START},
    static_fallback=False,
    first_user_must_be_root=False,
    anonymous_api_list=True,
    policy_delay=0.5,
    forbidden_status=403,
    unauthorized_json=True,
)
