# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What proves a reboot and what does not, in a time that only passes when somebody waits."""

from __future__ import annotations

import contextlib
import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.fake import NEEDS_RECORDINGS, PARAM, RECORDED, FakeSession, answer, fake_device, json_answer

from ansible_collections.axis.vapix.plugins.module_utils.device import boot
from ansible_collections.axis.vapix.plugins.module_utils.device.boot import Boot, NotInTime
from ansible_collections.axis.vapix.plugins.module_utils.device.device import Device
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import (
    AuthenticationFailed,
    BadAnswer,
    ConnectionFailed,
    InvalidOption,
    NotAllowed,
    TlsFailed,
    VapixError,
)

SYSTEM_READY = "/axis-cgi/systemready.cgi"
PWDGRP = "/axis-cgi/pwdgrp.cgi"
AWAY = ConnectionFailed("nothing listens")
LOGIN = AuthenticationFailed("the device does not accept the credentials")
Step = Boot | VapixError


def state(data: t.Any) -> t.Any:
    return json_answer({"apiVersion": "1.4", "method": "systemready", "data": data})


# -- one look


@NEEDS_RECORDINGS
@pytest.mark.parametrize(
    "file, expected",
    [
        ("systemready-data-C-Cube-LW-M3045-V.json", Boot(True, False)),
        (
            "systemready-data-M1137-MkII-12.11.77-factory-default.json",
            Boot(True, True, "1e566f78-4816-4996-9bef-ec3271273acc", 117),
        ),
        ("systemready-data-configured-12.json", Boot(True, False, None, 3094407)),
    ],
)
def test_recorded_answers(file: str, expected: Boot) -> None:
    device, session = fake_device({SYSTEM_READY: state(json.loads((RECORDED / "vapx" / file).read_text()))})
    assert boot.look(device) == expected
    assert boot.needs_setup(device) is expected.needs_setup
    assert all(request.anonymous for request in session.sent)


@pytest.mark.parametrize("uptime", ["", "soon", None, "-1", "1.5"])
def test_odd_uptimes_are_none(uptime: t.Any) -> None:
    device, dummy = fake_device({SYSTEM_READY: state({"systemready": "no", "uptime": uptime, "bootid": ""})})
    assert boot.look(device) == Boot(False, False)


@pytest.mark.parametrize("missing", [answer("", 404), answer("<html>who are you</html>", 401, "text/html")])
def test_before_9_50(missing: t.Any) -> None:
    """A login that works is what there is; without an account everybody is told so."""
    device, session = fake_device(
        {SYSTEM_READY: missing, PWDGRP: answer("", 401), PARAM: answer("root.Brand.Brand=AXIS")}
    )
    assert boot.look(device) == Boot(True, False)
    session.routes[PWDGRP] = answer("<html>Error: initial admin user must be created first.</html>", 401)
    session.routes[PARAM] = LOGIN
    assert boot.look(device) == Boot(True, True) and boot.needs_setup(device)
    session.routes[PWDGRP] = answer("", 401)
    with pytest.raises(AuthenticationFailed):
        boot.look(device)
    session.routes[PARAM] = answer("")
    with pytest.raises(BadAnswer, match="none of its parameters"):
        boot.look(device)


def test_no_sense_is_no_answer() -> None:
    with pytest.raises(BadAnswer):
        boot.look(fake_device({SYSTEM_READY: answer("<html>starting</html>", 503, "text/html")})[0])


# -- which boot is another


@pytest.mark.parametrize(
    "before, after, proof",
    [
        (Boot(True, False, "a", 50, 100.0), Boot(True, False, "a", 60, 110.0), None),
        (Boot(True, False, "a", 50, 100.0), Boot(True, False, "b", 60, 110.0), "boot_id"),
        (Boot(True, False, "a", 50, 100.0), Boot(True, False, "a", 5, 110.0), "uptime"),
        (Boot(True, False, None, 50, 100.0), Boot(True, False, None, 49, 101.0), "uptime"),
        # A boot that took longer than the one before had been up.
        (Boot(True, False, None, 30, 100.0), Boot(True, False, None, 40, 190.0), "uptime"),
        (Boot(True, False, None, 30, 100.0), Boot(True, False, None, 86, 160.0), None),
        (Boot(True, False, "a", None, 100.0), Boot(True, False, None, None, 110.0), None),
        (Boot(True, False, None, 30, 100.0), Boot(True, False, None, None, 110.0), None),
    ],
)
def test_follows(before: Boot, after: Boot, proof: str | None) -> None:
    assert after.follows(before) == proof


@given(st.floats(0, 1e6), st.integers(0, 10**7), st.floats(0, 1e5), st.floats(0, 2))
def test_waiting_is_no_reboot(asked: float, uptime: int, passed: float, under_way: float) -> None:
    """However long it takes and however the answer is delayed, the same boot is never taken for another."""
    before = Boot(True, False, None, uptime, asked)
    after = Boot(True, False, None, uptime + int(passed + under_way), asked + passed)
    assert after.follows(before) is None


# -- waiting


class Clock:
    """Time passes in sleep only."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += seconds


class Scene(FakeSession):
    """A device that follows a script, one step a look; the last step stays. Logins have a script of their own."""

    def __init__(self, steps: t.Sequence[Step], logins: t.Sequence[VapixError | None] = (None,)) -> None:
        super().__init__()
        self.steps, self.logins = list(steps), list(logins)
        self.username: str | None = "root"
        self.timeouts: list[float] = []
        self.looks = self.asked = 0

    @contextlib.contextmanager
    def again(self, credentials: t.Any = None, timeout: t.Any = None, unverified: bool = False) -> t.Any:
        self.timeouts.append(timeout)
        self.unverified = unverified
        kept = self.username
        self.username = credentials[0] if credentials else kept
        yield self
        self.username = kept

    def request(self, method: str, target: str, **options: t.Any) -> t.Any:
        assert target == "/axis-cgi/usergroup.cgi"
        found = self.logins[min(self.asked, len(self.logins) - 1)]
        self.asked += 1
        if found:
            raise found
        return answer("root\nadmin")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(boot, "time", clock)

    def look(device: t.Any) -> Boot:
        scene = device.session
        step = scene.steps[min(scene.looks, len(scene.steps) - 1)]
        scene.looks += 1
        if isinstance(step, VapixError):
            raise step
        return Boot(step.ready, step.needs_setup, step.boot_id, step.uptime, clock.now)

    monkeypatch.setattr(boot, "look", look)
    return clock


def scene(*steps: Step, logins: t.Sequence[VapixError | None] = (None,)) -> tuple[Device, Scene]:
    session = Scene(steps, logins)
    return Device(t.cast(t.Any, session)), session


def before(*told: t.Any) -> Boot:
    return Boot(True, False, *told, asked=1000.0) if told else Boot(True, False, asked=1000.0)


READY, STARTING = Boot(True, False), Boot(False, False)


def test_a_device_that_is_up_for_long(clock: Clock) -> None:
    device, session = scene(Boot(True, False, "a", 4000))
    arrival = boot.wait_until_ready(device, 60)
    assert (arrival.seconds, arrival.proof, session.asked, session.timeouts) == (0.0, None, 1, [5.0])


def test_a_device_that_just_started(clock: Clock) -> None:
    """Two logins in a row; one that is refused in between starts the count anew."""
    device, session = scene(
        AWAY, STARTING, Boot(True, False, "a", 60), logins=(None, LOGIN, NotAllowed("no"), None, None)
    )
    assert boot.wait_until_ready(device, 60).boot.uptime == 60
    assert session.asked == 5


def test_without_accounts_or_credentials_no_login(clock: Clock) -> None:
    device, session = scene(Boot(True, True))
    assert boot.wait_until_ready(device, 60).boot.needs_setup
    device, session = scene(READY)
    session.username = None
    assert boot.wait_until_ready(device, 60).seconds == 0
    assert session.asked == 0


def test_a_wrong_password_is_tried_five_times(clock: Clock) -> None:
    device, session = scene(READY, logins=(LOGIN,))
    with pytest.raises(AuthenticationFailed):
        boot.wait_until_ready(device, 600)
    assert session.asked == 5 and clock.now - 1000 == sum(boot.LOGIN_PAUSES)


def test_not_in_time(clock: Clock) -> None:
    device, dummy = scene(AWAY)
    with pytest.raises(NotInTime, match="was not ready after 10 seconds: nothing listens"):
        boot.wait_until_ready(device, 10)
    assert clock.now == 1010


def test_errors_that_waiting_does_not_mend(clock: Clock) -> None:
    with pytest.raises(InvalidOption):
        boot.wait_until_ready(scene(InvalidOption("no"))[0], 600)
    device, session = scene(TlsFailed("not trusted"))
    with pytest.raises(TlsFailed):
        boot.wait_until_ready(device, 600)
    assert session.looks == boot.TLS_TRIES
    device, session = scene(TlsFailed("a"), AWAY, TlsFailed("b"), TlsFailed("c"), Boot(True, False, "a", 4000))
    assert boot.wait_until_ready(device, 600).boot.boot_id == "a"


@pytest.mark.parametrize(
    "told, after, proof",
    [(("a", 50), ("b", 1), "boot_id"), ((None, 50), (None, 1), "uptime"), (("a", 50), ("b", 400), "boot_id")],
)
def test_the_old_boot_goes_on_answering(clock: Clock, told: t.Any, after: t.Any, proof: str) -> None:
    old = [Boot(True, False, told[0], told[1] + passed) for passed in range(5)]
    device, session = scene(*old, AWAY, AWAY, STARTING, Boot(True, False, *after))
    assert boot.wait_until_rebooted(device, before(*told), 300).proof == proof
    assert session.looks >= 9


def test_being_away_proves_it_where_nothing_is_told(clock: Clock) -> None:
    device, dummy = scene(READY, READY, AWAY, AWAY, READY)
    assert boot.wait_until_rebooted(device, before(), 300).proof == "away"
    device, dummy = scene(READY, STARTING, READY)
    assert boot.wait_until_rebooted(device, before(), 300).proof == "away"
    # Downgraded to a version that tells nothing.
    device, dummy = scene(Boot(True, False, "a", 51), AWAY, AWAY, READY)
    assert boot.wait_until_rebooted(device, before("a", 50), 300).proof == "away"


def test_a_hiccup_proves_nothing(clock: Clock) -> None:
    device, dummy = scene(READY, AWAY, READY, BadAnswer("html"), READY)
    with pytest.raises(NotInTime, match="no sign of a reboot after 60 seconds: it was never away"):
        boot.wait_until_rebooted(device, before(), 300)


def test_being_away_proves_nothing_where_the_boot_is_told(clock: Clock) -> None:
    """The network was gone, the device was not."""
    device, dummy = scene(AWAY, AWAY, AWAY, Boot(True, False, "a", 4000))
    with pytest.raises(NotInTime, match="was not rebooted after 100 seconds: it is ready, but still in the same boot"):
        boot.wait_until_rebooted(device, before("a", None), 100)


def test_a_device_that_was_not_ready_before(clock: Clock) -> None:
    """Its not being ready is nothing new."""
    device, dummy = scene(STARTING, READY)
    with pytest.raises(NotInTime, match="never away"):
        boot.wait_until_rebooted(device, Boot(False, False, asked=1000.0), 300)


@pytest.mark.parametrize("start_within, spent", [(20.0, 20), (None, 100), (500.0, 100)])
def test_no_sign_of_a_reboot(clock: Clock, start_within: float | None, spent: int) -> None:
    device, dummy = scene(Boot(True, False, "a", 4000))
    with pytest.raises(NotInTime):
        boot.wait_until_rebooted(device, before("a", 3990), 100, start_within=start_within)
    assert clock.now == 1000 + spent


def test_rebooted_but_never_ready(clock: Clock) -> None:
    device, dummy = scene(Boot(True, False, "b", 5), logins=(None, BadAnswer("busy")))
    with pytest.raises(NotInTime, match="was not ready after 30 seconds: busy"):
        boot.wait_until_rebooted(device, before("a", 50), 30)


def test_unverified_sends_no_credentials(clock: Clock) -> None:
    device, session = scene(LOGIN, AWAY, AWAY, Boot(True, True))
    assert boot.wait_until_rebooted(device, before(), 300, unverified=True).boot.needs_setup
    assert session.asked == 0 and session.unverified


def test_progress(clock: Clock) -> None:
    lines: list[str] = []
    device, dummy = scene(Boot(True, False, "a", 51), AWAY, *[AWAY] * 40, Boot(True, False, "b", 1))
    device.progress = lines.append
    boot.wait_until_rebooted(device, before("a", 50), 300)
    assert lines[0] == "waiting for it to reboot" and lines[1] == "away (nothing listens)"
    assert lines[2].startswith("still waiting after 30 s: nothing listens") and lines[-1].startswith("ready after ")
    assert len(lines) == 4
