# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""mDNS: devices announce themselves as services; the only announcement that is on by default in AXIS OS 12.

The one TXT record of a service tells the serial number, its name is ``<friendly name> - <serial>``. The protocol is
left to the library zeroconf.

Source: recordings of devices with AXIS OS 9 to 12.
"""

from __future__ import annotations

import asyncio
import re
import traceback
import typing as t

from ..wire.errors import missing_package
from . import multicast
from .addresses import canonical, is_announceable, with_zone
from .multicast import Group, Ignored, Interface
from .sighting import (
    MAX_ADDRESSES,
    Endpoint,
    Problem,
    Sighting,
    clean,
    model_in,
    serial_in,
    serial_in_host_name,
)

try:
    import ifaddr
    from zeroconf import Error, IPVersion, ServiceStateChange
    from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf
except ImportError:
    ZEROCONF_IMPORT_ERROR: str | None = traceback.format_exc()
else:
    ZEROCONF_IMPORT_ERROR = None

NAME = "mdns"
GROUP = Group("224.0.0.251", "ff02::fb", 5353)
#: Video devices, audio devices, recorders.
SERVICES = ("_axis-video._tcp.local.", "_axis-audiosite._tcp.local.", "_axis-nvr._tcp.local.")
#: Services that are looked at.
_MAX_SERVICES = 10_000

_INSTANCE = re.compile(r"(?P<name>.*?)\s*(?:- )?(?P<serial>[0-9A-F]{12})(?:[ -]\(?\d+\)?)?", re.DOTALL)
# A message without a question: it shows whether sending is possible, and nobody answers it.
_NOTHING = bytes(12)


async def listen(
    through: t.Collection[Interface],
    seconds: float,
    emit: t.Callable[[Sighting], None],
    warn: t.Callable[[str], None],
) -> list[Problem]:
    """Browse the services of Axis devices for a while."""
    if ZEROCONF_IMPORT_ERROR:
        return [Problem("mdns", missing_package("zeroconf").problem)]
    # The library tells nobody when it cannot send.
    sockets, problems = multicast.open_sockets(GROUP, through, _NOTHING)
    for sock in sockets:
        sock.close()
    if not sockets:
        return problems
    where, version = _addresses(through)
    if not where:
        return [*problems, Problem("mdns", "no interface has an address")]
    try:
        browsing = AsyncZeroconf(interfaces=where, ip_version=version)
    except OSError as exc:
        return [*problems, Problem("mdns", f"port 5353 cannot be listened on ({multicast.describe(exc)})")]
    try:
        await _browse(browsing, seconds, emit, warn)
    finally:
        await browsing.async_close()
    return problems


def _addresses(through: t.Collection[Interface]) -> tuple[list[str | int], t.Any]:
    """The interfaces as the library wants them: each IPv4 address, and the number of those with IPv6."""
    indexes = {interface.index for interface in through}
    v4: list[str | int] = []
    v6: set[int] = set()
    for adapter in ifaddr.get_adapters():
        if adapter.index in indexes:
            v4 += [str(ip.ip) for ip in adapter.ips if ip.is_IPv4]
            v6 |= {adapter.index for ip in adapter.ips if ip.is_IPv6}
    version = IPVersion.All if v4 and v6 else IPVersion.V6Only if v6 else IPVersion.V4Only
    return [*v4, *v6], version


async def _browse(
    browsing: t.Any, seconds: float, emit: t.Callable[[Sighting], None], warn: t.Callable[[str], None]
) -> None:
    tasks: dict[str, asyncio.Task[None]] = {}
    ignored = Ignored(warn)
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds

    async def resolve(kind: str, name: str) -> None:
        try:
            info = AsyncServiceInfo(kind, name)
        except Error:  # the library refuses control characters
            ignored(f"the service {clean(name)}", "no proper name")
            return
        await info.async_request(browsing.zeroconf, max(200, (end - loop.time()) * 1000))
        addresses = info.parsed_scoped_addresses()
        seen = in_service(name, kind, info.server or "", addresses, info.port, info.properties)
        if seen is not None:
            emit(seen)

    def changed(zeroconf: t.Any, service_type: str, name: str, state_change: t.Any) -> None:
        if state_change is not ServiceStateChange.Removed and name not in tasks and len(tasks) < _MAX_SERVICES:
            tasks[name] = loop.create_task(resolve(service_type, name))

    browser = AsyncServiceBrowser(browsing.zeroconf, list(SERVICES), handlers=[changed])
    await asyncio.sleep(seconds)
    await browser.async_cancel()
    await asyncio.gather(*tasks.values())


def in_service(
    name: str,
    kind: str,
    server: str,
    addresses: t.Iterable[str],
    port: int | None,
    properties: t.Mapping[t.Any, t.Any],
) -> Sighting | None:
    """The device behind a service; None where nothing in it is a serial number.

    :param name: of the instance, with its type. :param server: the host name. :param properties: the TXT record.
    """
    instance = clean(name.removesuffix(kind).removesuffix("."), 256) or ""
    match = _INSTANCE.fullmatch(instance)
    told = {_text(key).lower(): _text(value) for key, value in list(properties.items())[:64]}
    serial = serial_in(told.get("macaddress")) or (serial_in(match["serial"]) if match else None)
    serial = serial or serial_in_host_name(server)
    if serial is None:
        return None
    friendly = clean(match["name"] if match else instance)
    usable = [canonical(_named_zone(address)) for address in addresses if is_announceable(address)]
    return Sighting(
        NAME,
        serial,
        tuple(dict.fromkeys(usable))[:MAX_ADDRESSES],
        endpoint=Endpoint("http", port) if port else None,
        name=friendly,
        model=model_in(friendly),
    )


def _named_zone(address: str) -> str:
    plain, _sign, zone = address.partition("%")
    return with_zone(plain, int(zone)) if zone.isdigit() else address


def _text(raw: t.Any) -> str:
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw or "")
