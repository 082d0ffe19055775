# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Asking addresses who is there: those of a sweep, and those that other sources heard of."""

from __future__ import annotations

import asyncio
import collections.abc
import dataclasses
import typing as t

from . import addresses
from .addresses import Range
from .identify import identify
from .sighting import Endpoint, Sighting

NAME = "sweep"
#: Seconds between two lines of progress.
_SILENCE = 2.0


class Prober:
    """Asks addresses, a bounded number at a time and each only once.

    :param endpoints: what to ask there. :param timeout: seconds for a connection.
    :param concurrency: addresses that are asked at the same time.
    :param never: tells addresses that must not be asked.
    :param emit: gets every device that is found.
    """

    def __init__(
        self,
        endpoints: tuple[Endpoint, ...],
        timeout: float,
        concurrency: int,
        never: t.Callable[[str], bool],
        emit: t.Callable[[Sighting], None],
    ) -> None:
        self._endpoints = endpoints
        self._timeout = timeout
        self._concurrency = concurrency
        self._never = never
        self._emit = emit
        self._gate = asyncio.Semaphore(concurrency)
        self._asking: dict[tuple[str, tuple[Endpoint, ...]], asyncio.Task[bool]] = {}
        self._asked: dict[tuple[str, tuple[Endpoint, ...]], bool] = {}
        self._swept = self._found = 0

    async def first(self, where: t.Iterable[str], endpoint: Endpoint | None = None) -> None:
        """Ask addresses of one device, best first, until one answers. :param endpoint: what else to ask there."""
        endpoints = self._endpoints
        if endpoint is not None and endpoint not in endpoints:
            endpoints = (*endpoints, endpoint)
        for address in where:
            if await self._ask(address, endpoints):
                return

    async def only(self, address: str, endpoint: Endpoint) -> None:
        """Ask what somebody wrote down and nothing else."""
        await self._ask(address, (endpoint,))

    async def sweep(self, ranges: t.Collection[Range], progress: t.Callable[[str], None]) -> None:
        """Ask all addresses of some ranges."""
        todo = addresses.merged(ranges)
        total = sum(item.size for item in todo)
        waiting = addresses.all_addresses(todo)
        told = asyncio.ensure_future(self._tell(total, progress))
        try:
            await asyncio.gather(*(self._work(waiting) for _number in range(min(self._concurrency, total))))
        finally:
            told.cancel()
            progress(f"sweep: {self._swept} of {total} addresses asked, {self._found} devices found")

    @property
    def swept(self) -> int:
        """How many addresses of the ranges have been asked."""
        return self._swept

    async def _work(self, waiting: collections.abc.Iterator[str]) -> None:
        for address in waiting:
            found = await self._ask(address, self._endpoints)
            self._found += found
            self._swept += 1

    async def _tell(self, total: int, progress: t.Callable[[str], None]) -> None:
        while True:
            await asyncio.sleep(_SILENCE)
            progress(f"sweep: {self._swept} of {total} addresses asked, {self._found} devices found")

    async def _ask(self, address: str, endpoints: tuple[Endpoint, ...]) -> bool:
        """Whether a device answers there."""
        if self._never(address):
            return False
        key = address, endpoints
        if key not in self._asked:
            if key not in self._asking:
                self._asking[key] = asyncio.ensure_future(self._identify(address, endpoints))
            self._asked[key] = await self._asking[key]
            self._asking.pop(key, None)
        return self._asked[key]

    async def _identify(self, address: str, endpoints: tuple[Endpoint, ...]) -> bool:
        async with self._gate:
            found = await identify(address, endpoints, self._timeout)
        if found is not None:
            self._emit(found)
        return found is not None


def attributed(found: Sighting, ranges: t.Iterable[Range]) -> Sighting:
    """An answer, said to come from the sweep where its address is in the ranges."""
    number = addresses.parse(found.addresses[0])
    swept = number is not None and any(item.holds(number) for item in ranges)
    return dataclasses.replace(found, source=NAME) if swept else found
