# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Finding a device again whose address may have changed, and proving that it is the same one.

Who answers at an address is asked without a login first, since it can be anybody: by the serial number that devices
tell everybody, or that is in the realm of their login. Only to the same serial number anything secret is sent, and over
HTTPS only under the same proof of its certificate as before.

Sources: VAPIX "Basic device information" (from AXIS OS 8.40), recordings of 401 answers.
"""

from __future__ import annotations

import re
import socket
import time
import typing as t

from ..wire.address import Address
from ..wire.auth import parse_challenges
from ..wire.errors import (
    AuthenticationFailed,
    ConnectionFailed,
    InvalidOption,
    NotAllowed,
    TlsFailed,
    VapixError,
)
from ..wire.session import Session
from .boot import LOOK, SILENCE, NotInTime
from .device import Device

#: Pause between two rounds of looking, in seconds.
PAUSE = 0.5
#: Logins that a device may refuse before it is believed: some refuse a good one while they start.
MOST_REFUSALS = 3
#: What an HTTP proxy answers in the place of a server that it does not reach.
_NOT_REACHED = (502, 503, 504)


class Answer(t.NamedTuple):
    """Who answers at an address.

    :param serial: the serial number it tells; None where it tells none. :param problem: why there is none.
    :param anybody: something answers there.
    """

    serial: str | None
    problem: str
    anybody: bool


class NotFound(NotInTime):
    """The device was not found as it was to be.

    :param at: where it is for all that; None where it was found nowhere.
    """

    def __init__(self, problem: str, *, at: str | None, **where: t.Any) -> None:
        super().__init__(problem, **where)
        self.at = at


def told_serial(device: Device) -> str | None:
    """The serial number that a device tells without a login; None where it tells none.

    :raises VapixError: it gives no sensible answer. :class:`ConnectionFailed` where a proxy answers in its place.
    """
    serial = device.unrestricted_identity().get("SerialNumber")
    if serial:
        return serial.upper()
    refused = device.session.request("GET", "/axis-cgi/usergroup.cgi", safe=True, anonymous=True)
    if refused.status in _NOT_REACHED and (device.session.address.proxy or "").lower().startswith("http"):
        raise ConnectionFailed(f"the proxy reaches nobody there (HTTP {refused.status})", device=str(device))
    challenges = parse_challenges(refused.headers.get("WWW-Authenticate", "")).values()
    realms = [
        re.fullmatch(r"AXIS_([0-9A-F]{12})", challenge.get("realm", ""), re.IGNORECASE) for challenge in challenges
    ]
    return next((realm[1].upper() for realm in realms if realm), None)


def who_is_at(session: Session, host: str) -> Answer:
    """Ask an address who is there, with nothing but that question, whatever certificate it shows."""
    timeout = min(session.address.timeout, LOOK)
    try:
        with session.again(host=host, timeout=timeout, credentials=(None, None), unverified=True) as other:
            serial = told_serial(Device(other))
    except InvalidOption:
        raise
    except ConnectionFailed as exc:
        return Answer(None, exc.problem, isinstance(exc, TlsFailed))
    except VapixError as exc:
        return Answer(None, exc.problem, True)
    return Answer(serial, "" if serial else "something answers there that does not tell its serial number", True)


def resolved(address: Address) -> str:
    """The host of a connection; for a name its address, if we resolve it and all addresses are of one family."""
    if address.proxy:
        return address.host
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return address.host
    return str(found[0][4][0]) if len({entry[0] for entry in found}) == 1 else address.host


def move(session: Session, host: str) -> None:
    """Go on at another address of the same device.

    Its certificate still has to be for what it was for: that shows that it is the same, and the new address may not be
    in it.
    """
    before = session.address
    name = before.certificate_name or before.host
    session.move(host=host, certificate_name=None if host == name else name)


def find(
    device: Device, serial: str, hosts: t.Sequence[str], seconds: float, settled: t.Callable[[str], str | None]
) -> str:
    """Look for a device until it is settled at one of some addresses, and leave the session there; returns which.

    :param serial: its serial number. :param seconds: how long at most.
    :param settled: told where the device was just found and the session is; returns what is still missing there.
    :raises NotFound: it was not; the session is left where the device answered last, if it did.
    """
    return _Search(device, serial.upper(), hosts, seconds, settled).run()


class _Search:
    """One search, see :func:`find`."""

    def __init__(
        self,
        device: Device,
        serial: str,
        hosts: t.Sequence[str],
        seconds: float,
        settled: t.Callable[[str], str | None],
    ) -> None:
        self._device = device
        self._serial = serial
        self._hosts = hosts
        self._seconds = seconds
        self._settled = settled
        self._told: dict[str, str] = {}
        self._at: str | None = None
        self._refusals = 0

    def run(self) -> str:
        began = said = time.monotonic()
        home = self._device.session.address.host
        self._device.progress(f"looking for it at {' and '.join(self._hosts)}")
        while True:
            self._at = None
            for host in self._hosts:
                if self._look(host):
                    self._device.progress(f"found it at {host} after {time.monotonic() - began:.0f} s")
                    return host
            if time.monotonic() - began >= self._seconds:
                break
            if time.monotonic() - said >= SILENCE:
                said = time.monotonic()
                self._device.progress(f"still looking after {said - began:.0f} s: {self._account()}")
            time.sleep(PAUSE)
        if self._device.session.address.host != (self._at or home):
            move(self._device.session, self._at or home)
        raise NotFound(
            f"the device was looked for during {self._seconds:g} seconds, but {self._account()}",
            at=self._at,
            remedy="Give it more time with reconnect_timeout, or look at its network",
            device=str(self._device),
        )

    def _account(self) -> str:
        return "; ".join(f"at {host}: {told}" for host, told in self._told.items())

    def _look(self, host: str) -> bool:
        answer = who_is_at(self._device.session, host)
        # Where it does not tell who it is, its certificate can.
        address = self._device.session.address
        certified = address.scheme == "https" and (address.validate_certs or address.fingerprint)
        if answer.serial != self._serial and not (answer.anybody and answer.serial is None and certified):
            self._told[host] = (
                answer.problem if answer.serial is None else f"another device, with serial number {answer.serial}"
            )
            return False
        move(self._device.session, host)
        self._device.forget()
        try:
            missing = self._settled(host)
        except (AuthenticationFailed, NotAllowed) as exc:
            self._refusals += 1
            if self._refusals > MOST_REFUSALS:
                raise
            missing = exc.problem
        except InvalidOption:
            raise
        except TlsFailed as exc:
            self._told[host] = f"the right serial number, but {exc.problem}, so that nothing else was sent there"
            return False
        except VapixError as exc:
            missing = exc.problem
        self._at = host
        self._told[host] = missing or ""
        return missing is None
