# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  host:
    description:
      - Name or address of the device.
      - Left out, it is the variable C(vapix_host), C(ansible_host) or the name of the host in the inventory.
      - The environment variable E(AXIS_VAPIX_HOST) comes last.
    type: str
  port:
    description:
      - TCP port of the device. Left out, it is the port of the O(scheme), 443 or 80.
      - Left out, the variable C(vapix_port) or the environment variable E(AXIS_VAPIX_PORT) is used before that.
    type: int
  scheme:
    description:
      - Whether to talk HTTPS or plain HTTP. Plain HTTP has to be asked for, it protects neither content nor device.
      - Left out, it is the variable C(vapix_scheme) or the environment variable E(AXIS_VAPIX_SCHEME).
    type: str
    choices: [https, http]
    default: https
  username:
    description:
      - Account on the device.
      - Left out, it is the variable C(vapix_username) or C(ansible_user), or the environment variable
        E(AXIS_VAPIX_USERNAME).
    type: str
  password:
    description:
      - Password of the account. It is sent by Digest authentication, or by Basic inside TLS where the device wants
        that,
        and never otherwise.
      - Left out, it is the variable C(vapix_password) or C(ansible_password), best kept in a vault, or the environment
        variable E(AXIS_VAPIX_PASSWORD).
    type: str
  validate_certs:
    description:
      - Whether the device's certificate must be signed by an authority that is trusted.
      - Left out, it is the variable C(vapix_validate_certs) or the environment variable E(AXIS_VAPIX_VALIDATE_CERTS).
    type: bool
    default: true
  ca_path:
    description:
      - PEM file with the certificates of the authorities to trust instead of those of the system.
      - Left out, it is the variable C(vapix_ca_path) or the environment variable E(AXIS_VAPIX_CA_PATH).
    type: path
  fingerprint:
    description:
      - SHA-256 fingerprint of the device's certificate. It pins this one certificate, whoever signed it.
      - Left out, it is the variable C(vapix_fingerprint) or the environment variable E(AXIS_VAPIX_FINGERPRINT).
    type: str
  timeout:
    description:
      - Time in seconds within which the device has to be connected and to have answered, for each request.
      - Left out, it is the variable C(vapix_timeout) or the environment variable E(AXIS_VAPIX_TIMEOUT).
    type: float
    default: 10.0
  proxy:
    description:
      - Proxy to go through, for example V(http://proxy.example.net:3128) or, with PySocks installed,
        V(socks5h://127.0.0.1:1080). The proxies of the environment are not used.
      - Left out, it is the variable C(vapix_proxy) or the environment variable E(AXIS_VAPIX_PROXY).
    type: str
requirements:
  - requests
notes:
  - The device needs neither SSH nor Python, and the play neither C(connection) nor C(gather_facts).
  - The task runs inside the Ansible worker on the controller. Delegated to another machine, or with C(async), it runs
    as
    an ordinary module, which needs Python 3.11 and the required packages there.
"""
