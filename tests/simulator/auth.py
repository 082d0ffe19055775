# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP authentication as the devices do it: Digest (MD5, qop=auth) and Basic.

Recorded: the challenge ``Digest realm="AXIS_<SERIAL>", nonce="<12 characters>=<40 hex>", algorithm=MD5, qop="auth"``
on 9.80 and 12.11, and on 12.11 Digest only on HTTP, Basic only on HTTPS. The nonce has the shape Apache's
mod_auth_digest gives it: the time in base64 and a hash over it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
import struct
import time

from exchange import Request
from state import Device, User

_SECRET = os.urandom(16)
_PAIR = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
# A device cannot remember nonces without end; the oldest are forgotten, which makes them stale.
_KEPT_NONCES = 256
_METHODS = {
    "basic": ("basic",),
    "digest": ("digest",),
    # Both are offered; real order unknown, Digest first as the stronger one.
    "basic_digest": ("digest", "basic"),
}


def offered(request: Request) -> tuple[str, ...]:
    """The methods the device offers on this connection."""
    policy = request.state.policy()
    if policy == "recommended":
        return ("basic",) if request.scheme == "https" else ("digest",)
    return _METHODS.get(policy, ("digest",))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("latin-1", "replace"), usedforsecurity=False).hexdigest()


def _new_nonce(device: Device) -> str:
    stamp = base64.b64encode(struct.pack("<Q", time.time_ns() // 1000)).decode()
    nonce = stamp + hashlib.sha1(stamp.encode() + device.serial.encode() + _SECRET, usedforsecurity=False).hexdigest()
    device.nonces[nonce] = set()
    if len(device.nonces) > _KEPT_NONCES:
        del device.nonces[next(iter(device.nonces))]
    return nonce


def _age(nonce: str) -> float:
    return time.time() - struct.unpack("<Q", base64.b64decode(nonce[:12]))[0] / 1e6


def challenges(request: Request, stale: bool) -> list[str]:
    """The WWW-Authenticate headers of a 401."""
    device, headers = request.device, []
    for method in offered(request):
        if method == "basic":
            headers.append(f'Basic realm="{device.realm}"')
        else:
            nonce, mark = _new_nonce(device), ", stale=true" if stale else ""
            headers.append(f'Digest realm="{device.realm}", nonce="{nonce}", algorithm=MD5{mark}, qop="auth"')
    return headers


class Refused(Exception):
    """No login: ``stale`` when only the nonce is too old, ``wrong`` when it was the user name or the password."""

    def __init__(self, *, stale: bool = False, wrong: bool = False) -> None:
        super().__init__()
        self.stale, self.wrong = stale, wrong


def check(request: Request, header: str | None) -> tuple[str, User]:
    """The account a request is signed by."""
    if not header:
        raise Refused
    scheme, _mark, rest = header.partition(" ")
    scheme = scheme.lower()
    if scheme not in offered(request):
        raise Refused
    if scheme == "basic":
        return _basic(request, rest)
    return _digest(request, rest)


def _basic(request: Request, text: str) -> tuple[str, User]:
    try:
        name, _mark, password = base64.b64decode(text.strip(), validate=True).decode("utf-8", "replace").partition(":")
    except binascii.Error:
        raise Refused from None
    user = request.state.users.get(name)
    if user is None or user.password != password:
        raise Refused(wrong=True)
    return name, user


def _digest(request: Request, text: str) -> tuple[str, User]:
    device = request.device
    fields = {match[1].lower(): match[2] if match[2] is not None else match[3] for match in _PAIR.finditer(text)}
    try:
        name, nonce, uri, count = fields["username"], fields["nonce"], fields["uri"], int(fields["nc"], 16)
        client_nonce, response = fields["cnonce"], fields["response"]
    except (KeyError, ValueError):
        raise Refused from None
    if fields.get("realm") != device.realm or fields.get("qop") != "auth":
        raise Refused
    if fields.get("algorithm", "MD5").upper() != "MD5" or not _same_target(uri, request.target):
        raise Refused
    user = request.state.users.get(name)
    if user is None:
        raise Refused(wrong=True)
    key = (name, user.password)
    first = device.ha1.get(key)
    if first is None:
        first = device.ha1[key] = _md5(f"{name}:{device.realm}:{user.password}")
    second = _md5(f"{request.method}:{uri}")
    if response != _md5(f"{first}:{nonce}:{fields['nc']}:{client_nonce}:auth:{second}"):
        raise Refused(wrong=True)
    seen = device.nonces.get(nonce)
    if seen is None or _age(nonce) > device.profile.nonce_lifetime or count in seen:
        # Forgotten, too old, or a replayed counter: the answer was right, so a new nonce will do.
        raise Refused(stale=True)
    seen.add(count)
    return name, user


def _same_target(uri: str, target: str) -> bool:
    """Exactly the request target, or its path only: one client signs without the query and it works [claimed]."""
    return uri == target or uri == target.partition("?")[0]
