"""JSON as it should be: what its makers forgot to forbid is refused."""

from __future__ import annotations

import json
from typing import Any


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
