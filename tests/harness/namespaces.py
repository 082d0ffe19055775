# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site and a controller, each in a network namespace of its own, joined by a cable that carries multicast.

    with Namespaces.start() as net:
        with net.fleet([["10.77.0.5"], ["10.77.0.6", "10.77.1.6"], ["fd77::7", "fe80::7"]], discovery=True) as fleet:
            done = net.run(["ansible-inventory", "-i", "site.axis.yml", "--list"])
            answer = net.call(some_python_function)  # its sockets are the controller's

Addresses of the range 10.77.0.0/22 that no device has are dead: nobody answers the ARP request, so a client waits for
its time-out. The controller is outside that range, on the same segment. The namespaces have no names: a thread holds
each, and they vanish with the last process that uses them, whatever way this one ends.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import ctypes
import ipaddress
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import pytest

from harness.fleet import SIMULATOR, Fleet

#: The range of the site.
RANGE = ipaddress.IPv4Network("10.77.0.0/22")
RANGE_6 = ipaddress.IPv6Network("fd77::/64")
#: The controller's own addresses and interface.
CONTROLLER, CONTROLLER_6, INTERFACE = "10.77.255.254", "fd77::ffff", "ctl0"
#: The interface that holds the devices' addresses.
SITE_INTERFACE = "site0"

_PREFIX, _PREFIX_6 = 16, 64
_NEW_NETWORK = 0x40000000  # CLONE_NEWNET
_CABLE_SECONDS, _HOSTILE_SECONDS = 10.0, 20.0
Value = TypeVar("Value")


class Namespace:
    """One network namespace, and the thread that lives in it."""

    def __init__(self) -> None:
        self._thread = concurrent.futures.ThreadPoolExecutor(1)
        try:
            self.handle = self.call(_leave_for_a_new_network)
        except BaseException:
            self._thread.shutdown()
            raise

    def call(self, function: Callable[..., Value], *arguments: Any, **keywords: Any) -> Value:
        """Call it inside: sockets it opens, and processes and threads it starts, belong to this network for good."""
        return self._thread.submit(function, *arguments, **keywords).result()

    def ip(self, *lines: str) -> None:
        """Run commands of iproute2, all in one process."""
        batch = "".join(f"{line}\n" for line in lines)
        done = self.call(subprocess.run, ["ip", "-batch", "-"], input=batch, text=True, capture_output=True)
        if done.returncode:
            raise OSError(f"ip: {done.stderr.strip()}")

    def is_up(self, interface: str) -> bool:
        """Whether packets flow: a new cable drops what is sent in its first moments."""
        command = ["ip", "-oneline", "link", "show", "dev", interface]
        return " state UP " in self.call(subprocess.run, command, text=True, capture_output=True).stdout

    def close(self) -> None:
        """Let go of it."""
        self._thread.shutdown()
        os.close(self.handle)


def _leave_for_a_new_network() -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_NETWORK):
        code = ctypes.get_errno()
        raise OSError(code, f"a network namespace: {os.strerror(code)}")
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


class Namespaces:
    """The two namespaces and the cable."""

    def __init__(self) -> None:
        with contextlib.ExitStack() as undo:
            self.site = Namespace()
            undo.callback(self.site.close)
            self.controller = Namespace()
            undo.callback(self.controller.close)
            peer = f"netns /proc/{os.getpid()}/fd/{self.controller.handle}"
            # Link-local addresses that the kernel makes cannot be used for the first second; ours can.
            self.site.ip(
                "link set lo up",
                f"link add {SITE_INTERFACE} type veth peer name {INTERFACE} {peer}",
                f"link set {SITE_INTERFACE} addrgenmode none",
                f"link set {SITE_INTERFACE} up",
            )
            self.controller.ip(
                "link set lo up",
                f"link set {INTERFACE} addrgenmode none",
                f"link set {INTERFACE} up",
                f"addr add {CONTROLLER}/{_PREFIX} dev {INTERFACE}",
                *(f"addr add {address}/{_PREFIX_6} dev {INTERFACE} nodad" for address in (CONTROLLER_6, "fe80::ffff")),
                # As on real machines: a multicast for which nobody chose an interface has a way out.
                f"route add default dev {INTERFACE}",
            )
            end = time.monotonic() + _CABLE_SECONDS
            while not (self.site.is_up(SITE_INTERFACE) and self.controller.is_up(INTERFACE)):
                if time.monotonic() > end:
                    raise OSError("the cable between the namespaces does not come up")
                time.sleep(0.02)
            self._undo = undo.pop_all()
        self._given: set[str] = set()
        self._folder = Path(self._undo.enter_context(tempfile.TemporaryDirectory(prefix="site-")))
        self._numbers = itertools.count()

    @classmethod
    def start(cls) -> Namespaces:
        """Make them; skips the test, loudly, where that is not possible."""
        reason = "" if shutil.which("ip") else "the command ip (iproute2) is missing"
        try:
            if not reason:
                return cls()
        except OSError as error:
            reason = str(error)
        pytest.skip(f"NOT CHECKED: discovery between two network namespaces: {reason}")

    def __enter__(self) -> Namespaces:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Take both namespaces away, with all that is in them."""
        self._undo.close()

    # -- the site
    def addresses(self, count: int) -> list[list[str]]:
        """So many addresses, spread evenly over the range: for as many devices."""
        step = (RANGE.num_addresses - 2) // count
        return [[str(RANGE[1 + step * number])] for number in range(count)]

    def give(self, *addresses: str) -> None:
        """Give the site these addresses, IPv4 of the range, IPv6 of fd77::/64 or link-local."""
        new = [address for address in dict.fromkeys(addresses) if address not in self._given]
        self._given.update(new)
        if new:
            self.site.ip(*(f"addr add {_placed(address)}" for address in new))

    def take(self, *addresses: str) -> None:
        """Take addresses away: dead from now on."""
        self._given.difference_update(addresses)
        self.site.ip(*(f"addr del {_placed(address)}" for address in addresses))

    def fleet(self, addresses: Sequence[Sequence[str]], *, port: int = 80, **options: Any) -> Fleet:
        """Start a device at each of these (each with one address or more), all on one port. Options: Fleet.start."""
        self.give(*itertools.chain.from_iterable(addresses))
        places = [[_scoped(address) for address in one] for one in addresses]
        control = self._folder / f"control-{next(self._numbers)}"
        return self.site.call(Fleet.start, addresses=places, port=port, control=control, **options)

    @contextlib.contextmanager
    def hostile(self, *what: str) -> Iterator[None]:
        """Run tests/simulator/hostile.py in the site: ``KIND@ADDRESS[:PORT][=SERIAL]``."""
        self.give(*(re.split("[@:=]", place)[1] for place in what))
        ready = self._folder / f"hostile-{next(self._numbers)}"
        command = [sys.executable, str(SIMULATOR / "hostile.py"), "--ready-file", str(ready), *what]
        process = self.site.call(subprocess.Popen, command)
        try:
            end = time.monotonic() + _HOSTILE_SECONDS
            while not ready.exists():
                if process.poll() is not None or time.monotonic() > end:
                    raise OSError(f"hostile.py does not start: {process.returncode}")
                time.sleep(0.02)
            yield
        finally:
            process.terminate()
            process.wait()

    # -- the controller
    def call(self, function: Callable[..., Value], *arguments: Any, **keywords: Any) -> Value:
        """Call a Python function on the controller."""
        return self.controller.call(function, *arguments, **keywords)

    def run(self, command: Sequence[str], **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command on the controller; options of subprocess.run. Its output is kept as text."""
        return self.call(subprocess.run, command, **{"text": True, "capture_output": True, **options})


def _placed(address: str) -> str:
    """The address with its place; without the wait for duplicates, which keeps a new IPv6 address from use."""
    parsed = ipaddress.ip_address(address)
    prefix, tail = (_PREFIX, "") if parsed.version == 4 else (_PREFIX_6, " nodad")
    return f"{address}/{prefix} dev {SITE_INTERFACE}{tail}"


def _scoped(address: str) -> str:
    return f"{address}%{SITE_INTERFACE}" if ipaddress.ip_address(address).is_link_local and ":" in address else address
