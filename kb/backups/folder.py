"""A folder of backups whose names are the times that they were made, and how many stay there."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from pathlib import Path

from kb.backups import checksums, image_archive

NAME = re.compile(r"kb-\d{8}T\d{6}Z\.backup")
UNFINISHED = re.compile(rf"{NAME.pattern}(\.images\.tar)?\.unfinished(-wal|-shm|-journal)?")
STALE_SECONDS = 3600.0  # a copy that is being made is written to all the time


def new_file(folder: Path, at: datetime) -> Path:
    """The file of a backup that is made at this moment: `kb-20260131T020000Z.backup`."""
    return folder / f"kb-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.backup"


def files(folder: Path) -> list[Path]:
    """The backups in a folder, oldest first; what has another name is no business of ours."""
    return sorted(each for each in folder.iterdir() if NAME.fullmatch(each.name) and each.is_file())


def remove_unfinished(folder: Path) -> None:
    """Remove what backups left here that were killed: copies that nobody has written to lately.

    Raises OSError.
    """
    for file in folder.glob("kb-*.unfinished*"):
        if UNFINISHED.fullmatch(file.name) and time.time() - file.stat().st_mtime > STALE_SECONDS:
            file.unlink(missing_ok=True)


def remove_old(folder: Path, number: int) -> list[Path]:
    """Remove all but the newest backups, with their images and checksums; returns those that went.

    Raises OSError.
    """
    old = files(folder)[:-number]
    for file in old:
        image_archive.archive_of(file).unlink(missing_ok=True)
        checksums.file_of(file).unlink(missing_ok=True)
        file.unlink()
    return old
