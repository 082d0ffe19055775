# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the collection importable, here and in every ansible command a test starts.

Tests use the checkout, by a link in .cache/collections. AXIS_VAPIX_COLLECTIONS_PATH names another collections path:
that is how the same tests run against an installed tarball.
"""

from __future__ import annotations

import os
import sys

import support

COLLECTIONS = os.environ.get("AXIS_VAPIX_COLLECTIONS_PATH") or str(support.link_collection())

sys.path.insert(0, COLLECTIONS)
os.environ["ANSIBLE_COLLECTIONS_PATH"] = COLLECTIONS
# ansible-playbook & co. are found beside the Python that runs the tests, whichever virtual environment that is.
os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])
# Nothing of the user's own Ansible set-up may decide a test, and no test may write into the home folder.
os.environ["ANSIBLE_HOME"] = str(support.CACHE / "ansible")
os.environ["ANSIBLE_CONFIG"] = str(support.ROOT / "tests" / "ansible.cfg")
