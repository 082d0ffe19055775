# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves how changes that can cut us off are proven, and what becomes of them when they are not."""

from __future__ import annotations

import dataclasses
import hashlib
import socket
import typing as t

import pytest
from unit.fake import answer

from ansible_collections.axis.vapix.plugins.module_utils.device import changeover
from ansible_collections.axis.vapix.plugins.module_utils.device.boot import NotInTime
from ansible_collections.axis.vapix.plugins.module_utils.device.changeover import Changeover, Request
from ansible_collections.axis.vapix.plugins.module_utils.device.device import Device
from ansible_collections.axis.vapix.plugins.module_utils.wire.address import Address
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import (
    AuthenticationFailed,
    BrokenConnection,
    ConnectionFailed,
    DeviceRefused,
    NoAnswerInTime,
    NotTaken,
    RolledBack,
    Untrusted,
)
from ansible_collections.axis.vapix.plugins.module_utils.wire.session import Answer

HTTP = Address("192.0.2.7", 80, "http")
HTTPS = Address("192.0.2.7", 443)
CERTIFICATE = b"the new certificate"
SHOWN = hashlib.sha256(CERTIFICATE).hexdigest()
FORMER = {"policy": "both", "authentication": "digest", "ports.http": 80, "ports.https": 443, "certificate": "old"}

REFUSED = ConnectionFailed("nothing listens", remedy="Look")
WRONG = AuthenticationFailed("wrong password")
LET_IN = answer("in")
Reach = t.Callable[["World", Address, bool], Answer | Exception]


def challenge(*schemes: str) -> Answer:
    return Answer(401, {"WWW-Authenticate": ", ".join(f'{scheme} realm="a"' for scheme in schemes)}, b"")


class World:
    """A device, a session with it, and what was told to it.

    :param reach: what a request by an address is answered, anonymous or not.
    """

    def __init__(self, reach: Reach, address: Address) -> None:
        self.reach = reach
        self.address = address
        self.settings: dict[str, t.Any] = dict(FORMER)
        self.told: list[tuple[str, dict[str, t.Any]]] = []
        self.looks = 0

    # -- as a session
    def again(self, *, credentials: t.Any = None, unverified: bool = False, **way: t.Any) -> t.Any:
        world, address = self, dataclasses.replace(self.address, **way)

        class Other:
            def __init__(self) -> None:
                self.address = address

            def __enter__(self) -> t.Any:
                return self

            def __exit__(self, *_error: object) -> None:
                """Nothing to close."""

            def request(self, _method: str, _target: str, *, safe: bool, anonymous: bool = False) -> Answer:
                assert safe and anonymous == (credentials is not None)
                assert anonymous or not unverified
                world.looks += 1
                found = world.reach(world, address, anonymous)
                if isinstance(found, Exception):
                    raise found
                return found

        return Other()

    def move(self, **way: t.Any) -> None:
        self.address = dataclasses.replace(self.address, **way)

    # -- as what sends
    def write(self, values: dict[str, t.Any]) -> None:
        self.told.append((str(self.address.origin), dict(values)))
        self.settings |= values


class Clock:
    """Time that passes by sleeping only, so that a busy machine does not shorten a wait."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    class Blind:
        def __init__(self, *_args: object) -> None:
            """Sees nothing."""

        def __enter__(self) -> t.Any:
            return self

        def __exit__(self, *_error: object) -> None:
            """Nothing to close."""

        def breaks(self, _seconds: float) -> bool:
            return False

    monkeypatch.setattr(changeover, "Watch", Blind)
    monkeypatch.setattr(changeover, "PAUSE", 0.01)
    monkeypatch.setattr(changeover, "time", Clock())
    monkeypatch.setattr(changeover.tls, "presented_fingerprint", lambda *_args: "f" * 64)


def begin(
    reach: Reach,
    address: Address = HTTPS,
    *,
    write: t.Callable[[World, dict[str, t.Any]], None] = World.write,
    **options: t.Any,
) -> tuple[World, Changeover, list[str]]:
    """A changeover of a device."""
    world = World(reach, address)
    lines: list[str] = []
    device = Device(t.cast(t.Any, world), lines.append)
    defaults: dict[str, t.Any] = {"https_port": 443, "shown": SHOWN}
    steps = Changeover(device, lambda _api, values: write(world, values), 0.1, **(defaults | options))
    return world, steps, lines


def setting(**values: t.Any) -> list[Request]:
    """One request that sets some options."""
    former = {path: FORMER[path] for path in values}
    return [Request("api", dict(values), former, former)]


def one_each(**values: t.Any) -> list[Request]:
    """A request for each option."""
    return [request for path, value in values.items() for request in setting(**{path: value})]


def always(found: Answer | Exception) -> Reach:
    return lambda _world, _address, _anonymous: found


# -- the certificate
def by_certificate(world: World, address: Address, anonymous: bool) -> Answer | Exception:
    """Lets in by HTTP and by HTTPS, if what is pinned is what is shown."""
    shown = SHOWN if world.settings["certificate"] == "new" else "f" * 64
    if address.fingerprint not in (None, shown):
        return Untrusted("it is not the pinned one")
    return challenge("Digest") if anonymous else LET_IN


def test_a_new_certificate() -> None:
    world, steps, _lines = begin(by_certificate)
    steps.open(setting(certificate="new"), https=True)
    assert world.told == [("https://192.0.2.7:443", {"certificate": "new"})]
    assert world.address == HTTPS


def test_a_new_pin() -> None:
    pinned = dataclasses.replace(HTTPS, fingerprint="f" * 64)
    world, steps, _lines = begin(by_certificate, pinned, pin={"fingerprint": SHOWN})
    steps.open(setting(certificate="new"), https=True)
    assert world.address.fingerprint == SHOWN


def test_over_http_nobody_logs_in_over_https() -> None:
    def reach(world: World, address: Address, anonymous: bool) -> Answer | Exception:
        assert anonymous or address.scheme == "http"
        return by_certificate(world, address, anonymous)

    world, steps, _lines = begin(reach, HTTP)
    steps.open(setting(certificate="new"), https=True)
    assert world.address == HTTP


def test_the_old_certificate_is_shown_for_a_while() -> None:
    def reach(world: World, address: Address, anonymous: bool) -> Answer | Exception:
        late = world.looks < 3 + changeover.MOST_REFUSALS
        return Untrusted("old") if address.fingerprint and late else by_certificate(world, address, anonymous)

    world, steps, _lines = begin(reach)
    steps.open(setting(certificate="new"), https=True)
    assert len(world.told) == 1


def test_the_old_certificate_goes_on_being_shown() -> None:
    def stubborn(world: World, values: dict[str, t.Any]) -> None:
        world.told.append((world.address.origin, values))

    world, steps, _lines = begin(by_certificate, write=stubborn)
    with pytest.raises(RolledBack, match="another one, with the SHA-256 fingerprint fff") as raised:
        steps.open(setting(certificate="new"), https=True)
    assert "What was set (certificate) was put back" in raised.value.problem
    assert [values for _origin, values in world.told] == [{"certificate": "new"}, {"certificate": "old"}]


def test_a_certificate_we_do_not_trust_is_put_back_by_its_fingerprint() -> None:
    def reach(world: World, address: Address, anonymous: bool) -> Answer | Exception:
        if world.settings["certificate"] == "new" and address.fingerprint is None:
            return Untrusted("not trusted")
        return by_certificate(world, address, anonymous)

    world, steps, _lines = begin(reach)
    with pytest.raises(RolledBack, match="not trusted"):
        steps.open(setting(certificate="new"), https=True)
    assert world.settings["certificate"] == "old" and world.address == HTTPS


def test_a_new_pin_that_lets_nobody_in_is_put_back_and_the_old_pin_holds_again() -> None:
    def reach(world: World, address: Address, anonymous: bool) -> Answer | Exception:
        found = by_certificate(world, address, anonymous)
        # With the new certificate a login fails as long as it is by the pin that the session has moved to.
        return REFUSED if found is LET_IN and world.address.fingerprint == SHOWN and len(world.told) == 1 else found

    pinned = dataclasses.replace(HTTPS, fingerprint="f" * 64)
    world, steps, _lines = begin(reach, pinned, pin={"fingerprint": SHOWN})
    with pytest.raises(RolledBack, match="nothing listens"):
        steps.open(setting(certificate="new"), https=True)
    assert world.settings["certificate"] == "old" and world.address == pinned


def test_nobody_is_left() -> None:
    def reach(world: World, address: Address, anonymous: bool) -> Answer | Exception:
        return REFUSED if world.told else by_certificate(world, address, anonymous)

    world, steps, lines = begin(reach)
    with pytest.raises(NotInTime, match="could not be put back") as raised:
        steps.open(setting(certificate="new"), https=True)
    assert "The values were certificate: old" in str(raised.value)
    assert len(world.told) == 1 and any("could not be put back" in line for line in lines)


def test_away_after_it_was_put_back() -> None:
    def reach(world: World, address: Address, anonymous: bool) -> Answer | Exception:
        return REFUSED if len(world.told) == 2 else by_certificate(world, address, anonymous)

    world, steps, _lines = begin(reach, write=lambda world, values: world.told.append(("", values)))
    with pytest.raises(NotInTime, match="was put back, but since then the device does not let us in"):
        steps.open(setting(certificate="new"), https=True)


# -- writing
@pytest.mark.parametrize("problem", [BrokenConnection("closed"), NoAnswerInTime("no answer")])
def test_what_may_have_taken_is_not_sent_again(problem: Exception) -> None:
    def hangs_up(world: World, values: dict[str, t.Any]) -> None:
        world.write(values)
        raise problem

    world, steps, lines = begin(by_certificate, write=hangs_up)
    steps.open(setting(certificate="new"), https=True)
    assert len(world.told) == 1 and any("looking whether it took" in line for line in lines)


def test_a_web_server_that_still_restarts_is_waited_for() -> None:
    tries: list[int] = []

    def later(world: World, values: dict[str, t.Any]) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise REFUSED
        world.write(values)

    world, steps, _lines = begin(by_certificate, write=later)
    steps.open(setting(certificate="new"), https=True)
    assert len(tries) == 3 and len(world.told) == 1


def test_a_refusal_ends_it() -> None:
    def refuses(_world: World, _values: dict[str, t.Any]) -> None:
        raise DeviceRefused("no")

    for requests in (one_each, setting):
        _world, steps, lines = begin(by_certificate, write=refuses)
        with pytest.raises(DeviceRefused):
            steps.open(requests(policy="open", certificate="new"), https=True)
        assert not any("put back" in line for line in lines)


def test_a_broken_answer_to_one_request_does_not_hold_up_the_next() -> None:
    def hangs_up(world: World, values: dict[str, t.Any]) -> None:
        world.write(values)
        if "policy" in values:
            raise BrokenConnection("closed")

    world, steps, _lines = begin(by_certificate, write=hangs_up)
    steps.open(one_each(policy="open", certificate="new"), https=True)
    assert [values for _origin, values in world.told] == [{"policy": "open"}, {"certificate": "new"}]


def test_each_request_waits_for_the_restart_by_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    monkeypatch.setattr(changeover.Watch, "breaks", lambda _watch, _seconds: order.append("restart"))

    def write(world: World, values: dict[str, t.Any]) -> None:
        world.write(values)
        order.extend(values)

    _world, steps, _lines = begin(by_certificate, write=write)
    # The certificate tells by itself when it is there.
    steps.open(one_each(policy="open", certificate="new"), https=True)
    assert order == ["policy", "restart", "certificate"]


def test_what_was_set_before_another_request_was_refused_is_put_back() -> None:
    def refuses(world: World, values: dict[str, t.Any]) -> None:
        if "certificate" in values:
            raise DeviceRefused("no such certificate")
        world.write(values)

    world, steps, _lines = begin(by_certificate, write=refuses)
    with pytest.raises(RolledBack, match=r"no such certificate. What was set \(policy\) was put back"):
        steps.open(one_each(policy="open", certificate="new"), https=True)
    assert [values for _origin, values in world.told] == [{"policy": "open"}, {"policy": "both"}]


def test_logins_are_not_tried_without_end() -> None:
    def reach(world: World, address: Address, anonymous: bool) -> Answer | Exception:
        return by_certificate(world, address, anonymous) if anonymous else WRONG

    world, steps, _lines = begin(reach, HTTP)
    steps._seconds = 60.0
    with pytest.raises(NotInTime, match="wrong password"):
        steps.open(setting(policy="https"), https=False)
    # And one more for each way to put it back.
    assert world.looks == changeover.MOST_REFUSALS + 1


# -- closing
def test_going_on_by_another_way() -> None:
    world, steps, _lines = begin(lambda _world, address, _anonymous: LET_IN if address.port == 81 else REFUSED)
    steps.go_on({"scheme": "http", "port": 81})
    assert world.address == dataclasses.replace(HTTPS, scheme="http", port=81)
    with pytest.raises(NotInTime, match="does not let us in there"):
        steps.go_on({"port": 82})
    assert world.address.port == 81


def closing(world: World, address: Address, anonymous: bool) -> Answer | Exception:
    """HTTP is closed by the policy; HTTPS breaks with it."""
    closed = world.settings["policy"] == "https"
    return REFUSED if closed == (address.scheme == "http") else challenge("Digest") if anonymous else LET_IN


def test_going_on_over_https() -> None:
    world, steps, lines = begin(always(LET_IN), HTTP, pin={"fingerprint": SHOWN})
    steps.go_on_over_https(at_once=True)
    assert world.address == dataclasses.replace(HTTPS, fingerprint=SHOWN) and "https://192.0.2.7:443" in lines[-1]


@pytest.mark.parametrize("problem", [REFUSED, Untrusted("not trusted"), WRONG])
def test_https_that_does_not_let_us_in(problem: Exception) -> None:
    world, steps, _lines = begin(always(problem), HTTP)
    with pytest.raises(NotTaken, match="HTTP was not closed, because"):
        steps.go_on_over_https(at_once=False)
    assert world.address == HTTP and world.told == []


def test_closed_and_opened_again_on_the_way_we_came() -> None:
    def reach(world: World, address: Address, anonymous: bool) -> Answer | Exception:
        # HTTPS is lost with the change, HTTP is not.
        lost = world.settings["policy"] == "https" and address.scheme == "https"
        return REFUSED if lost else LET_IN

    world, steps, _lines = begin(reach)
    with pytest.raises(RolledBack, match="nothing listens"):
        steps.close(setting(policy="https"), {"scheme": "http", "port": 80})
    assert [origin for origin, _values in world.told] == ["https://192.0.2.7:443", "http://192.0.2.7:80"]
    assert world.settings["policy"] == "both" and world.address == HTTPS


def test_https_has_to_be_there_before_http_is_closed_for_others() -> None:
    world, steps, _lines = begin(by_certificate, HTTP, shown=None)
    steps.prove_https(at_once=True)
    assert world.looks == 1 and world.address == HTTP
    _world, steps, _lines = begin(always(REFUSED), HTTP)
    with pytest.raises(NotTaken, match="HTTP was not closed, because HTTPS does not answer"):
        steps.prove_https(at_once=False)


# -- logins
def test_authentication_is_waited_for() -> None:
    def reach(world: World, _address: Address, anonymous: bool) -> Answer | Exception:
        if not anonymous:
            return LET_IN
        return challenge("Basic") if world.told and world.looks > 4 else challenge("Digest")

    world, steps, _lines = begin(reach)
    steps.authentication(setting(authentication="basic"), "basic", exactly=True)
    assert world.looks == 6 and world.settings["authentication"] == "basic"


@pytest.mark.parametrize(("exactly", "good"), [(True, False), (False, True)])
def test_another_way_to_log_in_beside_it(exactly: bool, good: bool) -> None:
    world, steps, _lines = begin(lambda _w, _a, anonymous: challenge("Basic", "Digest") if anonymous else LET_IN)
    if good:
        steps.authentication(setting(authentication="basic_digest"), "digest", exactly)
        return
    with pytest.raises(RolledBack, match="does not ask for digest .*: it asks for basic, digest"):
        steps.authentication(setting(authentication="digest"), "digest", exactly)
    assert world.told[-1][1] == {"authentication": "digest"}


# -- ports
def at_its_ports(world: World, address: Address, anonymous: bool) -> Answer | Exception:
    if address.port != world.settings[f"ports.{address.scheme}"]:
        return REFUSED
    return challenge("Digest") if anonymous else LET_IN


@pytest.mark.parametrize("address", [HTTP, HTTPS])
def test_own_port(address: Address) -> None:
    world, steps, _lines = begin(at_its_ports, address)
    steps.ports(setting(**{f"ports.{address.scheme}": 8000}), own=8000, https=8000 if address is HTTPS else 443)
    assert world.address == dataclasses.replace(address, port=8000)


def test_the_other_port() -> None:
    world, steps, _lines = begin(at_its_ports, HTTP)
    steps.ports(setting(**{"ports.https": 8443}), own=None, https=8443)
    assert world.address == HTTP


def test_a_port_where_nobody_is() -> None:
    world, steps, _lines = begin(at_its_ports, write=lambda world, values: world.told.append(("", values)))
    with pytest.raises(RolledBack, match="nothing listens"):
        steps.ports(setting(**{"ports.https": 8443}), own=8443, https=8443)
    assert world.address == HTTPS and world.told[-1][1] == {"ports.https": 443}


def test_a_port_where_https_is_not() -> None:
    def reach(world: World, address: Address, anonymous: bool) -> Answer | Exception:
        return REFUSED if address.scheme == "https" else LET_IN

    world, steps, _lines = begin(reach, HTTP)
    with pytest.raises(RolledBack, match="HTTPS is not at its port"):
        steps.ports(setting(**{"ports.https": 8443}), own=None, https=8443)
    assert world.settings["ports.https"] == 443


# -- looking
def test_whether_anybody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        here = Address("127.0.0.1", 443)
        assert changeover.listens(here, port)
    assert not changeover.listens(here, port)
    assert changeover.listens(dataclasses.replace(here, proxy="http://127.0.0.1:3128"), port)
