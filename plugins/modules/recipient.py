#!/usr/bin/python
# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: recipient
short_description: Manage the recipients of a device
version_added: 1.0.0
description:
  - Adds, changes and removes recipients of an Axis device. A recipient is a server that the device can send
    images, video clips and notifications to.
  - Uses the action service (C(/vapix/services), AXIS OS 5.50 and later).
  - Recipients are an address book. An action rule holds a copy of what it needs, so that a change here does
    not change the rules that exist.
  - There is no call that changes a recipient. A new one is made, and then the old one is removed. That takes
    all passwords of the recipient.
  - Which types and settings there are depends on the product and its AXIS OS.
  - Recipients that are not listed are left alone, unless O(exclusive=true). Of a recipient that exists, only
    the options that are given are compared.
author:
  - axis.vapix authors (@axis-vapix)
extends_documentation_fragment:
  - axis.vapix.attributes
  - axis.vapix.attributes.resource
  - axis.vapix.connection
requirements:
  - defusedxml
options:
  recipients:
    description:
      - The recipients.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name.
        type: str
        required: true
      type:
        description:
          - What it is. Needed for a new recipient.
        type: str
        choices: [ftp, sftp, http, https, networkshare, smtp, tcp]
      host:
        description:
          - Host name or IP address of the server. For FTP, SFTP, SMTP and TCP.
        type: str
      port:
        description:
          - Port. Left out, a device takes the usual one, 21 for FTP and 22 for SFTP.
          - Between 1 and 65535.
        type: int
      upload_path:
        description:
          - Directory on the server, which must exist. For FTP, SFTP and network shares.
          - V(null) sets the documented default, an empty text.
        type: str
      upload_url:
        description:
          - URL of what takes the upload. For HTTP and HTTPS.
        type: str
      login:
        description:
          - User name on the server.
          - V(null) sets the documented default, an empty text.
        type: str
      password:
        description:
          - Password on the server.
          - "The device never shows it: O(update_secrets) says when it is sent."
        type: str
      passive:
        description:
          - Whether the device opens the connection for the data as well. For FTP.
        type: bool
      temporary:
        description:
          - Whether files get their name only when they are complete. For FTP, AXIS OS 5.70 and later.
        type: bool
      ssh_host_pub_key_md5:
        description:
          - MD5 of the server's public key. SFTP needs this one or O(recipients[].ssh_host_pub_key_sha256).
          - V(null) sets the documented default, an empty text.
        type: str
      ssh_host_pub_key_sha256:
        description:
          - SHA256 of the server's public key. For SFTP.
          - V(null) sets the documented default, an empty text.
        type: str
      proxy_host:
        description:
          - Host name or IP address of a proxy. For HTTP and HTTPS.
          - V(null) sets the documented default, an empty text.
        type: str
      proxy_port:
        description:
          - Port of the proxy.
          - Between 1 and 65535.
        type: int
      proxy_login:
        description:
          - User name at the proxy.
          - V(null) sets the documented default, an empty text.
        type: str
      proxy_password:
        description:
          - Password at the proxy.
          - "The device never shows it: O(update_secrets) says when it is sent."
        type: str
      share_id:
        description:
          - ID of the network share, as the device names it.
        type: str
      email_to:
        description:
          - Address that messages go to. For SMTP.
        type: str
      email_from:
        description:
          - Address that messages come from. For SMTP.
          - V(null) sets the documented default, an empty text.
        type: str
      pop_host:
        description:
          - Host name or IP address of a POP server to log in to first. For SMTP.
          - V(null) sets the documented default, an empty text.
        type: str
      pop_port:
        description:
          - Port of the POP server.
          - Between 1 and 65535.
        type: int
      pop_login:
        description:
          - User name at the POP server.
          - V(null) sets the documented default, an empty text.
        type: str
      pop_password:
        description:
          - Password at the POP server.
          - "The device never shows it: O(update_secrets) says when it is sent."
        type: str
      encryption:
        description:
          - How the connection is protected. For SMTP.
        type: str
        choices: [none, ssl, tls]
      validate_server_cert:
        description:
          - Whether the certificate of the server has to be trusted by one that the device holds. For HTTPS
            and SMTP.
        type: bool
      qos:
        description:
          - DSCP value of what is sent.
          - Between 0 and 63.
          - V(null) sets the documented default, V(0).
        type: int
      state:
        description:
          - Whether the entry exists. An entry that exists is changed only where its options say so.
        type: str
        choices: [present, absent]
        default: present
  exclusive:
    description:
      - Whether to remove every entry that O(recipients) does not list.
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
- name: Images go to an FTP server, alarms to the alarm centre
  axis.vapix.recipient:
    recipients:
      - name: Images
        type: ftp
        host: ftp.example.net
        upload_path: cameras/gate
        login: camera
        password: "{{ ftp_password }}"
        passive: true
      - name: Alarm centre
        type: tcp
        host: 192.0.2.7
        port: 5000

- name: Notifications go to a web server that proves who it is, and nowhere else
  axis.vapix.recipient:
    recipients:
      - name: Events
        type: https
        upload_url: https://events.example.net/axis
        login: camera
        password: "{{ events_password }}"
        validate_server_cert: true
    exclusive: true

- name: Nothing goes to the old server
  axis.vapix.recipient:
    recipients:
      - name: Old server
        state: absent
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
from ansible_collections.axis.vapix.plugins.module_utils.resources.recipient import DECLARED


def main() -> None:
    run_module(DECLARED)


if __name__ == "__main__":
    main()
