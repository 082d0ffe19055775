# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: merge_layers
short_description: Merge the layers of a device's document
version_added: 1.0.0
description:
  - Merges documents as M(axis.vapix.device) takes them, from what all cameras share to what one camera has alone.
    Later ones win.
  - Blocks are merged by option. Lists of entries that can be present or absent are merged by name, for example accounts
    and stream profiles. Any other list is replaced.
  - V(null) is a value, the documented default.
  - The text V(<unmanaged>) takes an option or a block out of the document again, so that the device is left alone
    there. As C(state) of a named entry it takes out that entry.
author:
  - axis.vapix authors (@axis-vapix)
options:
  _input:
    description:
      - The documents, the one that wins last.
    type: list
    elements: dict
    required: true
seealso:
  - module: axis.vapix.device
"""

EXAMPLES = r"""
- name: All cameras, then those of the site, then this one
  axis.vapix.device:
    config: "{{ [axis_config_all, axis_config_site, axis_config_camera | default({})] | axis.vapix.merge_layers }}"
"""

RETURN = r"""
_value:
  description: The document.
  type: dict
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.axis.vapix.plugins.module_utils.document.layers import Layer, merge


def merge_layers(documents: t.Any) -> dict[str, t.Any]:
    """The document of all layers. :raises AnsibleFilterError: the input is no list of documents."""
    if not isinstance(documents, (list, tuple)):
        raise AnsibleFilterError("axis.vapix.merge_layers wants a list of documents")
    try:
        return merge(Layer(str(number), document) for number, document in enumerate(documents, 1))[0]
    except TypeError as exc:
        raise AnsibleFilterError(f"axis.vapix.merge_layers: {exc}") from exc


class FilterModule:
    """Tells Ansible of the filter."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Filters by name."""
        return {"merge_layers": merge_layers}
