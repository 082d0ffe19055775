# Copyright (c) the axis.vapix contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``/config/discover``: what REST APIs there are; Device Configuration APIs page, the whole answer recorded on 12.11.

Recorded: the root document (no status envelope), its keys, and that the URL carries ``beta`` where the key does not.
"""

from __future__ import annotations

from typing import Any

from exchange import Answer, Request, json_answer
from handlers._base import VIEWER, Handler
from handlers.config_rest import CONTENT_TYPE, not_found


def document(id_: str, key: str, suffix: str, version: str, state: str) -> dict[str, str]:
    """The entry of one version of one API."""
    place = f"/config/discover/apis/{id_}/{key}"
    return {
        "doc": f"{place}/doc.md",
        "doc_html": f"/config/web-ui/cu-doc.html?md-doc-loc={place}/doc.md",
        "model": f"{place}/model.json",
        "rest_api": f"/config/rest/{id_}/{suffix}",
        "rest_openapi": f"{place}/openapi.json",
        "rest_ui": f"/config/web-ui/swagger-ui/?url={place}/openapi.json",
        "state": state,
        "version": version,
    }


class ConfigDiscover(Handler):
    """/config/discover and the documents below it."""

    path = "/config/discover"
    is_tree = True

    def level(self, request: Request) -> int:
        return VIEWER

    def is_write(self, request: Request) -> bool:
        return False

    async def answer(self, request: Request, options: dict[str, Any]) -> Answer:
        apis: dict[str, dict[str, Any]] = {}
        for row in request.device.profile.rest_list:
            apis.setdefault(row[0], {})[row[1]] = document(*row)
        parts = request.path.removeprefix(self.path).strip("/").split("/")
        if parts == [""]:
            device = {
                "rest_openapi": "/config/discover/openapi.json",
                "rest_ui": "/config/web-ui/swagger-ui/?url=/config/discover/openapi.json",
            }
            found: Any = {"apis": apis, "device": device, "framework_version": options["framework"]}
        elif parts == ["apis"]:
            found = apis
        elif len(parts) == 2 and parts[0] == "apis" and parts[1] in apis:
            found = {parts[1]: apis[parts[1]]}
        elif len(parts) == 3 and parts[0] == "apis" and parts[2] in apis.get(parts[1], {}):
            found = apis[parts[1]][parts[2]]
        else:
            return not_found(request)
        return json_answer(found, CONTENT_TYPE, 2)


HANDLER = ConfigDiscover()
