#!/usr/bin/python
# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ca_certificate
short_description: Manage the certificate of a CA
version_added: 1.0.0
description:
  - Installs, replaces and removes one certificate of a CA on an Axis device. By it the device knows others,
    for example the 802.1X server or an MQTT broker. Which service believes it is set elsewhere. Certificates
    with a private key are those of M(axis.vapix.certificate); an alias can only be one of the two.
  - What is there is compared by the certificate itself, never by text. Where the public key is the same, AXIS
    OS 11.11 and later put the new certificate in place of the old one. Otherwise the old one is removed
    first, and put back if the device does not take the new one.
  - A device can refuse to remove a certificate that a service uses.
  - Needs the Python package C(cryptography) 42.0.0 or newer where the task runs.
author:
  - axis.vapix authors (@axis-vapix)
extends_documentation_fragment:
  - axis.vapix.attributes
  - axis.vapix.attributes.resource
  - axis.vapix.connection
requirements:
  - cryptography
  - deepdiff
  - defusedxml
seealso:
  - module: axis.vapix.certificate
options:
  alias:
    description:
      - The name of the certificate on the device. SOAP calls it id.
      - At most 128 characters.
    type: str
    required: true
  state:
    description:
      - Whether the certificate is there.
    type: str
    choices: [present, absent]
    default: present
  certificate:
    description:
      - The certificate, in PEM. One only; each CA has an alias of its own.
      - Required to have it there.
    type: str
  allow_leaf:
    description:
      - Whether the certificate may be one of a server instead of a CA, so that the server is known by its own
        certificate.
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
- name: The CA of the 802.1X server
  axis.vapix.ca_certificate:
    alias: Example network CA
    certificate: "{{ lookup('ansible.builtin.file', 'network-ca.pem') }}"

- name: No longer believed
  axis.vapix.ca_certificate:
    alias: Example network CA 2019
    state: absent
"""

RETURN = r"""
api:
  description: The API of the device that was used.
  returned: success
  type: str
  sample: cert v1
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
certificate:
  description: The certificate on the device, or in check mode what it would be. Null with O(state=absent).
  returned: success
  type: dict
  contains:
    subject:
      description: Whose it is, as RFC 4514 writes it.
      type: str
    issuer:
      description: Who signed it.
      type: str
    serial_number:
      description: Its serial number, in hexadecimal digits.
      type: str
    not_before:
      description: From when on it is valid, in UTC.
      type: str
    not_after:
      description: Until when it is valid, in UTC.
      type: str
    subject_alt_names:
      description: The host names and addresses it is for, as C(DNS:) or C(IP:) and the name.
      type: list
      elements: str
    key_type:
      description: Type of its key, as V(EC-P256) or V(RSA-2048).
      type: str
    public_key_sha256:
      description: SHA-256 of the public key (SubjectPublicKeyInfo), in hexadecimal digits.
      type: str
    fingerprint_sha256:
      description: SHA-256 of the certificate, in hexadecimal digits, as the connection option O(fingerprint) takes it.
      type: str
    self_signed:
      description: Whether it is signed with its own key.
      type: bool
  sample:
    subject: CN=gate.example.net
    issuer: CN=Camera CA
    serial_number: 5a1c0e4f
    not_before: '2026-03-01T12:00:00Z'
    not_after: '2027-03-01T12:00:00Z'
    subject_alt_names:
    - DNS:gate.example.net
    - IP:192.0.2.11
    key_type: EC-P256
    public_key_sha256: 0d1f6f9f2a7a4a4d6c0a2ccf9fbd1c3f8ce8a2bb3ff9f2f8f5a9f1d6b6f8a1c2
    fingerprint_sha256: 7c3f0e9d8b1a2c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5
    self_signed: false
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
from ansible_collections.axis.vapix.plugins.module_utils.resources.ca_certificate import DECLARED


def main() -> None:
    run_module(DECLARED)


if __name__ == "__main__":
    main()
