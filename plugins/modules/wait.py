#!/usr/bin/python
# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: wait
short_description: Wait until a device is ready
version_added: 1.0.0
description:
  - Waits until an Axis device answers, says that all its services run, and lets the account of the connection
    in.
  - From AXIS OS 9.50 on the device says so itself (C(systemready.cgi)), without a login. Before that it is
    ready when a request with a login is answered.
  - Just after a boot a device can refuse a login that is right. The login is therefore tried again after
    pauses, up to five times within half a minute, and until a device has been up for five minutes it has to
    succeed twice in a row. A device in factory default state, and a task without O(username), need no login.
  - A device that is not ready in time is a failure.
author:
  - axis.vapix authors (@axis-vapix)
extends_documentation_fragment:
  - axis.vapix.attributes
  - axis.vapix.connection
attributes:
  check_mode:
    description: Looks once and returns how the device is now, without waiting. A device that does not answer is
      not ready.
    support: full
  diff_mode:
    description: Changes nothing, so that there is no difference to show.
    support: none
  idempotent:
    description: Only reads.
    support: full
seealso:
  - module: axis.vapix.reboot
options:
  wait_timeout:
    description:
      - How long to wait at most. The connection option O(timeout) is the time for a single request.
      - A request that is under way when the time is over is finished first, which takes up to 5 seconds more.
      - At least 0.1 seconds.
    type: float
    default: 300.0
"""

EXAMPLES = r"""
- name: Wait for a camera that has just been plugged in
  axis.vapix.wait:
    wait_timeout: 180

- name: Look whether it is in factory default state
  axis.vapix.wait:
  register: camera

- name: Say so
  ansible.builtin.debug:
    msg: It has no account yet
  when: camera.needs_setup
"""

RETURN = r"""
ready:
  description: Whether all services of the device run.
  returned: success
  type: bool
needs_setup:
  description: Whether the device is in factory default state, without an account.
  returned: success
  type: bool
boot_id:
  description: Identifier of the boot that the device is in, null where the device tells none.
  returned: success
  type: str
  sample: ebe1fa05-2ff7-4062-874c-68a466a9eaed
uptime:
  description: Time since the boot in seconds, null where the device tells none.
  returned: success
  type: int
seconds:
  description: How long it took, in seconds.
  returned: success
  type: float
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

from ansible_collections.axis.vapix.plugins.module_utils.commands.wait import DECLARED
from ansible_collections.axis.vapix.plugins.module_utils.engine.module import run_module


def main() -> None:
    run_module(DECLARED)


if __name__ == "__main__":
    main()
