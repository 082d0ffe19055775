# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast a fleet is found, loaded and checked, as ratios within one run on one machine.

One NTP check on each of many simulated cameras, by our module, by the same job written with ansible.builtin.uri, and
for the floor of Ansible itself by ansible.builtin.assert. Then ten sections of a document in one task, and the same as
ten tasks. The runs take turns, so that a busy moment does not hit one of them only. What is measured of discovery is in
discovery.py.
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

PARTS = ("tasks", "document", "sweep", "cache")
#: Playbooks that take turns, and what is to come of them: two of them, and the ratio that is wanted.
JOBS = {"tasks": ("assert", "ntp", "uri"), "document": ("assert", "device", "modules")}
RATIOS = {
    "tasks": (("uri", "ntp", "at least 8"), ("ntp", "assert", "at most 2")),
    "document": (("device", "assert", "at most 1.5"), ("modules", "device", "at least 5")),
}


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
    for part in JOBS:
        if part in parts:
            playbooks(part, options)


def playbooks(part: str, options: argparse.Namespace) -> None:
    """Run playbooks over many cameras that are as they are to be."""
    jobs = JOBS[part]
    password = secrets.token_urlsafe(12)
    walls: dict[str, list[float]] = {job: [] for job in jobs}
    with (
        tempfile.TemporaryDirectory() as scratch,
        Fleet.start(
            devices=options.devices, profiles=[options.profile], password=password, tmp_path=pathlib.Path(scratch)
        ) as fleet,
    ):
        for number in range(options.rounds):
            for job in jobs:
                fleet.reset(requests_only=True)
                wall = run(job, str(fleet.inventory), password, options.forks)
                walls[job].append(wall)
                requests = len(fleet.requests()) / options.devices
                print(f"round {number + 1}, {job:<7} {wall:6.1f} s, {requests:.0f} requests a camera", flush=True)
    middle = {job: statistics.median(times) for job, times in walls.items()}
    print(f"{options.devices} cameras, {options.forks} forks, median of {options.rounds} rounds:")
    for one, other, wanted in RATIOS[part]:
        print(f"  {one} / {other}: {middle[one] / middle[other]:.2f} (wanted: {wanted})")


if __name__ == "__main__":
    main()
