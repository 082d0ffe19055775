#!/usr/bin/python
# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: time
short_description: Set the time zone and the clock of a device
version_added: 1.0.0
description:
  - Sets the time zone of an Axis device by its IANA name or as a POSIX string, and its clock when asked.
  - Uses the newest API the device has. From AXIS OS 12 on that is the REST API C(time), from 9.30 on
    C(time.cgi), and before that the parameters of group C(Time).
  - Firmware before 9.30 knows POSIX strings only. An IANA name is translated for it by the time zone database
    of the controller.
  - Options that are left out are left alone.
author:
  - axis.vapix authors (@axis-vapix)
extends_documentation_fragment:
  - axis.vapix.attributes
  - axis.vapix.attributes.resource
  - axis.vapix.connection
options:
  timezone:
    description:
      - Time zone by its IANA name, for example V(Europe/Stockholm). V(null) takes what DHCP says, else the
        factory's zone; that needs AXIS OS 12.
      - Before AXIS OS 9.30 devices know no names. There, the POSIX string of the zone is set, as this
        controller knows it.
      - Devices list the names that IANA keeps for zones and not their other names. Such a name is set by the
        one that is listed.
    type: str
  posix_timezone:
    description:
      - Time zone as a POSIX string, for example V(CET-1CEST,M3.5.0,M10.5.0/3). What it means is compared.
    type: str
  dst:
    description:
      - Whether to use the daylight saving time that O(posix_timezone) describes. Left out, a new zone uses it
        if it has one.
      - V(null) sets the documented default, V(true).
    type: bool
  sync_clock:
    description:
      - Whether to set the clock of the device to that of the controller if it is off by more than
        O(max_clock_error). Needs AXIS OS 9.30. A device that uses NTP does that by itself.
    type: bool
    default: false
  max_clock_error:
    description:
      - How far the clock may be off before O(sync_clock) sets it.
      - At least 2 seconds.
    type: int
    default: 5
  on_unsupported:
    description:
      - What to do if the device does not have a setting. V(warn) leaves it out, sets the others, lists it in
        RV(unsupported) and warns. V(skip) does the same without a warning.
    type: str
    choices: [fail, warn, skip]
    default: fail
"""

EXAMPLES = r"""
- name: Set the time zone
  axis.vapix.time:
    timezone: Europe/Stockholm

- name: Set a POSIX time zone without daylight saving time
  axis.vapix.time:
    posix_timezone: EST5EDT,M3.2.0,M11.1.0
    dst: false

- name: Take the time zone from DHCP
  axis.vapix.time:
    timezone: null

- name: Set the clock where it is more than ten seconds off
  axis.vapix.time:
    sync_clock: true
    max_clock_error: 10
"""

RETURN = r"""
api:
  description: The API of the device that was used.
  returned: success
  type: str
  sample: time v2
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
from ansible_collections.axis.vapix.plugins.module_utils.resources.time import DECLARED


def main() -> None:
    run_module(DECLARED)


if __name__ == "__main__":
    main()
