"""JSON as it should be: what its makers forgot to forbid is refused."""

from __future__ import annotations

import json
from typing import Any

DEEPEST = 40  # lists and objects in each other; a document has four


def strict_json(text: str) -> Any:
    """JSON without duplicate keys, NaN or Infinity. Raises ValueError with a reason."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        told = dict(pairs)
        if len(told) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise ValueError(f"the key {twice!r} stands in one object twice")
        return told

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=refuse)
    except RecursionError:
        raise ValueError("its lists and objects lie too deep in each other") from None


def too_deep(told: Any) -> bool:
    """Whether lists and objects lie so deep in each other that walking them could fail."""
    level = [told]
    for _ in range(DEEPEST):
        level = (
            [
                below
                for each in level
                for below in (each.values() if isinstance(each, dict) else each)
                if isinstance(below, (dict, list))
            ]
            if all(isinstance(each, (dict, list)) for each in level)
            else []
        )
        if not level:
            return False
    return True
