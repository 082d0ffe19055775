# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a device's web server does with TLS, by SOAP: one structure, which is read and replaced as a whole.

Sources: VAPIX "Certificate management API" (the setter, in AXIS OS 6.50 and 7.10), recording of AXIS OS 12.11 (the
getter). Before AXIS OS 7.10 there is a policy for each role, later there is one for all.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ...wire import soap
from ...wire.errors import BadAnswer
from ...wire.session import Session

API = "web server TLS (SOAP)"


@dataclasses.dataclass(frozen=True)
class TlsConfiguration:
    """The structure.

    :param tls: the web server speaks HTTPS at all.
    :param policies: by role (``Admin``, ``Operator``, ``Viewer``) one of ``Http``, ``HttpAndHttps`` and ``Https``.
    :param ciphers: names of cipher suites as OpenSSL knows them.
    :param certificates: ids of the certificates it shows: there is one, or none.
    :param ca_certificates, trusted_certificates: ids of others in its certificate set.
    """

    tls: bool
    policies: t.Mapping[str, str]
    ciphers: tuple[str, ...]
    certificates: tuple[str, ...]
    ca_certificates: tuple[str, ...] = ()
    trusted_certificates: tuple[str, ...] = ()


def read(session: Session) -> TlsConfiguration:
    """The configuration as it is.

    :raises ApiMissing, soap.Fault: the device does not have this service.
    """
    operation = "aweb:GetWebServerTlsConfiguration"
    found = soap.call(session, operation, safe=True).find("aweb:Configuration")
    policies = None if found is None else found.find("aweb:ConnectionPolicies")
    if found is None or policies is None:
        raise BadAnswer(
            "the answer holds no configuration", device=str(session.address), api=soap.PATH, method=operation
        )

    def ids(kind: str) -> tuple[str, ...]:
        return tuple(filter(None, found.texts(f"aweb:CertificateSet/acert:{kind}/acert:Id")))

    return TlsConfiguration(
        tls=(found.text("aweb:Tls") or "").lower() in ("true", "1"),
        policies={policy.name: policy.text() or "" for policy in policies.children},
        ciphers=tuple(filter(None, found.texts("aweb:Ciphers/acert:Cipher"))),
        certificates=ids("Certificates"),
        ca_certificates=ids("CACertificates"),
        trusted_certificates=ids("TrustedCertificates"),
    )


def write(session: Session, wanted: TlsConfiguration) -> None:
    """Replace the configuration. The web server restarts, so that the answer may not come.

    :raises soap.Fault: the device refuses.
    """

    def ids(kind: str, several: t.Iterable[str]) -> tuple[str, soap.Content]:
        return f"acert:{kind}", [("acert:Id", one) for one in several]

    soap.call(
        session,
        "aweb:SetWebServerTlsConfiguration",
        [
            (
                "aweb:Configuration",
                [
                    ("aweb:Tls", "true" if wanted.tls else "false"),
                    ("aweb:ConnectionPolicies", [(f"aweb:{role}", policy) for role, policy in wanted.policies.items()]),
                    ("aweb:Ciphers", [("acert:Cipher", cipher) for cipher in wanted.ciphers]),
                    (
                        "aweb:CertificateSet",
                        [
                            ids("Certificates", wanted.certificates),
                            ids("CACertificates", wanted.ca_certificates),
                            ids("TrustedCertificates", wanted.trusted_certificates),
                        ],
                    ),
                ],
            )
        ],
    )
