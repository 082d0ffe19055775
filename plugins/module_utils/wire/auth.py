# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""HTTP authentication as Axis devices want it: answer the challenge that was given, never guess by firmware.

Sources: VAPIX "Authentication"; RFC 7235 (challenges), RFC 7616 (Digest), RFC 7617 (Basic). Real devices offer Digest
on HTTP and, from AXIS OS 12, only Basic on HTTPS. Basic is used inside TLS only: over plain HTTP it would show the
password to everyone on the network.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import typing as t

_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
_CHALLENGE = re.compile(r"(?:^|,)\s*(?P<scheme>[A-Za-z][A-Za-z0-9-]*)(?=\s+[A-Za-z0-9_-]+\s*=|\s*(?:,|$))")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_PARAMETER = re.compile(r'(?P<name>[A-Za-z0-9_-]+)\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<token>[^\s,"]+))')
#: What is read of a header, in characters: several times a real one. Reading takes time by the square of its length.
_MAX_HEADER = 2048


def parse_challenges(header: str) -> dict[str, dict[str, str]]:
    """Parse a ``WWW-Authenticate`` value (several may be joined by commas) into ``{scheme: {parameter: value}}``.

    Scheme and parameter names come back in lower case. Of several challenges of one scheme the first is kept, except
    that a Digest challenge with an algorithm we know is preferred.
    """
    found: dict[str, dict[str, str]] = {}
    header = header[:_MAX_HEADER]
    unquoted = _QUOTED.sub(lambda match: '"' + "." * (len(match[0]) - 2) + '"', header)
    starts = list(_CHALLENGE.finditer(unquoted))
    for index, start in enumerate(starts):
        end = starts[index + 1].start() if index + 1 < len(starts) else len(header)
        parameters = {
            match["name"].lower(): match["token"] or re.sub(r"\\(.)", r"\1", match["quoted"])
            for match in _PARAMETER.finditer(header, start.end("scheme"), end)
        }
        scheme = start["scheme"].lower()
        if scheme not in found or (scheme == "digest" and not _digest_usable(found[scheme])):
            found[scheme] = parameters
    return found


def _digest_usable(challenge: t.Mapping[str, str]) -> bool:
    qop = challenge.get("qop")
    return challenge.get("algorithm", "MD5").upper() in _HASHES and (
        qop is None or "auth" in [item.strip() for item in qop.split(",")]
    )


class Authenticator:
    """Credentials of one device and what has been learnt about how it wants them.

    Digest keeps the nonce and counts its uses, so that one challenge serves the whole session (RFC 7616, section 3.4).
    """

    def __init__(self, username: str | None, password: str | None) -> None:
        self.username = username
        self._password = password
        self._scheme: str | None = None
        self._challenge: dict[str, str] = {}
        self._uses = 0

    def __repr__(self) -> str:
        return f"Authenticator(username={self.username!r})"

    @property
    def has_credentials(self) -> bool:
        return self.username is not None and self._password is not None

    @property
    def credentials(self) -> tuple[str | None, str | None]:
        """Username and password, for another session."""
        return self.username, self._password

    @property
    def ready(self) -> bool:
        """True when the next request can carry credentials without being asked first."""
        return self._scheme is not None

    def accept(self, header: str, *, encrypted: bool) -> str | None:
        """Choose a scheme from a challenge; return None when it can be answered, else the reason why not."""
        offered = parse_challenges(header)
        if "digest" in offered and _digest_usable(offered["digest"]) and {"realm", "nonce"} <= offered["digest"].keys():
            self._scheme, self._challenge, self._uses = "digest", offered["digest"], 0
            return None
        if "basic" in offered:
            if not encrypted:
                return "it wants the password unprotected (Basic) over plain HTTP"
            self._scheme = "basic"
            return None
        return f"it offers no authentication scheme that is supported here ({header!r})"

    def authorization(self, method: str, target: str) -> str | None:
        """The ``Authorization`` header value for a request.

        :param method: HTTP verb.
        :param target: the exact request target including the query, as it goes over the wire.
        """
        if self._scheme == "basic":
            token = f"{self.username}:{self._password}".encode()
            return "Basic " + base64.b64encode(token).decode("ascii")
        if self._scheme == "digest":
            self._uses += 1
            return digest_response(
                self._challenge,
                self.username or "",
                self._password or "",
                method,
                target,
                self._uses,
                os.urandom(8).hex(),
            )
        return None


def digest_response(
    challenge: t.Mapping[str, str], username: str, password: str, method: str, target: str, uses: int, cnonce: str
) -> str:
    """Compute the Digest ``Authorization`` value (RFC 7616, section 3.4.1; without qop as RFC 2069 did).

    :param uses: how many requests, this one included, used the nonce.
    """
    algorithm = challenge.get("algorithm", "MD5").upper()

    def h(*parts: str) -> str:
        return _HASHES[algorithm](":".join(parts).encode("utf-8")).hexdigest()

    realm, nonce = challenge["realm"], challenge["nonce"]
    a1, a2 = h(username, realm, password), h(method, target)
    fields = {"username": username, "realm": realm, "nonce": nonce, "uri": target}
    if "qop" in challenge:
        count = f"{uses:08x}"
        fields["response"] = h(a1, nonce, count, cnonce, "auth", a2)
        bare = f", algorithm={algorithm}, qop=auth, nc={count}"
        fields["cnonce"] = cnonce
    else:
        fields["response"] = h(a1, nonce, a2)
        bare = f", algorithm={algorithm}"
    if "opaque" in challenge:
        fields["opaque"] = challenge["opaque"]
    quoted = ", ".join(f'{name}="{_escape(value)}"' for name, value in fields.items())
    return f"Digest {quoted}{bare}"


def _escape(value: str) -> str:
    return re.sub(r'(["\\])', r"\\\1", value)
