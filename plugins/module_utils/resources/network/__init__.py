# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The network settings of a device, and its move to another address.

The device answers the change of its address before it makes it, and takes it back silently where it fails. So that
comes last, and then the device is looked for: at its new address, where it has to prove that it is the same one, and at
the old one, where it still is if it took the change back.

Sources: those of :mod:`.settings`.
"""

from __future__ import annotations

import dataclasses
import functools
import ipaddress
import time
import typing as t

from ...device import whereabouts
from ...device.device import Device
from ...model.change import Call, Change, Phase, Plan, Secret
from ...model.compare import differences, flatten, nest, write_only
from ...model.field import MISSING
from ...model.option import Document, flatten_options
from ...model.resource import Hidden, Planner, Resource, Returned, Target, World
from ...model.shapes.document import resolve_nulls
from ...wire.errors import ConnectionFailed, NotSupported, NotTaken, RolledBack, VapixError
from ...wire.hosts import is_host
from ..certificate.store import store_of
from . import checks, settings
from .options import STATE, STEERING
from .settings import Reading

#: For so many seconds a device that is found has to show the address in use as it is to be. Then it is believed.
SETTLING = 10.0
#: What a device shows beside a value that it never tells, and that makes it be sent again when it changes.
_BESIDE = {"dot1x.password": ("dot1x.mode", "dot1x.identity"), "dot1x.cak": ("dot1x.mode", "dot1x.ckn")}
_URLS = ("global_proxy.http", "global_proxy.https")
_CUTS = frozenset({"restarts_service", "moves_address"})


class Network(Resource):
    """Options of the network settings."""

    name = "network"
    apis = ("network_settings.cgi", "param.cgi Network")
    after = ("ca_certificate", "certificate", "web_server")
    parameters = settings.OWNED
    options = STEERING | STATE
    returns = {
        "address": Returned(
            "str",
            (
                "Where the device is now, for the option O(host) of later tasks. In check mode, where it would be.",
                "V(null) in check mode if only a DHCP server can tell.",
            ),
            sample="192.0.2.5",
        ),
        "interface": Returned("str", "The interface that the settings are of.", sample="eth0"),
    }
    requirements = ("requests", "deepdiff")

    def secrets(self, wanted: Document) -> list[str]:
        proxy = wanted.get("global_proxy") or {}
        urls = [proxy.get(name) for name in ("http", "https")]
        return [secret for url in urls for secret in (*checks.proxy_secrets(url), url) if checks.proxy_secrets(url)]

    def on(self, device: Device, wanted: Document) -> NetworkTarget:
        return NetworkTarget(self, device, wanted)


class NetworkTarget(Target):
    """The network settings of one device."""

    def __init__(self, resource: Network, device: Device, wanted: Document) -> None:
        super().__init__(resource, device, wanted)
        self._interface: str | None = wanted.get("interface")
        self._seconds: float = wanted.get("reconnect_timeout", 90.0)
        self._other_hosts: list[str] = list(wanted.get("reconnect_hosts") or ())
        self._always = wanted.get("update_secrets") == "always"
        self._options = flatten_options(STATE)
        self._vlans = self._declared_vlans(wanted)
        self._wanted = self._complete(wanted)
        self._resolved: dict[str, str] = {}
        self._proven: list[str] = []

    # -- what is wanted
    def _declared_vlans(self, wanted: Document) -> dict[int, bool]:
        declared: dict[int, bool] = {}
        for vlan in wanted.get("vlans") or ():
            if vlan["id"] in declared:
                raise self.invalid(f"vlans: {vlan['id']} is there twice", "Give each VLAN once")
            declared[vlan["id"]] = vlan["state"] == "present"
        return declared

    def _complete(self, wanted: Document) -> Document:
        """Flatten, replace null by what it stands for, and refuse what no device can hold."""
        flat = flatten({name: value for name, value in wanted.items() if name in STATE and name != "vlans"})
        flat = resolve_nulls(flat, self._options, self)
        for path, value in flat.items():
            try:
                flat[path] = checks.normal(path, value)
            except ValueError as exc:
                raise self.invalid(f"{path}: {exc}", "Correct it") from exc
        return flat

    def secrets(self) -> t.Mapping[str, t.Any]:
        return {path: value for path, value in self._wanted.items() if path in (*_BESIDE, *_URLS)}

    # -- reading
    def api_of(self, reading: Reading) -> str:
        return reading.api

    def read(self) -> Reading:
        mode = self._wanted.get("dot1x.mode")
        everything = not self._wanted and not self._vlans  # to tell all of it
        beside = everything or any(path.startswith("ipv6.") or path == "ipv4.link_local" for path in self._wanted)
        reading = settings.read(self.device, self._interface, mode, beside)
        address = self.device.session.address
        if address.host not in self._resolved:
            self._resolved[address.host] = whereabouts.resolved(address)
        return dataclasses.replace(reading, resolved=self._resolved[address.host])

    def current(self, reading: Reading) -> Document:
        told = {
            path: value
            for path, value in reading.values.items()
            if path not in _BESIDE and not (path in _URLS and checks.hides_secret(value)) and value is not None
        }
        document = nest(checks.consistent(told))
        if reading.vlans:
            document["vlans"] = [{"id": number} for number in sorted(reading.vlans)]
        return document

    def hidden(self, reading: Reading) -> list[Hidden]:
        on = reading.values.get("dot1x.enabled")
        urls = [path for path in _URLS if checks.hides_secret(reading.values.get(path, ""))]
        secret = [path for path in _BESIDE if on and reading.values.get(path)]
        return [Hidden(tuple(path.split(".")), path.replace(".", "_")) for path in (*urls, *secret)]

    def shows(self, change: Change, reading: Reading) -> t.Any:
        if change.path in _URLS:
            return checks.proxy_shown(reading.values.get(change.path, ""))
        return reading.values.get(change.path, MISSING)

    # -- planning
    def plan(self, reading: Reading, world: World) -> Plan:
        planner = self.planner(reading)
        self._refuse(checks.check_mode(self._wanted, reading.values | self._wanted))
        wanted = self._possible(planner, reading)
        self._refuse(checks.check(wanted, reading, self.device.session.address.host, reading.resolved))
        self._refuse(checks.check_vlans(self._vlans, reading))
        changes = self._changes(reading, wanted)
        address = [change for change in changes if change.path.startswith("ipv4.")]
        others = [change for change in changes if change not in address]
        cutting = [change for change in others if change.risk in _CUTS]
        # What cuts nothing, what can cut the connection for a moment, and the address.
        plain = [change for change in others if change not in cutting]
        lost = any(change.before is None or change.path.startswith("global_proxy.") for change in plain)
        undo = [] if lost else settings.calls(reading, {change.path: change.before for change in plain})
        planner.step(plain, self._calls(plain, reading), undo)
        for step, phase in ((cutting, Phase.ACCESS), (address, Phase.ADDRESS)):
            planner.step(step, [self._cutting_call(step, reading)] if step else [], phase=phase)
        return planner.plan()

    def _changes(self, reading: Reading, wanted: Document) -> list[Change]:
        state = {path: option for path, option in self._options.items() if path not in _URLS}
        changes = [
            dataclasses.replace(
                change,
                risk=self._risk(change, reading, wanted),
                # Whether a device shows its proxies before it was rebooted is not documented.
                provable=change.path != "global_proxy.no_proxy",
            )
            for change in differences(reading.values, wanted, state)
        ]
        changes += self._plan_vlans(reading)
        changes += self._plan_proxies(reading, wanted)
        changed = {change.path for change in changes}
        for path, beside in _BESIDE.items():
            one = {path: self._options[path]}
            paths = {path.rpartition(".")[0] + ".x"} if changed & set(beside) else set()
            found = write_only(reading.values, wanted, one, paths, self._always)
            changes += [dataclasses.replace(change, risk="restarts_service") for change in found]
        order = list(STATE)
        return sorted(changes, key=lambda change: order.index(change.path.partition(".")[0]))

    def _possible(self, planner: Planner, reading: Reading) -> Document:
        """What is wanted, without what this device cannot hold."""
        # A default that a device lacks is no loss.
        absent = [
            path
            for path, value in self._wanted.items()
            if path not in reading.values and value != self._options[path].null
        ]
        absent += ["vlans"] if self._vlans and reading.vlans is None else []
        if absent:
            planner.unsupported(f"hold {', '.join(absent)}", *absent)
        wanted = {path: value for path, value in self._wanted.items() if path in reading.values}
        for path, choices in reading.choices.items():
            if path in wanted and wanted[path] not in choices:
                planner.unsupported(f"set {path} to {wanted[path]}", path)
                del wanted[path]
        return wanted

    def _refuse(self, problems: checks.Problems) -> None:
        for problem, remedy in problems:
            raise self.invalid(problem, remedy)

    def _risk(self, change: Change, reading: Reading, wanted: Document) -> str:
        """How bad a change is. Of a static address that is not in use, nothing is."""
        moves = "moves_address" if self._is_ours(reading) else "restarts_service"
        if change.path in ("ipv4.enabled", "ipv4.source"):
            return moves
        if change.path in ("ipv4.addresses", "ipv4.gateway", "ipv4.static_fallback"):
            source = (reading.values | wanted).get("ipv4.source")
            fallen_back = any(live.origin == "static" and live.address.version == 4 for live in reading.live)
            return moves if source == "static" or fallen_back else "none"
        if change.path.startswith(("dot1x.", "ipv6.", "ipv4.dhcp_static_routes")):
            return "restarts_service"
        return "reboots" if change.path == "global_proxy.no_proxy" else "none"

    def _is_ours(self, reading: Reading) -> bool:
        """Whether the interface is the one whose IPv4 we are connected by, as far as the device tells."""
        host = self.device.session.address.host
        if ":" in host:
            return False
        having = {live.interface for live in reading.live if live.host == host}
        return not having or reading.interface in having

    def _plan_vlans(self, reading: Reading) -> list[Change]:
        there = reading.vlans
        if there is None:
            return []
        return [
            Change(
                f"vlans.{number}",
                None if present else there[number],
                f"{reading.parent}.{number}" if present else None,
                risk="restarts_service",
            )
            for number, present in self._vlans.items()
            if present != (number in there)
        ]

    def _plan_proxies(self, reading: Reading, wanted: Document) -> list[Change]:
        """A password in them is obscured when read."""
        changes = []
        for path in ("global_proxy.http", "global_proxy.https"):
            if path not in wanted:
                continue
            now, url = reading.values[path], wanted[path]
            again = self._always and bool(checks.proxy_secrets(url))
            if again or not checks.same_proxy(now, url):
                shown = checks.proxy_shown(now), checks.proxy_shown(url)
                changes.append(Change(path, *shown, risk="reboots", provable=False))
        return changes

    def _values(self, changes: t.Sequence[Change], reading: Reading) -> Document:
        """What is to be sent. Proxies go together."""
        paths = {change.path for change in changes}
        values: Document = {path: self._wanted[path] for path in paths if not path.startswith("vlans.")}
        values |= {change.path: change.after is not None for change in changes if change.path.startswith("vlans.")}
        if any(path.startswith("global_proxy.") for path in paths):
            proxies = {path: value for path, value in reading.values.items() if path.startswith("global_proxy.")}
            values |= proxies | {path: self._wanted[path] for path in proxies if path in self._wanted}
        hidden = [path for path in values if path in self._wanted and path in (*_BESIDE, *_URLS)]
        return values | {path: Secret(path) for path in hidden}

    def _cutting_call(self, changes: t.Sequence[Change], reading: Reading) -> Call:
        """The call that makes changes that can cut the connection, with where the device can be then."""
        moves = any(change.risk == "moves_address" for change in changes)
        cuts = any(change.risk in _CUTS for change in changes)
        home = self.device.session.address.host
        return Call(
            "settle",
            {
                "calls": [{"name": call.name, "arguments": call.arguments} for call in self._calls(changes, reading)],
                "paths": [change.path for change in changes],
                "cuts": cuts,
                "moves": moves,
                "places": self._places(changes, reading) if moves else [home],
            },
        )

    def _calls(self, changes: t.Sequence[Change], reading: Reading) -> list[Call]:
        return settings.calls(reading, self._values(changes, reading))

    # -- what only the device, or who else is in its network, can say
    def verify(self, plan: Plan, reading: Reading, world: World) -> None:
        changes = plan.changes
        for change in changes:
            if change.path in ("dot1x.client_certificate", "dot1x.ca_certificates") and change.after:
                self._check_certificates(change, world)
        if any(change.path.startswith("global_proxy.") for change in changes):
            self._check_proxies(reading)
        if any(change.risk in _CUTS for change in changes) and not self._serial:
            raise self.invalid(
                "the device does not tell its serial number, so that it could not be recognised after a change",
                "Set it up by hand",
            )
        for host in self._new_hosts(changes, reading):
            self._check_free(host)

    def _check_certificates(self, change: Change, world: World) -> None:
        one = change.path == "dot1x.client_certificate"
        kind, called = ("certificate", "certificate") if one else ("ca_certificate", "CA certificate")
        wanted = [change.after] if one else change.after
        store = store_of(self.device)
        try:
            known = store.certificates() if one else store.ca_certificates()
        except NotSupported:
            return  # the device itself will say
        missing = [alias for alias in wanted if alias not in known and not world.has(kind, alias)]
        if missing:
            there = ", ".join(map(repr, known)) or "none"
            raise self.invalid(
                f"{change.path}: the device has no {called} {' and '.join(map(repr, missing))}",
                f"It has {there}. Install it first",
            )

    def _check_proxies(self, reading: Reading) -> None:
        """All three are set at once, so that a password that the device hides has to be known."""
        for path in ("global_proxy.http", "global_proxy.https"):
            if path not in self._wanted and checks.hides_secret(reading.values.get(path, "")):
                raise self.invalid(
                    f"{path}: the device hides its password, and all proxies have to be set at once",
                    f"Give {path}, too",
                )

    def _new_hosts(self, changes: t.Sequence[Change], reading: Reading) -> list[str]:
        """Addresses that the device is to have and has not yet."""
        if not any(change.path.startswith("ipv4.") and change.risk in _CUTS for change in changes):
            return []
        there = {live.host for live in reading.live} | {self.device.session.address.host}
        return [host for host in self._static_hosts(reading) if host not in there]

    def _static_hosts(self, reading: Reading) -> list[str]:
        """The static addresses that the device will be reached at; none where it has them from DHCP."""
        after = reading.values | self._wanted
        if after.get("ipv4.source") != "static":
            return []
        return [str(ipaddress.ip_interface(text).ip) for text in after.get("ipv4.addresses", ())]

    def _check_free(self, host: str) -> None:
        answer = whereabouts.who_is_at(self.device.session, host)
        if answer.anybody and answer.serial != self._serial:
            who = f"serial number {answer.serial}" if answer.serial else "it tells no serial number"
            raise self.invalid(
                f"ipv4.addresses: something else answers at {host} already ({who})",
                "Give a free address, or move that one away first",
            )

    @functools.cached_property
    def _serial(self) -> str:
        return self.device.identity.get("SerialNumber", "").upper()

    def _predict(self, changes: t.Sequence[Change], reading: Reading) -> str | None:
        """The address after the changes; None where only DHCP knows."""
        host = self.device.session.address.host
        if not any(change.risk == "moves_address" for change in changes):
            return host
        static = self._static_hosts(reading)
        if static:
            return self._places(changes, reading)[0]
        return None if any(change.path == "ipv4.source" for change in changes) else host

    def _places(self, changes: t.Sequence[Change], reading: Reading) -> list[str]:
        """Where the device can be after the changes, the likeliest first."""
        host = self.device.session.address.host
        static = self._static_hosts(reading)
        if static:
            # While the addresses themselves stay, so does the name, or what is translated to one, that we know it by.
            now = {
                live.host
                for live in reading.live
                if live.interface == reading.interface and live.address.version == 4 and not live.address.is_link_local
            }
            kept = bool(now) and now <= set(static)
            moved = any(change.path in ("ipv4.source", "ipv4.addresses") for change in changes)
            stays = host in static or kept or not moved
            return list(dict.fromkeys([*([host] if stays else []), *static]))
        after = reading.values | self._wanted
        names = [name for name in (after.get("hostname.name"),) if name]
        if names and after.get("dns.domain"):
            names.append(f"{names[0]}.{after['dns.domain']}")
        names += [f"{name}.local" for name in names[:1]]
        return list(dict.fromkeys([host, *self._other_hosts, *filter(is_host, names)]))

    # -- writing
    def do(self, call: Call) -> None:
        if call.name == "settle":
            self._settle(call.arguments)
        else:
            settings.send(self.device, call)

    def _settle(self, wanted: Document) -> None:
        """Make changes and, where they can cut the connection, find the device again."""
        home, paths = self.device.session.address.host, wanted["paths"]
        calls = [Call(one["name"], one["arguments"]) for one in wanted["calls"]]
        if not wanted["cuts"]:
            for call in calls:
                settings.send(self.device, call)
            return
        str(self._serial)  # asked for while that is possible, and kept
        left, _reading = self._open()
        # What earlier steps made is proven while the device is still there.
        self._proven = [path for path in self._all_paths() if path not in left]
        doubt = self._send(calls)
        try:
            if wanted["moves"]:
                self._follow(paths, wanted["places"], home)
            else:
                self._find([home], self._shows_settled(paths))
        except VapixError as exc:
            exc.problem += f" (and the command was not answered: {doubt.problem})" if doubt else ""
            raise
        self._check_certificate(home)

    def _all_paths(self) -> list[str]:
        return [*self._wanted, *(f"vlans.{number}" for number in self._vlans)]

    def ends(self, error: VapixError, plan: Plan) -> None:
        """What was proven before the device was lost is no longer in doubt."""
        for path in [path for path in error.unknown or () if self.place_of(path) in self._proven]:
            t.cast(list[str], error.unknown).remove(path)
            t.cast(list[str], error.applied).append(path)

    def place_of(self, path: str) -> str:
        """A path of the account without the section."""
        return path.removeprefix(f"{self.section}.") if self.section else path

    def _send(self, calls: t.Sequence[Call]) -> ConnectionFailed | None:
        """Send what can cut the connection. A device that moves may not answer, which looking for it will show."""
        try:
            for call in calls:
                settings.send(self.device, call)
        except ConnectionFailed as exc:
            return exc
        return None

    def _open(self) -> tuple[list[str], Reading]:
        """What the device does not show yet of what it can show, and the reading."""
        reading = self.read()
        return [change.path for change in self.plan(reading, World()).changes if change.provable], reading

    def _shows_settled(self, paths: t.Sequence[str]) -> t.Callable[[str], str | None]:
        """Whether the device shows some changes, for :func:`whereabouts.find`."""
        began = time.monotonic()

        def settled(_host: str) -> str | None:
            left, reading = self._open()
            if set(paths) & set(left):
                return "it still has its old settings"
            under_way = any(path.startswith("dot1x.") for path in paths) and not _dot1x_is_settled(reading)
            return "802.1X is under way" if under_way and self._may_settle(began) else None

        return settled

    def _may_settle(self, began: float) -> bool:
        """Whether to go on waiting for what the device only shows beside its settings."""
        return time.monotonic() - began < min(SETTLING, self._seconds)

    def _find(self, hosts: list[str], settled: t.Callable[[str], str | None]) -> None:
        """Find the device as it is to be and leave the session there.

        :raises NotTaken: it is there, but not as it is to be. :raises NotFound: it is nowhere.
        """
        try:
            whereabouts.find(self.device, self._serial, hosts, self._seconds, settled)
        except whereabouts.NotFound as exc:
            if exc.at is None:
                exc.remedy = (
                    "It may be at an address that is not reached from here, or wait for a DHCP server: look for it in "
                    "the switch or by discovery, and give where else to look in reconnect_hosts"
                )
                raise
            remedy = "Its system log may say why; give it more time with reconnect_timeout if it is only slow"
            raise NotTaken(exc.problem, remedy=remedy, device=str(self.device)) from None

    def _follow(self, paths: t.Sequence[str], places: list[str], home: str) -> None:
        """Find the device at one of the places where it can be now.

        :raises RolledBack: it is where it was, with its old settings.
        """
        shows, began = self._shows_settled(paths), time.monotonic()
        old = False

        def settled(host: str) -> str | None:
            nonlocal old
            missing = shows(host)
            old = host == home and missing is not None
            if missing is None and host not in places:
                missing = "it shows the new settings, but it is still here"
            if missing is None and self._may_settle(began) and not self._in_use(host):
                missing = "it has the new settings, but does not use them yet"
            return missing

        try:
            self._find(list(dict.fromkeys([*places, home])), settled)
        except NotTaken as exc:
            if not old:
                raise
            raise RolledBack(
                f"the device took the change of its address back, or never made it: {exc.problem}",
                remedy="Its system log may say why; another device may have the address, or the link failed",
                device=str(self.device),
                api=exc.api,
            ) from exc

    def _in_use(self, host: str) -> bool:
        """Whether the device says that it uses the address we found it at, from the source that is wanted."""
        reading = self.read()
        after = reading.values | self._wanted
        source = after.get("ipv4.source")
        by_name = not any(live.host == host for live in reading.live)
        lives = [live for live in reading.live if source == "dhcp" or by_name or live.host == host]
        if source == "dhcp":
            # Of a device that does not tell, the static one may be the one from before.
            static = {text.partition("/")[0] for text in after.get("ipv4.addresses", ())}
            return any(live.origin == source or (not live.origin and live.host not in static) for live in lives)
        return any(live.origin in (source, "", "unknown") for live in lives)

    def _check_certificate(self, home: str) -> None:
        """Tell if the next task will not be able to trust the device's certificate at its new address."""
        here = self.device.session.address
        if here.host == home or here.scheme != "https" or here.fingerprint or not here.validate_certs:
            return
        try:
            with self.device.session.again(credentials=(None, None), certificate_name=None) as other:
                Device(other).unrestricted_identity()
        except ConnectionFailed as exc:
            self.device.warn(
                f"The device is at {here.host} now, but its certificate is for {here.certificate_name}: {exc.problem}. "
                "Connect by that name, give it a certificate for the new address, or pin its certificate."
            )

    def result(self, plan: Plan, before: Reading, after: Reading) -> Document:
        host = self.device.session.address.host
        return {
            "address": self._predict(plan.changes, before) if after is before else host,
            "interface": after.interface,
        }


def _dot1x_is_settled(reading: Reading) -> bool:
    """Whether 802.1X has come to an end, be it good or bad, as far as the device tells."""
    ends = ("authorized", "unauthorized") if reading.values.get("dot1x.enabled") else ("stopped",)
    return reading.dot1x_status.casefold() in ("", *ends)


DECLARED = Network()
