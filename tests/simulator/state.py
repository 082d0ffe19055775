# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a simulated device remembers: one mutable state per device over an immutable, shared profile.

Time, NTP and network settings exist once; parameters, CGIs and the REST APIs are views of them. The state is
made when a device gets its first request, so a thousand idle devices cost next to nothing.
"""

from __future__ import annotations

import copy
import hashlib
import math
import re
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import documents
import network_views
import posixtz
import timezones
import webserver
from certificates import Material, Store
from firmware import Firmware, Upgrade
from guard import Guard
from live import Live, yes
from network import Link, Network, aim, first_ipv4
from params import Definition, Tree

if TYPE_CHECKING:
    from door import Door
    from profiles import Profile

DEFAULT_PORTS = {"http": 80, "https": 443}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ROLE_LEVELS = {"viewer": 1, "operator": 4, "admin": 6}
_TEMPLATE = re.compile(r"\{(\w+)\}")
# What a parameter of the type "password" (or flagged writeonly) reads as.
MASKS = ("*****", "******")
# What a soft factory default keeps beside the address (Firmware management page); the system time is kept as well.
_SOFT_KEEPS = ("Network.Interface.I*.dot1x.*",)
# Neither saved before an upgrade nor touched by a factory default: what is no setting.
_NO_SETTINGS = frozenset(
    {
        "device",
        "clock_offset",
        "dhcp_zone",
        "ready",
        "booted",
        "boot_id",
        "reads",
        "policy_change",
        "pending",
        "firmware",
        "rebooting",
        "link",
        "plan",
        "reboots",
        "early_401",
        "password_known_at",
        "running",
        "web_restarts",
        "services",
        "_tree",
    }
)
# Until the first account shows in RootPwdSetValue (acap-rs polls it every second; the real time is unknown).
_PASSWORD_SETTLES = 0.5
# How the next boots go: for tests. "away_seconds" None: as --reboot-seconds says; "returns" False: never back.
# The web server: how long it does not answer while it restarts, whether it comes back, whether it shows the old
# certificate for ever.
# How network settings take effect: "network" and "switch" see PLAN_WORDS; "network_seconds" None: as
# --network-seconds says; "lease": what the DHCP server gives other than at the start, None: no server answers.
_PLAN: dict[str, Any] = {
    "away_seconds": None,
    "returns": True,
    "new_boot_id": True,
    "early_401": 1,
    "web_server_seconds": 0.3,
    "web_server_returns": True,
    "web_server_keeps_certificate": False,
    "network": "applies",
    "network_seconds": None,
    "lease": {},
    "switch": "open",
}
PLAN_WORDS = {"network": ("applies", "rolls_back", "lost"), "switch": ("open", "accepts", "refuses")}


class User:
    """An account: its password, its groups, and the primary group, which older firmware shows."""

    __slots__ = ("password", "groups", "primary")

    def __init__(self, password: str, groups: tuple[str, ...], primary: str = "users") -> None:
        self.password, self.groups, self.primary = password, groups, primary

    @property
    def level(self) -> int:
        """The security level the account reaches."""
        return max((ROLE_LEVELS.get(group, 0) for group in self.groups), default=0)


class Zone:
    """The time zone: by DHCP (or default), by IANA name, or by POSIX rule; one at a time (REST Time API page)."""

    __slots__ = ("mode", "iana", "posix", "dst")

    def __init__(self, mode: str, iana: str = "", posix: str = "", dst: bool = True) -> None:
        self.mode, self.iana, self.posix, self.dst = mode, iana, posix, dst


@dataclass(frozen=True)
class Reboot:
    """A reboot that has been asked for."""

    # none, soft or hard.
    factory_default: str = "none"
    # The power went: at once, without a word.
    cut: bool = False
    # The old boot answers for a moment more.
    lingers: bool = True
    upgrade: Upgrade | None = None
    rollback: bool = False


class State:
    """Everything about a device that can change."""

    def __init__(self, device: Device) -> None:
        profile = device.profile
        self.device = device
        self.values: dict[str, str] = {}
        # The settings of the APIs that are data, by name.
        self.documents = documents.at_start(profile)
        self._tree: tuple[tuple[str, ...], Tree] | None = None
        self.ntp: dict[str, Any] = copy.deepcopy(profile.ntp_start)
        self.sync_source = "NTP"
        self.zone = Zone("dhcp")
        self.dhcp_zone: str | None = profile.dhcp_zone
        self.clock_offset = 0.0
        self.users = dict(device.accounts)
        self.ready = True
        self.booted = time.monotonic() - profile.uptime_at_start
        self.boot_id = str(uuid.uuid5(uuid.NAMESPACE_OID, device.serial))
        self.passphrase_policy = "none"
        self.certificates = Store(device)
        # CA certificates that are known by name only: for tests.
        self.ca_certificates: list[str] = []
        self.virtual_hosts: list[dict[str, Any]] = []
        self.reads = 0
        self.policy_change: tuple[str, float] | None = None
        self.pending: Reboot | None = None
        # On the way down: asked to reboot and not yet gone.
        self.rebooting = False
        self.plan: dict[str, Any] = dict(_PLAN)
        self.network = Network.of(device)
        self.link = Link(self.network, aim(self))
        self.reboots = 0
        # How many good logins are still refused after the boot.
        self.early_401 = 0
        self.password_known_at = 0.0
        self.firmware = Firmware(profile.facts["axis_os"])
        # How the web server runs now, and how often it has restarted.
        self.running = webserver.setup(self)
        self.web_restarts = 0
        # What multicast DNS announces.
        self.services = list(profile.services)

    # -- boots
    def boot(self, reboot: Reboot) -> None:
        """A new boot: settings stay, everything volatile is gone; ready comes later."""
        device, firmware, upgrade = self.device, self.firmware, reboot.upgrade
        firmware.reset_source = "power-on" if reboot.cut else "reboot"
        # Without power an uncommitted image falls back; the method reboot keeps it (Firmware management page).
        if firmware.inactive is not None and (reboot.rollback or (reboot.cut and not firmware.committed)):
            self.restore(firmware.rollback())
        if upgrade is not None and upgrade.image.boots and not firmware.boot_fails:
            firmware.install(upgrade, self.settings(), self.local(), device.minute)
        elif upgrade is None and reboot.factory_default != "none":
            firmware.reset_to_factory()
        if reboot.factory_default != "none" and (upgrade is None or firmware.active == upgrade.image):
            self.factory_default(hard=reboot.factory_default == "hard")
        # The version is among them.
        device.facts = None
        device.nonces.clear()
        device.guard = Guard()
        if self.plan["new_boot_id"]:
            self.boot_id = str(uuid.uuid4())
        self.booted = time.monotonic()
        self.ready, self.reads, self.policy_change = False, 0, None
        self.pending, self.rebooting = None, False
        self.early_401 = self.plan["early_401"]
        self.reboots += 1

    def started(self) -> None:
        """The boot is complete."""
        self.ready = True
        if self.firmware.auto_commit == "started":
            self.firmware.commit()

    def settings(self) -> dict[str, Any]:
        """A copy of all settings, to put back with :meth:`restore`."""
        return {name: copy.deepcopy(value) for name, value in vars(self).items() if name not in _NO_SETTINGS}

    def factory_default(self, hard: bool) -> None:
        """Settings as they left the factory; soft keeps the way to reach the device, and the time."""
        kept = (
            {}
            if hard
            else {
                name: value
                for name, value in self.values.items()
                if any(fnmatchcase(name, pattern) for pattern in _SOFT_KEEPS)
            }
        )
        network = self.network
        self.restore(State(self.device).settings())
        self.users = {}
        self.values.update(kept)
        if hard:
            self.clock_offset = 0.0
        else:
            self.network.keep_reachable(network)

    def created_first_account(self) -> None:
        """The account works at once; the parameter tells it a moment later."""
        self.password_known_at = time.monotonic() + _PASSWORD_SETTLES

    def password_is_known(self) -> bool:
        """What RootPwdSetValue says."""
        return not self.needs_setup and time.monotonic() >= self.password_known_at

    # -- copies, for faults that must not apply what they answer
    def snapshot(self) -> dict:
        """A copy of all fields to put back with :meth:`restore`."""
        return copy.deepcopy({name: value for name, value in vars(self).items() if name not in ("device", "_tree")})

    def restore(self, fields: dict) -> None:
        """Put a snapshot back."""
        vars(self).update(fields)

    # -- certificates
    def client_aliases(self) -> list[str]:
        """The certificates with a private key, which a service may show."""
        return self.certificates.aliases(ca=False)

    def ca_aliases(self) -> list[str]:
        """The CA certificates a service may be told to use."""
        return [*self.certificates.aliases(ca=True), *self.ca_certificates]

    # -- clock
    def now(self) -> datetime:
        """The device's clock."""
        return EPOCH + timedelta(seconds=time.time() + self.clock_offset)

    def set_clock(self, moment: datetime) -> None:
        """Set the clock; it runs on from there."""
        self.clock_offset = (moment - EPOCH).total_seconds() - time.time()

    def uptime(self) -> int:
        """Seconds since start."""
        return int(time.monotonic() - self.booted)

    # -- time zone
    def active_zone(self) -> str:
        """The zone in force, as the REST Time API shows it."""
        if self.zone.mode == "dhcp":
            return self.dhcp_zone or self.device.profile.default_zone
        return self.zone.iana if self.zone.mode == "iana" else self.zone.posix

    def active_posix(self) -> str:
        """The POSIX rule in force."""
        active = self.active_zone()
        return timezones.POSIX_OF.get(active, active)

    def dst_in_force(self) -> bool:
        """The DST flag only counts for a POSIX zone."""
        return self.zone.dst if self.zone.mode == "posix" else True

    def local(self) -> str:
        """Local time with offset, ISO 8601."""
        now = self.now().replace(microsecond=0)
        return now.astimezone(timezone(posixtz.offset(self.active_posix(), now, self.dst_in_force()))).isoformat()

    # -- NTP
    def ntp_servers(self) -> list[str]:
        """The servers the client asks now; DHCP falls back to static when the lease names none (NTP API page)."""
        ntp = self.ntp
        if ntp["NTSEnabled"]:
            return ntp["staticNTSKEServers"]
        if ntp["serversSource"] == "DHCP" and ntp["advertisedServers"]:
            return ntp["advertisedServers"]
        return ntp["staticServers"]

    def ntp_status(self) -> tuple[bool, int, float]:
        """synced, timeToNextSync, timeOffset: they move between reads on a real device."""
        if not self.ntp["enabled"] or not self.ntp_servers():
            return False, 0, 0.0
        interval = 2 ** self.ntp["minpoll"]
        seconds = time.monotonic() - self.booted
        return True, interval - int(seconds) % interval, round(0.02 * math.sin(seconds * 7), 6)

    # -- parameters
    @property
    def tree(self) -> Tree:
        """All parameters there are now: those of the profile, with the dynamic groups of the documents."""
        profile = self.device.profile
        groups = [(name, number) for name in profile.templates for number in self.documents[name]["groups"]]
        prefixes = tuple(f"{profile.templates[name].prefix}{number}." for name, number in groups)
        if self._tree is None or self._tree[0] != prefixes:
            fixed = [one for one in profile.tree.order if documents.find_group(profile, one.name) is None]
            dynamic = [one for group in groups for one in documents.group_definitions(profile, *group)]
            same = {one.name for one in dynamic} | {one.name for one in fixed} == profile.tree.index.keys()
            # The one of the profile is shared by all devices that have changed nothing.
            self._tree = prefixes, profile.tree if same else Tree([*fixed, *dynamic], profile.tree.sorted_names)
        return self._tree[1]

    def dynamic(self, name: str) -> tuple[dict[str, str], str] | None:
        """The group a dynamic parameter is in, and its name there."""
        place = documents.find_group(self.device.profile, name)
        return None if place is None else (self.documents[place[0]]["groups"][place[1]], place[2])

    def find(self, name: str) -> Definition | None:
        """A parameter's definition as it is now: some lock while DHCP rules them."""
        definition = self.tree.find(name)
        if (
            definition is not None
            and name in self.device.profile.locked_by_dhcp
            and (self.get("Network.Resolver.ObtainFromDHCP") == "yes")
        ):
            return definition.locked()
        return definition

    def value(self, definition: Definition) -> str:
        """A parameter's value, as the device prints it."""
        name = definition.name
        live = LIVE.get(name)
        if live is not None:
            return live.read(self)
        group = self.dynamic(name) if "dynamic" in definition.flags else None
        if group is not None:
            return group[0][group[1]]
        value = self.values.get(name)
        if value is None:
            value = definition.value
            if "{" in value:
                value = self.device.fill(value)
        return value

    def get(self, name: str) -> str:
        """A parameter's value by name; empty when the device has no such parameter."""
        definition = self.tree.find(name)
        return "" if definition is None else self.value(definition)

    def put(self, definition: Definition, value: str) -> bool:
        """Store a value that has been found good; False when the device refuses it all the same."""
        live = LIVE.get(definition.name)
        if live is not None:
            return live.write(self, value) if live.write else False
        group = self.dynamic(definition.name) if "dynamic" in definition.flags else None
        if group is not None:
            group[0][group[1]] = value
            return True
        if definition.type.name == "password" or "writeonly" in definition.flags:
            # A written secret reads back as the mask; an empty one as well (seen both ways, real-devices.md 3).
            return True
        if definition.name == "Network.HTTP.AuthenticationPolicy":
            # The web server uses a new policy later than param.cgi tells it (verified by acap-rs's authors).
            self.policy_change = self.policy(), time.monotonic() + self.device.profile.policy_delay
        self.values[definition.name] = value
        return True

    def policy(self) -> str:
        """The authentication policy the web server uses at this moment."""
        if self.policy_change is not None:
            before, until = self.policy_change
            if time.monotonic() < until:
                return before
            self.policy_change = None
        return self.get("Network.HTTP.AuthenticationPolicy")

    @property
    def needs_setup(self) -> bool:
        """No account yet: factory default."""
        return not self.users


def _read_server(state: State) -> str:
    static = state.ntp["staticServers"]
    if static:
        return static[0]
    # Without a server the value flips between two spellings of nothing (ADMZ ignores it for that reason).
    return "0.0.0.0" if state.reads % 2 else ""


def _write_server(state: State, value: str) -> bool:
    if state.device.profile.ntp_server_param_refused:
        return False
    state.ntp["staticServers"] = [] if value in ("", "0.0.0.0") else [value]
    return True


def _read_volatile_server(state: State) -> str:
    lease = state.ntp["advertisedServers"] if state.ntp["serversSource"] == "DHCP" else []
    # 5.51 ends the value with a blank (recorded).
    return (lease[0] if lease else "0.0.0.0") + state.device.fill("{blank}")


def _write_from_dhcp(state: State, value: str) -> bool:
    state.ntp["serversSource"] = "DHCP" if value == "yes" else "static"
    return True


def _read_sync_source(state: State) -> str:
    return "NTP" if state.ntp["enabled"] else state.sync_source if state.sync_source != "NTP" else "None"


def _write_sync_source(state: State, value: str) -> bool:
    state.sync_source = value
    state.ntp["enabled"] = value == "NTP"
    return True


def _write_posix(state: State, value: str) -> bool:
    if not posixtz.is_valid(value):
        return False
    state.zone = Zone("posix", posix=value, dst=state.dst_in_force())
    return True


def _write_dst(state: State, value: str) -> bool:
    if state.zone.mode == "posix":
        state.zone.dst = value == "yes"
    else:
        state.zone = Zone("posix", posix=state.active_posix(), dst=value == "yes")
    return True


def _read_driver_status(state: State) -> str:
    # Flagged nosync in the recorded definitions: it moves while somebody looks.
    return "3" if state.reads % 2 else "2"


LIVE: dict[str, Live] = {
    **network_views.VIEWS,
    "Time.NTP.Server": Live(_read_server, _write_server),
    "Time.NTP.VolatileServer": Live(_read_volatile_server),
    "Time.ObtainFromDHCP": Live(lambda state: yes(state.ntp["serversSource"] == "DHCP"), _write_from_dhcp),
    "Time.SyncSource": Live(_read_sync_source, _write_sync_source),
    "Time.POSIXTimeZone": Live(lambda state: state.active_posix(), _write_posix),
    "Time.DST.Enabled": Live(lambda state: yes(state.dst_in_force()), _write_dst),
    "Properties.API.Browser.RootPwdSetValue": Live(lambda state: yes(state.password_is_known())),
    "System.RootPwdSet": Live(lambda state: yes(state.password_is_known())),
    "PTZ.PTZDriverStatuses.Driver1Status": Live(_read_driver_status),
}


def bracketed(address: str) -> str:
    """An address as URLs write it."""
    return f"[{address}]" if ":" in address else address


class Device:
    """One simulated device: who it is and where it listens."""

    __slots__ = (
        "profile",
        "index",
        "serial",
        "homes",
        "accounts",
        "facts",
        "nonces",
        "_state",
        "ha1",
        "active",
        "guard",
        "doors",
        "uploads",
        "minute",
        "installed",
    )

    def __init__(self, profile: Profile, index: int, homes: tuple[str, ...], accounts: dict[str, User]) -> None:
        # Its addresses at the start. DHCP gives it the first IPv4 one of them, unless a test plans another one.
        self.profile, self.index, self.homes = profile, index, homes
        self.serial = f"{profile.oui}{index:06X}"
        self.accounts = accounts
        self.nonces: dict[str, set[int]] = {}
        self.ha1: dict[tuple[str, str], str] = {}
        # Requests being answered now.
        self.active = 0
        self.guard = Guard()
        # By scheme: http, https or both.
        self.doors: dict[str, Door] = {}
        # Every image sent to the device: bytes received and what became of it.
        self.uploads: list[dict[str, Any]] = []
        # Real seconds in a minute of the rollback timer.
        self.minute = 60.0
        # The HTTPS certificate somebody gave it, with --https or --both.
        self.installed: Material | None = None
        self._state: State | None = None
        self.facts: dict[str, str] | None = None

    @property
    def state(self) -> State:
        """The device's state, made on first use."""
        if self._state is None:
            self._state = State(self)
        return self._state

    def reset(self) -> None:
        """Back to the start."""
        self._state = None
        self.nonces.clear()
        self.guard = Guard()
        self.uploads = []
        self.facts = None

    @property
    def axis_os(self) -> str:
        """The version that runs."""
        return self.profile.facts["axis_os"] if self._state is None else self._state.firmware.active.version

    @property
    def realm(self) -> str:
        """The realm names the serial (recorded)."""
        return f"AXIS_{self.serial}"

    @property
    def address(self) -> str:
        """The first of its addresses."""
        return self.addresses[0]

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where it listens, or did last."""
        return next((door.addresses for door in self.doors.values()), self.homes)

    @property
    def plain_addresses(self) -> list[str]:
        """Without the scopes of link-local ones, which mean something to this machine only."""
        return [address.partition("%")[0] for address in self.addresses]

    @property
    def ipv4(self) -> str | None:
        """The first IPv4 address; None when it has only IPv6."""
        return first_ipv4(self.addresses)

    @property
    def home(self) -> str | None:
        """The first IPv4 address of the start."""
        return first_ipv4(self.homes)

    @property
    def scheme(self) -> str:
        """How to reach the device best: by HTTPS when it has that."""
        return "https" if "https" in self.doors else "http"

    @property
    def port(self) -> int:
        """The port for :attr:`scheme`."""
        return self.doors[self.scheme].port

    @property
    def url(self) -> str:
        """Where the device answers."""
        return self.url_of(self.scheme)

    def url_of(self, scheme: str) -> str:
        """Where the device answers over http or https."""
        return f"{scheme}://{bracketed(self.address)}:{self.doors[scheme].port}"

    @property
    def leaf_fingerprint(self) -> str | None:
        """SHA-256 of the certificate shown now, in hex; None without HTTPS."""
        door = self.doors.get("https")
        return door.chain.fingerprint if door is not None and door.chain is not None else None

    @property
    def is_lost(self) -> bool:
        """Its network settings made it unreachable."""
        return self._state is not None and self._state.link.lost

    @property
    def is_listening(self) -> bool:
        """Whether every wanted door is open."""
        return all(door.is_open for door in self.doors.values() if door.wanted)

    def open(self) -> None:
        """Open the wanted doors, unless the device is lost."""
        if self.is_lost:
            return
        for door in self.doors.values():
            door.open()

    def move(self, address: str) -> None:
        """Have another IPv4 address when the doors open again; ``OSError`` when this machine has no such place.

        A device that had none at the start listens at no other.
        """
        for door in self.doors.values():
            if self.home is not None and door.address != address:
                door.move(address)

    def shut(self) -> None:
        """Nobody can reach the device."""
        for door in self.doors.values():
            door.shut()

    @property
    def host_name(self) -> str:
        """The name a device gives itself (recorded: DHCP host name)."""
        return f"axis-{self.serial.lower()}"

    @property
    def announced_addresses(self) -> list[str]:
        """Where it says it is: with IPv4, a link-local address comes along (recorded), which nobody can reach here."""
        local = self.state.get("Network.ZeroConf.IPAddress")
        comes_along = self.ipv4 and local and self.state.get("Network.ZeroConf.Enabled") == "yes"
        return [*self.plain_addresses, *[local] * bool(comes_along)]

    @property
    def announced_port(self) -> int:
        """The web server's port: that of HTTP when it has one (80 in all recordings)."""
        return self.doors[self.announced_schemes[0]].port

    @property
    def announced_schemes(self) -> list[str]:
        """http, https or both, in this order; as if open when no door is wanted."""
        has = [scheme for scheme in ("http", "https") if scheme in self.doors]
        return [scheme for scheme in has if self.doors[scheme].wanted] or has

    @property
    def announced_urls(self) -> list[str]:
        """Every address by every scheme, without the default ports."""
        urls = []
        for address in self.announced_addresses:
            for scheme in self.announced_schemes:
                port = self.doors[scheme].port
                tail = "" if port == DEFAULT_PORTS[scheme] else f":{port}"
                urls.append(f"{scheme}://{bracketed(address)}{tail}")
        return urls

    def fill(self, template: str) -> str:
        """Put the device's own facts into a parameter's default."""
        facts = self.facts
        if facts is None:
            serial, last = self.serial, (self.home or "").rpartition(".")[2]
            facts = self.facts = {
                **self.profile.facts,
                "axis_os": self.axis_os,
                "serial": serial,
                "serial_lower": serial.lower(),
                "hostname": self.host_name,
                "mac": ":".join(serial[at : at + 2] for at in range(0, 12, 2)),
                "last_octet": last or str(self.index % 254 + 1),
                "soc_serial": hashlib.sha256(serial.encode()).hexdigest()[:16].upper(),
            }
        return _TEMPLATE.sub(lambda match: facts[match[1]], template)
