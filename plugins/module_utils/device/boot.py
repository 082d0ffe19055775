# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What boot a device is in, and waiting until it is ready or has rebooted.

Sources: VAPIX "Systemready API"; what others saw on real devices. After the command to reboot a device goes on
answering "ready" for several seconds, so that an answer proves nothing. What proves a reboot is another boot id, else
an uptime that began later, else (before AXIS OS 11 neither is told) that the device was away and came back. Just after
the boot a login that is right can be refused, because the accounts are not there yet.
"""

from __future__ import annotations

import collections.abc
import contextlib
import dataclasses
import re
import time
import typing as t

from ..wire.errors import (
    AuthenticationFailed,
    BadAnswer,
    InvalidOption,
    NotAllowed,
    TlsFailed,
    VapixError,
)
from .device import Device
from .pwdgrp import PwdGrp

#: Longest time for one look at a device, in seconds: one that is down may not even refuse.
LOOK = 5.0
#: Pause between two looks, in seconds. It is halved after a first failure, since a second one tells a reboot from a
#: hiccup, and where being away is the only proof there is.
PAUSE = 1.0
#: Failures in a row that mean that the device is away.
AWAY = 2
#: A command to reboot that shows no effect for so many seconds has none.
START = 60.0
#: Seconds after the boot from which on one good login is proof enough.
SETTLED = 300
#: Pauses, in seconds, before a refused login is tried again. Each try can be two logins for the device, and devices
#: block who tries too often.
LOGIN_PAUSES = (2.0, 4.0, 8.0, 16.0)
#: How often in a row a certificate that is not trusted is looked at again: it may be the connection that broke.
TLS_TRIES = 5
#: Seconds between two lines of progress while nothing happens.
SILENCE = 30.0
#: How much later a boot has to have begun to be another one, in seconds: the uptime is in whole seconds, and under way
#: for a while.
_TOLERANCE = 5.0


@dataclasses.dataclass(frozen=True)
class Boot:
    """One look at a device.

    :param ready: all its services run, as far as it tells.
    :param needs_setup: it has no account yet (factory default).
    :param boot_id: differs for each boot; None where the device does not tell (before AXIS OS 11, and some later ones).
    :param uptime: seconds since the boot; None where the device does not tell.
    :param asked: when, by the monotonic clock.
    """

    ready: bool
    needs_setup: bool
    boot_id: str | None = None
    uptime: int | None = None
    asked: float = dataclasses.field(default_factory=time.monotonic, compare=False)

    def follows(self, before: Boot) -> str | None:
        """What proves that this is a later boot: ``boot_id`` or ``uptime``; None when nothing does."""
        told = bool(self.boot_id and before.boot_id)
        if told and self.boot_id != before.boot_id:
            return "boot_id"
        if self.uptime is not None and before.uptime is not None:
            later = (self.asked - self.uptime) - (before.asked - before.uptime) > _TOLERANCE
            # An uptime that is only slow is no proof against a boot id that is the same.
            return "uptime" if self.uptime < before.uptime or (later and not told) else None
        return None

    def comparable(self, before: Boot) -> bool:
        """Whether :meth:`follows` can tell at all."""
        return bool(self.boot_id and before.boot_id) or (self.uptime is not None and before.uptime is not None)


class Arrival(t.NamedTuple):
    """What a wait came to.

    :param boot: the device, ready. :param seconds: how long it took.
    :param proof: what proved the reboot: ``boot_id``, ``uptime`` or ``away``; None where none was waited for.
    """

    boot: Boot
    seconds: float
    proof: str | None


class NotInTime(VapixError):
    """The device did not get where it was waited for within the time given. What it does now is not known."""


def look(device: Device) -> Boot:
    """Ask a device once what boot it is in and whether it is ready.

    From AXIS OS 9.50 on this takes no login. Before, a device is ready when it answers a request with a login.

    :raises VapixError: it gives no sensible answer, so it is not ready.
    :raises AuthenticationFailed: before AXIS OS 9.50, the login is refused.
    """
    asked = time.monotonic()
    told = _system_ready(device)
    if told:
        uptime = str(told.get("uptime", ""))
        return Boot(
            ready=told.get("systemready") == "yes",
            needs_setup=told.get("needsetup") == "yes",
            boot_id=str(told.get("bootid") or "") or None,
            uptime=int(uptime) if re.fullmatch("[0-9]+", uptime) else None,
            asked=asked,
        )
    if PwdGrp(device.session).needs_first_account():
        return Boot(ready=True, needs_setup=True, asked=asked)
    if not device.param.list("Brand"):
        raise BadAnswer("it tells none of its parameters", device=str(device), api="param.cgi", method="list")
    return Boot(ready=True, needs_setup=False, asked=asked)


def needs_setup(device: Device) -> bool:
    """Whether a device has no account yet. Takes no login.

    :raises VapixError: it gives no sensible answer.
    """
    told = _system_ready(device)
    return told.get("needsetup") == "yes" if told else PwdGrp(device.session).needs_first_account()


def wait_until_ready(device: Device, seconds: float) -> Arrival:
    """Wait until a device is ready and, where there are credentials and it has accounts, lets us in.

    :param seconds: how long at most. A look that is under way is finished, which takes up to :data:`LOOK` more.
    :raises NotInTime: it was not. :raises AuthenticationFailed: it is up and goes on refusing the login.
    """
    return _Wait(device, seconds, None, None).run()


def wait_until_rebooted(
    device: Device,
    before: Boot,
    seconds: float,
    *,
    start_within: float | None = START,
    unverified: bool = False,
) -> Arrival:
    """Wait until a device has provably rebooted since a look at it, and is ready as in :func:`wait_until_ready`.

    Answers that the device object remembers are those of the boot before; make a new one afterwards.

    :param before: what :func:`look` told before the command. :param seconds: how long at most.
    :param start_within: give up when so many seconds bring no sign of a reboot; None for not before the end.
    :param unverified: accept any certificate, because the device will have a new one. There is no login then.
    :raises NotInTime: there is no proof of a reboot, or the device was not ready in time; the error says which.
    :raises AuthenticationFailed: it is up again and goes on refusing the login.
    """
    return _Wait(device, seconds, before, start_within, unverified).run()


def _system_ready(device: Device) -> dict[str, t.Any]:
    try:
        return t.cast("dict[str, t.Any]", device.system_ready())
    except BadAnswer as exc:
        if exc.http_status == 401:
            return {}  # a web server that wants a login before it says that there is no such API
        raise


class _Wait:
    """One wait, see :func:`wait_until_rebooted`."""

    def __init__(
        self,
        device: Device,
        seconds: float,
        before: Boot | None,
        start_within: float | None,
        unverified: bool = False,
    ) -> None:
        self._device = device
        self._seconds = seconds
        self._before = before
        self._start_within = start_within
        self._unverified = unverified
        self._began = time.monotonic()
        self._told = self._began
        self._failures = 0
        self._was_away = False
        self._refusals = 0
        self._untrusted = 0
        self._logins = 0
        self._proof: str | None = None
        self._now = "it was not asked yet"

    def run(self) -> Arrival:
        self._device.progress(f"waiting for it to {'be ready' if self._before is None else 'reboot'}")
        while True:
            with self._probe() as probe:
                arrived = self._attempt(probe)
            spent = time.monotonic() - self._began
            if arrived is not None:
                self._device.progress(f"ready after {spent:.0f} s")
                return Arrival(arrived, round(spent, 1), self._proof)
            self._give_up_if_over(spent)
            self._pause(spent)

    @contextlib.contextmanager
    def _probe(self) -> collections.abc.Iterator[Device]:
        """The device with a connection of its own for each look: one from before the reboot may hang."""
        timeout = min(self._device.session.address.timeout, LOOK)
        credentials = (None, None) if self._unverified else None
        with self._device.session.again(
            credentials=credentials, timeout=timeout, unverified=self._unverified
        ) as session:
            yield Device(session)

    def _attempt(self, probe: Device) -> Boot | None:
        """The device when it is where it is waited for."""
        try:
            boot = self._look(probe)
            if not boot.ready:
                self._not_there("it says that it is not ready yet", starting=True)
                return None
            self._failures = 0
            if not self._is_another(boot):
                self._now = "it is ready, but still in the same boot" if self._known(boot) else "it was never away"
                return None
            return boot if boot.needs_setup or self._let_in(probe, boot) else None
        except InvalidOption:
            raise
        except (AuthenticationFailed, NotAllowed) as exc:
            self._failures = self._logins = 0
            self._refusals += 1
            self._now = exc.problem
            if self._refusals > len(LOGIN_PAUSES) or probe.session.username is None:
                raise
        except TlsFailed as exc:
            self._untrusted += 1
            self._not_there(exc.problem, starting=False)
            if self._untrusted >= TLS_TRIES:
                raise
        except VapixError as exc:
            self._untrusted = 0
            self._not_there(exc.problem, starting=False)
        return None

    def _look(self, probe: Device) -> Boot:
        asked = time.monotonic()
        try:
            return look(probe)
        except AuthenticationFailed:
            if not self._unverified:
                raise
            return Boot(ready=True, needs_setup=False, asked=asked)  # up, and it has accounts

    def _not_there(self, now: str, starting: bool) -> None:
        self._now = now
        self._logins = 0
        self._failures += 1
        # One failure can be the network's. That it is not ready only a device says that starts, or shuts down.
        if not self._was_away and (self._failures >= AWAY or (starting and self._before and self._before.ready)):
            self._was_away = True
            if self._before is not None:
                self._device.progress(f"away ({now})")

    def _known(self, boot: Boot) -> bool:
        return self._before is not None and boot.comparable(self._before)

    def _is_another(self, boot: Boot) -> bool:
        """Whether it is the boot that is waited for."""
        if self._before is None or self._proof is not None:
            return True
        self._proof = boot.follows(self._before)
        if self._proof is None and self._was_away and not boot.comparable(self._before):
            self._proof = "away"
        return self._proof is not None

    def _let_in(self, probe: Device, boot: Boot) -> bool:
        """Whether the login works; just after the boot, twice in a row."""
        if probe.session.username is None:
            return True
        probe.session.request("GET", "/axis-cgi/usergroup.cgi", safe=True)
        self._logins += 1
        settled = boot.uptime is not None and boot.uptime >= SETTLED
        self._now = "it has let us in once"
        return settled or self._logins >= 2

    def _give_up_if_over(self, spent: float) -> None:
        waited_for = "ready" if self._before is None or self._proof else "rebooted"
        idle = self._before is not None and not self._was_away and self._proof is None
        if idle and self._start_within is not None and spent >= min(self._start_within, self._seconds):
            problem = f"the device shows no sign of a reboot after {spent:.0f} seconds: {self._now}"
            remedy = "It may have ignored the command; look at it before repeating it"
        elif spent >= self._seconds:
            problem = f"the device was not {waited_for} after {spent:.0f} seconds: {self._now}"
            remedy = "Give it more time with a longer wait, or look at its network and power"
        else:
            return
        raise NotInTime(problem, remedy=remedy, device=str(self._device))

    def _pause(self, spent: float) -> None:
        blind = self._before is not None and self._before.boot_id is None and self._before.uptime is None
        pause = PAUSE / 2 if 0 < self._failures < AWAY or (blind and not self._was_away) else PAUSE
        if self._refusals and not self._failures and not self._logins:
            pause = LOGIN_PAUSES[self._refusals - 1]
        if time.monotonic() - self._told >= SILENCE:
            self._told = time.monotonic()
            self._device.progress(f"still waiting after {spent:.0f} s: {self._now}")
        time.sleep(max(0.0, min(pause, self._seconds - spent)))
