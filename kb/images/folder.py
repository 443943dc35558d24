"""The folder of images: each file is written whole or not at all, and never changed after that."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from kb import image_names
from kb.sqlite_file import OWNER_ONLY

GRACE_SECONDS = 600.0  # in which a file may be there before the text that refers to it is saved


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files by name, also over what is there: it is the same. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, content in files.items():
        unfinished = folder / f".{name}.{secrets.token_hex(6)}"
        try:
            handle = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, OWNER_ONLY)
            with os.fdopen(handle, "wb") as file:  # drafts have images too
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(folder / name)
        finally:
            unfinished.unlink(missing_ok=True)


def has_all(folder: Path, image: str) -> bool:
    """Whether every file of an image is there."""
    return all((folder / file.name).is_file() for file in image_names.files(image))


def names(folder: Path) -> Iterator[tuple[str, str]]:
    """The files that are there, each with the image that it is of."""
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if match := image_names.FILE.fullmatch(path.name):
                yield path.name, match[1]


def remove_unknown(folder: Path, known: Collection[str]) -> int:
    """Remove the files of images that nobody knows any more; returns how many there were.

    What was written a moment ago stays: the text that refers to it may not be saved yet.
    """
    removed = 0
    for name, image in list(names(folder)):
        path = folder / name
        try:
            if image not in known and path.stat().st_mtime < time.time() - GRACE_SECONDS:
                path.unlink()
                removed += 1
        except FileNotFoundError:  # another process was first
            continue
    return removed
