# Copyright (c) the axis.vapix contributors
# BSD-2-Clause (see LICENSES/BSD-2-Clause.txt or https://opensource.org/license/bsd-2-clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What devices tell who logs in: model and version of any AXIS OS, and capabilities.

One login for each device and no second try, since devices block who tries often.
"""

from __future__ import annotations

import collections
import concurrent.futures
import dataclasses
import time
import typing as t

from ..device import facts
from ..device.device import Device
from ..wire.address import Address
from ..wire.errors import VapixError
from ..wire.session import Session
from .merge import Found, shortened
from .sighting import Problem, clean, serial_in

#: Devices that are asked at the same time.
_TOGETHER = 16
#: Longest time for one request, in seconds.
_PATIENCE = 10.0


@dataclasses.dataclass(frozen=True)
class Account:
    """How to log in to all devices."""

    username: str
    password: str = dataclasses.field(repr=False)
    validate_certs: bool = True
    ca_path: str | None = None


def ask_all(
    devices: t.Iterable[Found], account: Account, end: float, progress: t.Callable[[str], None]
) -> list[Problem]:
    """Log in to devices and complete what is known of them.

    :param end: when to stop, by the monotonic clock. Requests that are under way are finished.
    :returns: what went wrong, the same for many devices in one line.
    """
    todo = [device for device in devices if device.port and device.needs_setup is not True]
    pool = concurrent.futures.ThreadPoolExecutor(_TOGETHER, "vapix-discover")
    asked = {pool.submit(_ask, device, account, end): device for device in todo}
    failed: dict[str, list[str]] = collections.defaultdict(list)
    try:
        done, late = concurrent.futures.wait(asked, timeout=max(0.0, end - time.monotonic()))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    for future in done:
        reason = future.result()
        if reason is not None:
            failed[reason].append(asked[future].label)
    if late:
        failed["there was no time left for it, raise time_budget"] += [asked[future].label for future in late]
    progress(f"login: {len(todo) - sum(map(len, failed.values()))} of {len(todo)} devices answered")
    return [Problem(f"login to {shortened(sorted(labels))}", reason) for reason, labels in failed.items()]


def _ask(device: Found, account: Account, end: float) -> str | None:
    """Complete one device; why not, if not."""
    left = end - time.monotonic()
    if left <= 0:
        return "there was no time left for it, raise time_budget"
    address = Address(
        host=device.addresses[0],
        port=int(device.port or 0),
        scheme=str(device.scheme),
        validate_certs=account.validate_certs,
        ca_path=account.ca_path,
        timeout=min(_PATIENCE, left),
    )
    try:
        with Session(address, account.username, account.password) as session:
            told = facts.gather(Device(session), ("identity", "capabilities"))
    except VapixError as exc:
        return exc.problem
    except Exception as exc:  # whatever a stranger's answer brings about, the other devices go on
        return f"what it answers cannot be read ({type(exc).__name__})"
    if serial_in(told["serial"]) != device.serial:
        return f"it says that it is {clean(str(told['serial']))}"
    device.model = clean(told["model"], 64) or device.model
    device.axis_os = clean(told["axis_os"], 64) or device.axis_os
    device.product_type = clean(told["product_type"], 64) or device.product_type
    device.capabilities = sorted(name for name, has in told["capabilities"].items() if has)
    return None
