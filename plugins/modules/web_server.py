#!/usr/bin/python
# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: web_server
short_description: Manage the certificate, HTTPS, logins and ports of a device's web server
version_added: 1.0.0
description:
  - Sets which certificate the web server of an Axis device shows, who may use HTTP and HTTPS, with which
    cipher suites and TLS versions, how to log in, and at which ports. Everything that is left out is left
    alone.
  - All of this can cut off the one who changes it, so it is done in stages. What closes nothing comes first,
    as the certificate. Then the web server restarts, and the module waits until the device shows exactly that
    certificate, by its fingerprint, and lets the account in. Only then HTTP is closed, or another way to log
    in set, or a port moved, each proven by another login. What does not prove itself is put back as it was,
    and the task fails.
  - B(HTTPS only) (O(policy.administrator=https)) from a connection by HTTP is set only after a login over
    HTTPS has worked in the same run, with O(validate_certs) and O(ca_path) as they are for the connection.
    The rest of the run goes on over HTTPS, and RV(connection) says what to put into the inventory.
  - B(Another certificate) is refused before anything is sent if the connection would not accept it, because
    O(fingerprint) pins another one, or because no CA that is trusted has signed it for this host. See
    O(pin_certificate).
  - AXIS OS with the SOAP service for the web server is set by that, other devices by parameters.
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
notes:
  - >-
    A certificate that an earlier task of the same play makes is not there in check mode, which this module
    then refuses. Add C(ignore_errors: '{{ ansible_check_mode }}') where new devices are checked so.
  - If all is as wanted and the device therefore no longer answers where the connection options say (HTTP is
    closed, or the port is another), it is looked for there, so that a second run with the same options is
    unchanged.
  - "What is proven, and what is refused, depends on the connection:"
  - >-
    HTTP, another certificate: the device has to show it. Whether it would be trusted does not matter, because
    nobody logs in over HTTPS.
  - >-
    HTTP, then HTTPS only: refused if O(validate_certs) and O(ca_path) do not accept the certificate, unless
    O(pin_certificate). A login over HTTPS has to work before HTTP is closed.
  - "HTTPS with O(validate_certs=false), another certificate: the device has to show it."
  - >-
    HTTPS with O(fingerprint), another certificate: refused if it is not the pinned one, unless
    O(pin_certificate).
  - >-
    HTTPS with a CA, another certificate: refused if no trusted CA has signed it for this host, unless
    O(pin_certificate). The handshake has the last word: if it fails, the certificate from before is put back.
  - "HTTPS, then HTTPS only: the connection itself is the proof."
seealso:
  - module: axis.vapix.certificate
options:
  certificate:
    description:
      - Alias of the certificate to show. The device has its private key. M(axis.vapix.certificate) makes or
        installs one.
      - The certificate counts as shown when the device really shows it, not when its settings say so.
      - At most 128 characters.
      - A change restarts a service of the device.
    type: str
  https:
    description:
      - Whether the web server speaks HTTPS at all. It cannot be turned off over HTTPS.
      - A change restarts a service of the device.
    type: bool
  ciphers:
    description:
      - Cipher suites up to TLS 1.2, by the names of OpenSSL, in any order. Those of TLS 1.3 are not in the
        list and cannot be set.
      - A name is refused if neither the device has it now nor the OpenSSL of the controller knows it. A list
        is refused if the controller speaks none of it that suits the key of the certificate.
      - At least 1 entries.
      - A change restarts a service of the device.
    type: list
    elements: str
  minimum_tls:
    description:
      - The oldest version of TLS to speak. AXIS OS before 9 and some others have no setting for it. From AXIS
        OS 12 on it is always V(1.2).
      - A change restarts a service of the device.
    type: str
    choices: ['1.0', '1.1', '1.2']
  policy:
    description:
      - Over what each role may use the device.
      - From AXIS OS 7.10 on there is one policy for all roles. O(policy.operator) and O(policy.viewer) have
        to be the same as O(policy.administrator) there.
    type: dict
    suboptions:
      administrator:
        description:
          - Policy for administrators. V(http) cannot be set over HTTPS.
          - A change restarts a service of the device.
        type: str
        choices: [http, https, http_and_https]
      operator:
        description:
          - Policy for operators.
          - A change restarts a service of the device.
        type: str
        choices: [http, https, http_and_https]
      viewer:
        description:
          - Policy for viewers.
          - A change restarts a service of the device.
        type: str
        choices: [http, https, http_and_https]
  authentication:
    description:
      - How clients have to log in.
      - V(basic) sends the password in clear over HTTP, so it is refused if this connection is HTTP. V(digest)
        and V(basic_digest) are Digest over both, V(basic_digest) also lets streaming clients (RTSP) use
        Basic. V(recommended) is Digest over HTTP and Basic over HTTPS. AXIS OS before 10 has no
        V(recommended); V(null) is V(digest) there.
      - It takes effect some time after the device has stored it. The module waits for that.
      - V(null) sets the documented default, V(recommended).
      - A change restarts a service of the device.
    type: str
    choices: [basic, digest, basic_digest, recommended]
  ports:
    description:
      - At which ports the web server listens.
      - The port of the connection in use is changed last, and the rest of the run goes on at the new one. It
        can only be changed if the device is reached directly, not through a forwarded port.
    type: dict
    suboptions:
      http:
        description:
          - Port for HTTP. Some AXIS OS have no setting for it.
          - Between 1 and 65535.
          - V(null) sets the documented default, V(80).
          - A change can move the device to another address.
        type: int
      https:
        description:
          - Port for HTTPS.
          - Between 1 and 65535.
          - V(null) sets the documented default, V(443).
          - A change can move the device to another address.
        type: int
  pin_certificate:
    description:
      - Whether to go on with the certificate pinned by its fingerprint if the connection would not accept it
        over HTTPS. Without that, the task is refused then.
      - The fingerprint is that of the certificate under its alias on the device, read over the connection as
        it is. Over plain HTTP nothing protects it.
      - The next task needs the fingerprint as RV(connection.fingerprint) tells it, see the examples.
    type: bool
    default: false
  https_port:
    description:
      - Where HTTPS is reached if the connection is HTTP and the device's own port is not that, as behind a
        forwarded port.
      - Between 1 and 65535.
    type: int
  reconnect_timeout:
    description:
      - How long the web server may take after each change until it is there again and as it shall be.
      - Between 1 and 3600 seconds.
    type: int
    default: 60
  on_unsupported:
    description:
      - What to do if the device does not have a setting. V(warn) leaves it out, sets the others, lists it in
        RV(unsupported) and warns. V(skip) does the same without a warning.
    type: str
    choices: [fail, warn, skip]
    default: fail
"""

EXAMPLES = r"""
- name: Show the certificate of our CA, and close HTTP
  axis.vapix.web_server:
    certificate: site
    policy:
      administrator: https

- name: Do it from plain HTTP, trusting our CA from then on
  axis.vapix.web_server:
    scheme: http
    ca_path: files/camera-ca.pem
    certificate: site
    policy:
      administrator: https
  register: web

- name: Go on with the rest of the play over HTTPS
  ansible.builtin.set_fact:
    vapix_scheme: "{{ web.connection.scheme }}"
    vapix_port: "{{ web.connection.port }}"

- name: Only strong cipher suites and TLS versions, also on older devices
  axis.vapix.web_server:
    ciphers:
      - ECDHE-ECDSA-AES128-GCM-SHA256
      - ECDHE-RSA-AES128-GCM-SHA256
      - ECDHE-ECDSA-AES256-GCM-SHA384
      - ECDHE-RSA-AES256-GCM-SHA384
    minimum_tls: '1.2'

- name: Replace the certificate that is pinned
  axis.vapix.web_server:
    certificate: site
    pin_certificate: true
  register: web

- name: Pin the new one for the rest of the play. It belongs into the inventory as well
  ansible.builtin.set_fact:
    vapix_fingerprint: "{{ web.connection.fingerprint }}"

- name: Let nobody log in with Basic
  axis.vapix.web_server:
    authentication: digest
"""

RETURN = r"""
api:
  description: The API of the device that was used.
  returned: success
  type: str
  sample: web server TLS (SOAP)
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
connection:
  description: How to connect to the device after the task, for the inventory. In check mode, after a real run.
  returned: success
  type: dict
  contains:
    scheme:
      description: For the variable C(vapix_scheme).
      type: str
    port:
      description: For the variable C(vapix_port).
      type: int
    fingerprint:
      description: For the variable C(vapix_fingerprint). Null if no certificate is pinned.
      type: str
  sample: {scheme: https, port: 443, fingerprint: null}
served:
  description:
    - The certificate that the device shows over HTTPS after the task. In check mode, after a real run.
    - Null if HTTPS is off, or if the certificate is neither known by an alias nor to be seen from here.
  returned: success
  type: dict
  contains:
    fingerprint_sha256:
      description: Its SHA-256 fingerprint.
      type: str
    subject:
      description: Whom it is for.
      type: str
    issuer:
      description: Who signed it.
      type: str
    not_after:
      description: When it expires, in UTC.
      type: str
    port:
      description: Where HTTPS is reached.
      type: int
    verified_by:
      description:
        - What proves it. V(ca) is the chain of signatures up to a CA that the connection trusts,
          V(fingerprint) the one that is pinned, V(comparison) that it is the one under its alias on the
          device.
        - V(nothing) means that it was only looked at.
      type: str
  sample:
    fingerprint_sha256: 0f4c6a4d0ecf5e6c6b2e3d0a7c4f2b1a9e8d7c6b5a493827160f5e4d3c2b1a09
    subject: CN=gate.example.net
    issuer: CN=Camera CA
    not_after: '2027-11-24T12:00:00Z'
    port: 443
    verified_by: ca
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
from ansible_collections.axis.vapix.plugins.module_utils.resources.web_server import DECLARED


def main() -> None:
    run_module(DECLARED)


if __name__ == "__main__":
    main()
