# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/axis.vapix.vapix) in C(module_defaults) to set the connection options once.
    support: full
    membership:
      - axis.vapix.vapix
  async:
    description:
      - Supports being used with the C(async) keyword, together with C(delegate_to), for example C(localhost), because
        it
        is not the device that runs the task.
    support: partial
  become:
    description: Has no meaning for a device, and no effect.
    support: none
  delegation:
    description:
      - Can be used with C(delegate_to). The device is then reached from that machine.
    support: full
  platform:
    description: The systems that can be managed.
    support: full
    platforms: AXIS OS
"""

    RESOURCE = r"""
options: {}
attributes:
  check_mode:
    description: Sends nothing that changes the device and returns exactly what a run would change.
    support: full
  diff_mode:
    description: Shows what changed, or in check mode would change, by option or parameter and without secrets.
    support: full
  idempotent:
    description: A second run changes nothing and sends nothing but reading requests.
    support: full
"""

    QUERY = r"""
options: {}
attributes:
  check_mode:
    description: Only reads, so that check mode makes no difference.
    support: full
  diff_mode:
    description: Changes nothing, so that there is no difference to show.
    support: none
  idempotent:
    description: Only reads.
    support: full
"""
