# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start simulated Axis devices: ``python tests/simulator --devices 3 --inventory hosts.yml``."""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import itertools
import json
import logging
import os
import resource
import signal
import sys
from pathlib import Path

import yaml

import handlers
from control import Control, describe
from discovery import Discovery
from power import Power
from profiles import PROFILES, every, get
from server import Server
from state import Device, User
from tls import Authority

PASSWORD_VARIABLE = "AXIS_VAPIX_PASSWORD"
_DEFAULT_PASSWORD = "pass"
# Three descriptors a door leave room for its connections.
_DESCRIPTORS_PER_DOOR, _DESCRIPTORS_SPARE = 3, 512
_ADMIN_GROUPS = ("admin", "operator", "viewer", "ptz")


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="tests/simulator", description=__doc__)
    parser.add_argument("--devices", type=int, metavar="N", help="how many (default: one of each profile)")
    parser.add_argument(
        "--profile",
        action="append",
        type=profile,
        metavar="NAME[+PRODUCT...]",
        help=f"one of {', '.join(sorted(PROFILES))}, with products; dealt round; repeatable",
    )
    parser.add_argument("--bind", default="127.0.0.1", metavar="ADDRESS")
    parser.add_argument("--port-base", type=int, default=0, metavar="N", help="first port; 0: free ports")
    parser.add_argument("--spread", type=ipaddress.IPv4Network, metavar="CIDR", help="an address a device")
    parser.add_argument(
        "--address",
        action="append",
        type=addresses,
        metavar="A[,B...]",
        help="the address, or addresses, of the next device; once for each",
    )
    parser.add_argument("--port", type=int, metavar="P", help="the port of all devices, with --spread or --address")
    parser.add_argument("--https", action="store_true", help="the devices speak HTTPS there, and only HTTPS")
    parser.add_argument("--both", action="store_true", help="the devices speak HTTPS there, and HTTP at a second port")
    parser.add_argument(
        "--http-port",
        type=int,
        default=0,
        metavar="P",
        help="with --both and --port: the HTTP port of all devices; 0: free ports",
    )
    parser.add_argument("--user", default="root")
    parser.add_argument(
        "--password",
        default=os.environ.get(PASSWORD_VARIABLE, _DEFAULT_PASSWORD),
        help=f"default: ${PASSWORD_VARIABLE}, else 'pass'",
    )
    parser.add_argument("--factory-default", action="store_true", help="no account yet")
    parser.add_argument("--latency", type=float, default=0, metavar="MS", help="wait before every answer")
    parser.add_argument("--reboot-seconds", type=float, default=3, metavar="S", help="how long a reboot takes")
    parser.add_argument(
        "--minute-seconds",
        type=float,
        metavar="S",
        help="how long a minute of the rollback timer takes (default: as long as a reboot)",
    )
    parser.add_argument(
        "--network-seconds", type=float, default=0.5, metavar="S", help="how long a change of the address takes"
    )
    parser.add_argument("--inventory", type=Path, metavar="FILE", help="write an Ansible inventory")
    parser.add_argument("--ca-file", type=Path, metavar="FILE", help="write the CA certificate (with --https, --both)")
    parser.add_argument("--ready-file", type=Path, metavar="FILE", help="written when everything listens")
    parser.add_argument(
        "--control",
        type=port_or_path,
        default=0,
        metavar="PORT|PATH",
        help="control port (0: a free one), or a Unix socket",
    )
    parser.add_argument("--discovery", action="store_true", help="answer mDNS, SSDP and WS-Discovery")
    parser.add_argument("--interface", metavar="NAME", help="with --discovery: only there")
    chosen = parser.parse_args(arguments)
    if chosen.minute_seconds is None:
        chosen.minute_seconds = chosen.reboot_seconds
    chosen.profile = chosen.profile or list(PROFILES)
    if chosen.devices is None:
        chosen.devices = len(chosen.address or chosen.profile)
    if chosen.devices < 1:
        parser.error("--devices must be at least 1")
    if chosen.spread and chosen.address:
        parser.error("--spread or --address")
    if bool(chosen.spread or chosen.address) != bool(chosen.port):
        parser.error("--spread or --address and --port go together")
    if chosen.address and len(chosen.address) != chosen.devices:
        parser.error(f"{len(chosen.address)} times --address for {chosen.devices} devices")
    if chosen.spread is not None and chosen.spread.num_addresses - 2 < chosen.devices:
        parser.error(f"--spread {chosen.spread} has no {chosen.devices} addresses")
    if chosen.https and chosen.both:
        parser.error("--https or --both")
    chosen.schemes = ("https", "http") if chosen.both else ("https",) if chosen.https else ("http",)
    ports = chosen.devices * len(chosen.schemes)
    if not 0 <= chosen.port_base <= 65536 - ports * bool(chosen.port_base):
        parser.error(f"--port-base {chosen.port_base} leaves no room for {ports} ports")
    if chosen.http_port and not (chosen.both and chosen.port):
        parser.error("--http-port needs --both and --port")
    if chosen.ca_file and chosen.schemes == ("http",):
        parser.error("--ca-file needs --https or --both")
    return chosen


def addresses(text: str) -> tuple[str, ...]:
    """``10.0.0.5,fd00::5``; a link-local one with its interface: ``fe80::5%eth0``."""
    for address in (found := tuple(text.split(","))):
        ipaddress.ip_address(address)
    return found


def profile(text: str) -> str:
    """The name of a profile that there is."""
    try:
        return get(text).name
    except KeyError as error:
        raise argparse.ArgumentTypeError(error.args[0]) from None


def port_or_path(text: str) -> int | str:
    """A port, or a path for a Unix socket."""
    return int(text) if text.isdecimal() else text


def make_devices(chosen: argparse.Namespace) -> list[Device]:
    """The devices, not listening yet."""
    accounts = {} if chosen.factory_default else {chosen.user: User(chosen.password, _ADMIN_GROUPS, "root")}
    spread = itertools.repeat(chosen.bind) if chosen.spread is None else map(str, chosen.spread.hosts())
    homes = chosen.address or ((address,) for address in spread)
    profiles = itertools.cycle(chosen.profile)
    devices = [
        Device(get(name), index, places, accounts)
        for index, name, places in zip(range(1, chosen.devices + 1), profiles, homes, strict=False)
    ]
    for device in devices:
        device.minute = chosen.minute_seconds
    return devices


def port_of(chosen: argparse.Namespace, device: Device, scheme: str) -> int:
    """The port of a device for a scheme; 0: a free one. The HTTP ports of --both come after the HTTPS ports."""
    second = scheme != chosen.schemes[0]
    if chosen.port_base:
        return chosen.port_base + device.index - 1 + chosen.devices * second
    return chosen.http_port if second else chosen.port or 0


def write(path: Path, text: str) -> None:
    """Write a file that is complete as soon as it is there."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def inventory(chosen: argparse.Namespace, devices: list[Device]) -> str:
    """An Ansible inventory that works as it is; a password other than the default stays in the environment."""
    password = f"{{{{ lookup('ansible.builtin.env', '{PASSWORD_VARIABLE}') }}}}"
    common = {
        "ansible_user": chosen.user,
        "ansible_password": _DEFAULT_PASSWORD if chosen.password == _DEFAULT_PASSWORD else password,
        "vapix_scheme": chosen.schemes[0],
    }
    if chosen.ca_file:
        common["vapix_ca_path"] = str(chosen.ca_file.resolve())
    hosts = {
        device.host_name: {
            "ansible_host": device.address,
            "vapix_port": device.port,
            "vapix_serial": device.serial,
        }
        for device in devices
    }
    for device in devices:
        if "https" in device.doors and not chosen.ca_file:
            hosts[device.host_name]["vapix_fingerprint"] = device.leaf_fingerprint
        if chosen.both:
            # Not an option of the collection: for tests that look in by the other door.
            hosts[device.host_name]["http_port"] = device.doors["http"].port
    return yaml.safe_dump({"cameras": {"hosts": hosts, "vars": common}}, sort_keys=False)


def raise_descriptor_limit(doors: int) -> None:
    """Every door needs a socket, every client another one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = doors * _DESCRIPTORS_PER_DOOR + _DESCRIPTORS_SPARE
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def run(chosen: argparse.Namespace) -> None:
    """Serve until told to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    devices = make_devices(chosen)
    discovery = Discovery(chosen.interface) if chosen.discovery else None
    power = Power(chosen.reboot_seconds, chosen.network_seconds)
    server = Server(devices, chosen.latency / 1000, power, discovery)
    control = Control(server)
    authority = Authority() if "https" in chosen.schemes else None
    try:
        for device in devices:
            for scheme in chosen.schemes:
                server.listen(device, scheme, port_of(chosen, device, scheme), authority)
        control_port = await control.listen(chosen.control)
        if discovery is not None:
            discovery.start(devices)
        if authority is not None and chosen.ca_file:
            write(chosen.ca_file, authority.pem().decode())
        if chosen.inventory:
            write(chosen.inventory, inventory(chosen, devices))
        if chosen.ready_file:
            ready = {"pid": os.getpid(), "control": control_port, "devices": [describe(device) for device in devices]}
            write(chosen.ready_file, json.dumps(ready))
        print(f"{len(devices)} devices, control port {control_port}", flush=True)
        for device in devices[:10]:
            print(f"  {device.url}  {device.profile.facts['short_name']} {device.profile.facts['axis_os']}", flush=True)
        if chosen.inventory and chosen.password not in (_DEFAULT_PASSWORD, os.environ.get(PASSWORD_VARIABLE)):
            print(f"The inventory reads the password from {PASSWORD_VARIABLE}: export it first.", flush=True)
        await stop.wait()
    finally:
        if discovery is not None:
            discovery.close()
        await server.close()
        await control.close()


def main() -> int:
    """The command."""
    # Broken requests are part of the job; aiohttp need not tell of each.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    chosen = options()
    if wrong := handlers.disagreements(every()):
        print("simulator: " + "\n".join(wrong), file=sys.stderr)
        return 1
    raise_descriptor_limit(chosen.devices * len(chosen.schemes))
    try:
        asyncio.run(run(chosen))
    except OSError as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
