# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a device shows, where changes lead to, and the steps to it: what opens first, what closes then."""

from __future__ import annotations

import dataclasses
import hashlib
import typing as t

from ...crypto import pki, trust
from ...device.changeover import Way
from ...model.change import Call, Change, Phase
from ...model.option import Document
from ...model.resource import Planner
from ...wire.address import DEFAULT_PORTS, Address
from ..certificate.store import Stored
from . import settings
from .options import LOGINS
from .settings import ADMINISTRATOR, BOTH, ROLES, Settings

#: What the certificate that is shown, or the handshake, depends on.
TLS = ("certificate", "https", "ciphers", "minimum_tls")
_PORTS = ("ports.http", "ports.https")
_PHASES = {"restarts_service": Phase.ACCESS, "moves_address": Phase.ADDRESS}


@dataclasses.dataclass(frozen=True)
class Reading:
    """The web server of a device, and what else decides about it.

    :param settings: what it is set to. :param address: how we reach the device. :param https_port: where HTTPS is then.
    :param seen: the certificate that HTTPS shows now, in DER; None where that cannot be seen from here.
    :param certificates: those with a private key, by alias. :param cas: those of CAs. Both only where they are needed.
    :param logins: the authentication policies that the device has; empty where they are not needed or not told.
    :param modern: its AXIS OS speaks TLS 1.2 and later, and cannot be set to another.
    """

    settings: Settings
    address: Address
    https_port: int
    seen: bytes | None = None
    certificates: t.Mapping[str, Stored] = dataclasses.field(default_factory=dict)
    cas: t.Mapping[str, Stored] = dataclasses.field(default_factory=dict)
    logins: tuple[str, ...] = ()
    modern: bool = False

    @property
    def values(self) -> Document:
        """The settings by path of the option."""
        return self.settings.values

    @property
    def by_http(self) -> bool:
        """Whether the connection in use is HTTP."""
        return self.address.scheme == "http"

    def port(self, scheme: str) -> int:
        """The port at which the device is reached now."""
        if scheme == "https":
            return self.https_port
        return self.address.port if self.by_http else self.values.get("ports.http", DEFAULT_PORTS["http"])

    def will_show(self, wanted: Document) -> Stored | None:
        """The certificate that is shown when all is set; None where that is not known."""
        after = self.values | wanted
        if "certificate" in wanted or not after.get("https"):
            return self.certificates.get(wanted.get("certificate", ""))
        alias = after.get("certificate") or ""
        return self.certificates.get(alias) if self.seen is None else Stored(alias, (self.seen,))

    def doubt(self, shown: Stored) -> str | None:
        """Why our connection would not accept a certificate."""
        try:
            return trust.why_not(
                self.address, shown.chain, lambda: [one for stored in self.cas.values() for one in stored.chain]
            )
        except pki.Unusable as exc:
            return f"it cannot be read ({exc})"


class Outlook(t.NamedTuple):
    """Where changes lead to.

    :param scheme, port: how the device is reached then. :param https_port: where HTTPS is then.
    :param shown: the certificate it shows then; None where that is not known.
    :param promised: the alias of a certificate that an earlier step brings.
    :param pin: the fingerprint that is new to our connection.
    """

    scheme: str
    port: int
    https_port: int
    shown: Stored | None
    promised: str | None = None
    pin: str | None = None


def outlook(reading: Reading, wanted: Document, changes: t.Sequence[Change], promised: str | None) -> Outlook:
    """Where changes lead to."""
    values = {change.path: change.after for change in changes}

    def port(scheme: str) -> int:
        # One that stays may be reached at another: behind a forwarded port.
        return t.cast(int, values.get(f"ports.{scheme}", reading.port(scheme)))

    scheme = "https" if not reading.by_http or values.get(ADMINISTRATOR) == "https" else "http"
    shown = None if promised else reading.will_show(wanted)
    return Outlook(scheme, port(scheme), port("https"), shown, promised)


def speakable(reading: Reading, wanted: Document, shown: Stored | None) -> bool:
    """Whether a connection of ours has a cipher suite in common with the web server then."""
    try:
        key_type = None if shown is None else pki.key_type(pki.from_der(shown.der))
    except pki.Unusable:
        key_type = None
    return trust.speakable((reading.values | wanted).get("ciphers", ()), key_type)


def fingerprint(certificate: bytes | None) -> str | None:
    """The SHA-256 fingerprint of a certificate in DER."""
    return None if certificate is None else hashlib.sha256(certificate).hexdigest()


class Stages(t.NamedTuple):
    """Values by stage, in the order in which they are set.

    :param opened: what closes nothing. :param widened: policies that have to let all in before they are what they
        shall be. :param closed: what closes a way to the device, and has to wait until another is proven.
    """

    opened: Document
    widened: Document
    closed: Document
    login: Document
    ports: Document


def stages(values: Document, current: Document) -> Stages:
    """What is to be set, by stage."""
    opened = {path: values[path] for path in TLS if path in values}
    closed: Document = {}
    if values.get("https") is False:
        closed["https"] = opened.pop("https")
    policies = {path: values[path] for path in ROLES if path in values}
    opened |= {path: policy for path, policy in policies.items() if policy == BOTH}
    closed |= {path: policy for path, policy in policies.items() if policy != BOTH}
    widened = {path: BOTH for path in closed if path in ROLES and current.get(path) != BOTH}
    login, ports = ({path: values[path] for path in paths if path in values} for paths in (["authentication"], _PORTS))
    return Stages(opened, widened, closed, login, ports)


class Steps:
    """Adds the steps of a web server to a plan.

    :param seconds: how long it may take after each. :param direct: HTTPS is at the port that the device tells.
    :param looks: HTTPS can be looked at from here when all is set.
    """

    def __init__(
        self, planner: Planner, reading: Reading, goal: Outlook, *, seconds: int, direct: bool, looks: bool
    ) -> None:
        self._planner = planner
        self._reading = reading
        self._goal = goal
        self._direct = direct
        self._looks = looks
        self._moves = reading.by_http and goal.scheme == "https"
        self._phase = Phase.ACCESS
        address = reading.address
        place = {"https_port": reading.port("https"), "seconds": seconds}
        pin: Way = {"fingerprint": goal.pin} if goal.pin else {}
        #: What proves a step, and what proves that the first of them was taken back.
        self._proof: Document = place | {"pin": pin}
        if goal.promised:
            self._proof |= {"alias": goal.promised, "trusted": goal.scheme == "https"}
        else:
            self._proof["shown"] = fingerprint(goal.shown.der) if goal.shown else None
        unpin: Way = {"fingerprint": address.fingerprint} if not reading.by_http else {}
        self._former_proof: Document = place | {"shown": fingerprint(reading.seen), "pin": unpin}

    def add(self, changes: t.Sequence[Change]) -> None:
        """Add the steps that make changes."""
        values = {change.path: change.after for change in changes}
        stage = stages(values, self._reading.values)
        self._open(changes, stage)
        self._close(changes, stage)
        self._log_in(changes, stage)
        self._move(changes, stage)

    def _step(
        self, changes: t.Sequence[Change], paths: t.Iterable[str], do: t.Iterable[Call], undo: t.Iterable[Call]
    ) -> None:
        """Add a step. None overtakes one that comes before it here."""
        made = [change for change in changes if change.path in set(paths)]
        self._phase = max([self._phase, *(_PHASES[change.risk] for change in made)])
        self._planner.step(made, do, undo, self._phase)

    def _requests(self, values: Document, back: Document | None = None) -> list[Document]:
        """The requests that set some values. :param back: what puts them back; the values of now where it is None."""
        former = {path: self._reading.values.get(path) for path in values} if back is None else back
        return [vars(request) for request in settings.requests(self._reading.settings, values, former)]

    def _back(self, values: Document) -> Document:
        """The values of now in place of others."""
        return {path: self._reading.values.get(path) for path in values}

    def _open(self, changes: t.Sequence[Change], stage: Stages) -> None:
        looks = self._looks and not stage.opened.keys().isdisjoint(TLS)
        do = Call("open", self._proof | {"requests": self._requests(stage.opened), "https": looks})
        undo = Call(
            "open",
            self._former_proof
            | {
                "requests": self._requests(self._back(stage.opened), stage.opened),
                "https": self._reading.seen is not None,
            },
        )
        self._step(changes, stage.opened, [do], [undo])

    def _close(self, changes: t.Sequence[Change], stage: Stages) -> None:
        do, address = [], self._reading.address
        if stage.widened:
            do.append(Call("open", self._proof | {"requests": self._requests(stage.widened), "https": False}))
        at_once = self._proof | {"at_once": not stage.opened and not stage.widened}
        if self._moves:
            do.append(Call("go_on_over_https", at_once))
        elif self._reading.by_http and "https" in stage.closed.values():
            do.append(Call("prove_https", at_once))
        way_back: Way = {"scheme": "http", "port": address.port} if self._moves else {}
        do.append(Call("close", self._proof | {"requests": self._requests(stage.closed), "way_back": way_back}))
        self._step(changes, stage.closed, do, self._reopen(stage.closed, way_back))

    def _reopen(self, closed: Document, way_back: Way) -> list[Call]:
        """The calls that take back what closes something."""
        wide = {path: True if path == "https" else BOTH for path in closed}
        narrow = {path: value for path, value in self._back(closed).items() if path in ROLES and value != BOTH}
        looks = "https" in closed and self._reading.seen is not None
        reopened = {"requests": self._requests(wide, closed), "https": looks}
        calls = [Call("open", self._proof | reopened)]
        if way_back:
            home = way_back | {"fingerprint": self._reading.address.fingerprint}
            calls.append(Call("go_on", self._proof | {"way": home}))
        if narrow:
            requests = self._requests(narrow, {path: wide[path] for path in narrow})
            calls.append(Call("close", self._proof | {"requests": requests, "way_back": {}}))
        return calls

    def _log_in(self, changes: t.Sequence[Change], stage: Stages) -> None:
        calls = [
            Call("authentication", self._proof | {"requests": requests} | _asks(policy, self._goal.scheme))
            for policy, requests in (
                (stage.login.get("authentication"), self._requests(stage.login)),
                (self._back(stage.login).get("authentication"), self._requests(self._back(stage.login), stage.login)),
            )
            if policy in LOGINS
        ]
        self._step(changes, stage.login, calls[:1], calls[1:])

    def _move(self, changes: t.Sequence[Change], stage: Stages) -> None:
        # Where HTTPS is reached by a way of its own, it is not known where that leads afterwards.
        looks = self._direct and self._looks
        own = f"ports.{self._goal.scheme}" in stage.ports
        calls = [
            Call(
                "ports",
                self._proof | {"requests": requests, "own": port if own else None, "https": at if looks else None},
            )
            for requests, port, at in (
                (self._requests(stage.ports), self._goal.port, self._goal.https_port),
                (
                    self._requests(self._back(stage.ports), stage.ports),
                    self._reading.port(self._goal.scheme),
                    self._reading.port("https"),
                ),
            )
        ]
        self._step(changes, stage.ports, calls[:1], calls[1:])


def _asks(policy: str | None, scheme: str) -> Document:
    """How the web server asks for a login with a policy."""
    return {"scheme": LOGINS[policy or ""][scheme], "exactly": policy != "basic_digest"}
