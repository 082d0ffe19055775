#!/usr/bin/python
# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: schedule
short_description: Manage the schedules of a device
version_added: 1.0.0
description:
  - Adds, changes and removes schedules (scheduled events) of an Axis device. A schedule is an event that the
    device tells at times that are set. Action rules can use it as a condition, or as what starts them.
  - Uses the event service (C(/vapix/services), AXIS OS 5.50 and later). Times are those of the device's own
    time zone.
  - There is no call that changes a schedule. The old one is removed, and a new one with its id is made. If
    the device refuses the new one, the old one is put back.
  - Schedules that are not listed are left alone, unless O(exclusive=true), which also removes those of the
    factory, for example Office Hours. Of a schedule that exists, only the options that are given are
    compared.
author:
  - axis.vapix authors (@axis-vapix)
extends_documentation_fragment:
  - axis.vapix.attributes
  - axis.vapix.attributes.resource
  - axis.vapix.connection
requirements:
  - defusedxml
seealso:
  - module: axis.vapix.action_rule
options:
  schedules:
    description:
      - The schedules.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name.
        type: str
        required: true
      id:
        description:
          - What action rules know it by. Left out, the device gives a new one an id such as
            C(com.axis.schedules.genid.id-0).
        type: str
      start:
        description:
          - When it begins for the first time, in the device's local time. Needed for a new schedule.
        type: str
      end:
        description:
          - "When it ends for the first time. A schedule without an end is a pulse: an event without a state."
          - V(null) sets the documented default, an empty text.
        type: str
      recurrence:
        description:
          - >-
            How it comes back, as an iCalendar rule: C(FREQ) is one of V(YEARLY) (with C(BYMONTH)), V(MONTHLY)
            and V(WEEKLY) (with C(BYDAY)), V(DAILY), V(HOURLY), V(MINUTELY) and V(SECONDLY), each with
            C(INTERVAL).
          - For example V(FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR). Empty, it happens once.
          - V(null) sets the documented default, an empty text.
        type: str
      state:
        description:
          - Whether the entry exists. An entry that exists is changed only where its options say so.
        type: str
        choices: [present, absent]
        default: present
  exclusive:
    description:
      - Whether to remove every entry that O(schedules) does not list.
    type: bool
    default: false
  on_unsupported:
    description:
      - What to do if the device does not have a setting. V(warn) leaves it out, sets the others, lists it in
        RV(unsupported) and warns. V(skip) does the same without a warning.
    type: str
    choices: [fail, warn, skip]
    default: fail
"""

EXAMPLES = r"""
- name: Nights of weekdays, for action rules
  axis.vapix.schedule:
    schedules:
      - name: Night
        id: com.axis.schedules.night
        start: "2030-01-07T22:00:00"
        end: "2030-01-08T06:00:00"
        recurrence: FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR

- name: Office hours begin at seven
  axis.vapix.schedule:
    schedules:
      - name: Office Hours
        start: "1970-01-01T07:00:00"

- name: A pulse every five minutes
  axis.vapix.schedule:
    schedules:
      - name: Every five minutes
        start: "2030-01-01T00:00:00"
        recurrence: FREQ=MINUTELY;INTERVAL=5
"""

RETURN = r"""
api:
  description: The API of the device that was used.
  returned: success
  type: str
  sample: event service
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
from ansible_collections.axis.vapix.plugins.module_utils.resources.schedule import DECLARED


def main() -> None:
    run_module(DECLARED)


if __name__ == "__main__":
    main()
