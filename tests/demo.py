# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three simulated cameras of different generations, brought to one declared state, and again.

Runs playbooks/demo.yml for real, once more in check mode and once more for real, and says what happened. The exit code
is 0
only if the later runs changed nothing and sent the cameras nothing but reading requests.
"""

from __future__ import annotations

import pathlib
import re
import secrets
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from harness.ansible_environment import ansible_environment  # noqa: E402
from harness.fleet import Fleet  # noqa: E402

PROFILES = ("axis-os-12", "axis-os-9", "axis-os-5")
RUNS = (("first run", ()), ("second run, check mode", ("--check", "--diff")), ("second run", ()))
_RECAP = re.compile(
    r"^(?P<host>\S+)\s+: ok=\d+\s+changed=(?P<changed>\d+)\s+unreachable=(?P<lost>\d+)\s+failed=(?P<failed>\d+)"
)


def play(fleet: Fleet, password: str, *options: str) -> dict[str, int]:
    """Run the playbook and return how many tasks changed by host; stop when one failed."""
    environment = ansible_environment(password)
    command = ["ansible-playbook", "--inventory", str(fleet.inventory), *options, str(ROOT / "playbooks" / "demo.yml")]
    run = subprocess.run(command, env=environment, text=True, stdout=subprocess.PIPE, check=False)
    print(run.stdout)
    recap = [match for match in map(_RECAP.match, run.stdout.splitlines()) if match]
    if run.returncode or len(recap) != len(PROFILES):
        sys.exit(f"The playbook failed with exit code {run.returncode}.")
    return {match["host"]: int(match["changed"]) for match in recap}


def main() -> int:
    """Run the demo; 0 when it shows what it is there to show."""
    password = secrets.token_urlsafe(12)
    lines = []
    wrong = 0
    with (
        tempfile.TemporaryDirectory() as scratch,
        Fleet.start(
            devices=len(PROFILES),
            profiles=list(PROFILES),
            https=True,
            password=password,
            tmp_path=pathlib.Path(scratch),
        ) as fleet,
    ):
        for number, (title, options) in enumerate(RUNS):
            print(f"\n=== {title} ===", flush=True)
            fleet.reset(requests_only=True)
            changed = play(fleet, password, *options)
            lines.append(f"{title}:")
            for device in fleet.devices:
                sent = fleet.requests(device.serial)
                writes = sum(request["write"] for request in sent)
                tasks = changed[device.host_name]
                expected = tasks > 0 and writes > 0 if number == 0 else tasks == 0 and writes == 0
                wrong += not expected
                lines.append(
                    f"  {device.host_name}  {device.model:<22} AXIS OS {device.axis_os:<9}"
                    f" {tasks} tasks changed, {len(sent)} requests, {writes} of them writing"
                    f"{'' if expected else '   <- not as it should be'}"
                )
    print("\n".join(["", "=== what happened ===", *lines, ""]))
    print("Not as it should be." if wrong else "One declared state, three generations; the second run changed nothing.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
