#!/usr/bin/python
# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate
short_description: Manage a certificate with its private key
version_added: 1.0.0
description:
  - Makes, installs, renews and removes one certificate with a private key on an Axis device, for HTTPS,
    802.1X and other services. Which service uses it is set elsewhere. Certificates of CAs are those of
    M(axis.vapix.ca_certificate); an alias can only be one of the two.
  - B(A key made on the device), with O(subject). This is the safe way, because the key never leaves the
    device. Where O(alias) is missing, the device makes a key and a certificate that it signs itself. The
    result then has a signing request (RV(csr)), and another task with O(certificate) installs what a CA makes
    of it, for the same O(alias). P(axis.vapix.csr_sign#filter) is such a CA for small fleets.
  - RV(needs_signature) says when to sign (again). The certificate signed itself, or is for another subject or
    other names than wanted, or ends within O(renew_before) days. It is no change by itself. The key stays.
  - B(A key brought along), with O(certificate) and O(private_key), or with O(pkcs12). It is sent over HTTPS
    only.
  - What is there is compared by public key and by the certificate itself, never by text. With the same key,
    another certificate is put in its place, also where a service uses it; a warning says so where the
    connection is pinned to the one before (O(fingerprint)). Where the web server shows it, one that the
    connection itself would not accept (O(validate_certs), O(ca_path)) is refused. A new key under an O(alias)
    that is there is refused unless O(replace_key), and always where a service uses it. The safe way to a new
    key is another O(alias), to which the services are moved before the old one is removed.
  - It is refused, before anything is written, to install a certificate that is damaged, has expired, is that
    of a CA or does not belong to the private key, to remove one that a service uses, and to touch those of
    the factory (Axis device ID, IEEE 802.1AR).
  - Devices before AXIS OS 11.11 are told by SOAP, which has less. There a device chooses type and keystore of
    a key itself, puts no alternative names into what it makes (give them to P(axis.vapix.csr_sign#filter)),
    and takes no certificates of CAs along. See O(on_unsupported).
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
  - module: axis.vapix.ca_certificate
  - plugin: axis.vapix.csr_sign
    plugin_type: filter
options:
  alias:
    description:
      - The name of the certificate on the device. SOAP calls it id.
      - At most 128 characters.
    type: str
    required: true
  state:
    description:
      - Whether the certificate is there. V(absent) destroys its key.
    type: str
    choices: [present, absent]
    default: present
  subject:
    description:
      - Whose certificate it is, as RFC 4514 writes it, for a key made on the device.
      - The order of its parts means nothing. Before AXIS OS 11.11 only C, ST, L, O, OU and CN can be in it.
      - When your CA changes the subject, give it as the CA makes it, or RV(needs_signature) is always
        V(true).
    type: str
  subject_alt_names:
    description:
      - The host names and addresses it is for, each C(DNS:) with a host name or C(IP:) with an address.
      - The certificate has to have exactly these. When your CA adds some, list them too. Left out, they are
        not compared.
      - Before AXIS OS 11.11 a device cannot put them into what it makes. With O(on_unsupported=warn) RV(csr)
        is without them then, and who signs it has to add them, as the filter P(axis.vapix.csr_sign#filter)
        can.
    type: list
    elements: str
  key_type:
    description:
      - Type of the key that is made on the device. Left out, the device chooses, most of them V(EC-P256).
      - A secure element can need more than 10 seconds for a long RSA key. Raise O(timeout) then.
    type: str
    choices: [EC-P256, EC-P384, EC-P521, RSA-2048, RSA-3072, RSA-4096]
  keystore:
    description:
      - Where the key is kept, by the id of a keystore of the device, for example V(SE0) for a secure element.
        Left out, a new key goes to the device's default keystore. A key cannot move to another.
    type: str
  certificate:
    description:
      - The certificate to install, in PEM. After it can be those of the CAs above it, each signed by the
        next.
      - Without O(private_key) it has to be for the key that O(alias) has on the device already. Before AXIS
        OS 11.11 it can also be for the key of another alias.
    type: str
  private_key:
    description:
      - The private key of O(certificate), in PEM, RSA or EC. It is only sent over HTTPS.
    type: str
  pkcs12:
    description:
      - A PKCS#12 archive with the certificate and its private key, as base64 text. Text and not a path, so
        that it can be kept in a vault, and goes along where a task is delegated.
    type: str
  passphrase:
    description:
      - The passphrase of O(pkcs12), or of O(private_key) if that is encrypted. A key is decrypted where the
        task runs.
    type: str
  replace_key:
    description:
      - Whether the key of an O(alias) that is there may be replaced. The old certificate and its key are
        removed first, and there is no way back to them.
    type: bool
    default: false
  renew_before:
    description:
      - How long before its end a certificate needs another signature.
      - At least 0 days.
    type: int
    default: 30
  on_unsupported:
    description:
      - What to do if the device does not have a setting. V(warn) leaves it out, sets the others, lists it in
        RV(unsupported) and warns. V(skip) does the same without a warning.
    type: str
    choices: [fail, warn, skip]
    default: fail
"""

EXAMPLES = r"""
- name: A key that never leaves the device, and what is to be signed
  axis.vapix.certificate:
    alias: https
    subject: CN={{ inventory_hostname }},O=Example
    subject_alt_names: ["DNS:{{ inventory_hostname }}", "IP:{{ ansible_host }}"]
  register: https

- name: The signed certificate. In check mode there is no request as long as there is no key
  axis.vapix.certificate:
    alias: https
    certificate: >-
      {{ https.csr | axis.vapix.csr_sign(ca_certificate=lookup('ansible.builtin.file', 'camera-ca.pem'),
                                         ca_private_key=vault_ca_private_key) }}
  when: https.csr is not none

- name: Certificate and key from files
  axis.vapix.certificate:
    alias: mqtt 2027
    certificate: "{{ lookup('ansible.builtin.file', inventory_hostname ~ '.pem') }}"
    private_key: "{{ vault_mqtt_private_key }}"

- name: From an archive
  axis.vapix.certificate:
    alias: 802.1X
    pkcs12: "{{ lookup('ansible.builtin.pipe', 'base64 < ' ~ (inventory_hostname | quote) ~ '.p12') }}"
    passphrase: "{{ vault_archive_passphrase }}"

- name: No longer used
  axis.vapix.certificate:
    alias: mqtt 2026
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
  description: The certificate on the device, or in check mode what it would be. Null where there is none, and in check
    mode where the device would make it.
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
    keystore:
      description: Where its private key is kept; null where the API does not tell (SOAP).
      type: str
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
    keystore: SE0
csr:
  description:
    - A signing request for the key on the device, in PEM, with O(subject) and O(subject_alt_names).
    - Null unless O(subject) is given and RV(needs_signature), and in check mode where there is no key yet.
  returned: success
  type: str
needs_signature:
  description: Whether it needs another signature, see above. Null with O(state=absent).
  returned: success
  type: bool
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
from ansible_collections.axis.vapix.plugins.module_utils.resources.certificate import DECLARED


def main() -> None:
    run_module(DECLARED)


if __name__ == "__main__":
    main()
