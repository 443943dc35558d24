"""All ids of a list, for who does something to everything that is in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kb.kinds import KINDS, KindName
from kb.search import service
from kb.services import services


def select_ids(kind: KindName, parameters: Mapping[str, Any]) -> list[str]:
    """The ids of the things in a list with these parsed parameters, in its order.

    Raises SearchUnavailable.
    """
    path = f"/v1/{KINDS[kind].collection}"
    requested = replace(service.list_request(path, (kind,), parameters), highlight=False)
    stream = service.search_all(services().search, requested)
    return [json.loads(item.stored)["id"] for item in stream.items]
