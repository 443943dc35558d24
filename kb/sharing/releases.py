"""The releases of our script: what was released under a number stays as it is, for ever.

`tools/embed_releases.py` takes up new ones.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources

FOLDER = resources.files("kb.sharing") / "embed"
HASHES = "hashes.json"


@cache
def script(version: str) -> bytes:
    """The script that was released under this number. Raises KeyError."""
    if version not in hashes():
        raise KeyError(version)
    return (FOLDER / f"{version}.js").read_bytes()


@cache
def hashes() -> Mapping[str, str]:
    """The SRI hash of every release by its version, the oldest first."""
    by_version: dict[str, str] = json.loads((FOLDER / HASHES).read_text("utf-8"))
    return by_version


def newest() -> str:
    """The number of the release that `/embed/kennisbank.js` gives."""
    return list(hashes())[-1]
