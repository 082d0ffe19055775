# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: csr_sign
short_description: Sign a certificate signing request with a CA of your own
version_added: 1.0.0
description:
  - Signs a request (PKCS#10), as M(axis.vapix.certificate) returns it, with the key of a CA, and returns the
    certificate. It is meant for tests and small fleets, where no other CA is at hand. It keeps no list of what it
    signed and revokes nothing.
  - The subject and the names of the request are taken over, host names and addresses only. Nothing else of a request
    counts. The certificate is for TLS servers and clients and can never be that of a CA.
  - It starts five minutes before it is made, so that a clock that is a little late accepts it, and never ends after
    that of the CA.
  - Each use makes another certificate with a random serial number. So sign only where RV(ignore:needs_signature)
    says so.
  - Needs the Python package C(cryptography) 42.0.0 or newer on the controller.
author:
  - axis.vapix authors (@axis-vapix)
options:
  _input:
    description:
      - The request, in PEM.
    type: str
    required: true
  ca_certificate:
    description:
      - The certificate of the CA, in PEM. After it can be those of the CAs above it, each signed by the next.
    type: str
    required: true
  ca_private_key:
    description:
      - The private key of the CA, in PEM, RSA or EC. Keep it in a vault.
    type: str
    required: true
  ca_passphrase:
    description:
      - The passphrase of O(ca_private_key), if it is encrypted.
    type: str
  days:
    description:
      - For how many days the certificate is valid.
    type: int
    default: 365
  subject_alt_names:
    description:
      - Names to put into the certificate instead of those in the request, each C(DNS:) with a host name or C(IP:) with
        an address. Devices that make their requests by SOAP (before AXIS OS 11.11) cannot put them in.
    type: list
    elements: str
  chain:
    description:
      - Whether the certificates of the CAs that signed it follow the certificate, but for a CA that signed itself,
        which who verifies has to have anyway.
    type: bool
    default: true
seealso:
  - module: axis.vapix.certificate
"""

EXAMPLES = r"""
# A CA for a small fleet, once, with openssl 3. It asks for a passphrase:
#   openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 3650 -subj "/CN=Camera CA" \
#     -addext basicConstraints=critical,CA:true,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign \
#     -keyout camera-ca.key -out camera-ca.pem

- name: Certificates on keys that never leave the cameras
  hosts: cameras
  gather_facts: false
  vars:
    ca_certificate: "{{ lookup('ansible.builtin.file', 'camera-ca.pem') }}"
    ca_private_key: "{{ lookup('ansible.builtin.file', 'camera-ca.key') }}"
  tasks:
    - name: A key and what is to be signed
      axis.vapix.certificate:
        alias: https
        subject: CN={{ inventory_hostname }}
        subject_alt_names: ["DNS:{{ inventory_hostname }}", "IP:{{ ansible_host }}"]
      register: https

    - name: The signed certificate
      axis.vapix.certificate:
        alias: https
        certificate: >-
          {{ https.csr | axis.vapix.csr_sign(ca_certificate=ca_certificate, ca_private_key=ca_private_key,
                                             ca_passphrase=vault_ca_passphrase) }}
      when: https.csr is not none
"""

RETURN = r"""
_value:
  description: The certificate in PEM, followed by those of the CAs as O(chain) says.
  type: str
"""

import datetime
import ipaddress
import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.axis.vapix.plugins.module_utils.crypto import pki
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import InvalidOption

try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID
except ImportError:
    pass  # pki.require() says so

#: How much before now a certificate starts, for clocks that are late.
_EARLIER = datetime.timedelta(minutes=5)
_LEAST_RSA_BITS = 2048


def csr_sign(
    csr: t.Any,
    ca_certificate: str,
    ca_private_key: str,
    ca_passphrase: str | None = None,
    days: int = 365,
    subject_alt_names: t.Sequence[str] | None = None,
    chain: bool = True,
) -> str:
    """Sign a request. :raises AnsibleFilterError: something given cannot be used; no secret is in the text."""
    try:
        pki.require()
    except InvalidOption as exc:
        raise AnsibleFilterError(f"axis.vapix.csr_sign: {exc}") from None
    request = _read("the CSR", pki.request_from_pem, csr)
    if request.subject == x509.Name([]):
        raise _refused("the CSR: it has no subject")
    if pki.key_type(request).startswith("RSA") and request.public_key().key_size < _LEAST_RSA_BITS:
        raise _refused(f"the CSR: its RSA key has less than {_LEAST_RSA_BITS} bits")
    issuers = _read("ca_certificate", pki.chain_from_pem, ca_certificate)
    key = _read("ca_private_key", lambda text: pki.key_from_pem(text, ca_passphrase), ca_private_key)
    _check_ca(issuers[0], key)
    if isinstance(subject_alt_names, str) or not isinstance(days, int) or isinstance(days, bool) or days < 1:
        raise _refused("subject_alt_names has to be a list, and days a number above 0")
    origin = "the CSR" if subject_alt_names is None else "subject_alt_names"
    given = pki.alternative_names(request) if subject_alt_names is None else subject_alt_names
    names = [_read(origin, pki.parse_alternative_name, name) for name in given]
    certificate = _build(request, issuers[0], key, days, names)
    above = [issuer for issuer in issuers if not pki.signed_by(issuer, issuer)] if chain else []
    return pki.to_pem([certificate, *above])


def _read(what: str, read: t.Callable[[str], t.Any], text: t.Any) -> t.Any:
    if not isinstance(text, str) or not text.strip():
        raise _refused(f"{what}: there is none")
    try:
        return read(text)
    except ValueError as exc:
        raise _refused(f"{what}: {exc}") from None


def _refused(problem: str) -> AnsibleFilterError:
    return AnsibleFilterError(f"axis.vapix.csr_sign: {problem}")


def _check_ca(issuer: t.Any, key: t.Any) -> None:
    if not pki.is_ca(issuer) or not _may_sign(issuer):
        raise _refused("ca_certificate: it is not that of a CA, or of one that may not sign certificates")
    if pki.has_expired(issuer):
        raise _refused("ca_certificate: it has expired")
    if pki.public_key_sha256(key) != pki.public_key_sha256(issuer):
        raise _refused("ca_private_key: it is not the key of ca_certificate")


def _may_sign(issuer: t.Any) -> bool:
    try:
        return issuer.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound:
        return True


def _build(request: t.Any, issuer: t.Any, key: t.Any, days: int, names: t.Sequence[str]) -> t.Any:
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    try:
        end = min(now + datetime.timedelta(days=days), issuer.not_valid_after_utc)
    except OverflowError:
        end = issuer.not_valid_after_utc
    builder = x509.CertificateBuilder(
        issuer_name=issuer.subject,
        subject_name=request.subject,
        public_key=request.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=max(now - _EARLIER, issuer.not_valid_before_utc),
        not_valid_after=end,
    )
    for extension, critical in _extensions(request, issuer, names):
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(key, _hash(key))


def _extensions(request: t.Any, issuer: t.Any, names: t.Sequence[str]) -> t.Iterator[tuple[t.Any, bool]]:
    yield x509.BasicConstraints(ca=False, path_length=None), True
    # Key encipherment is what RSA keys did before TLS 1.3.
    rsa_key = isinstance(request.public_key(), rsa.RSAPublicKey)
    used = {"digital_signature", *(["key_encipherment"] if rsa_key else [])}
    usages = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    yield x509.KeyUsage(**{usage: usage in used for usage in usages}), True
    yield x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), False
    yield x509.SubjectKeyIdentifier.from_public_key(request.public_key()), False
    yield _authority(issuer), False
    if names:
        yield x509.SubjectAlternativeName([_name(name) for name in names]), False


def _authority(issuer: t.Any) -> t.Any:
    try:
        identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key())
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)


def _name(text: str) -> t.Any:
    kind, _mark, value = text.partition(":")
    return x509.DNSName(value) if kind == "DNS" else x509.IPAddress(ipaddress.ip_address(value))


def _hash(key: t.Any) -> t.Any:
    """As strong as the key."""
    strong = not isinstance(key, rsa.RSAPrivateKey) and key.key_size > 256
    return hashes.SHA384() if strong else hashes.SHA256()


class FilterModule:
    """What this file offers."""

    def filters(self) -> dict[str, t.Callable[..., str]]:
        return {"csr_sign": csr_sign}
