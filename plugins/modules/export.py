#!/usr/bin/python
# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: export
short_description: Write a device out as a document
version_added: 1.0.0
description:
  - Reads an Axis device and tells its state as a document that M(axis.vapix.device) takes. Applied to the
    same device, it changes nothing.
  - Holds only what can be written back. What belongs to this one device, and what is as documented when a
    device leaves the factory, is left out unless it is asked for.
  - Devices do not show secrets. In their place the document has the names of variables, to be kept in a
    vault.
  - Nothing on the device is changed. A task is changed if it wrote O(path).
author:
  - axis.vapix authors (@axis-vapix)
extends_documentation_fragment:
  - axis.vapix.attributes
  - axis.vapix.connection
requirements:
  - deepdiff
  - jmespath
  - cryptography
  - defusedxml
  - requests-toolbelt
  - PyYAML
attributes:
  check_mode:
    description: The device is read, and O(path) is not written.
    support: full
  diff_mode:
    description: The file can hold more than a reader wants to see twice.
    support: none
  idempotent:
    description: The file is written only if it changes.
    support: full
seealso:
  - module: axis.vapix.device
options:
  sections:
    description:
      - Names of the sections to read. With an empty list, all that a device has.
    type: list
    elements: str
    choices:
      - action_rule
      - ca_certificate
      - certificate
      - firmware
      - geolocation
      - http_header
      - network
      - ntp
      - param
      - recipient
      - schedule
      - ssh
      - stream_profile
      - syslog
      - time
      - user
      - web_server
    default: []
  include:
    description:
      - What to keep that is left out otherwise.
      - V(defaults) keeps what is as documented when a device leaves the factory. V(identity) keeps what
        belongs to this one device, for example its name, its address and its place.
    type: list
    elements: str
    choices: [defaults, identity]
    default: []
  split:
    description:
      - V(shared) is what devices alike share. V(identity) is only what belongs to this one device. With both,
        in two tasks, a device is told in two files.
    type: str
    choices: [shared, identity]
  path:
    description:
      - File on the controller to write the document to, as YAML. It is written as a whole or not at all, and
        only if it changes. Left out, the document is only returned.
    type: path
  variable:
    description:
      - Name of the variable that holds the document in the file.
    type: str
    default: axis_config_camera
"""

EXAMPLES = r"""
- name: A camera as the document of its model
  axis.vapix.export:
    path: "{{ inventory_dir }}/group_vars/model_p3265/axis.yml"
    variable: axis_config_model

- name: What belongs to this camera alone
  axis.vapix.export:
    split: identity
    path: "{{ inventory_dir }}/host_vars/{{ inventory_hostname }}/axis.yml"

- name: Everything, only to look at
  axis.vapix.export:
    include: [defaults, identity]
  register: camera
"""

RETURN = r"""
config:
  description: The document, as M(axis.vapix.device) takes it.
  returned: success
  type: dict
  sample: {ssh: {enabled: true}}
secrets:
  description: Names of the variables that are to hold the secrets of the document. Devices do not show secrets.
  returned: success
  type: list
  elements: str
  sample: [vault_user_users_anna_password]
unread:
  description: Sections that could not be read, and why.
  returned: success
  type: dict
  sample: {}
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

from ansible_collections.axis.vapix.plugins.module_utils.commands.export import DECLARED
from ansible_collections.axis.vapix.plugins.module_utils.engine.module import run_module


def main() -> None:
    run_module(DECLARED)


if __name__ == "__main__":
    main()
