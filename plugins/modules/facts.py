#!/usr/bin/python
# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: facts
short_description: Tell what a device is and can do
version_added: 1.0.0
description:
  - Reads model, serial number, AXIS OS version, state and, when asked, the lists of APIs and capabilities of
    an Axis device.
  - The result is small, because Ansible keeps facts of every host in memory.
author:
  - axis.vapix authors (@axis-vapix)
extends_documentation_fragment:
  - axis.vapix.attributes
  - axis.vapix.attributes.query
  - axis.vapix.connection
requirements:
  - jmespath
options:
  gather_subset:
    description:
      - What to read. Each subset costs one request, except V(apis), which costs two.
    type: list
    elements: str
    choices: [all, identity, state, apis, capabilities]
    default: [identity, state]
  query:
    description:
      - A JMESPath expression that picks a value out of the facts. The result is then in RV(value), and no
        facts are set.
      - The expression sees what RV(ansible_facts.vapix) would hold, for the subsets of O(gather_subset).
    type: str
"""

EXAMPLES = r"""
- name: Learn what the device is
  axis.vapix.facts:

- name: Show it
  ansible.builtin.debug:
    msg: "{{ ansible_facts['vapix']['model'] }} with AXIS OS {{ ansible_facts['vapix']['axis_os'] }}"

- name: Pick the newest version of the NTP API
  axis.vapix.facts:
    gather_subset: [apis]
    query: apis.json.ntp[-1]
  register: ntp_api
"""

RETURN = r"""
ansible_facts:
  description: The facts, unless O(query) was given.
  returned: success
  type: dict
  contains:
    vapix:
      description: The facts of the device. What a device does not tell is null.
      type: dict
      contains:
        brand:
          description: Brand of the product.
          type: str
          sample: AXIS
        model:
          description: Product number.
          type: str
          sample: P3265-V
        name:
          description: Full name of the product.
          type: str
        product_type:
          description: Kind of product.
          type: str
          sample: Dome Camera
        variant:
          description: Variant of the product, often empty.
          type: str
        serial:
          description: Serial number, which is the MAC address without separators.
          type: str
          sample: B8A44F000001
        axis_os:
          description: Version of AXIS OS, the firmware.
          type: str
          sample: 12.11.77
        build_date:
          description: When that version was built.
          type: str
        hardware_id:
          description: Hardware revision.
          type: str
        architecture:
          description: Processor architecture.
          type: str
          sample: aarch64
        soc:
          description: System on chip.
          type: str
        state:
          description: State of the device, in the subset V(state). Its members are null before AXIS OS 9.50.
          type: dict
          contains:
            ready:
              description: Whether the device has started completely.
              type: bool
            needs_setup:
              description: Whether it is in factory default state and waits for its first account.
              type: bool
            uptime:
              description: Time since its start, in seconds.
              type: int
            boot_id:
              description: Identifier of its last start.
              type: str
        apis:
          description: Versions by name of the APIs it has, in the subset V(apis).
          type: dict
          contains:
            json:
              description: CGIs in the API list.
              type: dict
              sample: {ntp: ['1.5']}
            rest:
              description: Device Configuration APIs.
              type: dict
              sample: {time: [2.0.1]}
        capabilities:
          description: What it can do by its own account, in the subset V(capabilities).
          type: dict
value:
  description: What O(query) picked.
  returned: when O(query) is given
  type: raw
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

from ansible_collections.axis.vapix.plugins.module_utils.commands.facts import DECLARED
from ansible_collections.axis.vapix.plugins.module_utils.engine.module import run_module


def main() -> None:
    run_module(DECLARED)


if __name__ == "__main__":
    main()
