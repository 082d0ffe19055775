#!/usr/bin/python
# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: action_rule
short_description: Manage the action rules of a device
version_added: 1.0.0
description:
  - Adds, changes and removes action rules of an Axis device. An action rule says what the device does when
    something happens, for example that it sends an image when an input is closed outside office hours.
  - Uses the action service (C(/vapix/services), AXIS OS 5.50 and later). A rule and its action configuration
    are handled as one.
  - There is no call that changes a rule. A new one is made, and when the device shows it, the old one is
    removed. Where only O(rules[].enabled), O(rules[].start_event) or O(rules[].conditions) change, the action
    stays. Any other change takes the secrets of the action again.
  - Which events and actions there are depends on the product, its AXIS OS and its applications.
  - Rules that are not listed are left alone, unless O(exclusive=true), which also removes action
    configurations that no rule uses. Of a rule that exists, only the options that are given are compared.
author:
  - axis.vapix authors (@axis-vapix)
extends_documentation_fragment:
  - axis.vapix.attributes
  - axis.vapix.attributes.resource
  - axis.vapix.connection
requirements:
  - defusedxml
  - deepdiff
seealso:
  - module: axis.vapix.recipient
  - module: axis.vapix.schedule
options:
  rules:
    description:
      - The action rules.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name.
        type: str
        required: true
      enabled:
        description:
          - Whether the rule is in use.
          - V(null) sets the documented default, V(true).
        type: bool
      start_event:
        description:
          - What triggers the rule. Without it, the rule is triggered as soon as all conditions are met.
          - V(null) sets the documented default, an empty mapping.
        type: dict
        suboptions:
          topic:
            description:
              - Topic of the event, with the prefixes C(tns1) and C(tnsaxis). Several are joined with C(|).
            type: str
          items:
            description:
              - Values that items of the event must have, by name of the item, for example C(port) and
                C(state). Yes is C(1), no is C(0).
            type: dict
          expression:
            description:
              - A filter for what O(rules[].start_event.items) cannot say, in the dialect ItemFilter of ONVIF.
            type: str
      conditions:
        description:
          - >-
            What must be so while the action runs. Each condition is one event that has a state: give enough
            items that only one is meant. The list replaces that on the device.
          - A rule needs a condition or a start event, and one with an unlimited action needs a condition.
          - V(null) sets the documented default, an empty list.
        type: list
        elements: dict
        suboptions:
          topic:
            description:
              - Topic of the event, with the prefixes C(tns1) and C(tnsaxis).
            type: str
            required: true
          items:
            description:
              - Values that items of the event must have, by name of the item, for example C(port) and
                C(state). Yes is C(1), no is C(0).
            type: dict
          expression:
            description:
              - A filter for what O(rules[].conditions[].items) cannot say, in the dialect ItemFilter of
                ONVIF.
            type: str
      action:
        description:
          - What the device does, as ID of an action template. Needed for a new rule.
        type: str
      parameters:
        description:
          - Parameters of the action, by the names of the VAPIX page. They replace all parameters of the
            action. Those that are left out are empty.
          - An action that sends something has the parameters of the recipient as well, for example
            C(upload_url) and C(login).
          - V(null) sets the documented default, an empty mapping.
        type: dict
      secrets:
        description:
          - "Parameters of the action that are secret: passwords, private keys, and C(http_headers)."
          - "The device never shows it: O(update_secrets) says when it is sent."
        type: dict
      state:
        description:
          - Whether the entry exists. An entry that exists is changed only where its options say so.
        type: str
        choices: [present, absent]
        default: present
  exclusive:
    description:
      - Whether to remove every entry that O(rules) does not list.
    type: bool
    default: false
  update_secrets:
    description:
      - When to send secrets that the device never shows and that cannot be compared. V(on_change) sends them
        if none is set yet or if a setting that belongs to them changes. V(always) sends them on every run,
        and the task is always changed.
    type: str
    choices: [on_change, always]
    default: on_change
  on_unsupported:
    description:
      - What to do if the device does not have a setting. V(warn) leaves it out, sets the others, lists it in
        RV(unsupported) and warns. V(skip) does the same without a warning.
    type: str
    choices: [fail, warn, skip]
    default: fail
"""

EXAMPLES = r"""
- name: The relay follows the input
  axis.vapix.action_rule:
    rules:
      - name: Door open
        conditions:
          - topic: tns1:Device/tnsaxis:IO/Port
            items:
              port: 0
              state: 1
        action: com.axis.action.unlimited.io.toggle
        parameters:
          port: 1
          state: high

- name: Tell the guard about tampering outside office hours
  axis.vapix.action_rule:
    rules:
      - name: Tampering
        start_event:
          topic: tns1:VideoSource/tnsaxis:Tampering
        conditions:
          - topic: tns1:UserAlarm/tnsaxis:Recurring/Interval
            items:
              id: com.axis.schedules.office_hours
              active: 0
        action: com.axis.action.fixed.notification.https
        parameters:
          upload_url: https://events.example.net/axis
          login: camera
          message: Tampering
          validate_server_cert: 1
          qos: 0
        secrets:
          password: "{{ events_password }}"

- name: Switch a rule off for now
  axis.vapix.action_rule:
    rules:
      - name: Tampering
        enabled: false
"""

RETURN = r"""
api:
  description: The API of the device that was used.
  returned: success
  type: str
  sample: action service
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
from ansible_collections.axis.vapix.plugins.module_utils.resources.action_rule import DECLARED


def main() -> None:
    run_module(DECLARED)


if __name__ == "__main__":
    main()
