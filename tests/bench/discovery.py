# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast devices are found in a large network, and how fast a large fleet loads from the cache.

The sweep is compared with its bound: what it took if every address timed out. The cache is compared with the same
hosts, variables and groups in a static YAML inventory, the runs taking turns.
"""

from __future__ import annotations

import json
import pathlib
import statistics
import subprocess
import sys
import time
import typing as t

import yaml
from harness.ansible_environment import ansible_environment
from harness.inventory import plain
from harness.namespaces import RANGE, Namespaces

#: The defaults of the plugin, written down so that the bound is what it says.
TIMEOUT, CONCURRENCY = 1.5, 200
KINDS = ("model", "axis_os_track", "subnet")

# Fills the one entry of a cache folder, by the cache plugin of Ansible and in our own form.
_FILL = """
import pathlib, sys, time
from ansible.plugins.inventory import get_cache_plugin
from ansible.plugins.loader import init_plugin_loader
init_plugin_loader([sys.argv[3]])
from ansible_collections.axis.vapix.plugins.module_utils.discovery.memory import Memory
from ansible_collections.axis.vapix.plugins.module_utils.discovery.merge import Found
folder, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
(entry,) = folder.iterdir()
models = ("P3265-V", "M3045-V", "Q1615", "P1447-LE", "M3206-LVE", "P5512")
versions = ("12.11.77", "11.11.205", "10.12.228", "9.80.2")
devices = [
    Found(f"B8A44F{number:06X}", [f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"], "https", 443,
          name=f"Camera {number}", model=models[number % 6], axis_os=versions[number % 4], product_type="Dome Camera",
          needs_setup=False, sources=["sweep"], seen=int(time.time()))
    for number in range(1, count + 1)
]
store = get_cache_plugin("ansible.builtin.jsonfile", _uri=str(folder), _prefix="ansible_inventory_", _timeout=0)
# Ansible puts the prefix and a version of its own before the key.
store[entry.name[entry.name.index("axis.vapix.") :]] = Memory(time.time(), devices).document()
store.set_cache()
"""


def _inventory(run: t.Callable[..., subprocess.CompletedProcess[str]], *arguments: str) -> tuple[float, str]:
    """Wall time in seconds and output of ansible-inventory."""
    begin = time.perf_counter()
    done = run(
        ["ansible-inventory", *arguments],
        env=ansible_environment(""), text=True, capture_output=True,
    )  # fmt: skip
    wall = time.perf_counter() - begin
    if done.returncode or "WARNING" in done.stderr:
        sys.exit(f"ansible-inventory failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return wall, done.stdout


def _write(path: pathlib.Path, **options: t.Any) -> str:
    path.write_text(yaml.safe_dump({"plugin": "axis.vapix.discover", "listen": []} | options), encoding="utf-8")
    return str(path)


def sweep(scratch: pathlib.Path, devices: int = 200, rounds: int = 2) -> None:
    """Find some live devices among the addresses of a /22, over HTTPS and HTTP, all others dead."""
    source = _write(scratch / "sweep.axis.yml", sweep=[str(RANGE)], timeout=TIMEOUT, concurrency=CONCURRENCY)
    addresses = RANGE.num_addresses - 2
    bound = addresses * TIMEOUT / CONCURRENCY
    walls = []
    with Namespaces.start() as net:
        places = net.addresses(devices)
        with net.fleet(places, port=443, http_port=80, https="both", profiles=["axis-os-12", "axis-os-9"]):
            for number in range(rounds):
                wall, listed = _inventory(net.run, "--inventory", source, "--list")
                found = len(json.loads(listed)["_meta"]["hostvars"])
                if found != devices:
                    sys.exit(f"{found} of {devices} devices found")
                walls.append(wall)
                print(f"round {number + 1}, sweep  {wall:6.1f} s, {found} devices", flush=True)
    print(f"{devices} devices among {addresses} addresses, {TIMEOUT} s, {CONCURRENCY} at a time:")
    print(f"  sweep / bound of {bound:.1f} s: {statistics.median(walls) / bound:.2f} (wanted: at most 1.5)")


def cache(scratch: pathlib.Path, hosts: int = 5000, rounds: int = 3) -> None:
    """Load a fleet with three groups a host from the cache, and from a static file."""
    folder = scratch / "cache"
    source = _write(
        scratch / "cache.axis.yml", sweep=["127.0.0.1"], ports=["http:1"], group_by=list(KINDS),
        cache=True, cache_plugin="ansible.builtin.jsonfile", cache_connection=str(folder),
    )  # fmt: skip
    _inventory(subprocess.run, "--inventory", source, "--list")
    environment = ansible_environment("")
    collections = environment["ANSIBLE_COLLECTIONS_PATH"]
    subprocess.run([sys.executable, "-c", _FILL, str(folder), str(hosts), collections], env=environment, check=True)
    listed = plain(json.loads(_inventory(subprocess.run, "--inventory", source, "--list")[1]))
    variables = listed.pop("_meta")["hostvars"]
    groups = {name: dict.fromkeys(group["hosts"]) for name, group in listed.items() if group.get("hosts")}
    static = scratch / "static.yml"
    document = {"all": {"hosts": variables, "children": {name: {"hosts": members} for name, members in groups.items()}}}
    static.write_text(yaml.safe_dump(document), encoding="utf-8")
    one = min(variables)
    walls: dict[str, list[float]] = {"cache": [], "static": []}
    for number in range(rounds):
        for job, path in (("cache", source), ("static", str(static))):
            wall, shown = _inventory(subprocess.run, "--inventory", path, "--host", one)
            if plain(json.loads(shown)) != variables[one]:
                sys.exit(f"{path} has other variables")
            walls[job].append(wall)
            print(f"round {number + 1}, {job:<6} {wall:6.1f} s", flush=True)
    middle = {job: statistics.median(times) for job, times in walls.items()}
    print(f"{len(variables)} hosts in {len(groups)} groups, median of {rounds} rounds:")
    print(f"  cache / static: {middle['cache'] / middle['static']:.2f} (wanted: below 2)")
