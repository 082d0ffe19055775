# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What is refused before anything is sent. Each check yields problem and remedy."""

from __future__ import annotations

import typing as t

from ...crypto import pki, trust
from ...model.change import Change
from ...model.option import Document
from .options import LOGINS
from .plan import TLS, Outlook, Reading, speakable
from .settings import ADMINISTRATOR, ROLES

Problems = t.Iterator[tuple[str, str]]
_PORTS = {"ports.http", "ports.https"}


def settings(wanted: Document, reading: Reading) -> Problems:
    """What cannot be right in itself, or leaves no way to the device."""
    current = reading.values
    after = current | wanted
    yield from _ciphers(wanted.get("ciphers", ()), current)
    off = not after.get("https")
    for path in ROLES:
        if off and wanted.keys() & {path, "https"} and after.get(path) == "https":
            yield f"{path} is https, but HTTPS is off", "Set https: true as well"
    if not off and "https" in wanted and "certificate" in after and after["certificate"] is None:
        yield "https: no certificate is chosen", "Give the option certificate"
    closing = off or after.get(ADMINISTRATOR) == "http"
    if closing and not reading.by_http and wanted.keys() & {"https", ADMINISTRATOR}:
        what = "https: false" if off else f"{ADMINISTRATOR}: http"
        yield f"{what} would close the connection in use, which is HTTPS", "Set scheme: http for this task"
    if wanted.keys() & _PORTS and after.get("ports.http") == after.get("ports.https"):
        yield f"ports: HTTP and HTTPS would both be at {after['ports.http']}", "Give two ports"


def _ciphers(ciphers: t.Iterable[str], current: Document) -> Problems:
    known = trust.known_ciphers()
    for name in ciphers:
        if name in current.get("ciphers", ()):
            continue
        if name.startswith("TLS_"):
            yield f"ciphers: {name} is one of TLS 1.3, which cannot be set", "Leave it out"
        elif name not in known:
            yield (
                f"ciphers: neither the device nor OpenSSL here has a cipher suite {name!r}",
                "Write it like ECDHE-RSA-AES128-GCM-SHA256",
            )


def certificate(alias: str, reading: Reading) -> Problems:
    """An alias that the device has no private key for."""
    if alias in reading.cas:
        yield (
            f"certificate: {alias!r} is the certificate of a CA, the device has no private key for it",
            "Choose one that the device has a private key for",
        )
    elif alias not in reading.certificates:
        there = ", ".join(map(repr, reading.certificates)) or "none"
        yield f"certificate: the device has none with the alias {alias!r}", f"It has {there}"


def changes(made: t.Sequence[Change], wanted: Document, reading: Reading, goal: Outlook) -> Problems:
    """Changes that would cut us off."""
    paths = {change.path for change in made}
    after = reading.values | wanted
    needed = "certificate" in paths or goal.scheme == "https"
    if after.get("https") and paths & set(TLS) and needed and not speakable(reading, wanted, goal.shown):
        key_type = None if goal.shown is None else pki.key_type(pki.from_der(goal.shown.der))
        suits = f" that suits a certificate with a key of {key_type}" if key_type else ""
        yield (
            f"ciphers: OpenSSL here speaks none of {', '.join(after.get('ciphers', ()))}{suits}",
            "Add one, for example ECDHE-RSA-AES128-GCM-SHA256 or ECDHE-ECDSA-AES128-GCM-SHA256",
        )
    if "authentication" in paths:
        yield from _authentication(after["authentication"], reading, goal)
    # What counts is the port that is in use afterwards, which is another than now when HTTP is closed.
    own = f"ports.{goal.scheme}"
    if own in paths and reading.port(goal.scheme) != reading.values[own]:
        yield (
            f"{own}: {goal.scheme.upper()} is reached at port {reading.port(goal.scheme)}, while the device itself is "
            f"at {reading.values[own]}; where it would be afterwards is not known here",
            "Change it from where the device is reached directly",
        )


def _authentication(policy: str, reading: Reading, goal: Outlook) -> Problems:
    if reading.logins and policy not in map(str.casefold, reading.logins):
        yield f"authentication: the device has no {policy!r}", f"It has {', '.join(reading.logins)}"
    if goal.scheme == "http" and LOGINS[policy]["http"] == "basic":
        yield (
            f"authentication: {policy} makes us send the password in clear over HTTP",
            "Use HTTPS (scheme: https), or another policy",
        )
