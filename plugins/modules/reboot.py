#!/usr/bin/python
# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: reboot
short_description: Reboot a device
version_added: 1.0.0
description:
  - Reboots an Axis device and waits until it has provably rebooted, is ready, and lets the account of the
    connection in again, see M(axis.vapix.wait).
  - Uses C(firmwaremanagement.cgi), or C(restart.cgi) on devices that do not have it (before AXIS OS 7.40).
  - A device goes on answering for several seconds after it has been told to reboot, so that an answer proves
    nothing. The proof is another boot id, else an uptime that began later, else (before AXIS OS 11) that the
    device was away and came back.
  - Without such a proof the task fails, and says what is known. A device that shows no sign of a reboot is
    waited for one minute, not O(wait_timeout). The command is sent once, whatever happens.
author:
  - axis.vapix authors (@axis-vapix)
extends_documentation_fragment:
  - axis.vapix.attributes
  - axis.vapix.connection
attributes:
  check_mode:
    description: Looks whether the device answers and returns that it would be rebooted.
    support: full
  diff_mode:
    description: No setting changes.
    support: none
  idempotent:
    description: The device is rebooted on every run.
    support: none
seealso:
  - module: axis.vapix.wait
options:
  wait:
    description:
      - Whether to wait for the reboot. With V(false) the task ends when the device has accepted the command,
        and a command that is not answered is a failure.
    type: bool
    default: true
  wait_timeout:
    description:
      - How long the reboot may take. The connection option O(timeout) is the time for a single request.
      - A request that is under way when the time is over is finished first, which takes up to 5 seconds more.
      - At least 0.1 seconds.
    type: float
    default: 300.0
"""

EXAMPLES = r"""
- name: Reboot and wait until the camera is back
  axis.vapix.reboot:

- name: Reboot if a setting needs it
  axis.vapix.reboot:
    wait_timeout: 600
  when: settings.reboot_required
"""

RETURN = r"""
api:
  description: The API of the device that took the command, null in check mode.
  returned: success
  type: str
  sample: firmwaremanagement.cgi
ready:
  description: Whether all services of the device run. Null in check mode and without waiting.
  returned: success
  type: bool
needs_setup:
  description: Whether the device is in factory default state, without an account. Null in check mode and without
    waiting.
  returned: success
  type: bool
boot_id:
  description: Identifier of the boot that the device is in, null where the device tells none. Null in check mode and
    without waiting.
  returned: success
  type: str
  sample: ebe1fa05-2ff7-4062-874c-68a466a9eaed
uptime:
  description: Time since the boot in seconds, null where the device tells none. Null in check mode and without waiting.
  returned: success
  type: int
seconds:
  description: How long it took, in seconds. Null in check mode and without waiting.
  returned: success
  type: float
proof:
  description:
    - What proved that the device has rebooted. V(boot_id) for another boot id, V(uptime) for an uptime that
      began later, V(away) for a device that was away and came back, which is all that can be seen before AXIS
      OS 11.
    - Null in check mode and without waiting.
  returned: success
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

from ansible_collections.axis.vapix.plugins.module_utils.commands.reboot import DECLARED
from ansible_collections.axis.vapix.plugins.module_utils.engine.module import run_module


def main() -> None:
    run_module(DECLARED)


if __name__ == "__main__":
    main()
