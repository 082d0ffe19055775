# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Whether we would trust a certificate that a device does not show yet, and whether we could speak with it at all.

A handshake knows better and has the last word. This is to know before a device is told to show that certificate.
"""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import pathlib
import typing as t
import warnings

from ..wire import tls
from ..wire.address import Address
from . import pem, pki


def why_not(address: Address, chain: t.Sequence[bytes], others: t.Callable[[], t.Iterable[bytes]]) -> str | None:
    """Why a connection as it is set up would not accept a certificate; None when it would, as far as can be told.

    :param chain: the certificate and those that the device keeps with it, in DER.
    :param others: gives the certificates of CAs that the device has, in DER; asked for only when they may help.
    """
    leaf = pki.from_der(chain[0])
    if address.fingerprint is not None:
        same = tls.normalize_fingerprint(address.fingerprint) == pki.fingerprint_sha256(leaf)
        return None if same else "the option fingerprint pins another one"
    if not address.validate_certs:
        return None
    if leaf.not_valid_before_utc > datetime.datetime.now(datetime.UTC):
        return f"it is not valid before {leaf.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
    if pki.has_expired(leaf):
        return f"it has expired on {leaf.not_valid_after_utc:%Y-%m-%d}"
    name = address.certificate_name or address.host
    if not _is_for(leaf, name):
        names = ", ".join(pki.alternative_names(leaf)) or "no host"
        return f"it is not for {name} but for {names}"
    roots = _roots(address.ca_path)
    known = [pki.from_der(one) for one in chain[1:]]
    if not roots or _leads_to(leaf, known, roots):
        return None
    if _leads_to(leaf, known + [pki.from_der(one) for one in others()], roots):
        return None
    where = "the system" if address.ca_path is None else address.ca_path
    return f"no CA that is trusted here ({where}) has signed it"


def speakable(ciphers: t.Iterable[str], key_type: str | None) -> bool:
    """Whether a connection of ours has a cipher suite in common with a web server.

    :param key_type: of the web server's certificate, as ``RSA-2048`` or ``EC-P256``; None when it is not known.
    """
    there = set(ciphers)
    signs = {"RSA": "auth-rsa", "EC": "auth-ecdsa"}.get((key_type or "").partition("-")[0])
    return any(
        ours["name"] in there and signs in (None, ours["auth"])
        for ours in tls.NO_TRUST.get_ciphers()
        if ours["protocol"] != "TLSv1.3"  # these are not in the lists of devices
    )


def known_ciphers() -> set[str]:
    """Cipher suites up to TLS 1.2 with a certificate of RSA or EC, however weak, by the names OpenSSL has here."""
    context = tls.unverified()
    context.set_ciphers("ALL:@SECLEVEL=0")
    return {
        cipher["name"]
        for cipher in context.get_ciphers()
        if cipher["protocol"] != "TLSv1.3" and cipher["auth"] in ("auth-rsa", "auth-ecdsa")
    }


def _is_for(certificate: pki.Certificate, host: str) -> bool:
    names = pki.alternative_names(certificate)
    try:
        return f"IP:{ipaddress.ip_address(host)}" in names
    except ValueError:
        name = host.lower().rstrip(".")
    # Without alternative names, TLS libraries may look at the subject.
    return not names or any(f"DNS:{one}" in names for one in (name, f"*.{name.partition('.')[2]}"))


def _roots(ca_path: str | None) -> list[pki.Certificate]:
    """The certificates that are trusted; none when that cannot be told."""
    if ca_path is None:
        found = tls.SYSTEM_TRUST.get_ca_certs(binary_form=True)
    else:
        found = pem.blocks(pathlib.Path(ca_path).read_text(encoding="ascii", errors="replace"), pem.CERTIFICATE)
    roots = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of authorities that do not follow the standards in all
        for one in found:
            with contextlib.suppress(pki.Unusable):
                roots.append(pki.from_der(one))
    return roots


def _leads_to(leaf: pki.Certificate, between: t.Sequence[pki.Certificate], roots: t.Sequence[pki.Certificate]) -> bool:
    """Whether signatures lead from a certificate to one that is trusted."""
    seen = [leaf]
    for certificate in seen:
        if certificate in roots or any(pki.signed_by(certificate, root) for root in roots):
            return True
        seen += [one for one in between if one not in seen and pki.signed_by(certificate, one)]
    return False
