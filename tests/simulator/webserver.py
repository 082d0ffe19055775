# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the web server of a device runs with: certificate, ciphers, TLS versions, who may use HTTP; and its restarts.

The parameters ``HTTPS.*`` and ``System.BoaGroupPolicy.*`` and the set WebServer of the certificate store are the one
place for all of that; SOAP and REST are views. A change of any of them, by whatever way, restarts the web server:
all connections break, nobody answers for a moment. Recorded: names and values. Seen by others: the restart; on AXIS OS
12 the HTTP port is closed when only HTTPS is allowed. Assumed: see README.md.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import tls
from certificates import WEB_SERVER, Entry, Material

if TYPE_CHECKING:
    from profiles import Profile
    from state import Device, State

ROLES = {"admin": 6, "operator": 4, "viewer": 1}
HTTP, HTTPS, BOTH = "http", "https", "both"
_POLICY = "System.BoaGroupPolicy."
CIPHERS, ENABLED = "HTTPS.Ciphers", "HTTPS.Enabled"
# The document of the custom HTTP headers: ``headers`` that are set, and those the web server sends, ``shown``.
HEADERS = "customhttpheader"
_PORTS = {"http": ("System.BoaPort", 80), "https": ("HTTPS.Port", 443)}
# The answer to the request that caused it still goes out.
_LINGER = 0.05


@dataclass(frozen=True)
class Setup:
    """What decides how the web server runs."""

    certificates: tuple[Entry, ...]
    ciphers: str
    lowest: ssl.TLSVersion
    schemes: frozenset[str]
    ports: tuple[int, ...]
    policies: tuple[str, ...]


def policy(state: State, role: str) -> str:
    """What a role may use: http, https or both."""
    return state.get(_POLICY + role) or BOTH


def set_policies(state: State, value: str) -> None:
    """What all roles may use (AXIS OS 7.10 and later know only one policy)."""
    for role in ROLES:
        state.values[_POLICY + role] = value


def is_on(state: State, scheme: str) -> bool:
    """Whether anybody may use the scheme. Without HTTPS there is HTTP, whatever the policies say."""
    enabled = state.get(ENABLED) == "yes"
    allowed = any(policy(state, role) in (scheme, BOTH) for role in ROLES)
    return enabled and allowed if scheme == "https" else allowed or not enabled


def allows(state: State, level: int, scheme: str) -> bool:
    """Whether an account of that level may come by that scheme; who needs no login may."""
    if not level:
        return True
    role = next(role for role, needed in ROLES.items() if level >= needed)
    return policy(state, role) in (scheme, BOTH) or state.get(ENABLED) != "yes"


def login(state: State, scheme: str) -> str:
    """The kind of login at a door, in the words of the virtual hosts."""
    kind = state.policy()
    if kind == "recommended":
        return "basic" if scheme == "https" else "digest"
    return "basic" if kind == "basic" else "digest"


def port(state: State, scheme: str) -> int:
    """The port as the device tells it; the real one of a simulated device is another."""
    name, standard = _PORTS[scheme]
    return int(state.get(name) or standard)


def _lowest(get: Callable[[str], str]) -> ssl.TLSVersion:
    """The lowest TLS version, by the parameters that older AXIS OS has for it."""
    if get("HTTPS.AllowTLS1") == "yes":
        return ssl.TLSVersion.TLSv1
    return ssl.TLSVersion.TLSv1_1 if get("HTTPS.AllowTLS11") == "yes" else ssl.TLSVersion.TLSv1_2


def setup(state: State) -> Setup:
    """How the web server has to run."""
    members = state.certificates.sets[WEB_SERVER]
    entries = [state.certificates.get(alias) for alias in (*members.certificates[:1], *members.ca)]
    return Setup(
        tuple(entry for entry in entries if entry is not None),
        state.get(CIPHERS),
        _lowest(state.get),
        frozenset(scheme for scheme in ("http", "https") if is_on(state, scheme)),
        tuple(port(state, scheme) for scheme in _PORTS),
        tuple(policy(state, role) for role in ROLES),
    )


def first_chain(device: Device, authority: tls.Authority) -> tls.Chain:
    """Give the device a certificate; what TLS clients are shown. Makes no state yet."""

    def get(name: str) -> str:
        definition = device.profile.tree.find(name)
        return definition.value if definition is not None else ""

    device.installed = authority.leaf(device, get(CIPHERS))
    return _chain(device.profile, device.installed, get(CIPHERS), _lowest(get))


def _chain(profile: Profile, material: Material, ciphers: str, lowest: ssl.TLSVersion) -> tls.Chain:
    return tls.chain(material, ciphers, lowest) if profile.enforces_tls else tls.chain(material)


def read_headers(state: State) -> None:
    """The web server starts, or reads its configuration again: from now on it sends the headers that are set."""
    document = state.documents[HEADERS]
    document["shown"] = dict(document["headers"])


class WebServers:
    """Restarts the web servers of devices."""

    def __init__(self) -> None:
        self._restarts: dict[str, asyncio.Task] = {}
        # Called when a web server is there again, perhaps at another port.
        self.restarted: Callable[[Device], None] = lambda _device: None

    def look(self, device: Device) -> None:
        """Restart what has to run in another way than it does."""
        state = device.state
        if device.serial not in self._restarts and not state.rebooting and setup(state) != state.running:
            task = self._restarts[device.serial] = asyncio.ensure_future(self._restart(device))
            task.add_done_callback(lambda done: self._ended(device, done))

    def _ended(self, device: Device, done: asyncio.Task) -> None:
        if self._restarts.get(device.serial) is done:
            del self._restarts[device.serial]
            if not done.cancelled():
                self.look(device)

    def cancel(self, device: Device) -> None:
        """Forget a restart that is under way: the whole device goes down."""
        task = self._restarts.pop(device.serial, None)
        if task is not None:
            task.cancel()

    async def _restart(self, device: Device) -> None:
        await asyncio.sleep(_LINGER)
        device.shut()
        start = time.monotonic()
        # The plan is read again and again: a test may let a lost web server come back.
        while True:
            plan = device.state.plan
            if plan["web_server_returns"] and time.monotonic() >= start + plan["web_server_seconds"]:
                break
            await asyncio.sleep(0.02)
        self._apply(device)
        device.state.web_restarts += 1
        device.open()
        self.restarted(device)

    def boot(self, device: Device) -> None:
        """The device starts: it may have other settings now."""
        if setup(device.state) != device.state.running:
            self._apply(device)
        read_headers(device.state)

    def _apply(self, device: Device) -> None:
        """Make the doors, which are shut, as the device wants them now."""
        state, wanted, before = device.state, setup(device.state), device.state.running
        for scheme, door in device.doors.items():
            if (scheme in wanted.schemes) != (scheme in before.schemes):
                door.wanted = scheme in wanted.schemes or (scheme == "http" and device.profile.redirects_to_https)
            try:
                if scheme == "https" and wanted.certificates and not state.plan["web_server_keeps_certificate"]:
                    own, *more = wanted.certificates
                    shown = own.material.chain + own.material.above + tuple(entry.leaf for entry in more)
                    material = Material(shown, own.material.key)
                    door.use(_chain(device.profile, material, wanted.ciphers, wanted.lowest), drop=False)
                if wanted.ports != before.ports:
                    number = port(state, scheme)
                    # The standard port stands for the one the simulated device has from the start.
                    door.move(door.address, door.first_port if number == _PORTS[scheme][1] else number)
            except OSError:
                # No cipher that exists, or a port that somebody else has: nobody answers here.
                door.wanted = False
        state.running = wanted
        read_headers(state)

    async def close(self) -> None:
        """The simulator ends."""
        tasks = list(self._restarts.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
