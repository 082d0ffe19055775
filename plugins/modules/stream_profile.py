#!/usr/bin/python
# Copyright (c) the axis.vapix contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: stream_profile
short_description: Manage the stream profiles of a device
version_added: 1.0.0
description:
  - Adds, changes and removes stream profiles of an Axis device. A stream profile is a named set of stream
    settings that clients ask for by its name.
  - Uses C(streamprofile.cgi), and before AXIS OS 9 the parameter group C(StreamProfile).
  - Profiles that are not listed are left alone, unless O(exclusive=true). Of a profile that exists, only the
    options that are given are compared.
author:
  - axis.vapix authors (@axis-vapix)
extends_documentation_fragment:
  - axis.vapix.attributes
  - axis.vapix.attributes.resource
  - axis.vapix.connection
requirements:
  - deepdiff
options:
  profiles:
    description:
      - The stream profiles.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name, in ASCII.
          - At most 64 characters.
        type: str
        required: true
      description:
        description:
          - What it is for.
          - At most 128 characters.
          - V(null) sets the documented default, an empty text.
        type: str
      parameters:
        description:
          - Stream settings by the names of the VAPIX page "Video streaming", for example C(resolution),
            C(fps), C(compression), C(videocodec) and C(videobitratemode). They replace all settings of the
            profile.
          - Names are compared without regard to letter case, and the order means nothing.
          - V(null) sets the documented default, an empty mapping.
        type: dict
      state:
        description:
          - Whether the entry exists. An entry that exists is changed only where its options say so.
        type: str
        choices: [present, absent]
        default: present
  exclusive:
    description:
      - Whether to remove every entry that O(profiles) does not list.
    type: bool
    default: false
  on_unsupported:
    description:
      - What to do if the device does not have a setting. V(warn) leaves it out, sets the others, lists it in
        RV(unsupported) and warns. V(skip) does the same without a warning.
    type: str
    choices: [fail, warn, skip]
    default: fail
"""

EXAMPLES = r"""
- name: A profile for recording
  axis.vapix.stream_profile:
    profiles:
      - name: recording
        description: For the recorder
        parameters:
          videocodec: h264
          resolution: 1920x1080
          fps: 12

- name: Remove a profile
  axis.vapix.stream_profile:
    profiles:
      - name: old
        state: absent
"""

RETURN = r"""
api:
  description: The API of the device that was used.
  returned: success
  type: str
  sample: streamprofile.cgi
changes:
  description: What was changed, or in check mode would be, in the order in which it is made.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The option or parameter.
      type: str
    before:
      description: The value before, null where there was none.
      type: raw
    after:
      description: The value after, null where it is removed.
      type: raw
    risk:
      description: One of V(none), V(restarts_service), V(moves_address) and V(reboots).
      type: str
    note:
      description: What a reader needs to know beside the values.
      returned: if there is something
      type: str
reboot_required:
  description: Whether the device restarts, or has to, for the changes to take effect.
  returned: success
  type: bool
unsupported:
  description: What is wanted and the device does not have.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: The option.
      type: str
    reason:
      description: Why it is left out.
      type: str
failure:
  description: The facts of a failure, for programs. The text for people is in RV(ignore:msg).
  returned: failure
  type: dict
  contains:
    api:
      description: The API that failed.
      type: str
    method:
      description: Its method, action or HTTP verb.
      type: str
    http_status:
      description: Status of the HTTP answer.
      type: int
    code:
      description: Error code of the API.
      type: int
    message:
      description: What happened.
      type: str
    applied:
      description: Paths of the changes that were made before the failure.
      type: list
      elements: str
    not_applied:
      description: Paths of the changes that were not made.
      type: list
      elements: str
    unknown:
      description: Paths of the changes of which nobody can say whether they were made.
      type: list
      elements: str
"""

from ansible_collections.axis.vapix.plugins.module_utils.engine.module import run_module
from ansible_collections.axis.vapix.plugins.module_utils.resources.stream_profile import DECLARED


def main() -> None:
    run_module(DECLARED)


if __name__ == "__main__":
    main()
