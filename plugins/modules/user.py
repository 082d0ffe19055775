#!/usr/bin/python
# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: user
short_description: Manage the accounts of a device
version_added: 1.0.0
description:
  - Creates, changes and removes accounts of an Axis device (C(pwdgrp.cgi)), and creates the first account of
    a device in factory default state. Accounts for ONVIF and SSH are kept apart by the device and are not
    touched.
  - All accounts go into one task, not one task an account, because only so can it be checked before anything
    is sent that somebody can still administer the device, the order be kept in which the account in use comes
    last, and the number of logins be limited.
  - What is left out of an account is left alone. Accounts that are not listed are left alone unless
    O(exclusive).
  - It is refused, before anything is sent, to remove the account in use or to take the role of administrator
    from it, to remove or lower the last administrator, and to remove C(root) before AXIS OS 11.5.
  - B(Passwords). A device never tells a password. Whether one is right is found out by one login with it, for
    each account whose password is given. Devices block a client that sends too many wrong passwords in a
    short time, so at most four are tried in a second, and after ten wrong ones in a run the remaining
    passwords are not tried but set. A password that was set is proven by a login with it.
  - B(The password of the account in use) is changed last. Everything after the task has to log in with the
    new one. So let the variable C(ansible_password) be the new password, and give this task the old one as
    its O(password), see the examples. The wanted password is tried first, so that later runs are unchanged
    and the old password is not used.
  - B(First account). In factory default state anybody can create the first account, and nobody can do
    anything else. It has to be an administrator with PTZ control, and C(root) before AXIS OS 11.5. If the
    account of the connection can be the first, it is. It is waited for until it is there, and the others are
    then created with it. The password goes over the network as it is, so set up new devices over HTTPS or in
    a network of their own.
author:
  - axis.vapix authors (@axis-vapix)
extends_documentation_fragment:
  - axis.vapix.attributes
  - axis.vapix.attributes.resource
  - axis.vapix.connection
seealso:
  - module: axis.vapix.factory_default
options:
  users:
    description:
      - The accounts.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the account. A new one has 1 to 14 of the characters a-z, A-Z and 0-9. It cannot be
            changed.
          - At most 64 characters.
        type: str
        required: true
      state:
        description:
          - Whether the account exists.
        type: str
        choices: [present, absent]
        default: present
      role:
        description:
          - What the account may do. An V(operator) may also do what a V(viewer) may, and an V(administrator)
            may do everything.
          - A new account needs one.
        type: str
        choices: [viewer, operator, administrator]
      ptz:
        description:
          - Whether the account may move the camera (pan, tilt, zoom). The first account of a device always
            may.
          - V(null) sets the documented default, V(false).
        type: bool
      password:
        description:
          - The password. AXIS OS 12 can want a strong one. It refuses a weak one, and so does this module
            before it changes anything.
          - A new account needs one.
          - At most 64 characters.
        type: str
      comment:
        description:
          - A comment. It is only written with a new account, because devices do not show it. The first
            account of a device gets none, because devices before AXIS OS 11.5 refuse it.
        type: str
  exclusive:
    description:
      - Whether to remove every account that O(users) does not list. The account in use has to be listed, be
        it only by its name.
    type: bool
    default: false
  update_secrets:
    description:
      - V(on_change) finds out by one login whether the password of an account is the wanted one, and sets it
        if not. V(on_create) only sets the passwords of new accounts.
    type: str
    choices: [on_change, on_create]
    default: on_change
    aliases: [update_password]
"""

EXAMPLES = r"""
- name: An operator who may move the camera, and nobody named guest
  axis.vapix.user:
    users:
      - name: control
        role: operator
        ptz: true
        password: "{{ vault_control_password }}"
      - name: guest
        state: absent

- name: Exactly these accounts
  axis.vapix.user:
    exclusive: true
    users:
      - name: root
      - name: vms
        role: viewer
        password: "{{ vault_vms_password }}"

- name: Set up a device in factory default state with the account that the play logs in with
  axis.vapix.user:
    users:
      - name: "{{ ansible_user }}"
        role: administrator
        password: "{{ ansible_password }}"

- name: Give the account in use a new password, which the variable ansible_password has already
  axis.vapix.user:
    password: "{{ vault_old_camera_password }}"
    users:
      - name: "{{ ansible_user }}"
        password: "{{ ansible_password }}"
"""

RETURN = r"""
api:
  description: The API of the device that was used.
  returned: success
  type: str
  sample: pwdgrp.cgi
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
from ansible_collections.axis.vapix.plugins.module_utils.resources.user import DECLARED


def main() -> None:
    run_module(DECLARED)


if __name__ == "__main__":
    main()
