"""What is wrong with an index on disk, and what is only wrong with the machine at this moment."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

MISSING_FILE_ERRORS = (FileNotFoundError, IsADirectoryError, NotADirectoryError)


class CorruptIndex(Exception):
    """A file of the index is missing, unreadable, of another format or not as it was written."""


def is_transient(error: Exception) -> bool:
    """Whether the machine could not read just now, which says nothing about the files.

    Too many open files, say, or no memory for a mapping. A missing file, or a disk that cannot
    read one (EIO), is no transient error.
    """
    if not isinstance(error, OSError) or isinstance(error, MISSING_FILE_ERRORS):
        return False
    return error.errno not in {None, errno.EIO}


@contextmanager
def missing_is_corrupt(name: str) -> Iterator[None]:
    """Turn an OSError that is not transient into CorruptIndex; `name` is that of the file."""
    try:
        yield
    except OSError as error:
        if is_transient(error):
            raise
        raise CorruptIndex(f"{name}: {error}") from error
