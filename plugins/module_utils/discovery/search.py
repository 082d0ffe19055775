# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One look at the network: all sources at once, and everything they hear of is asked, within a hard time budget."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import resource
import typing as t

from . import mdns, multicast, ssdp, sweep, ws_discovery
from .addresses import Range, preference
from .merge import Found
from .multicast import Interface
from .sighting import Endpoint, Problem, Sighting, clean
from .static_file import Entry
from .sweep import Prober

#: The sources that listen to what devices say of themselves.
LISTENERS = {mdns.NAME: mdns.listen, ssdp.NAME: ssdp.listen, ws_discovery.NAME: ws_discovery.listen}
#: Descriptors that are left to everything else.
_SPARE = 64


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What to look for and how. Times are in seconds.

    :param listen: names of :data:`LISTENERS`. :param interfaces: to listen on; empty for all.
    :param known: devices from before; where they were is asked as well.
    :param endpoints: what to ask at an address, the best first.
    :param timeout: for a connection. :param budget: for everything.
    :param never: tells addresses that must not be asked.
    """

    listen: tuple[str, ...]
    listen_seconds: float
    interfaces: tuple[str, ...]
    ranges: tuple[Range, ...]
    entries: tuple[Entry, ...]
    known: tuple[Found, ...]
    endpoints: tuple[Endpoint, ...]
    concurrency: int
    timeout: float
    budget: float
    never: t.Callable[[str], bool]


@dataclasses.dataclass
class Seen:
    """What came of it."""

    sightings: list[Sighting] = dataclasses.field(default_factory=list)
    problems: list[Problem] = dataclasses.field(default_factory=list)


def search(wanted: Wanted, progress: t.Callable[[str], None], warn: t.Callable[[str], None]) -> Seen:
    """Look once. :param progress, warn: show a line."""
    return asyncio.run(_Search(wanted, progress, warn).run())


class _Search:
    def __init__(self, wanted: Wanted, progress: t.Callable[[str], None], warn: t.Callable[[str], None]) -> None:
        self._wanted = wanted
        self._progress = progress
        self._warn = warn
        self._seen = Seen(sightings=[entry.sighting for entry in wanted.entries])
        self._prober = Prober(
            wanted.endpoints,
            wanted.timeout,
            affordable(wanted.concurrency, len(wanted.endpoints), warn),
            wanted.never,
            lambda found: self._seen.sightings.append(sweep.attributed(found, wanted.ranges)),
        )

    async def run(self) -> Seen:
        wanted = self._wanted
        try:
            async with asyncio.timeout(wanted.budget), asyncio.TaskGroup() as group:
                through, missing = multicast.interfaces(wanted.interfaces) if wanted.listen else ([], [])
                self._seen.problems += missing
                for name in wanted.listen if through or not missing else ():
                    group.create_task(self._listen(name, through, group))
                for entry in wanted.entries:
                    group.create_task(self._ask_listed(entry.sighting))
                for device in wanted.known:
                    endpoint = Endpoint(device.scheme, device.port) if device.scheme and device.port else None
                    group.create_task(self._prober.first(device.addresses, endpoint))
                if wanted.ranges:
                    group.create_task(self._prober.sweep(wanted.ranges, self._progress))
        except TimeoutError:
            what = f"not everything was asked within time_budget ({wanted.budget:g} seconds)"
            total = sum(item.size for item in wanted.ranges)
            if self._prober.swept < total:
                what += f", but {self._prober.swept} of {total} addresses of the sweep"
            self._seen.problems.append(Problem("discovery", what))
        return self._seen

    async def _listen(self, name: str, through: list[Interface], group: asyncio.TaskGroup) -> None:
        serials: set[t.Hashable] = set()

        def emit(seen: Sighting) -> None:
            serials.add(seen.serial or seen.addresses)
            self._seen.sightings.append(seen)
            group.create_task(self._prober.first(sorted(seen.addresses, key=preference), seen.endpoint))

        listen = LISTENERS[name]
        if name == ssdp.NAME:  # the one that asks devices for more itself
            listen = functools.partial(ssdp.listen, never=self._wanted.never)
        try:
            problems = await listen(
                through, self._wanted.listen_seconds, emit, lambda text: self._warn(f"{name}: {text}")
            )
        except Exception as exc:  # whatever strangers bring about in one source, the others go on
            problems = [Problem("error", f"{type(exc).__name__}: {clean(str(exc))}")]
        self._seen.problems += [problem._replace(where=f"{name}, {problem.where}") for problem in problems]
        self._progress(f"{name}: {len(serials)} devices heard")

    async def _ask_listed(self, listed: Sighting) -> None:
        for address in listed.addresses:
            if listed.endpoint is not None:
                await self._prober.only(address, listed.endpoint)
            else:
                await self._prober.first([address])


def affordable(concurrency: int, connections: int, warn: t.Callable[[str], None]) -> int:
    """As many addresses at a time as this process may have open files for."""
    limit, _most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY or concurrency * connections + _SPARE <= limit:
        return concurrency
    reduced = max(1, (limit - _SPARE) // connections)
    warn(f"concurrency is {reduced} instead of {concurrency}: this process may have {limit} open files (ulimit -n)")
    return reduced
