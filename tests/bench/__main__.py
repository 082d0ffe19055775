# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast a fleet is found, loaded and checked, as ratios within one run on one machine.

One NTP check on each of many simulated cameras, by our module, by the same job written with ansible.builtin.uri, and
for the floor of Ansible itself by ansible.builtin.assert. The runs take turns, so that a busy moment does not hit one
of them only. What is measured of discovery is in discovery.py.
"""

from __future__ import annotations

import argparse
import pathlib
import secrets
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

import discovery  # noqa: E402
from harness.ansible_environment import ansible_environment  # noqa: E402
from harness.fleet import Fleet  # noqa: E402

PARTS = ("tasks", "sweep", "cache")
JOBS = ("assert", "ntp", "uri")


def run(job: str, inventory: str, password: str, forks: int) -> float:
    """Wall time of one playbook in seconds."""
    environment = ansible_environment(password) | {"ANSIBLE_FORKS": str(forks)}
    playbook = pathlib.Path(__file__).parent / f"{job}.yml"
    begin = time.perf_counter()
    done = subprocess.run(
        ["ansible-playbook", "--inventory", inventory, str(playbook)],
        env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    wall = time.perf_counter() - begin
    if done.returncode:
        sys.exit(f"{playbook} failed:\n{done.stdout[-3000:]}")
    return wall


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=PARTS, action="append", help="only this; repeatable")
    parser.add_argument("--devices", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--forks", type=int, default=10)
    parser.add_argument("--profile", default="axis-os-12")
    options = parser.parse_args()
    parts = options.part or PARTS
    with tempfile.TemporaryDirectory() as scratch:
        if "sweep" in parts:
            discovery.sweep(pathlib.Path(scratch))
        if "cache" in parts:
            discovery.cache(pathlib.Path(scratch))
    if "tasks" in parts:
        tasks(options)


def tasks(options: argparse.Namespace) -> None:
    """Check NTP on each of many cameras."""
    password = secrets.token_urlsafe(12)
    walls: dict[str, list[float]] = {job: [] for job in JOBS}
    with (
        tempfile.TemporaryDirectory() as scratch,
        Fleet.start(
            devices=options.devices, profiles=[options.profile], password=password, tmp_path=pathlib.Path(scratch)
        ) as fleet,
    ):
        for number in range(options.rounds):
            for job in JOBS:
                fleet.reset(requests_only=True)
                wall = run(job, str(fleet.inventory), password, options.forks)
                walls[job].append(wall)
                requests = len(fleet.requests()) / options.devices
                print(f"round {number + 1}, {job:<6} {wall:6.1f} s, {requests:.0f} requests a camera", flush=True)
    middle = {job: statistics.median(times) for job, times in walls.items()}
    print(f"{options.devices} cameras, {options.forks} forks, median of {options.rounds} rounds:")
    print(f"  uri / ntp:    {middle['uri'] / middle['ntp']:.1f} (wanted: at least 8)")
    print(f"  ntp / assert: {middle['ntp'] / middle['assert']:.2f} (wanted: at most 2)")


if __name__ == "__main__":
    main()
