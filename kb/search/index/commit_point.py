"""Commit points: the files in which Whoosh names what the index is made of at some moment."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from whoosh.filedb.filestore import FileStorage

INDEX_NAME = "MAIN"  # what Whoosh calls an index that has no name
FILE_NAME = re.compile(rf"_{INDEX_NAME}_([0-9]+)\.toc")
MAX_TRIES = 100  # to look at a file that writers replace meanwhile


class FileVersion(NamedTuple):
    """A file at some moment; it was written again when any of these differs."""

    name: str
    size: int  # bytes
    modified: int  # nanoseconds since 1970
    inode: int


def file_version(path: Path) -> FileVersion:
    """The version of a file, which is not opened. Raises OSError."""
    status = path.stat()
    return FileVersion(path.name, status.st_size, status.st_mtime_ns, status.st_ino)


def newest_commit_point(folder: Path) -> FileVersion:
    """The newest commit point in a folder. Raises OSError when there is none."""
    for _ in range(MAX_TRIES):
        names = [path.name for path in folder.iterdir() if FILE_NAME.fullmatch(path.name)]
        with suppress(FileNotFoundError):  # a writer has put a newer one in its place since
            if names:
                return file_version(folder / max(names, key=generation_of))
    raise FileNotFoundError(f"no index in {folder}")


def generation_of(name: str) -> int:
    """The number in the name of a commit point: Whoosh counts its commits."""
    match = FILE_NAME.fullmatch(name)
    assert match is not None
    return int(match[1])


def open_storage(folder: Path) -> FileStorage:
    """The files of an index; Whoosh would copy what it maps into the memory of every process."""
    return FileStorage(str(folder), supports_mmap=False)
