# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking a device about certificates and its web server, by REST and SOAP, without a client of ours."""

from __future__ import annotations

import subprocess

from defusedxml.ElementTree import fromstring

CERT, SOAP = "/config/rest/cert/v1", "/vapix/services"
CIPHERS = ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256")
PREFIXES = {
    "tds": "http://www.onvif.org/ver10/device/wsdl",
    "tt": "http://www.onvif.org/ver10/schema",
    "acert": "http://www.axis.com/vapix/ws/cert",
    "acertificates": "http://www.axis.com/vapix/ws/certificates",
    "aweb": "http://www.axis.com/vapix/ws/webserver",
    "env": "http://www.w3.org/2003/05/soap-envelope",
}


def run(*command, data=None):
    """A command's output."""
    return subprocess.run(command, input=data, capture_output=True, check=True, timeout=60).stdout


def lines_of(pem):
    """PEM without its header lines, as SOAP wants it."""
    return "".join(line for line in pem.splitlines() if not line.startswith("-----"))


def rest(device, method, path, data=None):
    """Ask cert.v1."""
    body = {} if method in ("GET", "DELETE") else {"json": {"data": data}}
    return device.ask(method, f"{CERT}/{path}", **body)


def soap(device, content):
    """Call an operation."""
    names = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in PREFIXES.items())
    envelope = f"<env:Envelope {names}><env:Body>{content}</env:Body></env:Envelope>"
    return device.ask("POST", SOAP, data=envelope.encode(), headers={"Content-Type": "application/xml"})


def texts(answer, path):
    """The texts of all elements of a path."""
    return [node.text for node in fromstring(answer.content).iterfind(f".//{path}", PREFIXES)]


def fault(answer):
    """Status, codes below the first, reason."""
    values = texts(answer, "env:Fault/env:Code//env:Value")
    return answer.status_code, values[1:], texts(answer, "env:Reason/env:Text")[0] or ""


def load(alias, certificate, key):
    """A certificate with its key."""
    return (
        f"<tds:LoadCertificateWithPrivateKey><tds:CertificateWithPrivateKey><tt:CertificateID>{alias}"
        f"</tt:CertificateID><tt:Certificate><tt:Data>{certificate}</tt:Data></tt:Certificate><tt:PrivateKey><tt:Data>"
        f"{key}</tt:Data></tt:PrivateKey></tds:CertificateWithPrivateKey></tds:LoadCertificateWithPrivateKey>"
    )


def load_ca(alias, certificate):
    """A CA certificate."""
    return (
        f"<tds:LoadCACertificates><tds:CACertificate><tt:CertificateID>{alias}</tt:CertificateID><tt:Certificate>"
        f"<tt:Data>{certificate}</tt:Data></tt:Certificate></tds:CACertificate></tds:LoadCACertificates>"
    )


def delete(alias):
    """Away with it."""
    return f"<tds:DeleteCertificates><tds:CertificateID>{alias}</tds:CertificateID></tds:DeleteCertificates>"


def cert_set(certificates=(), ca=(), trusted=()):
    """The three lists of a set."""
    lists = (("Certificates", certificates), ("CACertificates", ca), ("TrustedCertificates", trusted))
    return "".join(
        f"<acert:{name}>{''.join(f'<acert:Id>{alias}</acert:Id>' for alias in aliases)}</acert:{name}>"
        for name, aliases in lists
    )


def set_web_server(alias, policy="HttpAndHttps", ciphers=CIPHERS, tls="true", ca=()):
    """The whole structure, as it is set."""
    return (
        f"<aweb:SetWebServerTlsConfiguration><aweb:Configuration><aweb:Tls>{tls}</aweb:Tls><aweb:ConnectionPolicies>"
        f"<aweb:Admin>{policy}</aweb:Admin></aweb:ConnectionPolicies><aweb:Ciphers>"
        f"{''.join(f'<acert:Cipher>{name}</acert:Cipher>' for name in ciphers)}</aweb:Ciphers><aweb:CertificateSet>"
        f"{cert_set([alias] if alias else [], ca)}</aweb:CertificateSet></aweb:Configuration>"
        "</aweb:SetWebServerTlsConfiguration>"
    )
