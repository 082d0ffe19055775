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
  - Uses the newest API the device has. From AXIS OS 12 on that is the REST API C(time), from 9.30 on C(time.cgi), and
    before that the parameters of group C(Time).
  - Firmware before 9.30 knows POSIX strings only. An IANA name is translated for it by the time zone database of the
    controller.
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
      - IANA name of the time zone, for example V(Europe/Stockholm). Daylight saving time follows from it.
      - A name the device does not know is refused before anything is written. If it is only another name for one the
        device knows, as V(Europe/Stockholm) is for V(Europe/Berlin), that one is set.
      - V(null) takes the zone from DHCP, or else the factory's. Only the REST API can tell whether that is so, so that
        older
        devices refuse it.
      - Mutually exclusive with O(posix_timezone).
    type: str
  posix_timezone:
    description:
      - Time zone as a POSIX string, for example V(CET-1CEST,M3.5.0,M10.5.0/3). Mind that west of Greenwich is positive.
      - Two spellings of the same rules count as equal.
      - Mutually exclusive with O(timezone).
    type: str
  dst:
    description:
      - Whether the daylight saving time of O(posix_timezone) is used.
      - Left out, a new zone uses it if it names one, and a zone that is already set keeps what it has.
      - The device's default is V(true).
    type: bool
  sync_clock:
    description:
      - Whether to set the device's clock from the controller's when it is off by more than O(max_clock_error).
      - Meant for devices without NTP, and for the first contact, when the certificates of other servers cannot be
        checked yet
        because the clock is wrong. An NTP client that runs on the device sets the clock as well.
      - Devices before AXIS OS 9.30 cannot do this.
    type: bool
    default: false
  max_clock_error:
    description:
      - How far the clock may be off, in seconds, before O(sync_clock) sets it. At least V(2).
    type: int
    default: 5
  on_unsupported:
    description:
      - What to do where a device does not have a setting that is wanted. V(warn) leaves it out and sets the others.
    type: str
    choices: [fail, warn]
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
  description: What was changed, or in check mode would be, in the order it is made.
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
  sample: [{path: timezone, before: UTC, after: Asia/Tokyo, risk: none}]
reboot_required:
  description: Whether the device restarts, or has to, for the changes to take effect.
  returned: success
  type: bool
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
      description: Paths of the changes that were not made, as far as the device could still be asked.
      type: list
      elements: str
"""

from ansible_collections.axis.vapix.plugins.module_utils.engine.module import run_module
from ansible_collections.axis.vapix.plugins.module_utils.resources.time import DECLARED


def main() -> None:
    run_module(DECLARED)


if __name__ == "__main__":
    main()
