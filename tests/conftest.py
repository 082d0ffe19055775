# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the collection importable, here and in every ansible command a test starts.

Tests use the checkout, by a link in .cache/collections. AXIS_VAPIX_COLLECTIONS_PATH names another collections path:
that is how the same tests run against an installed tarball.
"""

from __future__ import annotations

import os
import sys

from harness.ansible_environment import ansible_environment, collections_path

sys.path.insert(0, collections_path())
os.environ.update(ansible_environment(os.environ.get("AXIS_VAPIX_PASSWORD", "")))
