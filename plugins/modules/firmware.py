#!/usr/bin/python
# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: firmware
short_description: Install, commit, roll back or purge the firmware of a device
version_added: 1.0.0
description:
  - Brings an Axis device to a version of its firmware, AXIS OS, and proves that it got there.
  - The image is sent once, as a stream. Then the device restarts. The module waits for that, until the device
    runs the wanted version and passes the O(health_checks), and only then commits it, which makes it
    permanent. What fails before that, the device takes back, by order of the module or by itself after
    O(auto_rollback) minutes.
  - Devices before firmware 7.40 have neither a second image nor a commit. They are upgraded by
    C(firmwareupgrade.cgi).
  - The device has to be reachable under the same address after the restart.
author:
  - axis.vapix authors (@axis-vapix)
extends_documentation_fragment:
  - axis.vapix.attributes
  - axis.vapix.attributes.resource
  - axis.vapix.connection
requirements:
  - requests-toolbelt
  - jmespath
options:
  state:
    description:
      - V(installed) runs O(version), and commits it unless O(commit) says otherwise.
      - V(committed) commits the version that runs. If O(version) is given, it has to be that one.
      - V(rolled_back) goes back to O(version), which has to be the one that ran before.
      - V(purged) removes the image of the version before. There is no going back then.
    type: str
    choices: [installed, committed, rolled_back, purged]
    default: installed
  version:
    description:
      - The version, as the device tells it, for example V(12.11.77).
      - Required for O(state=installed) and O(state=rolled_back).
      - A change takes a restart of the device.
    type: str
  image:
    description:
      - Path of the image with O(version), on the machine where the task runs. It is read only if that version
        does not run yet, and is then required.
    type: path
  sha256:
    description:
      - SHA-256 of the image, which is checked before it is sent.
    type: str
  models:
    description:
      - Product numbers the image is for, for example V(P3265-V). If the device is none of them, nothing is
        sent. The device checks its image as well, but only after it has received all of it.
    type: list
    elements: str
  allow_downgrade:
    description:
      - Whether O(version) may be older than the one that runs. Devices take an older version only with
        O(factory_default=hard).
    type: bool
    default: false
  factory_default:
    description:
      - V(none) keeps all settings, V(soft) keeps those of the network, V(hard) keeps nothing.
      - With V(soft) and V(hard) all accounts are lost. The version is then committed when the device starts,
        because nobody can commit it afterwards, and O(health_checks) are not made.
    type: str
    choices: [none, soft, hard]
    default: none
  commit:
    description:
      - Whether to commit the version once it has proven itself. If not, the device goes back by itself after
        O(auto_rollback), unless O(state=committed) comes first. Devices before AXIS OS 7.40 commit every
        version by themselves.
    type: bool
    default: true
  auto_rollback:
    description:
      - After what time from its start the device goes back by itself, if the version was not committed by
        then.
      - At least 1 minutes.
    type: int
    default: 20
  health_checks:
    description:
      - JMESPath expressions over all facts that M(axis.vapix.facts) knows. If one is not true once the
        version runs, the device is rolled back where it can be, and the task fails.
    type: list
    elements: str
  upload_timeout:
    description:
      - How long sending the image may take.
      - At least 1 seconds.
    type: int
    default: 1200
  reboot_timeout:
    description:
      - How long the device may take to start again.
      - At least 1 seconds.
    type: int
    default: 600
  on_unsupported:
    description:
      - What to do if the device does not have a setting. V(warn) leaves it out, sets the others, lists it in
        RV(unsupported) and warns. V(skip) does the same without a warning.
    type: str
    choices: [fail, warn, skip]
    default: fail
"""

EXAMPLES = r"""
- name: Run AXIS OS 12.11.77
  axis.vapix.firmware:
    version: 12.11.77
    image: images/P3265-V_12_11_77.bin
    sha256: "{{ lookup('ansible.builtin.file', 'images/P3265-V_12_11_77.bin.sha256') }}"
    models: [P3265-V]

- name: Run it only if the device still has its NTP API then
  axis.vapix.firmware:
    version: 12.11.77
    image: images/P3265-V_12_11_77.bin
    health_checks:
      - state.ready
      - apis.json.ntp

- name: Go back to the version before
  axis.vapix.firmware:
    state: rolled_back
    version: 11.11.77

- name: Remove the image of the version before
  axis.vapix.firmware:
    state: purged
"""

RETURN = r"""
api:
  description: The API of the device that was used.
  returned: success
  type: str
  sample: firmwaremanagement.cgi
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
  description: Always false, since the device restarts by itself where that is needed.
  returned: success
  type: bool
  sample: false
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
rebooted:
  description: Whether the device was restarted, or in check mode would be.
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
      description: Paths of the changes that were not made.
      type: list
      elements: str
    unknown:
      description: Paths of the changes of which nobody can say whether they were made.
      type: list
      elements: str
"""

from ansible_collections.axis.vapix.plugins.module_utils.engine.module import run_module
from ansible_collections.axis.vapix.plugins.module_utils.resources.firmware import DECLARED


def main() -> None:
    run_module(DECLARED)


if __name__ == "__main__":
    main()
