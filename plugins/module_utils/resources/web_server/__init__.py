# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The web server of a device: the certificate it shows, HTTPS, how to log in, ports.

All of it can cut us off, so it comes last, and is done in steps. What opens comes first; then it is proven from the
outside that the device shows the wanted certificate and lets us in; only then something is closed. What does not prove
itself is put back as it was.

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

A certificate that an earlier step of the same plan brings is not known before: it is looked at, and refused for the
same reasons, just before it is chosen.

Sources: those of :mod:`.settings`. The page on network settings says what an authentication policy means for HTTP and
HTTPS. Others saw that the web server restarts after a switch, which can take a minute, and that a new authentication
policy takes effect later than param.cgi tells it.
"""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from ...crypto import pki
from ...device.changeover import LOOK, Changeover, Request, Way, listens, patiently
from ...device.device import Device
from ...model.change import Call, Change, Plan
from ...model.compare import differences, flatten, nest
from ...model.field import MISSING
from ...model.option import Document
from ...model.resource import Planner, Resource, Target, World
from ...model.shapes.document import resolve_nulls
from ...wire import tls
from ...wire.address import DEFAULT_PORTS
from ...wire.errors import BadAnswer, ConnectionFailed, NotAllowed, NotSupported, VapixError
from ..certificate.store import Stored, store_of
from . import checks, settings
from .options import OLD_LOGIN, OPTIONS, RETURNS, STATE
from .plan import Outlook, Reading, Steps, fingerprint, outlook, speakable
from .settings import ADMINISTRATOR, APIS, OWNED, ROLES

#: From this AXIS OS on TLS versions cannot be set: it speaks 1.2 and later.
MODERN_TLS = (12,)
#: The calls of a plan: methods of a changeover.
_CALLS = frozenset({"open", "prove_https", "go_on_over_https", "go_on", "close", "authentication", "ports"})
#: Those that look at HTTPS from here.
_LOOKING = frozenset({"prove_https", "go_on_over_https"})


class WebServer(Resource):
    """The web server: declared once, for every device."""

    name = "web_server"
    options = OPTIONS
    returns = RETURNS
    apis = APIS
    parameters = OWNED
    after = ("certificate",)
    requirements = ("requests", "cryptography", "deepdiff", "defusedxml")

    def on(self, device: Device, wanted: Document) -> WebServerTarget:
        return WebServerTarget(self, device, wanted)


class WebServerTarget(Target):
    """The web server of one device."""

    def __init__(self, resource: WebServer, device: Device, wanted: Document) -> None:
        pki.require()
        super().__init__(resource, device, wanted)
        flat = {path: value for path, value in flatten(wanted).items() if path in STATE}
        self._flat = resolve_nulls(flat, STATE, self)
        self._any_login = "authentication" in wanted and wanted["authentication"] is None
        self._https_port: int | None = wanted.get("https_port")
        self._may_pin: bool = wanted.get("pin_certificate", False)
        self._seconds: int = wanted.get("reconnect_timeout", OPTIONS["reconnect_timeout"].default)
        # Something was sent: the web server may be restarting.
        self._restarts = False
        ciphers = self._flat.get("ciphers", ())
        if len(set(ciphers)) < len(ciphers):
            raise self.invalid("ciphers: one of them is there twice", "Give each cipher suite once")

    def api_of(self, reading: Reading) -> str:
        return reading.settings.api

    # -- reading
    def read(self) -> Reading:
        if self._restarts:
            return patiently(self.device, "the settings cannot be read", self._read, self._seconds)
        try:
            return self._read()
        except (ConnectionFailed, BadAnswer, NotAllowed):
            way = self._way_when_done()
            if way is None or not self._answers(way):
                raise
        self.device.session.move(**way)
        self.device.remember()
        self.device.progress(f"it is at {self.device.session.address.origin} already")
        return self._read()

    def _way_when_done(self) -> Way | None:
        """Where the device is when all is as wanted, if that is elsewhere than the connection options say."""
        address = self.device.session.address
        https = address.scheme == "https" or self._flat.get(ADMINISTRATOR) == "https"
        scheme = "https" if https else "http"
        usual = address.port if scheme == address.scheme else self._https_port or DEFAULT_PORTS["https"]
        way = {"scheme": scheme, "port": self._flat.get(f"ports.{scheme}", usual)}
        return None if way == {"scheme": address.scheme, "port": address.port} else way

    def _answers(self, way: Way) -> bool:
        try:
            with self.device.session.again(**way) as other:
                Device(other).param.list("HTTPS")
        except VapixError:
            return False
        return True

    def _read(self) -> Reading:
        held = settings.read(self.device)
        if not held.values:
            raise self.lacking(APIS)
        reading = Reading(held, self.device.session.address, self._https_at(held.values))
        changed = {path for path, value in self._flat.items() if held.values.get(path) != value}
        more: dict[str, t.Any] = {"seen": self._seen(reading) if held.values.get("https") else None}
        if "authentication" in changed:
            more["logins"] = settings.logins(self.device)
        if "minimum_tls" in changed and "minimum_tls" not in held.values:
            more["modern"] = self.device.axis_os >= MODERN_TLS
        return self._with_certificates(dataclasses.replace(reading, **more))

    def _https_at(self, values: Document) -> int:
        """The port at which HTTPS is reached."""
        address = self.device.session.address
        if address.scheme == "https":
            return address.port
        return t.cast(int, self._https_port or values.get("ports.https", DEFAULT_PORTS["https"]))

    def _seen(self, reading: Reading) -> bytes | None:
        """The certificate that HTTPS shows now; None where that cannot be seen from here."""
        address = reading.address
        if address.proxy:
            return None
        return tls.presented_certificate(address.host, reading.https_port, min(address.timeout, LOOK))

    def _with_certificates(self, reading: Reading) -> Reading:
        """A reading with the certificates that planning needs."""
        alias = self._flat.get("certificate")
        https = (reading.values | self._flat).get("https")
        if alias is not None or (https and reading.seen is None and reading.values.get("certificate")):
            reading = dataclasses.replace(reading, certificates=self._stored())
        shown = reading.will_show(self._flat)
        unknown = alias is not None and alias not in reading.certificates
        trusts = "certificate" if not reading.by_http else ADMINISTRATOR
        if unknown or (trusts in self._flat and https and shown is not None and reading.doubt(shown)):
            reading = dataclasses.replace(reading, cas=self._stored(cas=True))
        return reading

    def _stored(self, cas: bool = False) -> dict[str, Stored]:
        """The certificates of the device, by alias. :param cas: those of CAs, not those with a private key."""
        try:
            store = store_of(self.device)
            return store.ca_certificates() if cas else store.certificates()
        except NotSupported:
            return {}

    def current(self, reading: Reading) -> Document:
        """See :meth:`Target.current`. What the options have no word for is left out."""
        found = {path: value for path, value in reading.values.items() if value not in (None, [])}
        return nest({path: value for path, value in found.items() if value in (STATE[path].choices or (value,))})

    def shows(self, change: Change, reading: Reading) -> t.Any:
        return reading.values.get(change.path, MISSING)

    # -- planning
    def plan(self, reading: Reading, world: World) -> Plan:
        planner = self.planner(reading)
        wanted = self._possible(reading, planner)
        self._refuse(checks.settings(wanted, reading))
        alias = wanted.get("certificate")
        promised = alias if alias is not None and world.has("certificate", alias) else None
        if alias is not None and promised is None:
            self._refuse(checks.certificate(alias, reading))
        changes = self._changes(wanted, reading)
        goal = outlook(reading, wanted, changes, promised)
        self._refuse(checks.changes(changes, wanted, reading, goal))
        goal = goal._replace(pin=self._new_pin(changes, reading, goal))
        looks = bool((reading.values | wanted).get("https")) and speakable(reading, wanted, goal.shown)
        Steps(planner, reading, goal, seconds=self._seconds, direct=self._https_port is None, looks=looks).add(changes)
        return planner.plan()

    def _refuse(self, problems: checks.Problems) -> None:
        for problem, remedy in problems:
            raise self.invalid(problem, remedy)

    def _possible(self, reading: Reading, planner: Planner) -> Document:
        """What is wanted, as far as the device has it. A default that a device lacks is no loss."""
        wanted, current = dict(self._flat), reading.values
        if self._any_login and reading.logins and wanted["authentication"] not in map(str.casefold, reading.logins):
            wanted["authentication"] = OLD_LOGIN
        policy = wanted.get(ADMINISTRATOR, current.get(ADMINISTRATOR))
        for path in ROLES:
            if path in wanted and path not in current and ADMINISTRATOR in current:
                if wanted[path] != policy:
                    planner.unsupported(f"have another {path} than {ADMINISTRATOR}, which is {policy}", path)
                del wanted[path]  # the one policy of the device is for all roles
        if "minimum_tls" in wanted and "minimum_tls" not in current and reading.modern:
            if wanted["minimum_tls"] != "1.2":
                planner.unsupported(f"speak TLS {wanted['minimum_tls']}", "minimum_tls")
            del wanted["minimum_tls"]
        missing = [path for path, value in wanted.items() if path not in current and value != STATE[path].null]
        if missing:
            planner.unsupported(f"set {', '.join(missing)}", *missing)
        return {path: value for path, value in wanted.items() if path in current}

    def _changes(self, wanted: Document, reading: Reading) -> list[Change]:
        """The changes, also where another certificate is shown than the settings say."""
        changes = {change.path: change for change in differences(reading.values, wanted, STATE)}
        chosen = reading.certificates.get(wanted.get("certificate", ""))
        if chosen is not None and reading.seen not in (None, chosen.der) and "certificate" not in changes:
            now = next((one.alias for one in reading.certificates.values() if one.der == reading.seen), None)
            note = f"the settings say so, but the device shows another one ({fingerprint(reading.seen)})"
            risk = STATE["certificate"].risk
            changes["certificate"] = Change("certificate", now, chosen.alias, risk=risk, note=note)
        closes = changes.get(ADMINISTRATOR)
        if closes is not None and closes.after == "https" and reading.by_http:
            changes[ADMINISTRATOR] = dataclasses.replace(closes, risk="moves_address")
        return [changes[path] for path in STATE if path in changes]

    def _new_pin(self, changes: t.Sequence[Change], reading: Reading, goal: Outlook) -> str | None:
        """The fingerprint to pin, where our own trust would not let us in any more."""
        paths = {change.path for change in changes}
        moves = reading.by_http and goal.scheme == "https"
        matters = paths and (moves or (not reading.by_http and "certificate" in paths))
        shown = goal.shown if matters else None
        return fingerprint(shown.der) if shown is not None and reading.doubt(shown) else None

    def _refuse_pin(self, shown: Stored, reading: Reading) -> None:
        """Refuse a certificate that our connection would not accept, if it is not to be pinned."""
        if not self._may_pin and (reason := reading.doubt(shown)):
            raise self.invalid(
                f"over HTTPS the device would show the certificate {shown.alias!r}, which this connection does not "
                f"accept: {reason}",
                "Set ca_path or fingerprint so that it does, or pin_certificate: true to go on with this certificate "
                f"pinned. Its SHA-256 fingerprint is {fingerprint(shown.der)}",
            )

    def verify(self, plan: Plan, reading: Reading, world: World) -> None:
        """Refuse what could only fail: our trust does not let us in, or nobody is where HTTPS has to prove itself."""
        shown = reading.will_show(self._possible(reading, self.planner(reading)))
        if shown is not None and any(call.arguments["pin"] for call in _calls(plan)):
            self._refuse_pin(shown, reading)
        if reading.values.get("https") and reading.seen is None and any(map(_looks, _calls(plan))):
            if not listens(reading.address, reading.https_port):
                raise self.invalid(
                    f"HTTPS is on, but nothing listens at port {reading.https_port}, where it has to prove itself",
                    "Say with https_port where it is reached from here",
                )

    # -- carrying out
    def do(self, call: Call) -> None:
        if call.name not in _CALLS:
            raise ValueError(f"web_server has no call {call.name}")
        arguments = dict(call.arguments)
        if "requests" in arguments:
            arguments["requests"] = [Request(**request) for request in arguments["requests"]]
        options = {name: arguments.pop(name) for name in ("https_port", "seconds", "shown", "pin") if name in arguments}
        if "alias" in arguments:
            options |= self._as_promised(arguments.pop("alias"), arguments.pop("trusted"), options["https_port"])
        self._restarts = True
        changeover = Changeover(self.device, functools.partial(settings.send, self.device), **options)
        getattr(changeover, call.name)(**arguments)

    def _as_promised(self, alias: str, trusted: bool, https_port: int) -> Document:
        """What the certificate of an earlier step has to be proven by.

        :param trusted: our connection has to accept it. :raises InvalidOption: it does not, or it is not there.
        """
        held = settings.Settings(None, {}, {})
        reading = Reading(held, self.device.session.address, https_port, certificates=self._stored())
        self._refuse(checks.certificate(alias, reading))
        shown = reading.certificates[alias]
        pin = None
        if trusted:
            reading = dataclasses.replace(reading, cas=self._stored(cas=True))
            self._refuse_pin(shown, reading)
            pin = fingerprint(shown.der) if reading.doubt(shown) else None
        return {"shown": fingerprint(shown.der), "pin": {"fingerprint": pin} if pin else {}}

    # -- results
    def result(self, plan: Plan, before: Reading, after: Reading) -> Document:
        wanted = self._possible(before, self.planner(before))
        goal = outlook(before, wanted, plan.changes, None)
        pinned = next((call.arguments["pin"]["fingerprint"] for call in _calls(plan) if call.arguments["pin"]), None)
        pinned = pinned or before.address.fingerprint
        shown = goal.shown
        if after is not before:
            pinned = after.address.fingerprint
            shown = Stored("", (after.seen,)) if after.seen is not None else shown
        pinned = tls.normalize_fingerprint(pinned) if pinned and goal.scheme == "https" else None
        served = None
        if shown is not None and (before.values | wanted).get("https"):
            verified = goal.scheme == "https" and (pinned or before.address.validate_certs)
            how = ("fingerprint" if pinned else "ca") if verified else "comparison" if "certificate" in wanted else ""
            served = _described(shown) | {"port": goal.https_port, "verified_by": how or "nothing"}
        return {"connection": {"scheme": goal.scheme, "port": goal.port, "fingerprint": pinned}, "served": served}


def _calls(plan: Plan) -> t.Iterator[Call]:
    return (call for step in plan.steps for call in step.do)


def _looks(call: Call) -> bool:
    """Whether a call looks at HTTPS from here."""
    return call.name in _LOOKING or (call.name == "open" and call.arguments["https"] is True)


def _described(shown: Stored) -> Document:
    """What a certificate says, as far as it can be read."""
    names = ("subject", "issuer", "not_after")
    try:
        told = pki.describe(pki.from_der(shown.der))
    except pki.Unusable:
        told = dict.fromkeys(names)
    return {"fingerprint_sha256": fingerprint(shown.der)} | {name: told[name] for name in names}


DECLARED = WebServer()
