# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Changes that can cut our own connection: made, proven from the outside, and put back when they prove nothing.

A web server that is set anew restarts. It may hang up before it has answered, or go on answering for a moment, and be
away for a while; others saw up to a minute. So whether a request was answered says nothing: the device is looked at
until it is as it shall be, or the time is over.
"""

from __future__ import annotations

import hashlib
import time
import typing as t

from ..wire import tls
from ..wire.auth import parse_challenges
from ..wire.errors import (
    AuthenticationFailed,
    BadAnswer,
    BrokenConnection,
    ConnectionFailed,
    NotAllowed,
    NotTaken,
    RolledBack,
    Untrusted,
    VapixError,
)
from ..wire.session import Session
from ..wire.watch import Watch
from .boot import NotInTime
from .device import Device

#: How long a web server may go on answering before it restarts, in seconds.
LINGER = 3.0
#: Longest time for one look at a web server that may be restarting, in seconds.
LOOK = 5.0
#: Pause between two looks, in seconds.
PAUSE = 0.5
#: Seconds between two lines of progress while nothing happens.
SILENCE = 10.0
#: What does not go away by waiting. But just after a restart good logins can be refused.
REFUSALS = (AuthenticationFailed, NotAllowed, Untrusted)
#: So many of them in a row are believed.
MOST_REFUSALS = 5
#: Seconds in which HTTPS has to let us in when nothing was changed that would make the web server restart.
AT_ONCE = 5.0

T = t.TypeVar("T")

_PROBE = "/axis-cgi/usergroup.cgi"  # needs a login, exists on every AXIS OS and is cheap

#: Fields of the address that are another on the way to the device.
Way = dict[str, t.Any]


class Changeover:
    """A sequence of changes on one device.

    :param write: sets some options, by path. :param former: the values they had.
    :param seconds: how long the web server may take after each step.
    :param split: the options by the request that sets them, in the order of the requests.
    :param https_port: where HTTPS is reached. :param certificate: what it has to show (DER); None when not known.
    :param pin: fingerprint to go on with over HTTPS; None for what the connection is set up with.
    """

    def __init__(
        self,
        device: Device,
        write: t.Callable[[dict[str, t.Any]], None],
        former: dict[str, t.Any],
        seconds: float,
        *,
        split: t.Callable[[dict[str, t.Any]], t.Sequence[dict[str, t.Any]]],
        https_port: int,
        certificate: bytes | None,
        pin: str | None,
    ) -> None:
        self._device = device
        self._session = device.session
        self._write = write
        self._former = former
        self._seconds = seconds
        self._split = split
        self._shown = hashlib.sha256(certificate).hexdigest() if certificate else None
        self._https: Way = {"scheme": "https", "port": https_port}
        self._pin = {"fingerprint": pin} if pin else {}

    # -- steps
    def open(self, values: dict[str, t.Any], https: bool) -> None:
        """Set what closes nothing. :param https: HTTPS is on then, and has to show the certificate."""
        # A certificate that is not shown yet tells by itself that the web server has restarted.
        seen = https and self._shown is not None and not self._is_true(self._look_at_certificate)
        self._set(values, wait=not seen)
        ways: list[Way] = [{}]
        before = self._session.address.fingerprint
        try:
            if https:
                self._wait_for_certificate("the web server does not show the certificate")
            if self._session.address.scheme == "https":
                if self._shown:
                    ways.append({"fingerprint": self._shown})
                self._session.move(**self._pin)
            self._wait_for_login()
        except VapixError as exc:
            self._session.move(fingerprint=before)
            self._take_back(values, exc, ways)

    def prove_https(self, at_once: bool) -> None:
        """Prove that HTTPS is there for others. :param at_once: the web server was not restarted."""
        self._before_closing("HTTPS does not answer", self._look_at_certificate, at_once)

    def go_on_over_https(self, at_once: bool) -> None:
        """Prove that HTTPS lets us in, and use it from here on. :param at_once: the web server was not restarted."""
        way = self._https | self._pin
        self._before_closing("HTTPS does not let us in", lambda: self._log_in(way), at_once)
        self._session.move(**way)
        self._device.progress(f"HTTPS works; going on at {self._session.address.origin}")

    def _before_closing(self, problem: str, look: t.Callable[[], None], at_once: bool) -> None:
        try:
            self.patiently(problem, look, min(self._seconds, AT_ONCE) if at_once else self._seconds)
        except VapixError as exc:
            raise self._error(NotTaken, f"HTTP was not closed, because {exc.problem}", exc.remedy) from exc

    def close(self, values: dict[str, t.Any], way_back: Way) -> None:
        """Set what closes a way to the device, but not the one in use. :param way_back: another, if it fails."""
        self._set(values)
        try:
            self._wait_for_login()
        except VapixError as exc:
            self._take_back(values, exc, [{}, way_back])

    def authentication(self, values: dict[str, t.Any], scheme: str, exactly: bool) -> None:
        """Set how to log in, and wait until the web server does it so, which is later than param.cgi tells.

        :param scheme: the one it has to ask for. :param exactly: and no other.
        """

        def look() -> None:
            self._look_at_challenge(scheme, exactly)

        self._set(values, wait=self._is_true(look))
        try:
            self.patiently(f"the web server does not ask for {scheme}", look)
            self._wait_for_login()
        except VapixError as exc:
            self._take_back(values, exc, [{}])

    def ports(self, values: dict[str, t.Any], own: int | None, https: bool) -> None:
        """Set ports. :param own: the new one of the connection in use. :param https: HTTPS is on."""
        here = {"port": self._session.address.port}
        self._set(values)
        if "ports.https" in values:
            self._https["port"] = values["ports.https"]
        try:
            if own is not None:
                self._session.move(port=own)
            self._wait_for_login()
            if https:
                self._wait_for_certificate("HTTPS is not at its port")
        except VapixError as exc:
            self._session.move(**here)
            self._take_back(values, exc, [{}] if own is None else [{}, {"port": own}])

    # -- looking
    def patiently(
        self,
        problem: str,
        look: t.Callable[[], T],
        seconds: float | None = None,
        refusals: tuple[t.Any, ...] = REFUSALS,
    ) -> T:
        """Look until nothing is wrong, and return what is seen then.

        :param problem: what is wrong until then, a sentence.
        :param refusals: errors that do not go away by waiting, when they come several times in a row.
        :raises NotInTime: the time is over. :raises VapixError: one of the refusals.
        """
        seconds = self._seconds if seconds is None else seconds
        began = told = time.monotonic()
        refused = 0
        while True:
            try:
                return look()
            except (AuthenticationFailed, NotAllowed, ConnectionFailed, BadAnswer) as exc:
                refused = refused + 1 if isinstance(exc, refusals) else 0
                if refused >= MOST_REFUSALS:
                    raise
                now = exc
            spent = time.monotonic() - began
            if spent >= seconds:
                raise self._error(NotInTime, f"{problem} after {spent:.0f} seconds: {now.problem}", now.remedy) from now
            if time.monotonic() - told >= SILENCE:
                told = time.monotonic()
                self._device.progress(f"{problem} after {spent:.0f} s, waiting: {now.problem}")
            time.sleep(max(0.0, min(PAUSE, seconds - spent)))

    def _look_at_certificate(self) -> None:
        """Whether HTTPS shows the certificate; nothing secret is sent."""
        trusted: Way = {"fingerprint": self._shown} if self._shown else {}
        with self._other(self._https | trusted, credentials=(None, None), unverified=not trusted) as other:
            try:
                other.request("GET", _PROBE, safe=True, anonymous=True)
            except Untrusted as exc:
                at = other.address
                shown = None if at.proxy else tls.presented_fingerprint(at.host, at.port, at.timeout)
                raise Untrusted(
                    f"it shows another one, with the SHA-256 fingerprint {shown or '(unknown)'}",
                    remedy="See the log of the device",
                    device=str(at),
                ) from exc

    def _look_at_challenge(self, scheme: str, exactly: bool) -> None:
        """Whether the web server asks for a login by a scheme."""
        with self._other({}, credentials=(None, None)) as other:
            answer = other.request("GET", _PROBE, safe=True, anonymous=True)
        offered = set(parse_challenges(answer.headers.get("WWW-Authenticate", "")))
        if scheme not in offered or (exactly and len(offered) > 1):
            told = ", ".join(sorted(offered)) or "no login"
            raise BadAnswer(f"it asks for {told}", device=str(self._device), http_status=answer.status)

    def _log_in(self, way: Way) -> None:
        """Whether the device lets us in on some way."""
        with self._other(way) as other:
            answer = other.request("GET", _PROBE, safe=True)
        if answer.status >= 300:
            raise BadAnswer(f"it answers HTTP {answer.status}", device=str(self._device), http_status=answer.status)

    def _wait_for_certificate(self, problem: str) -> None:
        # The one from before is shown until the web server has restarted.
        self.patiently(problem, self._look_at_certificate, refusals=())

    def _wait_for_login(self) -> None:
        self.patiently("the device does not let us in", lambda: self._log_in({}))
        self._session.move()  # the connection from before has gone, and the login may be another

    def _is_true(self, look: t.Callable[[], None]) -> bool:
        try:
            look()
        except VapixError:
            return False
        return True

    def _other(self, way: Way, **options: t.Any) -> Session:
        return self._session.again(timeout=min(self._session.address.timeout, LOOK), **way, **options)

    # -- writing
    def _set(self, values: dict[str, t.Any], wait: bool = True) -> None:
        """Set options. :param wait: and wait for the restart, if there is one; else it shows in another way.

        :raises RolledBack: a request failed after another had set something. Where it was the first, nothing was set.
        """
        done: dict[str, t.Any] = {}
        parts = self._split(values)
        for part in parts:
            try:
                # A request that meets the restart by the one before would get no proper answer, and count as sent.
                self._send(part, wait or part is not parts[-1])
            except VapixError as exc:
                if not done:
                    raise
                self._take_back(done, exc, [{}])
            done |= part

    def _send(self, values: dict[str, t.Any], wait: bool) -> None:
        """Set options by one request."""
        self._device.progress(f"setting {', '.join(values)}")

        def write() -> None:
            try:
                self._write(values)
            except (BrokenConnection, BadAnswer) as exc:
                self._device.progress(f"no proper answer ({exc.problem}); looking whether it took")

        with Watch(self._session.address, _PROBE, LOOK) as watch:
            # The web server may still be restarting after the step before.
            self.patiently("the device takes no settings", write)
            if wait:
                watch.breaks(LINGER)

    def _take_back(self, values: dict[str, t.Any], why: VapixError, ways: t.Sequence[Way]) -> t.NoReturn:
        """Put the former values back, by the first way on which the device lets us in, and fail."""
        names = ", ".join(values)
        home = {name: getattr(self._session.address, name) for name in ("scheme", "port", "fingerprint")}
        for way in ways:
            try:
                self._log_in(way)
                self._session.move(**way)
                for part in self._split({path: self._former[path] for path in values}):
                    self._send(part, wait=True)
                break
            except VapixError as exc:
                self._device.progress(f"{names} could not be put back: {exc.problem}")
        else:
            former = "; ".join(f"{path}: {self._former[path]}" for path in values)
            raise self._error(
                NotInTime,
                f"{why.problem}. What may have been set ({names}) could not be put back",
                f"{why.remedy or 'Look at the device'}. The values were {former}",
            ) from why
        self._session.move(**home)
        try:
            self._wait_for_login()
        except VapixError as exc:
            raise self._error(
                NotInTime,
                f"{why.problem}. What was set ({names}) was put back, but since then {exc.problem}",
                exc.remedy,
            ) from why
        raise self._error(RolledBack, f"{why.problem}. What was set ({names}) was put back", why.remedy) from why

    def _error(self, kind: type[VapixError], problem: str, remedy: str | None) -> VapixError:
        return kind(problem, remedy=remedy, device=str(self._device))
