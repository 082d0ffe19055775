# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The certificate operations of ``/vapix/services``: ``tds:`` (ONVIF device management) and ``acertificates:``.

Sources: Certificate management API (SOAP) page, ONVIF device management WSDL; recorded on 12.11: GetCertificatesStatus,
GetServiceCapabilities, ListCertSets, GetCertSet. What clients of others send and read: the members of GetPkcs10Request2
and of the answers of it and CreateCertificate2, ``NVTCertificate`` of LoadCertificates. Assumed: see README.md.
"""

from __future__ import annotations

import datetime
from functools import wraps
from xml.etree.ElementTree import Element

from cryptography import x509
from cryptography.x509.oid import NameOID

from certificates import (
    DOT1X,
    SOAP_KEY_TYPE,
    Entry,
    Set,
    StoreError,
    base64_of,
    pair,
    read_base64,
    read_der,
    read_key,
    read_pkcs12,
    request_for,
    used,
)
from exchange import Request
from handlers._soap import RECEIVER, SENDER, Fault, Members, Operation, SoapApi, element, invalid, mismatch, wrap
from network import EAP_TLS

_DOT1X_IDENTITY = "Network.Interface.I0.dot1x.EAPTLS.Identity"
_EAP_TLS = "13"
_SUBJECT = {
    "acert:C": NameOID.COUNTRY_NAME,
    "acert:ST": NameOID.STATE_OR_PROVINCE_NAME,
    "acert:L": NameOID.LOCALITY_NAME,
    "acert:O": NameOID.ORGANIZATION_NAME,
    "acert:OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "acert:CN": NameOID.COMMON_NAME,
}
_CAPABILITIES = {
    "Network": 'DHCPv6="true" NTP="1" DynDNS="true" IPVersion6="true" ZeroConfiguration="true" IPFilter="true"',
    "Security": (
        'HttpDigest="true" UsernameToken="true" DefaultAccessPolicy="true" AccessPolicyConfig="true" '
        'OnboardKeyGeneration="true" TLS1.2="true" TLS1.1="true" TLS1.0="true"'
    ),
    "System": 'SystemLogging="true" DiscoveryBye="true" DiscoveryResolve="true"',
}
# What the store refuses, in the words of ONVIF and of the vendor's WSDL.
_ONVIF = {
    "format": ("ter:CertificateFormat", "Bad certificate format or the format is not supported"),
    "exists": ("ter:CertificateID", "The certificate ID already exists"),
    "missing": ("ter:CertificateID", "The CertificateID does not exist"),
    "alias": ("ter:CertificateID", "Invalid ID"),
    "mismatch": ("ter:KeysNotMatching", "The public and private key is not matching"),
}
_AXIS = {
    "format": "CertificateFormatFault",
    "mismatch": "CertificateFormatFault",
    "exists": "CertificateIdInUseFault",
    "limit": "MaxNumberOfCertificatesFault",
    "key_type": "KeyPairGenerationFault",
    "maintenance": "KeyPairGenerationFault",
}


def _onvif(run: Operation) -> Operation:
    """Refusals as ONVIF has them."""

    @wraps(run)
    def wrapped(request: Request, node: Element) -> str:
        try:
            return run(request, node)
        except StoreError as error:
            if error.kind not in _ONVIF:
                raise Fault(RECEIVER, ("ter:Action",), error.text) from None
            code, text = _ONVIF[error.kind]
            if error.kind == "exists" and run is _load_ca:
                text = "The CA certificate ID already exists"
            raise invalid(text, code) from None

    return wrapped


def _axis(run: Operation) -> Operation:
    """Refusals as the vendor's WSDL has them."""

    @wraps(run)
    def wrapped(request: Request, node: Element) -> str:
        try:
            return run(request, node)
        except StoreError as error:
            name = _AXIS.get(error.kind)
            if name is None:
                raise invalid(error.text) from None
            code = f"acertificates:{name}"
            raise Fault(SENDER, (code,), error.text, f"<{code}/>") from None

    return wrapped


# -- tds


def _list(ca: bool, name: str) -> Operation:
    def run(request: Request, node: Element) -> str:
        Members(node)
        return "".join(wrap(name, _shown(entry)) for entry in _users_first(request, ca))

    return run


def _users_first(request: Request, ca: bool) -> list[Entry]:
    """The user's certificates before those of the factory (recorded order)."""
    return sorted(request.state.certificates.entries(ca), key=lambda entry: entry.factory)


def _shown(entry: Entry) -> str:
    data = wrap("tt:Certificate", element("tt:Data", base64_of(entry.leaf)))
    return element("tt:CertificateID", entry.alias) + data


def _status(request: Request, node: Element) -> str:
    Members(node)
    in_use = used(request.state)
    return "".join(
        wrap(
            "tds:CertificateStatus",
            element("tt:CertificateID", entry.alias)
            + element("tt:Status", "true" if entry.alias in in_use else "false"),
        )
        for entry in _users_first(request, ca=False)
    )


def _data(node: Element) -> str:
    return Members(node, "tt:Data").text("tt:Data")


def _load_with_key(request: Request, node: Element) -> str:
    for item in _several(node, "tds:CertificateWithPrivateKey"):
        members = Members(item, "tt:CertificateID", "tt:Certificate", "tt:PrivateKey")
        key = read_key(read_base64(_data(members.one("tt:PrivateKey"))), pem=False)
        material = pair(read_der(_data(members.one("tt:Certificate"))), key)
        request.state.certificates.add(members.text("tt:CertificateID"), material)
    return ""


def _load_ca(request: Request, node: Element) -> str:
    for item in _several(node, "tds:CACertificate"):
        members = Members(item, "tt:CertificateID", "tt:Certificate")
        chain = read_der(_data(members.one("tt:Certificate")))
        request.state.certificates.add_ca(members.text("tt:CertificateID"), chain)
    return ""


def _load(request: Request, node: Element) -> str:
    """Signed certificates for keys that are on the device: under the same ID, or a new one (one client does so)."""
    store = request.state.certificates
    for item in _several(node, "tds:NVTCertificate"):
        members = Members(item, "tt:CertificateID", "tt:Certificate")
        alias, chain = members.text("tt:CertificateID"), read_der(_data(members.one("tt:Certificate")))
        if store.get(alias) is not None and not store.get(alias).is_ca:
            store.replace(alias, chain)
            continue
        owner = store.with_key(chain[0].public_key())
        if owner is None:
            raise StoreError("mismatch", "No key for this certificate")
        assert owner.material.key is not None
        store.add(alias, pair(chain, owner.material.key), owner.keystore)
    return ""


def _several(node: Element, name: str) -> list[Element]:
    found = Members(node, name).all(name)
    if not found:
        raise mismatch()
    return found


def _delete(request: Request, node: Element) -> str:
    for item in _several(node, "tds:CertificateID"):
        request.state.certificates.remove((item.text or "").strip(), request.state)
    return ""


def _capabilities(request: Request, node: Element) -> str:
    Members(node)
    parts = (f"<tds:{name} {attributes}></tds:{name}>" for name, attributes in _CAPABILITIES.items())
    return wrap("tds:Capabilities", "".join(parts))


# -- 802.1X, which newer AXIS OS only has in its network settings


def _set_dot1x(request: Request, node: Element) -> str:
    members = Members(
        Members(node, "tds:Dot1XConfiguration").one("tds:Dot1XConfiguration"),
        "tt:Dot1XConfigurationToken",
        "tt:Identity",
        "tt:AnonymousID",
        "tt:EAPMethod",
        "tt:CACertificateID",
        "tt:EAPMethodConfiguration",
    )
    if members.text("tt:Dot1XConfigurationToken") != DOT1X or members.text("tt:EAPMethod") != _EAP_TLS:
        raise invalid("No such configuration")
    method = Members(members.one("tt:EAPMethodConfiguration"), "tt:TLSConfiguration", "tt:Password")
    wanted = Members(method.one("tt:TLSConfiguration"), "tt:CertificateID").text("tt:CertificateID")
    store = request.state.certificates
    # The page asks for the common name, clients send the ID.
    own = next((e for e in store.entries(ca=False) if wanted in (e.alias, _common_name(e))), None)
    store.assign(DOT1X, Set((own.alias if own is not None else wanted,), members.texts("tt:CACertificateID")))
    request.state.network.dot1x.configurations[EAP_TLS]["identity"] = members.text("tt:Identity")
    return ""


def _common_name(entry: Entry) -> str | None:
    found = entry.leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else None


def _get_dot1x(request: Request, node: Element) -> str:
    members = request.state.certificates.sets[DOT1X]
    own = "".join(element("tt:CertificateID", alias) for alias in members.certificates)
    return wrap(
        "tds:Dot1XConfiguration",
        "".join(
            (
                element("tt:Dot1XConfigurationToken", DOT1X),
                element("tt:Identity", request.state.get(_DOT1X_IDENTITY)),
                element("tt:EAPMethod", _EAP_TLS),
                *(element("tt:CACertificateID", alias) for alias in members.ca),
                wrap("tt:EAPMethodConfiguration", wrap("tt:TLSConfiguration", own)) if own else "",
            )
        ),
    )


# -- acertificates


def _subject(node: Element) -> x509.Name:
    members = Members(node, *_SUBJECT)
    try:
        return x509.Name(
            [x509.NameAttribute(oid, text) for name, oid in _SUBJECT.items() for text in members.texts(name) if text]
        )
    except ValueError:
        raise StoreError("format", "Bad subject") from None


def _time(text: str) -> datetime.datetime:
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise invalid("Bad time") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=datetime.UTC)


def _create(request: Request, node: Element) -> str:
    names = ("acertificates:Id", "acertificates:Subject", "acertificates:ValidNotBefore", "acertificates:ValidNotAfter")
    members = Members(node, *names)
    alias, begin, end = members.text(names[0]), _time(members.text(names[2])), _time(members.text(names[3]))
    entry = request.state.certificates.create(
        alias, SOAP_KEY_TYPE, None, _subject(members.one(names[1])), [], begin, end
    )
    return element("acertificates:Id", alias) + element("acertificates:Certificate", base64_of(entry.leaf))


def _signing_request(request: Request, node: Element) -> str:
    members = Members(node, "acertificates:Id", "acertificates:Subject")
    entry = request.state.certificates.get(members.text("acertificates:Id"))
    if entry is None or entry.is_ca:
        raise StoreError("missing", "Invalid ID")
    subjects = members.all("acertificates:Subject")
    made = request_for(entry, _subject(subjects[0]) if subjects else None, None)
    return element("acertificates:Pkcs10Request", base64_of(made))


def _load_pkcs12(request: Request, node: Element) -> str:
    archive = Members(node, "acertificates:Pkcs12").one("acertificates:Pkcs12")
    members = Members(archive, "acert:Id", "acert:Certificate", "acert:Password")
    material = read_pkcs12(read_base64(members.text("acert:Certificate")), members.text("acert:Password"))
    request.state.certificates.add(members.text("acert:Id"), material)
    return ""


def _list_sets(request: Request, node: Element) -> str:
    Members(node)
    names = (element("acert:CertSetNames", name) for name in request.state.certificates.sets)
    return wrap("acertificates:CertSetNameList", "".join(names))


def _set_name(request: Request, members: Members) -> str:
    name = members.text("acertificates:CertSetName")
    if name not in request.state.certificates.sets:
        raise invalid("No such certificate set")
    return name


def _get_set(request: Request, node: Element) -> str:
    name = _set_name(request, Members(node, "acertificates:CertSetName"))
    return wrap("acertificates:CertSet", shown_set(request.state.certificates.sets[name]))


def _set_set(request: Request, node: Element) -> str:
    members = Members(node, "acertificates:CertSetName", "acertificates:CertSet")
    request.state.certificates.assign(_set_name(request, members), read_set(members.one("acertificates:CertSet")))
    return ""


_SET_PARTS = ("acert:Certificates", "acert:CACertificates", "acert:TrustedCertificates")


def shown_set(members: Set) -> str:
    """The three lists of a set, empty ones, too."""
    lists = (members.certificates, members.ca, members.trusted)
    return "".join(
        wrap(part, "".join(element("acert:Id", alias) for alias in aliases))
        for part, aliases in zip(_SET_PARTS, lists, strict=True)
    )


def read_set(node: Element) -> Set:
    """A whole set: a list that is left out is empty."""
    members = Members(node, *_SET_PARTS)
    return Set(
        *(
            tuple(alias for part in members.all(name) for alias in Members(part, "acert:Id").texts("acert:Id"))
            for name in _SET_PARTS
        )
    )


SOAP = SoapApi(
    {
        "tds:GetCertificates": _list(ca=False, name="tds:NvtCertificate"),
        "tds:GetCACertificates": _list(ca=True, name="tds:CACertificate"),
        "tds:GetCertificatesStatus": _status,
        "tds:GetServiceCapabilities": _capabilities,
        "tds:LoadCertificateWithPrivateKey": _onvif(_load_with_key),
        "tds:LoadCACertificates": _onvif(_load_ca),
        "tds:LoadCertificates": _onvif(_load),
        "tds:DeleteCertificates": _onvif(_delete),
        "tds:SetDot1XConfiguration": _onvif(_set_dot1x),
        "tds:GetDot1XConfigurations": _get_dot1x,
        "acertificates:CreateCertificate2": _axis(_create),
        "acertificates:GetPkcs10Request2": _axis(_signing_request),
        "acertificates:LoadPkcs12": _axis(_load_pkcs12),
        "acertificates:ListCertSets": _list_sets,
        "acertificates:GetCertSet": _get_set,
        "acertificates:SetCertSet": _axis(_set_set),
    }
)
