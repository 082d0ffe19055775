# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: discover
short_description: Find the Axis devices of a site
version_added: 1.0.0
description:
  - Finds Axis devices by what they announce (mDNS, SSDP, WS-Discovery), by asking ranges of addresses, and in a file.
    Each becomes one host, whatever number of sources and addresses it has.
  - Devices are recognised without a login, hardened ones included. With an account it learns more of them.
  - A device is told from others by its serial number, so that it stays the same host when its address changes.
  - The name of the inventory file has to end in C(axis.yml) or C(axis.yaml), for example C(fleet.axis.yml).
author:
  - axis.vapix authors (@axis-vapix)
extends_documentation_fragment:
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
requirements:
  - zeroconf, for mDNS
  - defusedxml, for WS-Discovery and for models by SSDP
  - requests, for O(username)
notes:
  - These variables are set, as far as the device tells them. C(ansible_host) is the address to use; C(vapix_scheme) and
    C(vapix_port) is what it answered on, so that the modules of this collection reach it as it is;
    C(vapix_addresses) are all its addresses; C(vapix_serial), C(vapix_model), C(vapix_axis_os), C(vapix_product_type)
    and C(vapix_name) say what it is; C(vapix_needs_setup) is true for a device that waits for its first account;
    C(vapix_capabilities) is there with an account; C(vapix_sources) lists who saw it, and C(vapix_last_seen) says when.
  - What a device says is text that anybody on the network can write. It is never a template, names of hosts and groups
    are made of letters, digits and C(._-), and a device itself is asked before another's word for its address counts.
    Its name is still its own choice; do not use O(hostname=name) where you do not trust who is on the network.
  - Model and version of configured devices before AXIS OS 10.12, and of those that were told to be silent, take an
    account.
  - No password gets into variables or cache. Give hosts their account by variables of their own group, O(group).
options:
  plugin:
    description: Says that the file is for this plugin.
    type: str
    required: true
    choices: [axis.vapix.discover]
  listen:
    description:
      - Announcements to listen to. Each is left out with a warning where it cannot work.
      - AXIS OS 12 announces itself by mDNS only, unless it was told otherwise. Announcements do not pass routers.
    type: list
    elements: str
    choices: [mdns, ssdp, ws_discovery]
    default: [mdns, ssdp, ws_discovery]
  listen_seconds:
    description: How long to listen.
    type: float
    default: 3
  interfaces:
    description: Network interfaces to listen on, for example V([eth0]). Left out, it is all of them but loopback.
    type: list
    elements: str
    default: []
  sweep:
    description:
      - Addresses to ask one by one. Networks, spans and single addresses, for example V(10.20.0.0/22),
        V(10.20.0.5-10.20.0.9), V(10.20.0.5-9) and V(fd00::20). At most 131072 in all.
      - It takes at most number of addresses * O(timeout) / O(concurrency) seconds, and less for each that answers.
    type: list
    elements: str
    default: []
  static_file:
    description:
      - File with devices, YAML, JSON or CSV with a heading; relative to the inventory file. It can be vaulted.
      - Each has an C(address), which can be a host name, and can have C(serial), C(name), C(scheme) and C(port). Other
        columns become variables of the host, which may be templates. C(ip), C(macaddress) and C(hostname) of DHCP
        leases are understood.
      - A device with an C(address) that does not answer is in the inventory all the same.
    type: str
  ports:
    description: What to ask at an address, the best first.
    type: list
    elements: str
    default: ["https:443", "http:80"]
  concurrency:
    description: Addresses to ask at the same time.
    type: int
    default: 200
  timeout:
    description: Seconds for a connection. A device that takes it has six times as long to answer.
    type: float
    default: 1.5
  time_budget:
    description: Seconds that all of it may take. What is found until then counts.
    type: float
    default: 120
  username:
    description:
      - Account to log in with, on devices that have one. Left out, nobody logs in.
      - The password goes by Digest, or by Basic inside TLS, to every device found. With O(validate_certs=false), that
        is also one that only pretends to be a camera.
    type: str
    env:
      - name: AXIS_VAPIX_USERNAME
  password:
    description: Password of the account, best from a vault.
    type: str
    env:
      - name: AXIS_VAPIX_PASSWORD
  validate_certs:
    description: Whether, for a login, a device's certificate must be signed by an authority that is trusted.
    type: bool
    default: true
    env:
      - name: AXIS_VAPIX_VALIDATE_CERTS
  ca_path:
    description:
      - PEM file with the certificates of the authorities to trust for a login instead of those of the system; relative
        to the inventory file.
    type: str
    env:
      - name: AXIS_VAPIX_CA_PATH
  hostname:
    description:
      - What hosts are called. V(serial), V(name), V(address), or a Jinja expression without braces over the variables,
        for example V(vapix_model ~ '-' ~ vapix_serial[-4:]).
      - Where there is no name it is the serial number. Devices that would share a name get their serial number added.
    type: str
    default: serial
  group:
    description: Group of all devices.
    type: str
    default: axis
  group_by:
    description:
      - Groups to make, much faster than O(keyed_groups) for large fleets.
      - V(model) makes C(model_p3265_v), V(product_type) C(product_type_dome_camera), V(axis_os_track)
        C(axis_os_11_11) for versions with long-term support and C(axis_os_12) for others, V(setup_state)
        C(needs_setup), C(set_up) and C(setup_unknown), V(subnet) C(subnet_10_20_0_0_24).
    type: list
    elements: str
    choices: [model, product_type, axis_os_track, setup_state, subnet]
    default: []
  ipv4_prefix:
    description: Length of the prefix of IPv4 subnets in O(group_by).
    type: int
    default: 24
  ipv6_prefix:
    description: Length of the prefix of IPv6 subnets in O(group_by).
    type: int
    default: 64
  include:
    description:
      - Rules, one of which has to hold for a device. Left out, all devices belong to the inventory.
      - A rule is a mapping of C(serial), C(model), C(name), C(product_type), C(axis_os), C(address), C(source) and
        C(needs_setup) to one value or several; all its properties have to fit. Texts can have wildcards (V(P32*)) and
        ignore case; C(address) takes what O(sweep) takes and is
        about the address in use.
    type: list
    elements: dict
    default: []
  exclude:
    description:
      - Rules of the same form, none of which may hold. A rule with only C(address) also keeps its addresses from being
        asked.
    type: list
    elements: dict
    default: []
  on_error:
    description:
      - What to do when a source cannot tell all it should, or a device that was found before is not found.
      - V(fail) makes the inventory fail when a source does, and warns of devices that are gone.
      - V(warn) warns and goes on with what was found.
      - V(keep_cached) warns as well, and keeps devices that were found before; that takes O(cache). One dead subnet
        does not empty the inventory.
    type: str
    choices: [fail, warn, keep_cached]
    default: keep_cached
  forget_after:
    description: Days after which a device that is not found any more is not kept any longer.
    type: float
    default: 30
"""

EXAMPLES = r"""
# fleet.axis.yml: whatever announces itself here. Try it with: ansible-inventory -i fleet.axis.yml --graph
plugin: axis.vapix.discover

---
# site.axis.yml: two networks behind routers, groups, and a cache that outlives a dead network
plugin: axis.vapix.discover
listen: []
sweep:
  - 10.20.0.0/22
  - 10.30.0.10-200
exclude:
  - address: 10.20.0.0/28
  - model: "T85*"
group_by: [model, axis_os_track, subnet]
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/ansible-axis
cache_timeout: 3600

---
# lab.axis.yml: one interface, with an account, names by an expression
plugin: axis.vapix.discover
listen: [mdns]
interfaces: [eth1]
username: root
password: "{{ lookup('ansible.builtin.file', 'secrets/camera-password') }}"
ca_path: camera-ca.pem
hostname: "'cam-' ~ vapix_serial[-6:] | lower"
groups:
  ptz: "'ptz' in (vapix_capabilities | default([]))"

---
# list.axis.yml: an asset register (cameras.csv: address,serial,name,site), grouped by its own column
plugin: axis.vapix.discover
listen: []
static_file: cameras.csv
keyed_groups:
  - key: site
    prefix: site
strict: false
"""

import dataclasses
import datetime
import difflib
import math
import os
import re
import time
import typing as t

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable, get_cache_plugin

from ansible_collections.axis.vapix.plugins.module_utils.discovery import login, naming, static_file
from ansible_collections.axis.vapix.plugins.module_utils.discovery.addresses import MAX_SWEEP, Range
from ansible_collections.axis.vapix.plugins.module_utils.discovery.memory import Memory, digest
from ansible_collections.axis.vapix.plugins.module_utils.discovery.merge import Found, follow, merge, shortened
from ansible_collections.axis.vapix.plugins.module_utils.discovery.rules import Rules
from ansible_collections.axis.vapix.plugins.module_utils.discovery.search import LISTENERS, Wanted, search
from ansible_collections.axis.vapix.plugins.module_utils.discovery.sighting import Endpoint, Problem
from ansible_collections.axis.vapix.plugins.module_utils.discovery.static_file import Entry
from ansible_collections.axis.vapix.plugins.module_utils.wire.errors import VapixError

try:
    from ansible.template import trust_as_template
except ImportError:
    # ansible-core 2.18: every string is a template unless it is marked as unsafe.
    from ansible.utils.unsafe_proxy import wrap_var as untrusted

    trust_as_template = None
else:

    def untrusted(value: t.Any) -> t.Any:
        """From 2.19 on no string is a template unless it is marked as trusted."""
        return value


_ENDINGS = ("axis.yml", "axis.yaml")
_DAY = 86400
_NAMES = ("serial", "name", "address")
# What decides what a search finds, and with it whether what was found before is still what is wanted.
_SEARCHING = (
    "listen",
    "listen_seconds",
    "interfaces",
    "sweep",
    "static_file",
    "ports",
    "timeout",
    "username",
    "validate_certs",
    "ca_path",
)


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Turns the devices that were found into hosts."""

    NAME = "axis.vapix.discover"

    def verify_file(self, path: str) -> bool:
        if not super().verify_file(path):
            return False
        if os.path.basename(path).endswith(_ENDINGS):
            return True
        if self._is_meant_for_us(path):
            self.display.warning(
                f"{path} is for {self.NAME}, but its name has to end in {' or '.join(_ENDINGS)}, like fleet.axis.yml"
            )
        return False

    def _is_meant_for_us(self, path: str) -> bool:
        try:
            with open(path, "rb") as file:
                return bool(re.search(rf"(?m)^plugin:\s*['\"]?{re.escape(self.NAME)}\b".encode(), file.read(4096)))
        except OSError:
            return False

    def parse(self, inventory: t.Any, loader: t.Any, path: str, cache: bool = True) -> None:
        super().parse(inventory, loader, path, cache)
        config = self._read_config_data(path)
        try:
            self._check_names(config)
            self._options_of_search(path)
            self._populate(self._devices(path, cache))
        except VapixError as exc:
            raise AnsibleParserError(f"{path}: {exc}") from exc

    # -- options

    def _check_names(self, config: t.Mapping[str, t.Any]) -> None:
        known = sorted(name for name in self.option_definitions if not name.startswith("_"))
        for name in config:
            if name not in known:
                near = difflib.get_close_matches(str(name), known, 1)
                raise AnsibleParserError(
                    f"there is no option {str(name)!r}" + (f", do you mean {near[0]!r}?" if near else "")
                )

    def _given(self, name: str) -> t.Any:
        """An option; what the file says of it may be a template, what the environment says may not."""
        value, origin = self.get_option_and_origin(name)
        if origin != "Direct" or not isinstance(value, (str, list, dict)):
            return value
        self.templar.available_variables = self._vars
        try:
            return _plain(self.templar.template(value))
        except AnsibleError as exc:
            if name == "password":  # up to ansible-core 2.18 the error shows the text of the template
                raise AnsibleParserError("the option password: it is no template that works") from None
            raise AnsibleParserError(f"the option {name}: {exc}") from exc

    def _number(self, name: str, low: float, high: float) -> t.Any:
        value = self.get_option(name)
        if not low <= value <= high:
            raise AnsibleParserError(f"the option {name} is {value:g}, it has to be between {low:g} and {high:g}")
        return value

    def _options_of_search(self, path: str) -> None:
        """Read and check everything before the first packet."""
        self._values = {name: self._given(name) for name in _SEARCHING}
        for name in ("static_file", "ca_path"):
            if self._values[name]:
                self._values[name] = os.path.join(os.path.dirname(path), os.path.expanduser(self._values[name]))
        self._rules = Rules(self._given("include"), self._given("exclude"))
        self._keeps = self.get_option("on_error") == "keep_cached"
        self._prefixes = {4: self._number("ipv4_prefix", 1, 32), 6: self._number("ipv6_prefix", 1, 128)}
        self._forget_after = self._number("forget_after", 0, 36500)
        if "{{" in self.get_option("hostname"):
            raise AnsibleParserError("the option hostname takes an expression without braces, or one of " + str(_NAMES))
        self._entries, self._wrong_rows = self._listed(self._values["static_file"])
        ranges = tuple(Range.parse(str(text)) for text in self._values["sweep"])
        if sum(item.size for item in ranges) > MAX_SWEEP:
            raise AnsibleParserError(f"the option sweep has more than {MAX_SWEEP} addresses")
        self._wanted = Wanted(
            listen=tuple(name for name in LISTENERS if name in self._values["listen"]),
            listen_seconds=self._number("listen_seconds", 0.1, 3600),
            interfaces=tuple(map(str, self._values["interfaces"])),
            ranges=ranges,
            entries=tuple(self._entries),
            known=(),
            endpoints=tuple(_endpoint(text) for text in self._values["ports"]),
            concurrency=self._number("concurrency", 1, 10000),
            timeout=self._number("timeout", 0.01, 300),
            budget=self._number("time_budget", 0.1, 86400),
            never=self._rules.never,
        )
        if not self._wanted.endpoints:
            raise AnsibleParserError("the option ports is empty, it says what to ask at an address")

    def _listed(self, file: str | None) -> tuple[list[Entry], list[Problem]]:
        if not file:
            return [], []
        try:
            return static_file.entries(self._read(file))
        except (AnsibleError, OSError, ValueError) as exc:
            return [], [Problem("static_file", f"{file} cannot be read ({' '.join(str(exc).split())})")]

    def _read(self, file: str) -> t.Any:
        if file.lower().endswith(".csv"):
            readable = self.loader.get_real_file(file)  # decrypted, where it is vaulted
            try:
                with open(readable, encoding="utf-8") as text:
                    rows = static_file.parse_csv(text.read())
            finally:
                self.loader.cleanup_tmp_file(readable)
            return [{name: _trusted(value) for name, value in row.items()} for row in rows]
        trust = {"trusted_as_template": True} if trust_as_template else {}
        return self.loader.load_from_file(file, cache="none", **trust)

    # -- devices

    def _devices(self, path: str, cache: bool) -> list[Found]:
        """The devices from the cache while it is fresh, else from the network."""
        use_cache = self.get_option("cache")
        # A cache of its own that never expires: what is too old to be fresh is still what was found before.
        store, key = (self._store(), self._key(path)) if use_cache else (None, "")
        memory = self._remembered(store, key) if store is not None else None
        longest = self.get_option("cache_timeout") or math.inf  # 0 is for ever, as in cache plugins
        if cache and memory is not None and 0 <= time.time() - memory.written <= longest:
            self._say(f"{len(memory.devices)} devices from the cache")
            self._report(self._wrong_rows)
            return memory.devices
        devices = self._look(memory.devices if memory is not None else [])
        if store is not None:
            store[key] = Memory(time.time(), devices).document()
            store.set_cache()
        return devices

    def _store(self) -> t.Any:
        options = {"_uri": "cache_connection", "_prefix": "cache_prefix"}
        given = {name: value for name, option in options.items() if (value := self.get_option(option)) is not None}
        return get_cache_plugin(self.get_option("cache_plugin"), _timeout=0, **given)

    def _key(self, path: str) -> str:
        rows = [(str(entry.sighting), entry.sighting.wanted) for entry in self._entries]
        return f"{self.get_cache_key(path)}_{digest([self._values, self._rules.unasked, rows])}"

    def _remembered(self, store: t.Any, key: str) -> Memory | None:
        try:
            document = store.get(key)
        except AnsibleError as exc:
            self.display.warning(f"the cache cannot be used: {exc}")
            return None
        memory = Memory.parse(document)
        if document is not None and memory is None:
            self.display.warning("what is in the cache was not written by this version, or is damaged; it is ignored")
        return memory

    def _look(self, known: list[Found]) -> list[Found]:
        begin, now = time.monotonic(), time.time()
        wanted = dataclasses.replace(self._wanted, known=tuple(known))
        seen = search(wanted, self._say, self._warn)
        devices = merge(seen.sightings, now, self._warn)
        problems = [*self._wrong_rows, *seen.problems]
        account = self._account()
        if account is not None:
            belonging = [device for device in devices if self._rules.belongs(device, before_login=True)]
            problems += login.ask_all(belonging, account, begin + wanted.budget, self._say)
        self._report(problems)
        oldest = now - self._forget_after * _DAY
        devices, lost = follow(devices, known, self._keeps, oldest, self._warn)
        if lost:
            kept = "kept as they were" if self._keeps else "left out"
            names = shortened([device.label for device in lost])
            self._warn(f"{len(lost)} devices that were found before are not there now and are {kept}: {names}")
        self._say(f"{len(devices)} devices in {time.monotonic() - begin:.1f} seconds")
        return devices

    def _account(self) -> login.Account | None:
        username, password = self._values["username"], self._given("password")
        if username is None:
            return None
        if password is None:
            raise AnsibleParserError("there is a username and no password")
        return login.Account(str(username), str(password), self._values["validate_certs"], self._values["ca_path"])

    def _report(self, problems: t.Sequence[Problem]) -> None:
        if problems and self.get_option("on_error") == "fail":
            raise AnsibleParserError("; ".join(map(str, problems)))
        for problem in problems:
            self._warn(str(problem))

    def _say(self, text: str) -> None:
        self.display.v(f"{self.NAME}: {text}")

    def _warn(self, text: str) -> None:
        self.display.warning(f"{self.NAME}: {text}")

    # -- hosts

    def _populate(self, devices: list[Found]) -> None:
        own = _Variables(self._entries)
        kept = [device for device in devices if self._rules.belongs(device)]
        variables = {id(device): untrusted(_variables(device)) | own.of(device) for device in kept}
        group = self.inventory.add_group(self._sanitize_group_name(self.get_option("group")))
        wanted = self.get_option("group_by")
        strict = self.get_option("strict")
        compose, conditions, keyed = (self.get_option(name) for name in ("compose", "groups", "keyed_groups"))
        called = naming.assign(
            kept,
            lambda device: self._name(device, variables[id(device)], strict),
            self.inventory.groups,
            self._warn,
        )
        for host, device in called:
            values = variables[id(device)]
            self.inventory.add_host(host, group)
            for name, value in values.items():
                self.inventory.set_variable(host, name, value)
            for name in naming.groups(device, wanted, self._prefixes):
                self.inventory.add_host(host, self.inventory.add_group(name))
            if compose or conditions or keyed:
                self._set_composite_vars(compose, values, host, strict=strict)
                self._add_host_to_composed_groups(conditions, values, host, strict=strict)
                self._add_host_to_keyed_groups(keyed, values, host, strict=strict)

    def _name(self, device: Found, variables: dict[str, t.Any], strict: bool) -> t.Any:
        kind = self.get_option("hostname")
        if kind in _NAMES:
            return {"serial": device.serial, "name": device.name, "address": device.addresses[0]}[kind]
        try:
            return self._compose(kind, variables)
        except Exception as exc:  # whatever a template can raise, as in the helpers of Ansible
            if strict:
                raise AnsibleParserError(f"the option hostname: {device.label}: {exc}") from exc
            self._warn(f"the option hostname does not work for {device.label}: {exc}")
            return None


class _Variables:
    """The variables of a static file, by the serial number or the address it gives."""

    def __init__(self, entries: t.Iterable[Entry]) -> None:
        self._by_serial: dict[str, dict[str, t.Any]] = {}
        self._by_address: dict[tuple[str, int | None], dict[str, t.Any]] = {}
        for entry in entries:
            listed = entry.sighting
            if listed.serial:
                self._by_serial[listed.serial] = entry.variables
            else:
                port = listed.endpoint.port if listed.endpoint else None
                self._by_address[listed.addresses[0], port] = entry.variables

    def of(self, device: Found) -> dict[str, t.Any]:
        if device.serial in self._by_serial:
            return self._by_serial[str(device.serial)]
        places = [(address, port) for address in device.addresses for port in (device.port, None)]
        found = next((self._by_address[place] for place in places if place in self._by_address), None)
        if found is None and static_file.NAME in device.sources:
            # It is listed with another port than the one at which it answers.
            listed = [values for (address, _port), values in self._by_address.items() if address in device.addresses]
            found = listed[0] if len(listed) == 1 else None
        return found or {}


def _variables(device: Found) -> dict[str, t.Any]:
    """The variables of a device; what is not known is not set."""
    seen = datetime.datetime.fromtimestamp(device.seen, datetime.UTC) if device.seen else None
    values = {
        "ansible_host": device.addresses[0],
        "vapix_scheme": device.scheme,
        "vapix_port": device.port,
        "vapix_serial": device.serial,
        "vapix_name": device.name,
        "vapix_model": device.model,
        "vapix_axis_os": device.axis_os,
        "vapix_product_type": device.product_type,
        "vapix_needs_setup": device.needs_setup,
        "vapix_capabilities": device.capabilities,
        "vapix_addresses": device.addresses,
        "vapix_sources": device.sources,
        "vapix_last_seen": seen.strftime("%Y-%m-%dT%H:%M:%SZ") if seen else None,
    }
    return {name: value for name, value in values.items() if value is not None}


def _endpoint(text: str) -> Endpoint:
    scheme, _colon, port = str(text).partition(":")
    if scheme not in ("https", "http") or not (port.isdecimal() and 1 <= int(port) <= 65535):
        raise AnsibleParserError(f"the option ports has {text!r}; write it like https:443 or http:80")
    return Endpoint(scheme, int(port))


def _trusted(value: str) -> str:
    """A text of the user's own, which may be a template."""
    return trust_as_template(value) if trust_as_template else value


def _plain(value: t.Any) -> t.Any:
    """A copy without what the templating engine attached to values."""
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return "".join(value) if isinstance(value, str) else value
