# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A PTZ dome on firmware 5.51, like the P5512 5.51.7 that trunnion recorded.

Recorded: 404 pages for every JSON API, unsorted parameters, trailing blanks, policy basic_digest,
StreamProfile.MaxGroups 20; connections closed under parallel requests (HA #42415). Assumed: see README.md.
"""

from __future__ import annotations

from profiles._profile import NTP_START, STREAM_PROFILE, Profile, Template

PROFILE = Profile(
    name="axis-os-5",
    facts={
        "model": "P5512",
        "short_name": "AXIS P5512",
        "full_name": "AXIS P5512 PTZ Dome Network Camera",
        "product_type": "PTZ Dome Network Camera",
        "axis_os": "5.51.7",
        "vendor_class_version": "5.50.4.9",
        "build_date": "Jul 02 2020 09:12",
        "build_number": "6",
        "architecture": "crisv32",
        "soc": "",
        "hardware_id": "18C.2",
        "web_url": "http://www.axis.com/",
        # 5.51 ends some values with a blank.
        "blank": " ",
    },
    oui="00408C",
    apis={
        "/axis-cgi/param.cgi": {},
        "/axis-cgi/pwdgrp.cgi": {"groups": "groups-5.txt", "needs_comment": True},
        "/axis-cgi/usergroup.cgi": {"primary": True},
        "/axis-cgi/restart.cgi": {"html": True},
        "/axis-cgi/factorydefault.cgi": {"html": True},
        "/axis-cgi/firmwareupgrade.cgi": {"two_slots": False},
        "/axis-cgi/hardfactorydefault.cgi": {"html": True},
        # The event and action services are there since 5.50.
        "/vapix/services": {},
    },
    params=("params-5.txt",),
    server="Boa/0.94.14rc21",
    # Clients of today have no cipher in common with it.
    enforces_tls=False,
    # Recorded with firmware 5.x.
    upnp_server="Linux/3.4.0, UPnP/1.0, Portable SDK for UPnP devices/1.6.18",
    sorted_params=False,
    open_without_password=True,
    parallel_limit=8,
    locked_by_dhcp=frozenset(
        f"Network.Resolver.{name}" for name in ("NameServer1", "NameServer2", "NameServerList", "Search")
    ),
    templates={"streamprofile": Template("StreamProfile", STREAM_PROFILE, 20)},
    ntp_start={**NTP_START},
)
