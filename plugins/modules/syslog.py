#!/usr/bin/python
# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: syslog
short_description: Send the log of a device to syslog servers
version_added: 1.0.0
description:
  - Configures to which servers an Axis device sends its log messages, over UDP, TCP or TLS.
  - Needs the API C(remotesyslog.cgi), which devices have from AXIS OS 10 on. The choice of messages
    (O(servers[].log)) needs version 1.2 of it.
  - The servers are written before O(enabled), because writing them switches the sending on.
  - Options that are left out are left alone. V(null) sets the default that is documented for the device.
author:
  - axis.vapix authors (@axis-vapix)
extends_documentation_fragment:
  - axis.vapix.attributes
  - axis.vapix.attributes.resource
  - axis.vapix.connection
requirements:
  - deepdiff
seealso:
  - module: axis.vapix.ca_certificate
    description: A server that is reached over TLS is checked with the CA certificates on the device.
options:
  enabled:
    description:
      - Whether to send log messages.
      - V(null) sets the documented default, V(false).
    type: bool
  servers:
    description:
      - The servers, two at most. The list replaces that on the device.
      - V(null) sets the documented default, an empty list.
    type: list
    elements: dict
    suboptions:
      address:
        description:
          - Host name or IP address.
        type: str
        required: true
      port:
        description:
          - "Port. Left out, it is the usual one of the protocol: 514, or 6514."
          - Between 1 and 65535.
        type: int
      protocol:
        description:
          - Transport protocol.
        type: str
        choices: [udp, tcp, tls]
        default: tls
      severity:
        description:
          - Send what is at least so severe.
        type: str
        choices: [emergency, alert, critical, error, warning, notice, informational, debug]
        default: warning
      format:
        description:
          - Format of the messages.
        type: str
        choices: [axis, rfc3164, rfc5424]
        default: rfc5424
      log:
        description:
          - Send all messages, or those of the audit log (AXIS OS 12 and later).
        type: str
        choices: [all, audit]
        default: all
  on_unsupported:
    description:
      - What to do if the device does not have a setting. V(warn) leaves it out, sets the others, lists it in
        RV(unsupported) and warns. V(skip) does the same without a warning.
    type: str
    choices: [fail, warn, skip]
    default: fail
"""

EXAMPLES = r"""
- name: Send warnings and worse to a server over TLS
  axis.vapix.syslog:
    enabled: true
    servers:
      - address: log.example.net

- name: Send the same log to an old server as well
  axis.vapix.syslog:
    enabled: true
    servers:
      - address: log.example.net
      - address: 192.0.2.5
        protocol: udp
        format: rfc3164
        severity: error

- name: Stop sending and forget the servers
  axis.vapix.syslog:
    enabled: false
    servers: []
"""

RETURN = r"""
api:
  description: The API of the device that was used.
  returned: success
  type: str
  sample: remotesyslog.cgi
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
from ansible_collections.axis.vapix.plugins.module_utils.resources.syslog import DECLARED


def main() -> None:
    run_module(DECLARED)


if __name__ == "__main__":
    main()
