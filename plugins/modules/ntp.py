#!/usr/bin/python
# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ntp
short_description: Configure where a device gets the time from
version_added: 1.0.0
description:
  - Configures the NTP client of an Axis device, with or without Network Time Security (NTS).
  - Uses the newest API the device has. From AXIS OS 12 on that is the REST API C(network-time-sync), from
    9.10 on C(ntp.cgi), and before that the parameters of group C(Time), which hold a single server and know
    neither poll intervals nor NTS.
  - Options that are left out are left alone. V(null) sets the default that is documented for the device.
author:
  - axis.vapix authors (@axis-vapix)
extends_documentation_fragment:
  - axis.vapix.attributes
  - axis.vapix.attributes.resource
  - axis.vapix.connection
requirements:
  - deepdiff
options:
  enabled:
    description:
      - Whether the NTP client runs.
      - V(null) sets the documented default, V(true).
    type: bool
  source:
    description:
      - Whether to use the servers that DHCP names or those in O(servers). With V(dhcp), O(servers) are used
        as long as DHCP names none.
      - V(null) sets the documented default, V(dhcp).
    type: str
    choices: [dhcp, static]
  servers:
    description:
      - Host names or addresses of NTP servers, in order of preference. The list replaces the one on the
        device.
      - How many fit depends on the device. A longer list is refused before anything is written.
      - V(null) sets the documented default, an empty list.
    type: list
    elements: str
  minpoll:
    description:
      - Shortest time between two requests to a server, as a power of two in seconds. V(6) means 64 seconds.
      - Between 0 and 24.
      - V(null) sets the documented default, V(6).
    type: int
  maxpoll:
    description:
      - Longest time between two requests to a server, as a power of two in seconds. V(10) means 1024 seconds.
      - Between 0 and 24.
      - V(null) sets the documented default, V(10).
    type: int
  nts:
    description:
      - Network Time Security (RFC 8915). While it is enabled, O(source) and O(servers) are not used.
    type: dict
    suboptions:
      enabled:
        description:
          - Whether to use NTS.
          - V(null) sets the documented default, V(false).
        type: bool
      servers:
        description:
          - Host names or addresses of NTS key establishment servers. The list replaces that on the device.
          - V(null) sets the documented default, an empty list.
        type: list
        elements: str
      ca_certificates:
        description:
          - Identifiers of CA certificates on the device that the servers' certificates are checked with, in
            any order. With an empty list, the system's own are used.
          - V(null) sets the documented default, an empty list.
        type: list
        elements: str
  on_unsupported:
    description:
      - What to do if the device does not have a setting. V(warn) leaves it out, sets the others, lists it in
        RV(unsupported) and warns. V(skip) does the same without a warning.
    type: str
    choices: [fail, warn, skip]
    default: fail
"""

EXAMPLES = r"""
- name: Use two NTP servers
  axis.vapix.ntp:
    enabled: true
    source: static
    servers:
      - ntp1.example.net
      - 203.0.113.7

- name: Take NTP servers from DHCP and forget our own
  axis.vapix.ntp:
    source: dhcp
    servers: []

- name: Use Network Time Security
  axis.vapix.ntp:
    enabled: true
    nts:
      enabled: true
      servers:
        - nts.example.net

- name: Go back to the documented poll intervals
  axis.vapix.ntp:
    minpoll: null
    maxpoll: null
"""

RETURN = r"""
api:
  description: The API of the device that was used.
  returned: success
  type: str
  sample: network-time-sync v1
changes:
  description: What was changed, or in check mode would be, in the order in which it is made.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The option or parameter.
      type: str
    before:
      description: The value before, null where there was none.
      type: raw
    after:
      description: The value after, null where it is removed.
      type: raw
    risk:
      description: One of V(none), V(restarts_service), V(moves_address) and V(reboots).
      type: str
    note:
      description: What a reader needs to know beside the values.
      returned: if there is something
      type: str
reboot_required:
  description: Whether the device restarts, or has to, for the changes to take effect.
  returned: success
  type: bool
unsupported:
  description: What is wanted and the device does not have.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The option.
      type: str
    reason:
      description: Why it is left out.
      type: str
failure:
  description: The facts of a failure, for programs. The text for people is in RV(ignore:msg).
  returned: failure
  type: dict
  contains:
    api:
      description: The API that failed.
      type: str
    method:
      description: Its method, action or HTTP verb.
      type: str
    http_status:
      description: Status of the HTTP answer.
      type: int
    code:
      description: Error code of the API.
      type: int
    message:
      description: What happened.
      type: str
    applied:
      description: Paths of the changes that were made before the failure.
      type: list
      elements: str
    not_applied:
      description: Paths of the changes that were not made.
      type: list
      elements: str
    unknown:
      description: Paths of the changes of which nobody can say whether they were made.
      type: list
      elements: str
"""

from ansible_collections.axis.vapix.plugins.module_utils.engine.module import run_module
from ansible_collections.axis.vapix.plugins.module_utils.resources.ntp import DECLARED


def main() -> None:
    run_module(DECLARED)


if __name__ == "__main__":
    main()
