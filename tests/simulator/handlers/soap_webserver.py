# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``aweb:GetWebServerTlsConfiguration`` and its setter: Certificate management API (SOAP) page; the getter is recorded.

The setter replaces the whole structure. One policy for all roles (AXIS OS 7.10 and later). Assumed: all four parts must
be there; who wants TLS must name a certificate and ciphers that exist; HTTPS only without TLS is refused.
"""

from __future__ import annotations

from functools import cache
from xml.etree.ElementTree import Element

import tls
import webserver
from certificates import WEB_SERVER, StoreError
from exchange import Request
from handlers._soap import Members, SoapApi, element, invalid, wrap
from handlers.soap_certificates import read_set, shown_set

_POLICIES = {"Http": webserver.HTTP, "HttpAndHttps": webserver.BOTH, "Https": webserver.HTTPS}
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_known_ciphers = cache(tls.known_ciphers)


def _get(request: Request, node: Element) -> str:
    Members(node)
    state = request.state
    policy = webserver.policy(state, "admin")
    word = next(word for word, value in _POLICIES.items() if value == policy)
    ciphers = "".join(element("acert:Cipher", name) for name in state.get(webserver.CIPHERS).split(":") if name)
    content = "".join(
        (
            element("aweb:Tls", "true" if state.get(webserver.ENABLED) == "yes" else "false"),
            wrap("aweb:ConnectionPolicies", element("aweb:Admin", word)),
            wrap("aweb:Ciphers", ciphers),
            wrap("aweb:CertificateSet", shown_set(state.certificates.sets[WEB_SERVER])),
        )
    )
    return f'<aweb:Configuration name="{WEB_SERVER}">{content}</aweb:Configuration>'


def _set(request: Request, node: Element) -> str:
    wanted = Members(
        Members(node, "aweb:Configuration").one("aweb:Configuration"),
        "aweb:Tls",
        "aweb:ConnectionPolicies",
        "aweb:Ciphers",
        "aweb:CertificateSet",
    )
    enabled = _BOOLEANS.get(wanted.text("aweb:Tls"))
    policy = _POLICIES.get(Members(wanted.one("aweb:ConnectionPolicies"), "aweb:Admin").text("aweb:Admin"))
    ciphers = Members(wanted.one("aweb:Ciphers"), "acert:Cipher").texts("acert:Cipher")
    members = read_set(wanted.one("aweb:CertificateSet"))
    if enabled is None or policy is None:
        raise invalid("Invalid argument")
    if not enabled and policy == webserver.HTTPS:
        raise invalid("HTTPS only needs TLS")
    if enabled and (not ciphers or not set(ciphers) <= _known_ciphers()):
        raise invalid("Invalid cipher")
    if enabled and not members.certificates:
        raise invalid("A certificate is needed")
    state = request.state
    try:
        state.certificates.assign(WEB_SERVER, members)
    except StoreError as error:
        raise invalid(error.text) from None
    state.values[webserver.ENABLED] = "yes" if enabled else "no"
    state.values[webserver.CIPHERS] = ":".join(ciphers)
    webserver.set_policies(state, policy)
    return ""


SOAP = SoapApi(
    {
        "aweb:GetWebServerTlsConfiguration": _get,
        "aweb:SetWebServerTlsConfiguration": _set,
    }
)
