# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Firmware. Every device starts with a version that nobody has committed yet, and the one before in its other slot."""

from __future__ import annotations

import hashlib
import pathlib
import tempfile

from resources.proof import ALL, ANY, GONE, Bad, Case, Proof, Shows, Step
from simulator.firmware_image import make

MODELS = {"axis-os-12": "P3265-V", "axis-os-11": "P3245-LV", "axis-os-9": "M3045-V", "axis-os-5": "P5512"}
MODERN = ("axis-os-12", "axis-os-11", "axis-os-9")
#: These tell their version also before they have an account; for the other see test_firmware.py in tests/integration.
TELLING = MODERN[:2]
BEFORE, NEW, OLDER = "8.40.4", "12.12.5", "5.50.2"

_FOLDER = tempfile.TemporaryDirectory(prefix="axis.vapix-images-")


def image(profile: str, version: str) -> str:
    """Path of an image for a device."""
    path = pathlib.Path(_FOLDER.name) / f"{profile}-{version}.bin"
    return str(path if path.exists() else make(path, MODELS[profile], version, 20_000))


def checksum(path: str) -> str:
    """Its SHA-256."""
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def runs(version: str, **more: object) -> Shows:
    """What a device shows that runs a version of its own, committed."""
    return {"firmware.active": version, "firmware.committed": True} | {f"firmware.{key}": more[key] for key in more}


#: The account of the fleet is gone.
NO_ACCOUNT = {"users.root": GONE}
IN_TIME = {"upload_timeout": 60, "reboot_timeout": 30}


def life(profile: str) -> Case:
    """Back, up with all the checks, and committed."""
    new = image(profile, NEW)
    proving = {"models": ["Q1", MODELS[profile]], "sha256": checksum(new).upper(), "health_checks": ["state.ready"]}
    return Case(
        title="life",
        restarts=True,
        profiles=(profile,),
        steps=(
            Step({"state": "rolled_back", "version": BEFORE, **IN_TIME}, runs(BEFORE, inactive=None)),
            Step(
                {"version": NEW, "image": new, "commit": False, "auto_rollback": 600, **proving, **IN_TIME},
                {"firmware.active": NEW},
            ),
            Step({"version": NEW}, runs(NEW)),
        ),
    )


def reset(profile: str, mode: str, version: str) -> Case:
    """A factory default with another version: proven by what a device without accounts tells."""
    args = {"version": version, "image": image(profile, version), "factory_default": mode, "allow_downgrade": True}
    return Case(
        title=f"{mode} factory default",
        restarts=True,
        profiles=(profile,),
        steps=(
            Step({"state": "committed"}, {"firmware.committed": True}),
            Step({**args, **IN_TIME}, runs(version, inactive=ANY) | NO_ACCOUNT),
        ),
    )


PROOF = Proof(
    "firmware",
    cases=(
        Case(
            profiles=MODERN,
            steps=(
                Step({"state": "committed"}, {"firmware.committed": True}),
                Step({"state": "purged"}, {"firmware.committed": True, "firmware.inactive": None}),
            ),
        ),
        *map(life, MODERN),
        *(reset(profile, "soft", NEW) for profile in TELLING),
        *(reset(profile, "hard", OLDER) for profile in TELLING),
        Case(
            title="old",
            restarts=True,
            profiles=("axis-os-5",),
            steps=(
                Step({"version": "5.60.1", "image": image("axis-os-5", "5.60.1")}, runs("5.60.1", inactive=None)),
                Step(
                    {
                        "version": OLDER,
                        "image": image("axis-os-5", OLDER),
                        "allow_downgrade": True,
                        "factory_default": "hard",
                    },
                    runs(OLDER, inactive=None) | NO_ACCOUNT,
                ),
            ),
        ),
    ),
    bad=(
        Bad({"version": "99.1.1"}, "but not committed", MODERN),
        Bad({"version": "99.1.1"}, "99.1.1 is not running and no image is given", ("axis-os-5",)),
        Bad({"version": "99.1.1", "image": "/no/such"}, "image: '/no/such' is no file", ("axis-os-5",)),
        Bad({"version": "1.1.1", "image": "/etc/hostname"}, "1.1.1 is older than", ("axis-os-5",)),
        Bad(
            {"version": "1.1.1", "allow_downgrade": True},
            "only together with a hard factory default",
            ("axis-os-5",),
        ),
        Bad(
            {"version": "99.1.1", "image": "/etc/hostname", "models": ["Q1"]},
            "the image is for Q1, the device is a P5512",
            ("axis-os-5",),
        ),
        Bad(
            {"version": "99.1.1", "image": "/etc/hostname", "sha256": "0" * 64},
            "image: its SHA-256 is",
            ("axis-os-5",),
        ),
        Bad(
            {"version": "99.1.1", "image": "/etc/hostname", "commit": False},
            "cannot install a version without committing it. Leave it out for this device, or update its AXIS OS; "
            "on_unsupported: warn",
            ("axis-os-5",),
        ),
        Bad({"state": "rolled_back", "version": "9.9.9"}, "cannot go back to the version before", ("axis-os-5",)),
        Bad({"state": "rolled_back", "version": "9.9.9"}, "cannot go back to 9.9.9: its other image is 8.40.4", MODERN),
        Bad({"state": "purged"}, "purging would leave no way back", MODERN),
        Bad({"state": "committed", "version": "9.9.9"}, "is running, not 9.9.9", ALL),
        Bad({"version": "99.1.1", "sha256": "0"}, "sha256: '0' is not of the form 64 hexadecimal digits"),
        Bad({"version": "newest"}, "version: 'newest' is not of the form 12.11.77"),
        Bad({"version": "9.9.9", "health_checks": ["a["]}, "is no JMESPath expression"),
        Bad({"version": "9.9.9", "auto_rollback": 0}, "auto_rollback: 0 is not at least 1 minutes"),
        Bad({"version": "9.9.9", "upload_timeout": 0}, "upload_timeout: 0 is not at least 1 seconds"),
        Bad({}, "state is installed but all of the following are missing: version"),
    ),
    given={"firmware": {"inactive": BEFORE, "committed": False}},
    # The factory makes new certificates, and says in a parameter that nobody has an account.
    mirrors=("firmware.seconds_to_rollback", "certificates.", "parameters.System.RootPwdSet"),
    no_way_back="what is committed stays committed",
    elsewhere={"on_unsupported": "tests/integration/test_firmware.py::test_what_old_firmware_cannot_do"},
    # It runs, so that there is nothing to do.
    base={"version": "12.11.77", "commit": False},
)
