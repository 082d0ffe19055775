#!/usr/bin/python
# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: device
short_description: Bring a whole device to the state of one document
version_added: 1.0.0
description:
  - Takes the wanted state of an Axis device as one document with a section for each module, and plans all of
    it together before it changes anything.
  - All sections share one connection, and the same question is asked only once while nothing is changed.
  - All mistakes of the document are told at once, each with its place, before anything is sent.
  - Changes are made in an order that is safe. What others need is made first, for example a certificate
    before HTTPS uses it. What can cut the connection comes last.
  - What one section brings counts for the others in check mode, too.
author:
  - axis.vapix authors (@axis-vapix)
extends_documentation_fragment:
  - axis.vapix.attributes
  - axis.vapix.attributes.resource
  - axis.vapix.connection
requirements:
  - deepdiff
  - jmespath
  - cryptography
  - defusedxml
  - requests-toolbelt
notes:
  - The other modules do the same for one section each. Use them for a task that has its own conditions.
options:
  config:
    description:
      - >-
        The wanted state: the names of the modules of this collection that declare a state, each with its
        options. What is left out is left alone.
      - A list in the place of the options is the same module several times, for example for certificates.
    type: dict
    required: true
  restrict:
    description:
      - Names of the sections to look at. With an empty list, all.
    type: list
    elements: str
    default: []
  on_failure:
    description:
      - What to do when a change fails. V(stop) makes no more changes. V(continue) makes those that do not
        stand on the section that failed. V(rollback) takes back what this task changed, the last change
        first, as far as it can be taken back, and says what could not.
    type: str
    choices: [stop, continue, rollback]
    default: stop
  reboot:
    description:
      - Whether to restart the device, once and at the end, if a change needs that to take effect. V(never)
        only tells it in RV(reboot_required).
    type: str
    choices: [never, when_required]
    default: never
  reboot_timeout:
    description:
      - How long the restart may take.
      - Between 0.1 and 86400 seconds.
    type: float
    default: 300.0
  on_unsupported:
    description:
      - What to do if the device does not have a setting or a whole API. It holds for the sections that do not
        say it themselves.
    type: str
    choices: [fail, warn, skip]
    default: fail
"""

EXAMPLES = r"""
- name: The whole camera
  axis.vapix.device:
    config:
      ntp:
        source: static
        servers: [ntp1.example.net, ntp2.example.net]
      ssh:
        enabled: false
      syslog:
        enabled: true
        servers:
          - address: log.example.net

- name: Only the time, and take it back if it fails
  axis.vapix.device:
    config: "{{ camera_config }}"
    restrict: [ntp]
    on_failure: rollback
"""

RETURN = r"""
changes:
  description: What was changed, or in check mode would be, in the order in which it is made.
  returned: success
  type: list
  elements: dict
  contains:
    section:
      description: The section of the document.
      type: str
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
    section:
      description: The section of the document.
      type: str
    path:
      description: The option.
      type: str
    reason:
      description: Why it is left out.
      type: str
sections:
  description: What each section found, by its name in the document.
  returned: success
  type: dict
  sample: {ntp: {api: network-time-sync v1, changed: false, reboot_required: false}}
rebooted:
  description: Whether the device was restarted at the end, or in check mode would be.
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

from ansible_collections.axis.vapix.plugins.module_utils.commands.device import DECLARED
from ansible_collections.axis.vapix.plugins.module_utils.engine.module import run_module


def main() -> None:
    run_module(DECLARED)


if __name__ == "__main__":
    main()
