# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Changes that can cut our own connection: made, proven from the outside, and put back when they prove nothing.

A web server that is set anew restarts. It may hang up before it has answered, or go on answering for a moment, and be
away for a while; others saw up to a minute. So whether a request was answered says nothing: the device is looked at
until it is as it shall be, or the time is over.
"""

from __future__ import annotations

import dataclasses
import socket
import time
import typing as t

from ..wire import tls
from ..wire.address import Address
from ..wire.auth import parse_challenges
from ..wire.errors import (
    AuthenticationFailed,
    BadAnswer,
    BrokenConnection,
    ConnectionFailed,
    NoAnswerInTime,
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


@dataclasses.dataclass(frozen=True)
class Request:
    """One request that sets something, as data.

    :param api: by what. :param values: what is sent, in the words of the API. :param back: what puts it back, the same.
    :param former: what that is in the words of the options, by path.
    """

    api: str
    values: dict[str, t.Any]
    back: dict[str, t.Any]
    former: dict[str, t.Any]


def patiently(
    device: Device,
    problem: str,
    look: t.Callable[[], T],
    seconds: float,
    refusals: tuple[t.Any, ...] = REFUSALS,
) -> T:
    """Look until nothing is wrong, and return what is seen then.

    :param problem: what is wrong until then, a sentence. :param seconds: how long.
    :param refusals: errors that do not go away by waiting, when they come several times in a row.
    :raises NotInTime: the time is over. :raises VapixError: one of the refusals.
    """
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
            what = f"{problem} after {spent:.0f} seconds: {now.problem}"
            raise NotInTime(what, remedy=now.remedy, device=str(device)) from now
        if time.monotonic() - told >= SILENCE:
            told = time.monotonic()
            device.progress(f"{problem} after {spent:.0f} s, waiting: {now.problem}")
        time.sleep(max(0.0, min(PAUSE, seconds - spent)))


def listens(address: Address, port: int) -> bool:
    """Whether anybody takes connections at a port of the device; true where that cannot be seen from here."""
    if address.proxy:
        return True
    try:
        socket.create_connection((address.host, port), timeout=min(address.timeout, LOOK)).close()
    except OSError:
        return False
    return True


class Changeover:
    """What changes the way to one device.

    :param send: sends what a request sets, by an API.
    :param seconds: how long the web server may take after each step.
    :param https_port: where HTTPS is reached. :param shown: the fingerprint that it has to show; None when not known.
    :param pin: fields of the address to go on with over HTTPS.
    """

    def __init__(
        self,
        device: Device,
        send: t.Callable[[str, dict[str, t.Any]], None],
        seconds: float,
        *,
        https_port: int,
        shown: str | None = None,
        pin: Way | None = None,
    ) -> None:
        self._device = device
        self._session = device.session
        self._send_to = send
        self._seconds = seconds
        self._shown = shown
        self._https: Way = {"scheme": "https", "port": https_port}
        self._pin = pin or {}

    # -- steps
    def open(self, requests: t.Sequence[Request], https: bool) -> None:
        """Set what closes nothing. :param https: HTTPS is on then, and has to show the certificate."""
        # A certificate that is not shown yet tells by itself that the web server has restarted.
        seen = https and self._shown is not None and not self._is_true(self._look_at_certificate)
        self._set(requests, wait=not seen)
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
            self._take_back(requests, exc, ways)

    def prove_https(self, at_once: bool) -> None:
        """Prove that HTTPS is there for others. :param at_once: the web server was not restarted."""
        self._before_closing("HTTPS does not answer", self._look_at_certificate, at_once)

    def go_on_over_https(self, at_once: bool) -> None:
        """Prove that HTTPS lets us in, and use it from here on. :param at_once: the web server was not restarted."""
        way = self._https | self._pin
        self._before_closing("HTTPS does not let us in", lambda: self._log_in(way), at_once)
        self._session.move(**way)
        self._device.progress(f"HTTPS works; going on at {self._session.address.origin}")

    def go_on(self, way: Way) -> None:
        """Use another way from here on, if it lets us in."""
        self._patiently("the device does not let us in there", lambda: self._log_in(way))
        self._session.move(**way)
        self._device.progress(f"going on at {self._session.address.origin}")

    def _before_closing(self, problem: str, look: t.Callable[[], None], at_once: bool) -> None:
        try:
            self._patiently(problem, look, min(self._seconds, AT_ONCE) if at_once else self._seconds)
        except VapixError as exc:
            raise self._error(NotTaken, f"HTTP was not closed, because {exc.problem}", exc.remedy) from exc

    def close(self, requests: t.Sequence[Request], way_back: Way) -> None:
        """Set what closes a way to the device, but not the one in use. :param way_back: another, if it fails."""
        self._set(requests)
        try:
            self._wait_for_login()
        except VapixError as exc:
            self._take_back(requests, exc, [{}, way_back])

    def authentication(self, requests: t.Sequence[Request], scheme: str, exactly: bool) -> None:
        """Set how to log in, and wait until the web server does it so, which is later than param.cgi tells.

        :param scheme: the one it has to ask for. :param exactly: and no other.
        """

        def look() -> None:
            self._look_at_challenge(scheme, exactly)

        self._set(requests, wait=self._is_true(look))
        try:
            self._patiently(f"the web server does not ask for {scheme}", look)
            self._wait_for_login()
        except VapixError as exc:
            self._take_back(requests, exc, [{}])

    def ports(self, requests: t.Sequence[Request], own: int | None, https: int | None) -> None:
        """Set ports. :param own: the new one of the connection in use. :param https: where HTTPS has to be then."""
        here = {"port": self._session.address.port}
        self._set(requests)
        try:
            if own is not None:
                self._session.move(port=own)
            self._wait_for_login()
            if https is not None:
                self._https["port"] = https
                self._wait_for_certificate("HTTPS is not at its port")
        except VapixError as exc:
            self._session.move(**here)
            self._take_back(requests, exc, [{}] if own is None else [{}, {"port": own}])

    # -- looking
    def _patiently(
        self,
        problem: str,
        look: t.Callable[[], None],
        seconds: float | None = None,
        refusals: tuple[t.Any, ...] = REFUSALS,
    ) -> None:
        """See :func:`patiently`."""
        patiently(self._device, problem, look, self._seconds if seconds is None else seconds, refusals)

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
        self._patiently(problem, self._look_at_certificate, refusals=())

    def _wait_for_login(self) -> None:
        self._patiently("the device does not let us in", lambda: self._log_in({}))
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
    def _set(self, requests: t.Sequence[Request], wait: bool = True) -> None:
        """Send requests. :param wait: and wait for the restart, if there is one; else it shows in another way.

        :raises RolledBack: a request failed after another had set something. Where it was the first, nothing was set.
        """
        for number, request in enumerate(requests):
            try:
                # A request that meets the restart by the one before would get no proper answer, and count as sent.
                self._send(request.api, request.values, request.former, wait or request is not requests[-1])
            except VapixError as exc:
                if not number:
                    raise
                self._take_back(requests[:number], exc, [{}])

    def _send(self, api: str, values: dict[str, t.Any], paths: t.Iterable[str], wait: bool) -> None:
        """Send one request. :param paths: the options that it sets."""
        self._device.progress(f"setting {', '.join(paths)}")

        def write() -> None:
            try:
                self._send_to(api, values)
            except (BrokenConnection, NoAnswerInTime, BadAnswer) as exc:
                self._device.progress(f"no proper answer ({exc.problem}); looking whether it took")

        with Watch(self._session.address, _PROBE, LOOK) as watch:
            # The web server may still be restarting after the step before.
            self._patiently("the device takes no settings", write)
            if wait:
                watch.breaks(LINGER)

    def _take_back(self, requests: t.Sequence[Request], why: VapixError, ways: t.Sequence[Way]) -> t.NoReturn:
        """Put the former values back, by the first way on which the device lets us in, and fail."""
        former = {path: value for request in requests for path, value in request.former.items()}
        names = ", ".join(former)
        home = {name: getattr(self._session.address, name) for name in ("scheme", "port", "fingerprint")}
        for way in ways:
            try:
                self._log_in(way)
                self._session.move(**way)
                for request in requests:
                    self._send(request.api, request.back, request.former, wait=True)
                break
            except VapixError as exc:
                self._device.progress(f"{names} could not be put back: {exc.problem}")
        else:
            values = "; ".join(f"{path}: {value}" for path, value in former.items())
            raise self._error(
                NotInTime,
                f"{why.problem}. What may have been set ({names}) could not be put back",
                f"{why.remedy or 'Look at the device'}. The values were {values}",
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
