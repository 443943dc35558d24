"""Segment files in a folder."""

from __future__ import annotations

from pathlib import Path


def arrays_of(folder: Path) -> set[str]:
    """The names of the files of arrays."""
    return {path.name for path in (folder / "index").glob("*.arrays")}
