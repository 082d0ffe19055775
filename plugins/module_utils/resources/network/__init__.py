# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The network settings of a device, and its move to another address.

The device answers the change of its address before it makes it, and takes it back silently where it fails. So that
comes last, and then the device is looked for: at its new address, where it has to prove that it is the same one, and at
the old one, where it still is if it took the change back.

Sources: those of :mod:`network_settings`.
"""

from __future__ import annotations

import dataclasses
import functools
import ipaddress
import time
import typing as t

from ...device import whereabouts
from ...device.device import Device
from ...model.compare import flatten
from ...model.legacy import ON_UNSUPPORTED, Change, Document, Option, Resource, Target, differences, flatten_options
from ...wire.errors import ConnectionFailed, NotSupported, NotTaken, RolledBack, VapixError
from ...wire.hosts import is_host
from ..certificate.store import store_of
from . import checks, settings
from .settings import Reading

#: What is set in this order. The address is last, so that all else is there before we may lose the device.
ORDER = ("hostname", "dns", "global_proxy", "ipv6", "vlans", "dot1x", "ipv4")
#: For so many seconds a device that is found has to show the address in use as it is to be. Then it is believed.
SETTLING = 10.0
#: Values that a device never tells, and what it shows besides that makes them be sent again when it changes.
_WRITE_ONLY = {"dot1x.password": ("dot1x.mode", "dot1x.identity"), "dot1x.cak": ("dot1x.mode", "dot1x.ckn")}
_CUTS = frozenset({"restarts_service", "moves_address"})
_STEERING = ("interface", "reconnect_timeout", "reconnect_hosts", "update_password", "on_unsupported")
_DHCP_OR_STATIC = ("dhcp", "static")


class Network(Resource):
    """Options of the network settings."""

    name = "network"
    options = {
        "interface": Option(),
        "hostname": Option("dict", options={"source": Option(choices=_DHCP_OR_STATIC, null="dhcp"), "name": Option()}),
        "dns": Option(
            "dict",
            options={
                "source": Option(choices=_DHCP_OR_STATIC),
                "servers": Option("list", elements="str", null=[]),
                "search_domains": Option("list", elements="str", null=[]),
                "domain": Option(null=""),
            },
        ),
        "global_proxy": Option(
            "dict",
            options={
                "http": Option(null=""),
                "https": Option(null=""),
                "no_proxy": Option("list", elements="str", null=[], ordered=False),
            },
        ),
        "ipv6": Option(
            "dict",
            options={
                "enabled": Option("bool"),
                "accept_ra": Option("bool", null=True),
                "dhcpv6": Option(choices=("auto", "stateful", "stateless", "off"), null="auto"),
                "addresses": Option("list", elements="str", null=[], ordered=False),
                "gateway": Option(null=""),
            },
        ),
        "vlans": Option(
            "list",
            elements="dict",
            options={
                "id": Option("int", required=True),
                "state": Option(choices=("present", "absent"), default="present"),
            },
        ),
        "dot1x": Option(
            "dict",
            options={
                "enabled": Option("bool", null=False),
                "mode": Option(choices=tuple(settings.MODES)),
                "identity": Option(null=""),
                "password": Option(secret=True),
                "eapol_version": Option(choices=("1", "2", "3")),
                "peap_version": Option(choices=("0", "1")),
                "peap_label": Option(choices=("1", "2")),
                "client_certificate": Option(null=""),
                "ca_certificates": Option("list", elements="str", null=[], ordered=False),
                "cak": Option(secret=True),
                "ckn": Option(),
            },
        ),
        "ipv4": Option(
            "dict",
            options={
                "enabled": Option("bool", null=True),
                "source": Option(choices=_DHCP_OR_STATIC, null="dhcp"),
                "addresses": Option("list", elements="str", ordered=False),
                "gateway": Option(),
                "static_fallback": Option("bool"),
                "link_local": Option(choices=("off", "on", "fallback")),
                "dhcp_static_routes": Option("bool"),
            },
        ),
        "reconnect_timeout": Option("float", default=90.0),
        "reconnect_hosts": Option("list", elements="str"),
        "update_password": Option(choices=("always", "on_create"), default="on_create"),
        "on_unsupported": ON_UNSUPPORTED,
    }

    def secrets(self, wanted: Document) -> list[str]:
        dot1x, proxy = wanted.get("dot1x") or {}, wanted.get("global_proxy") or {}
        urls = [password for name in ("http", "https") for password in checks.proxy_secrets(proxy.get(name))]
        return [secret for secret in (dot1x.get("password"), dot1x.get("cak"), *urls) if secret]

    def on(self, device: Device, wanted: Document) -> NetworkTarget:
        return NetworkTarget(device, wanted)


class NetworkTarget(Target):
    """The network settings of one device."""

    def __init__(self, device: Device, wanted: Document) -> None:
        super().__init__(device, "network_settings.cgi", wanted["on_unsupported"] == "warn")
        self._interface: str | None = wanted.get("interface")
        self._seconds: float = wanted["reconnect_timeout"]
        self._other_hosts: list[str] = list(wanted.get("reconnect_hosts") or ())
        self._always = wanted["update_password"] == "always"
        if not 0 < self._seconds < float("inf"):
            raise self.invalid(f"reconnect_timeout: {self._seconds:g} is not a time above 0", "Give it in seconds")
        for host in self._other_hosts:
            if not is_host(host):
                raise self.invalid(f"reconnect_hosts: {host!r} is neither a host name nor an IP address", "Correct it")
        self._options = flatten_options(Network.options)
        self._vlans = self._declared_vlans(wanted)
        self._wanted = self._complete(wanted)
        self._last: Reading | None = None
        self._predicted: str | None = device.session.address.host
        self._written = False
        self._resolved: dict[str, str] = {}

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
        flat = flatten({name: value for name, value in wanted.items() if name not in (*_STEERING, "vlans")})
        for path, value in flat.items():
            if value is None:
                value = self._options[path].null
                if value is None:
                    raise self.invalid(
                        f"{path} cannot be null: no default is documented for it",
                        "Leave the option out to leave the setting alone",
                    )
            try:
                flat[path] = checks.normal(path, value)
            except ValueError as exc:
                raise self.invalid(f"{path}: {exc}", "Correct it") from exc
        return flat

    # -- reading
    def read(self) -> Reading:
        mode = self._wanted.get("dot1x.mode")
        beside = any(path.startswith("ipv6.") or path == "ipv4.link_local" for path in self._wanted)
        self._last = settings.read(self.device, self._interface, mode, beside)
        self.api = self._last.api
        return self._last

    # -- planning
    def plan(self, reading: Reading) -> list[Change]:
        self._refuse(checks.check_mode(self._wanted, reading.values | self._wanted))
        wanted = self._possible(reading)
        self._check(wanted, reading)
        shown = {
            path: value
            for path, value in wanted.items()
            if path not in (*_WRITE_ONLY, "global_proxy.http", "global_proxy.https")
        }
        changes = [
            dataclasses.replace(
                change,
                risk=self._risk(change, reading, wanted),
                # Whether a device shows its proxies before it was rebooted is not documented.
                provable=change.path != "global_proxy.no_proxy",
            )
            for change in differences(reading.values, shown, self._options)
        ]
        changes += self._plan_vlans(reading)
        changes += self._plan_proxies(reading, wanted)
        changes += self._plan_secrets(reading, wanted, {change.path for change in changes})
        changes.sort(key=lambda change: ORDER.index(change.path.partition(".")[0]))
        if not self._written:
            self._check_changes(changes, reading)
            self._predicted = self._predict(changes, reading)
        return changes

    def _possible(self, reading: Reading) -> Document:
        """What is wanted, without what this device cannot hold."""
        absent = [path for path in self._wanted if path not in reading.values]
        absent += ["vlans"] if self._vlans and reading.vlans is None else []
        if absent:
            self.unsupported(f"hold {', '.join(absent)}")
        wanted = {path: value for path, value in self._wanted.items() if path in reading.values}
        for path, choices in reading.choices.items():
            if path in wanted and wanted[path] not in choices:
                self.unsupported(f"set {path} to {wanted[path]}")
                del wanted[path]
        return wanted

    def _check(self, wanted: Document, reading: Reading) -> None:
        address = self.device.session.address
        host = address.host
        if host not in self._resolved:
            self._resolved[host] = whereabouts.resolved(address)
        self._refuse(checks.check(wanted, reading, host, self._resolved[host]))
        self._refuse(checks.check_vlans(self._vlans, reading))

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

    def _plan_secrets(self, reading: Reading, wanted: Document, changed: set[str]) -> list[Change]:
        changes = []
        for path, beside in _WRITE_ONLY.items():
            if path not in wanted:
                continue
            is_set = bool(reading.values[path])
            if not is_set or self._always or changed & set(beside):
                before = "set" if is_set else None
                changes.append(
                    Change(path, before, "wanted", secret=True, risk="restarts_service", provable=not is_set)
                )
        return changes

    def _check_changes(self, changes: t.Sequence[Change], reading: Reading) -> None:
        """Refuse what only the device, or who else is in its network, can say."""
        for change in changes:
            if change.path in ("dot1x.client_certificate", "dot1x.ca_certificates") and change.after:
                self._check_certificates(change)
        if any(change.path.startswith("global_proxy.") for change in changes):
            self._check_proxies(reading)
        if any(change.risk in _CUTS for change in changes) and not self._serial:
            raise self.invalid(
                "the device does not tell its serial number, so that it could not be recognised after a change",
                "Set it up by hand",
            )
        for host in self._new_hosts(changes, reading):
            self._check_free(host)

    def _check_certificates(self, change: Change) -> None:
        store = store_of(self.device)
        try:
            if change.path == "dot1x.client_certificate":
                known, kind = store.certificates(), "certificate"
                missing = [change.after] if change.after not in known else []
            else:
                known, kind = store.ca_certificates(), "CA certificate"
                missing = [alias for alias in change.after if alias not in known]
        except NotSupported:
            return  # the device itself will say
        if missing:
            there = ", ".join(map(repr, known)) or "none"
            raise self.invalid(
                f"{change.path}: the device has no {kind} {' and '.join(map(repr, missing))}",
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
    def write(self, changes: t.Sequence[Change]) -> None:
        """In steps: what cuts nothing, what can cut the connection for a moment, and the address."""
        self._written = True
        address = [change for change in changes if change.path.startswith("ipv4.")]
        others = [change for change in changes if change not in address]
        cutting = [change for change in others if change.risk in _CUTS]
        made: list[Change] = []
        for step in ([change for change in others if change not in cutting], cutting, address):
            if step:
                self._step(step, made, changes)
            made += step

    def _step(self, changes: t.Sequence[Change], before: t.Sequence[Change], all_changes: t.Sequence[Change]) -> None:
        """Make some changes and, where they can cut the connection, find the device again.

        :param before: what was made before, which is proven while the device is still there.
        """
        risks = {change.risk for change in changes}
        cuts = bool(risks & _CUTS)
        applied = self._applied(before) if before and cuts else []
        reading = t.cast(Reading, self._last)
        home = self.device.session.address.host
        doubt = self._send(changes, reading, patiently=cuts)
        if not cuts:
            return
        try:
            if "moves_address" in risks:
                self._follow(changes, self._places(changes, reading), home)
            else:
                self._find([home], self._shows(changes))
        except VapixError as exc:
            exc.problem += f" (and the command was not answered: {doubt.problem})" if doubt else ""
            if isinstance(exc, whereabouts.NotFound):
                # Nobody can ask it any more.
                exc.applied = applied
                exc.not_applied = [change.path for change in all_changes if change.path not in applied]
            raise
        self._check_certificate(home)

    def _send(self, changes: t.Sequence[Change], reading: Reading, patiently: bool) -> ConnectionFailed | None:
        """Send changes. A device that moves may not answer any more, which looking for it will show."""
        try:
            settings.write(self.device, reading, self._values(changes, reading))
        except ConnectionFailed as exc:
            if not patiently:
                raise
            return exc
        return None

    def _values(self, changes: t.Sequence[Change], reading: Reading) -> Document:
        """What is to be sent. Proxies go together."""
        paths = {change.path for change in changes}
        values: Document = {path: self._wanted[path] for path in paths if not path.startswith("vlans.")}
        values |= {change.path: change.after is not None for change in changes if change.path.startswith("vlans.")}
        if any(path.startswith("global_proxy.") for path in paths):
            proxies = {path: value for path, value in reading.values.items() if path.startswith("global_proxy.")}
            values |= proxies | {path: self._wanted[path] for path in proxies if path in self._wanted}
        return values

    def _shows(self, changes: t.Sequence[Change]) -> t.Callable[[str], str | None]:
        """Whether the device shows some changes, for :func:`whereabouts.find`."""
        paths = {change.path for change in changes}
        began = time.monotonic()

        def settled(_host: str) -> str | None:
            if paths & set(self._open()):
                return "it still has its old settings"
            under_way = any(path.startswith("dot1x.") for path in paths) and not self._dot1x_is_settled()
            return "802.1X is under way" if under_way and self._may_settle(began) else None

        return settled

    def _may_settle(self, began: float) -> bool:
        """Whether to go on waiting for what the device only shows beside its settings."""
        return time.monotonic() - began < min(SETTLING, self._seconds)

    def _dot1x_is_settled(self) -> bool:
        """Whether 802.1X has come to an end, be it good or bad, as far as the device tells."""
        reading = t.cast(Reading, self._last)
        ends = ("authorized", "unauthorized") if reading.values.get("dot1x.enabled") else ("stopped",)
        return reading.dot1x_status.casefold() in ("", *ends)

    def _open(self) -> list[str]:
        """What the device does not show yet of what it can show."""
        return [change.path for change in self.plan(self.read()) if change.provable]

    def _applied(self, changes: t.Sequence[Change]) -> list[str]:
        """Which changes the device shows before it may be lost."""
        left = self._open()
        return [change.path for change in changes if change.path not in left]

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
            raise NotTaken(exc.problem, remedy=remedy, device=str(self.device), api=self.api) from None

    def _follow(self, changes: t.Sequence[Change], places: list[str], home: str) -> None:
        """Find the device at one of the places where it can be now.

        :raises RolledBack: it is where it was, with its old settings.
        """
        shows, began = self._shows(changes), time.monotonic()
        old = False

        def settled(host: str) -> str | None:
            nonlocal old
            missing = shows(host)
            old = host == home and missing is not None
            if missing is None and host not in places:
                missing = "it shows the new settings, but it is still here"
            if missing is None and not self._in_use(host) and self._may_settle(began):
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
                api=self.api,
            ) from exc

    def _in_use(self, host: str) -> bool:
        """Whether the device says that it uses the address we found it at, from the source that is wanted."""
        reading = t.cast(Reading, self._last)
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

    def outcome(self) -> Document:
        reading = t.cast(Reading, self._last)
        address = self.device.session.address.host if self._written else self._predicted
        return {"address": address, "interface": reading.interface}


DECLARED = Network()
