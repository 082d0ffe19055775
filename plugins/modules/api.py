#!/usr/bin/python
# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: api
short_description: Make a raw call to a device
version_added: 1.0.0
description:
  - Calls any VAPIX API of an Axis device, for what no other module covers yet.
  - It takes care of the login, of the dialect and of the errors that devices report inside a successful HTTP
    answer. What the call does is up to you. It compares nothing.
author:
  - axis.vapix authors (@axis-vapix)
extends_documentation_fragment:
  - axis.vapix.attributes
  - axis.vapix.connection
attributes:
  check_mode:
    description: Calls that only read are made, others are reported and not sent.
    support: full
  diff_mode:
    description: It does not know what a call changes.
    support: none
  idempotent:
    description: A call that changes something is made on every run.
    support: none
options:
  dialect:
    description:
      - V(json) for the CGIs that take a method in a JSON document.
      - V(rest) for the Device Configuration APIs below C(/config/rest).
      - V(param) for C(param.cgi).
      - V(cgi) for any other CGI. The answer is returned as text.
    type: str
    required: true
    choices: [json, rest, param, cgi]
  path:
    description:
      - Path of the API, for example V(/axis-cgi/ntp.cgi) or V(/config/rest/time/v2). For V(json) and V(cgi),
        the name below C(/axis-cgi/) is enough. V(param) needs none.
    type: str
  method:
    description:
      - Method of the JSON document, HTTP verb for V(rest) and V(cgi), or action of C(param.cgi).
    type: str
    required: true
  params:
    description:
      - The C(params) of a JSON document, the C(data) of a REST call, or the arguments of a CGI by name.
    type: raw
  api_version:
    description:
      - Version of the API to ask for, with O(dialect=json). Devices answer with their own minor version.
    type: str
    default: "1.0"
  read_only:
    description:
      - Whether the call only reads. It is then made in check mode, may be repeated when the connection
        breaks, and the task is not changed.
      - Left out, it follows from the call. JSON methods such as V(getNTPInfo), C(GET) with O(dialect=rest),
        and listing parameters only read. Everything else is taken for a change, and so is every call with
        O(dialect=cgi).
    type: bool
"""

EXAMPLES = r"""
- name: Read the NTP status
  axis.vapix.api:
    dialect: json
    path: ntp.cgi
    method: getNTPInfo
  register: ntp

- name: Let the device flash its status indicator for half a minute
  axis.vapix.api:
    dialect: json
    path: findmydevice.cgi
    method: find
    params:
      duration: 30

- name: Read the time settings
  axis.vapix.api:
    dialect: rest
    path: /config/rest/time/v2
    method: GET

- name: List parameters
  axis.vapix.api:
    dialect: param
    method: list
    params:
      group: root.Brand,root.Properties.Firmware

- name: Fetch the system log, which only reads
  axis.vapix.api:
    dialect: cgi
    path: systemlog.cgi
    method: GET
    read_only: true
"""

RETURN = r"""
sent:
  description: Whether the call was made. In check mode only calls that read are.
  returned: success
  type: bool
response:
  description:
    - What the device answered. The C(data) of V(json) and V(rest), text otherwise.
    - It is returned as it is. If it can hold a secret, set C(no_log) on the task.
  returned: success
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

from ansible_collections.axis.vapix.plugins.module_utils.commands.api import DECLARED
from ansible_collections.axis.vapix.plugins.module_utils.engine.module import run_module


def main() -> None:
    run_module(DECLARED)


if __name__ == "__main__":
    main()
