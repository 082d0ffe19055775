#!/usr/bin/python
# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: factory_default
short_description: Put a device back to factory default
version_added: 1.0.0
description:
  - Puts all settings of an Axis device back to factory default and waits until it has rebooted and says that
    it needs an account. B(Everything that is set is lost), all accounts among it, and applications that did
    not come with the device.
  - Uses C(firmwaremanagement.cgi), or C(factorydefault.cgi) and C(hardfactorydefault.cgi) on devices that do
    not have it.
  - Nothing is sent before O(confirm) has been compared with the serial number that the device tells.
  - It is waited for as with M(axis.vapix.reboot), at the same address. While waiting nothing secret is sent
    and the device's certificate is not checked, because it can have a new one.
  - Create the first account afterwards with M(axis.vapix.user).
author:
  - axis.vapix authors (@axis-vapix)
extends_documentation_fragment:
  - axis.vapix.attributes
  - axis.vapix.connection
attributes:
  check_mode:
    description: Compares O(confirm), looks whether the device answers and returns that it would be reset.
    support: full
  diff_mode:
    description: What is lost is not listed.
    support: none
  idempotent:
    description: The device is reset on every run. Afterwards the account is gone, so that a second run fails at
      the login.
    support: none
seealso:
  - module: axis.vapix.user
options:
  confirm:
    description:
      - The serial number of the device, as on its label, with or without colons or dashes, in upper or lower
        case.
      - Write it down by hand, for each device. Taken from facts of the device it confirms nothing.
    type: str
    required: true
  mode:
    description:
      - V(soft) keeps what it takes to reach the device at the same address (boot protocol, static address,
        router, subnet mask), the time and the 802.1X settings.
      - V(hard) keeps nothing. The device may come back at another address. The task then fails when the time
        is over unless O(wait=false).
    type: str
    choices: [soft, hard]
    default: soft
  wait:
    description:
      - Whether to wait for the device. With V(false) the task ends when the device has accepted the command,
        and a command that is not answered is a failure.
    type: bool
    default: true
  wait_timeout:
    description:
      - How long it may take. The connection option O(timeout) is the time for a single request.
      - A request that is under way when the time is over is finished first, which takes up to 5 seconds more.
      - At least 0.1 seconds.
    type: float
    default: 600.0
"""

EXAMPLES = r"""
- name: Put one camera back to factory default
  axis.vapix.factory_default:
    confirm: B8A44F000001

- name: Set it up again
  axis.vapix.user:
    users:
      - name: root
        role: administrator
        password: "{{ ansible_password }}"
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
fingerprint:
  description: SHA-256 fingerprint of the certificate that the device shows now. Nothing vouches for it but the place
    where it was found.
  returned: over HTTPS without a proxy, after waiting
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

from ansible_collections.axis.vapix.plugins.module_utils.commands.factory_default import DECLARED
from ansible_collections.axis.vapix.plugins.module_utils.engine.module import run_module


def main() -> None:
    run_module(DECLARED)


if __name__ == "__main__":
    main()
