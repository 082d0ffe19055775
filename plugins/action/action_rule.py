# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.axis.vapix.plugins.module_utils.resources.action_rule import DECLARED
from ansible_collections.axis.vapix.plugins.plugin_utils.action import VapixAction


class ActionModule(VapixAction):
    declared = DECLARED


def main() -> None:
    """For ansible-lint: it finds this file before the module, and checks options where there is a main."""
    from ansible_collections.axis.vapix.plugins.modules.action_rule import main as main_of_module

    main_of_module()
