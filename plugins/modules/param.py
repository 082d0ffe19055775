#!/usr/bin/python
# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: param
short_description: Set parameters of a device by name
version_added: 1.0.0
description:
  - Sets any parameters of an Axis device by name, and adds, changes and removes entries of dynamic groups
    such as stream profiles.
  - Everything is checked against the definitions the device itself gives before anything is sent, so that a
    wrong name, a value of the wrong type, out of range or not in the list, and a read-only parameter each
    give an error and change nothing.
  - Values are compared in the type and the spelling of the parameter. V(true), V(yes) and V(on) are the same
    for a parameter that is a boolean, whichever of them the device uses.
  - Parameters that are not named are left alone.
  - Where a module of its own exists for a setting, use that. It knows more about it.
author:
  - axis.vapix authors (@axis-vapix)
extends_documentation_fragment:
  - axis.vapix.attributes
  - axis.vapix.attributes.resource
  - axis.vapix.connection
requirements:
  - defusedxml
options:
  parameters:
    description:
      - Values by name of the parameter. A leading C(root.) makes no difference.
      - Put a text in quotes where YAML reads it as something else.
      - Parameters that the device changes by itself, such as C(Network.eth0.IPAddress), are refused.
      - Values of parameters that hold secrets, such as SNMP communities, are not in the result.
    type: dict
  groups:
    description:
      - Entries of dynamic groups, found by what identifies them and not by the number the device gave them.
    type: list
    elements: dict
    suboptions:
      parent:
        description:
          - The group the entries are in, for example V(StreamProfile).
        type: str
        required: true
      identity:
        description:
          - The parameter that identifies an entry.
        type: str
        default: Name
      template:
        description:
          - The template by which the device makes new entries. It is known for C(StreamProfile).
        type: str
      present:
        description:
          - Entries that exist, each a mapping of parameters with the identifying one among them. Parameters
            of an entry that are not named are left alone. In a new entry they are what the template says.
        type: list
        elements: dict
      absent:
        description:
          - Identifying values of entries that do not exist.
        type: list
        elements: str
      exclusive:
        description:
          - Whether to remove all entries that O(groups[].present) does not name.
        type: bool
        default: false
  update_secrets:
    description:
      - What to do with parameters that the device never shows, such as passwords. They cannot be compared.
      - V(refuse) makes it an error to name one. V(always) sends them on every run, and the task is always
        changed.
    type: str
    choices: [refuse, always]
    default: refuse
    aliases: [write_only]
  on_unsupported:
    description:
      - What to do if the device does not have a parameter or a group. V(warn) leaves it out, sets the others,
        lists it in RV(unsupported) and warns. V(skip) does the same without a warning. With both, a misspelt
        name is left out, too.
    type: str
    choices: [fail, warn, skip]
    default: fail
"""

EXAMPLES = r"""
- name: Switch off what is not used
  axis.vapix.param:
    parameters:
      Network.UPnP.Enabled: false
      Network.Bonjour.Enabled: false

- name: Name the device and its view
  axis.vapix.param:
    parameters:
      Network.Bonjour.FriendlyName: Gate 4
      Image.I0.Name: Entrance

- name: Have exactly these stream profiles
  axis.vapix.param:
    groups:
      - parent: StreamProfile
        exclusive: true
        present:
          - Name: live
            Description: For the wall
            Parameters: resolution=1920x1080&fps=25&videocodec=h264
          - Name: phone
            Parameters: resolution=640x360&fps=8

- name: Remove a stream profile
  axis.vapix.param:
    groups:
      - parent: StreamProfile
        absent:
          - phone
"""

RETURN = r"""
api:
  description: The API of the device that was used.
  returned: success
  type: str
  sample: param.cgi
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
from ansible_collections.axis.vapix.plugins.module_utils.resources.param import DECLARED


def main() -> None:
    run_module(DECLARED)


if __name__ == "__main__":
    main()
