# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Firmware. What restarts a device is proven in tests/integration/test_firmware.py; here is what is refused."""

from __future__ import annotations

from resources.proof import ALL, Bad, Proof

LIFE = "tests/integration/test_firmware.py::test_life"

PROOF = Proof(
    "firmware",
    cases=(),
    bad=(
        Bad({"version": "99.1.1"}, "99.1.1 is not running and no image is given", ALL),
        Bad({"version": "99.1.1", "image": "/no/such"}, "image: '/no/such' is no file"),
        Bad({"version": "1.1.1", "image": "/etc/hostname"}, "1.1.1 is older than"),
        Bad({"version": "1.1.1", "allow_downgrade": True}, "only together with a hard factory default", ALL),
        Bad({"version": "99.1.1", "image": "/etc/hostname", "models": ["Q1"]}, "the image is for Q1, the device is a"),
        Bad({"version": "99.1.1", "image": "/etc/hostname", "sha256": "0" * 64}, "image: its SHA-256 is"),
        Bad({"version": "99.1.1", "sha256": "0"}, "sha256: '0' is not of the form 64 hexadecimal digits"),
        Bad({"version": "newest"}, "version: 'newest' is not of the form 12.11.77"),
        Bad({"state": "rolled_back", "version": "9.9.9"}, "cannot go back to 9.9.9: it has no other image", ALL),
        Bad({"state": "committed", "version": "9.9.9"}, "is running, not 9.9.9", ALL),
        Bad({"version": "9.9.9", "health_checks": ["a["]}, "is no JMESPath expression"),
        Bad({"version": "9.9.9", "auto_rollback": 0}, "auto_rollback: 0 is not at least 1 minutes"),
        Bad({"version": "9.9.9", "upload_timeout": 0}, "upload_timeout: 0 is not at least 1 seconds"),
        Bad({}, "state is installed but all of the following are missing: version"),
    ),
    proven_by=LIFE,
    base={"state": "purged"},
    elsewhere={
        "commit": LIFE,
        "factory_default": "tests/integration/test_firmware.py::test_downgrade_and_factory_default",
        "reboot_timeout": LIFE,
    },
)
