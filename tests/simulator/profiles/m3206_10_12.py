# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bullet camera on AXIS OS 10.12, like the M3206-LVE whose accounts and systemready answer OADM recorded.

Recorded: systemready 1.2 without uptime and boot id, the listing of pwdgrp.cgi; on other 10.12 cameras (rs4acap) ssh,
remote-syslog and customhttpheader 1.1 in the API list, and ``Network.SSH.Enabled``. Assumed: all the rest is as on the
9.80 camera, from which this profile is derived; it is here for what a device without a boot id needs.
"""

from __future__ import annotations

from dataclasses import replace

from profiles._profile import api_table
from profiles.m3045_9_80 import API_LIST
from profiles.m3045_9_80 import PROFILE as OLDER

_NEWER = {"network-settings": "1.21", "customhttpheader": "1.1"}

PROFILE = replace(
    OLDER,
    name="axis-os-10",
    facts={
        **OLDER.facts,
        "model": "M3206-LVE",
        "short_name": "AXIS M3206-LVE",
        "full_name": "AXIS M3206-LVE Network Camera",
        "axis_os": "10.12.338",
        "vendor_class_version": "10.12.338",
        "build_date": "Feb 17 2026 10:01",
        "build_number": "338",
        "hardware_id": "7CE",
    },
    oui="B8A44F",
    # Preinstalled CA certificates since AXIS OS 10.0 (release notes).
    certificates=replace(OLDER.certificates, has_roots=True),
    api_list=(
        *((id_, _NEWER.get(id_, version), *rest) for id_, version, *rest in API_LIST),
        *api_table("ssh 1.0 | SSH\nremote-syslog 1.0 | Remote Syslog API"),
    ),
    params=("params-9.txt", "params-10.txt"),
    apis={
        **OLDER.apis,
        "/axis-cgi/systemready.cgi": {"version": "1.2", "keys": ()},
        "/axis-cgi/network_settings.cgi": {"version": "1.21"},
        "/axis-cgi/pwdgrp.cgi": {"groups": "groups-10.txt", "tail": "\n"},
    },
)
