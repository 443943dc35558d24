"""The releases of our script: what was released under a number stays as it is, for ever.

`tools/embed_releases.py` takes up new ones.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "embed"
HASHES = "hashes.json"


@cache
def hashes() -> Mapping[str, str]:
    """The SRI hash of every release by its version, the oldest first."""
    by_version: dict[str, str] = json.loads((FOLDER / HASHES).read_text("utf-8"))
    return by_version


def newest() -> str:
    """The number of the release that `/embed/kennisbank.js` gives."""
    return list(hashes())[-1]
