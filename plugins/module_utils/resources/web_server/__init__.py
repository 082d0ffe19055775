# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The web server of a device: the certificate it shows, HTTPS, how to log in, ports.

All of it can cut us off, so it is done in stages. What opens comes first; then it is proven from the outside that the
device shows the wanted certificate and lets us in; only then something is closed. What does not prove itself is put
back as it was.

How HTTPS is reached decides what is proven, and what is refused before anything is sent:

=====================  ==============================================  ===============================================
the connection is      another certificate                             HTTPS only
=====================  ==============================================  ===============================================
HTTP                   the device has to show it: nothing is logged    as with HTTPS, by what validate_certs and
                       in to over HTTPS                                ca_path say; a login over HTTPS has to work
                                                                       before HTTP is closed, and the session goes on
                                                                       over HTTPS
HTTPS, unverified      the device has to show it, then a login         HTTPS has worked since the task began
HTTPS, pinned          refused if it is not the pinned one, unless     the same
                       pin_certificate: then it is the new pin
HTTPS, verified        refused if the CAs we trust have not signed     the same
                       it for this host, unless pin_certificate
=====================  ==============================================  ===============================================

Sources: those of :mod:`web_server_settings`. The page on network settings says what an authentication policy means for
HTTP and HTTPS. Others saw that the web server restarts after a switch, which can take a minute, and that a new
authentication policy takes effect later than param.cgi tells it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import typing as t

from ...crypto import pki, trust
from ...device.changeover import LOOK, Changeover, Way
from ...device.device import Device
from ...model.compare import flatten
from ...model.legacy import (
    ON_UNSUPPORTED,
    Change,
    Document,
    Option,
    Resource,
    Target,
    differences,
    flatten_options,
    resolve_nulls,
)
from ...wire import tls
from ...wire.address import DEFAULT_PORTS
from ...wire.errors import (
    BadAnswer,
    ConnectionFailed,
    InvalidOption,
    NotAllowed,
    NotSupported,
    VapixError,
)
from ..certificate.store import Stored, store_of
from . import settings
from .settings import ADMINISTRATOR, BOTH, ROLES, Reading

#: From this AXIS OS on TLS versions cannot be set: it speaks 1.2 and later.
MODERN_TLS = (12,)

#: How to log in over HTTP and HTTPS, by authentication policy.
_LOGINS = {
    "basic": {"http": "basic", "https": "basic"},
    "digest": {"http": "digest", "https": "digest"},
    "basic_digest": {"http": "digest", "https": "digest"},
    "recommended": {"http": "digest", "https": "basic"},
}
_POLICY = Option(choices=("http", "https", BOTH))


class WebServer(Resource):
    """Options of the web server, in the order in which they are set."""

    name = "web_server"
    options = {
        "certificate": Option(),
        "https": Option("bool"),
        "ciphers": Option("list", elements="str", ordered=False),
        "minimum_tls": Option(choices=("1.0", "1.1", "1.2")),
        "policy": Option("dict", options={"administrator": _POLICY, "operator": _POLICY, "viewer": _POLICY}),
        "authentication": Option(choices=tuple(_LOGINS), null="recommended"),
        "ports": Option(
            "dict", options={scheme: Option("int", null=DEFAULT_PORTS[scheme]) for scheme in ("http", "https")}
        ),
        "pin_certificate": Option("bool", default=False),
        "https_port": Option("int"),
        "reconnect_timeout": Option("int", default=60),
        "on_unsupported": ON_UNSUPPORTED,
    }

    def on(self, device: Device, wanted: Document) -> WebServerTarget:
        return WebServerTarget(device, wanted)


#: What steers the module and is no state of the device.
_STEERING = ("pin_certificate", "https_port", "reconnect_timeout", "on_unsupported")
#: What the certificate that is shown, or the handshake, depends on.
_TLS = ("certificate", "https", "ciphers", "minimum_tls")


class WebServerTarget(Target):
    """The web server of one device."""

    def __init__(self, device: Device, wanted: Document) -> None:
        super().__init__(device, settings.PARAMETERS, wanted["on_unsupported"] == "warn")
        pki.require()
        self._options = flatten_options(WebServer.options)
        state = {path: value for path, value in flatten(wanted).items() if path not in _STEERING}
        self._wanted = resolve_nulls(state, self._options, self)
        self._https_port: int | None = wanted.get("https_port")
        self._may_pin: bool = wanted["pin_certificate"]
        self._seconds: int = wanted["reconnect_timeout"]
        self._last = Reading(None, {})
        self._changeover: Changeover | None = None
        self._certificates: dict[str, Stored] | None = None
        # What the first plan leads to; later ones are made when it is there.
        self._speakable = True
        self._pin: str | None = None
        self._goal: Way = {}
        self._shown: bytes | None = None
        self._shown_at = 0

    # -- reading
    def read(self) -> Reading:
        if self._changeover is not None:
            # The web server may still be restarting.
            return self._changeover.patiently("the settings cannot be read", self._read)
        try:
            return self._read()
        except (ConnectionFailed, BadAnswer, NotAllowed):
            way = self._way_when_done()
            if way is None:
                raise
            try:
                with self.device.session.again(**way) as other:
                    Device(other).param.list("HTTPS")
            except VapixError:
                way = None
            if way is None:
                raise
        self.device.session.move(**way)
        self.device.progress(f"it is at {self.device.session.address.origin} already")
        return self._read()

    def _way_when_done(self) -> Way | None:
        """Where the device is when all is as wanted, if that is elsewhere than the connection options say."""
        address = self.device.session.address
        https = address.scheme == "https" or self._wanted.get(ADMINISTRATOR) == "https"
        scheme = "https" if https else "http"
        usual = address.port if scheme == address.scheme else self._https_port or DEFAULT_PORTS["https"]
        way = {"scheme": scheme, "port": self._wanted.get(f"ports.{scheme}", usual)}
        return None if way == {"scheme": address.scheme, "port": address.port} else way

    def _read(self) -> Reading:
        reading = settings.read(self.device)
        self.api = reading.api
        return reading

    # -- planning
    def plan(self, reading: Reading) -> list[Change]:
        self._last = reading
        current = reading.current
        if not current:
            raise NotSupported(
                "the device tells nothing of its web server, by parameters or SOAP",
                remedy="Check that the account is an administrator's",
                device=str(self.device),
            )
        wanted = self._supported(current)
        after = current | wanted
        self._check(wanted, after)
        chosen = self._choose(wanted["certificate"]) if "certificate" in wanted else None
        seen = self._seen(reading) if current.get("https") else None
        changes = self._differences(current, wanted, chosen, seen)
        shown = self._will_show(after, chosen, seen)
        if self._changeover is None:
            self._shown = shown.der if shown is not None and after.get("https") else None
            self._shown_at = self._port_after("https", changes, after)
            self._goal = self._way_to_go(changes, after)
        self._check_changes(changes, after, shown)
        return changes

    def _supported(self, current: Document) -> Document:
        """What is wanted, as far as the device has it."""
        wanted = dict(self._wanted)
        policy = wanted.get(ADMINISTRATOR, current.get(ADMINISTRATOR))
        for path in ROLES:
            if path in wanted and path not in current and ADMINISTRATOR in current:
                if wanted[path] != policy:
                    self.unsupported(f"have another {path} than {ADMINISTRATOR}, which is {policy}")
                del wanted[path]  # the one policy of the device is for all roles
        if "minimum_tls" in wanted and "minimum_tls" not in current and self.device.axis_os >= MODERN_TLS:
            if wanted["minimum_tls"] != "1.2":
                self.unsupported(f"speak TLS {wanted['minimum_tls']}")
            del wanted["minimum_tls"]
        missing = [path for path in wanted if path not in current]
        if missing:
            self.unsupported(f"set {', '.join(missing)}")
        return {path: value for path, value in wanted.items() if path in current}

    def _choose(self, alias: str) -> Stored:
        """The certificate of an alias."""
        store = store_of(self.device)
        if self._certificates is None:
            self._certificates = store.certificates()
        if alias in self._certificates:
            return self._certificates[alias]
        if alias in store.ca_certificates():
            raise self.invalid(
                f"certificate: {alias!r} is the certificate of a CA, the device has no private key for it",
                "Choose one that the device has a private key for",
            )
        there = ", ".join(map(repr, self._certificates)) or "none"
        raise self.invalid(f"certificate: the device has none with the alias {alias!r}", f"It has {there}")

    def _seen(self, reading: Reading) -> bytes | None:
        """The certificate that HTTPS shows now; None where that cannot be seen from here."""
        address = self.device.session.address
        if address.proxy:
            return None
        port = self._port_of("https", reading.current)
        return tls.presented_certificate(address.host, port, min(address.timeout, LOOK))

    def _port_of(self, scheme: str, settings: Document) -> int:
        """The port at which the device is reached."""
        address = self.device.session.address
        if address.scheme == scheme:
            return address.port
        told = self._https_port if scheme == "https" else None
        return told or settings.get(f"ports.{scheme}", DEFAULT_PORTS[scheme])

    def _port_after(self, scheme: str, changes: t.Sequence[Change], after: Document) -> int:
        """The port at which the device is reached when all is set. One that stays may be behind another."""
        moved = {change.path: change.after for change in changes}
        return moved.get(f"ports.{scheme}", self._port_of(scheme, after))

    def _differences(
        self, current: Document, wanted: Document, chosen: Stored | None, seen: bytes | None
    ) -> list[Change]:
        """The changes, also where another certificate is shown than the settings say."""
        changes = {change.path: change for change in differences(current, wanted, self._options)}
        if chosen is not None and seen not in (None, chosen.der) and "certificate" not in changes:
            another = f"shows another one, of {pki.named(pki.from_der(seen))}"
            changes["certificate"] = Change("certificate", another, chosen.alias)
        return [
            dataclasses.replace(changes[path], risk=self._risk(changes[path]))
            for path in self._options
            if path in changes
        ]

    def _risk(self, change: Change) -> str:
        moves = change.path == ADMINISTRATOR and change.after == "https" and self._by_http
        return "moves_address" if moves or change.path.startswith("ports.") else "restarts_service"

    @property
    def _by_http(self) -> bool:
        return self.device.session.address.scheme == "http"

    def _will_show(self, after: Document, chosen: Stored | None, seen: bytes | None) -> Stored | None:
        """The certificate that is shown when all is set; None where that is not known."""
        if chosen is not None or not after.get("https"):
            return chosen
        alias = after.get("certificate")
        if seen is not None:
            return Stored(alias or "", (seen,))
        if alias is None:
            return None
        with contextlib.suppress(NotSupported, InvalidOption):
            return self._choose(alias)
        return None

    def _way_to_go(self, changes: t.Sequence[Change], after: Document) -> Way:
        """How the device is reached when all is set."""
        closes_http = any((change.path, change.after) == (ADMINISTRATOR, "https") for change in changes)
        scheme = "https" if not self._by_http or closes_http else "http"
        return {"scheme": scheme, "port": self._port_after(scheme, changes, after)}

    @property
    def _moves(self) -> bool:
        """Whether the connection is HTTP now, and is to be HTTPS."""
        return self._by_http and self._goal["scheme"] == "https"

    # -- what cannot be right
    def _check(self, wanted: Document, after: Document) -> None:
        """Refuse what cannot be right in itself, or leaves no way to the device."""
        if self._seconds < 1:
            raise self.invalid(f"reconnect_timeout is {self._seconds}", "Give 1 or more seconds")
        if "ciphers" in wanted:
            self._check_ciphers(wanted["ciphers"])
        off = not after.get("https")
        for path in ROLES:
            if off and wanted.keys() & {path, "https"} and after.get(path) == "https":
                raise self.invalid(f"{path} is https, but HTTPS is off", "Set https: true as well")
        if not off and "https" in wanted and "certificate" in after and after["certificate"] is None:
            raise self.invalid("https: no certificate is chosen", "Give the option certificate")
        closing = off or after.get(ADMINISTRATOR) == "http"
        if closing and not self._by_http and wanted.keys() & {"https", ADMINISTRATOR}:
            what = "https: false" if off else f"{ADMINISTRATOR}: http"
            raise self.invalid(
                f"{what} would close the connection in use, which is HTTPS",
                "Set scheme: http for this task, if it is meant",
            )
        for path in ("ports.http", "ports.https"):
            if path in wanted and not 1 <= wanted[path] <= 65535:
                raise self.invalid(f"{path}: {wanted[path]} is not between 1 and 65535", "Correct it")
        if wanted.keys() & {"ports.http", "ports.https"} and after.get("ports.http") == after.get("ports.https"):
            raise self.invalid(f"ports: HTTP and HTTPS would both be at {after['ports.http']}", "Give two ports")

    def _check_ciphers(self, ciphers: list[str]) -> None:
        if not ciphers or len(set(ciphers)) < len(ciphers):
            raise self.invalid("ciphers: none, or one of them twice", "Give each cipher suite once")
        known = trust.known_ciphers() | set(self._last.current["ciphers"])
        for name in ciphers:
            if name.startswith("TLS_"):
                raise self.invalid(f"ciphers: {name} is one of TLS 1.3, which cannot be set", "Leave it out")
            if name not in known:
                raise self.invalid(
                    f"ciphers: neither the device nor OpenSSL here has a cipher suite {name!r}",
                    "Write it like ECDHE-RSA-AES128-GCM-SHA256",
                )

    def _check_changes(self, changes: t.Sequence[Change], after: Document, shown: Stored | None) -> None:
        """Refuse changes that would cut us off."""
        paths = {change.path for change in changes}
        if after.get("https") and paths & set(_TLS):
            self._check_handshake(after, shown, "certificate" in paths or self._goal["scheme"] == "https")
        if paths and shown is not None and (self._moves or (not self._by_http and "certificate" in paths)):
            self._check_trust(shown)
        if "authentication" in paths:
            self._check_authentication(after["authentication"])
        # What counts is the port that is in use afterwards, which is another than now when HTTP is closed.
        scheme = self._goal["scheme"]
        own = f"ports.{scheme}"
        port = self._port_of(scheme, self._last.current)
        if own in paths and port != self._last.current[own]:
            raise self.invalid(
                f"{own}: {scheme.upper()} is reached at port {port}, while the device itself is at "
                f"{self._last.current[own]}; where it would be afterwards is not known here",
                "Change it from where the device is reached directly",
            )

    def _check_handshake(self, after: Document, shown: Stored | None, needed: bool) -> None:
        """Whether HTTPS can be looked at from here. :param needed: it has to be."""
        key_type = None if shown is None else pki.key_type(pki.from_der(shown.der))
        self._speakable = trust.speakable(after.get("ciphers", ()), key_type)
        if needed and not self._speakable:
            suits = f" that suits a certificate with a key of {key_type}" if key_type else ""
            raise self.invalid(
                f"ciphers: OpenSSL here speaks none of {', '.join(after.get('ciphers', ()))}{suits}",
                "Add one, for example ECDHE-RSA-AES128-GCM-SHA256 or ECDHE-ECDSA-AES128-GCM-SHA256",
            )

    def _check_trust(self, shown: Stored) -> None:
        """Whether we would still be let in by our own trust."""

        def others() -> t.Iterable[bytes]:
            with contextlib.suppress(NotSupported):
                return [one for stored in store_of(self.device).ca_certificates().values() for one in stored.chain]
            return []

        certificate = pki.from_der(shown.der)
        reason = trust.why_not(self.device.session.address, shown.chain, others)
        if reason is None:
            return
        fingerprint = pki.fingerprint_sha256(certificate)
        if not self._may_pin:
            raise self.invalid(
                f"over HTTPS the device would show the certificate of {pki.named(certificate)}, which this connection "
                f"does not accept: {reason}",
                "Set ca_path or fingerprint so that it does, or pin_certificate: true to go on with this certificate "
                f"pinned. Its SHA-256 fingerprint is {fingerprint}",
            )
        self._pin = fingerprint

    def _check_authentication(self, policy: str) -> None:
        there = settings.logins(self.device)
        if there and policy not in map(str.casefold, there):
            raise self.invalid(f"authentication: the device has no {policy!r}", f"It has {', '.join(there)}")
        if self._goal["scheme"] == "http" and _LOGINS[policy]["http"] == "basic":
            raise self.invalid(
                f"authentication: {policy} makes us send the password in clear over HTTP",
                "Use HTTPS (scheme: https), or another policy",
            )

    # -- writing
    def write(self, changes: t.Sequence[Change]) -> None:
        current = self._last.current
        values = {change.path: change.after for change in changes}
        opened, closed = _stages(values, current)
        https = bool((current | values).get("https"))
        self._changeover = changeover = Changeover(
            self.device,
            functools.partial(settings.write, self.device, self._last),
            current,
            self._seconds,
            split=functools.partial(settings.by_request, self._last),
            https_port=self._port_of("https", current),
            certificate=self._shown,
            pin=self._pin,
        )
        if opened:
            changeover.open(opened, https and self._speakable and not opened.keys().isdisjoint(_TLS))
        if closed:
            way_back: Way = {}
            if self._moves:
                way_back = {"scheme": "http", "port": self.device.session.address.port}
                changeover.go_on_over_https(at_once=not opened)
            elif self._by_http and "https" in closed.values():
                changeover.prove_https(at_once=not opened)
            changeover.close(closed, way_back)
        if "authentication" in values:
            policy = values["authentication"]
            scheme = _LOGINS[policy][self.device.session.address.scheme]
            changeover.authentication({"authentication": policy}, scheme, exactly=policy != "basic_digest")
        ports = {path: value for path, value in values.items() if path.startswith("ports.")}
        if ports:
            own = ports.get(f"ports.{self.device.session.address.scheme}")
            # Where HTTPS is reached by a way of its own, it is not known where that leads afterwards.
            changeover.ports(ports, own, https and self._https_port is None)

    # -- outcome
    def outcome(self) -> Document:
        address = self.device.session.address
        fingerprint = self._pin or (address.fingerprint and tls.normalize_fingerprint(address.fingerprint))
        return {
            "connection": {**self._goal, "fingerprint": fingerprint if self._goal["scheme"] == "https" else None},
            "served": self._served(fingerprint),
        }

    def _served(self, pinned: str | None) -> Document | None:
        if self._shown is None:
            return None
        told = pki.describe(pki.from_der(self._shown))
        return {
            **{name: told[name] for name in ("fingerprint_sha256", "subject", "issuer", "not_after")},
            "port": self._shown_at,
            "verified_by": self._verified_by(pinned),
        }

    def _verified_by(self, pinned: str | None) -> str:
        if self._goal["scheme"] == "https" and (pinned or self.device.session.address.validate_certs):
            return "fingerprint" if pinned else "ca"
        return "comparison" if "certificate" in self._wanted else "nothing"


def _stages(values: Document, current: Document) -> tuple[Document, Document]:
    """What is to be set before HTTPS is proven, and what closes something and has to wait for that."""
    opened = {path: values[path] for path in _TLS if path in values}
    closed: Document = {}
    if values.get("https") is False:
        closed["https"] = opened.pop("https")
    for path in ROLES:
        if path in values:
            if current.get(path) != BOTH:
                opened[path] = BOTH
            if values[path] != BOTH:
                closed[path] = values[path]
    return opened, closed


DECLARED = WebServer()
