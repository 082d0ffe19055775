# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``cert.v1``: Certificate Management page; certificates, keystores and settings are recorded on 12.11.

Known: a key type the keystore does not have is code 5, one that needs maintenance first code 100. Assumed: code 5 for
all else that is refused, a certificate in use or of the factory among it; that plain HTTP is served, too, though the
page asks for a secured channel.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import wraps
from typing import Any

from cryptography.hazmat.primitives import serialization

from certificates import (
    Keystore,
    StoreError,
    pair,
    read_base64,
    read_key,
    read_names,
    read_pem,
    read_pkcs12,
    read_subject,
    request_for,
)
from exchange import Request
from handlers._base import ADMIN
from handlers._rest import VALIDATION, Action, Collection, Entity, Invalid, Property, RestApi, members

_MAINTENANCE = 100
_YEAR = datetime.timedelta(days=365)


def _refusals(run: Callable[..., Any]) -> Callable[..., Any]:
    """What the store refuses, as errors of this API."""

    @wraps(run)
    def wrapped(*arguments: Any) -> Any:
        try:
            return run(*arguments)
        except StoreError as error:
            raise Invalid(error.text, _MAINTENANCE if error.kind == "maintenance" else VALIDATION) from None

    return wrapped


@_refusals
def _add(request: Request, data: Any) -> None:
    given = members(data, ("alias", "certificate", "private_key"), ("keystore",))
    key = read_key(_bytes(given["private_key"]), pem=True)
    request.state.certificates.add(given["alias"], pair(read_pem(given["certificate"]), key), given.get("keystore"))


@_refusals
def _add_ca(request: Request, data: Any) -> None:
    given = members(data, ("alias", "certificate"))
    request.state.certificates.add_ca(given["alias"], read_pem(given["certificate"]))


@_refusals
def _create(request: Request, data: Any) -> None:
    given = members(data, ("alias", "subject"), ("key_type", "keystore", "subject_alt_names", "valid_from", "valid_to"))
    if not given["subject"]:
        raise Invalid("subject is empty")
    begin = _moment(given.get("valid_from"), request.state.now())
    request.state.certificates.create(
        given["alias"],
        given.get("key_type"),
        given.get("keystore"),
        read_subject(given["subject"]),
        read_names(given.get("subject_alt_names", [])),
        begin,
        _moment(given.get("valid_to"), begin + _YEAR),
    )


@_refusals
def _install(request: Request, data: Any) -> None:
    given = members(data, ("alias", "pkcs12", "passphrase"), ("keystore",))
    for name in ("pkcs12", "passphrase"):
        _bytes(given[name])
    material = read_pkcs12(read_base64(given["pkcs12"]), given["passphrase"])
    request.state.certificates.add(given["alias"], material, given.get("keystore"))


@_refusals
def _signing_request(alias: str, request: Request, data: Any) -> str:
    given = members(data, (), ("subject", "subject_alt_names"))
    entry = request.state.certificates.get(alias)
    assert entry is not None
    subject = read_subject(given["subject"]) if "subject" in given else None
    names = read_names(given["subject_alt_names"]) if "subject_alt_names" in given else None
    return request_for(entry, subject, names).public_bytes(serialization.Encoding.PEM).decode()


@_refusals
def _replace(alias: str, request: Request, data: dict[str, Any]) -> None:
    request.state.certificates.replace(alias, read_pem(data.get("certificate")))


@_refusals
def _remove(alias: str, request: Request) -> None:
    request.state.certificates.remove(alias, request.state)


@_refusals
def _set_keystore(request: Request, data: Any) -> None:
    request.state.certificates.set_default_keystore(data)


def _bytes(text: Any) -> bytes:
    if not isinstance(text, str):
        raise Invalid("a string is expected")
    return text.encode()


def _moment(seconds: Any, default: datetime.datetime) -> datetime.datetime:
    if seconds is None:
        return default
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        raise Invalid("seconds since 1970 are expected")
    try:
        return datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    except (OverflowError, OSError, ValueError):
        raise Invalid("the time is out of range") from None


def _entity(alias: str, with_key: bool) -> Entity:
    def entry(request: Request) -> Any:
        return request.state.certificates.get(alias)

    children: dict[str, Any] = {
        "alias": Property(lambda request: alias),
        "certificate": Property(
            lambda request: entry(request).pem, lambda request, data: _replace(alias, request, {"certificate": data})
        ),
    }
    if with_key:
        children["keystore"] = Property(lambda request: entry(request).keystore)
        children["get_csr"] = Action(lambda request, data: _signing_request(alias, request, data), ADMIN, write=False)
    return Entity(
        children,
        lambda request, data: _replace(alias, request, data),
        lambda request: _remove(alias, request),
    )


def _aliases(ca: bool) -> Callable[[Request], list[str]]:
    return lambda request: request.state.certificates.aliases(ca)


def _keystore(id_: str) -> Entity:
    def property_of(read: Callable[[Keystore], Any]) -> Property:
        return Property(
            lambda request: read(next(one for one in request.state.certificates.equipment.keystores if one.id == id_))
        )

    return Entity(
        {
            "certifications": property_of(lambda one: list(one.certifications)),
            "id": property_of(lambda one: one.id),
            "key_types": property_of(lambda one: list(one.key_types)),
            "security_level": property_of(lambda one: one.level),
        }
    )


ROOT = Entity(
    {
        "create_certificate": Action(_create, ADMIN, write=True),
        "install_from_pkcs12": Action(_install, ADMIN, write=True),
        "ca_certificates": Collection(_aliases(ca=True), lambda alias: _entity(alias, with_key=False), _add_ca),
        "certificates": Collection(_aliases(ca=False), lambda alias: _entity(alias, with_key=True), _add),
        "keystores": Collection(
            lambda request: [one.id for one in request.state.certificates.equipment.keystores], _keystore
        ),
        "settings": Entity(
            {"keystore": Property(lambda request: request.state.certificates.keystore, _set_keystore)},
            lambda request, data: _set_keystore(request, data.get("keystore")),
        ),
    }
)

REST = RestApi("cert", "v1", ROOT, {"axis-os-12": "1.1.2"})
