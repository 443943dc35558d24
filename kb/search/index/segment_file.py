"""A segment file: named NumPy arrays and notes about them, written once, with a checksum.

    magic · length of the header (8 bytes) · header · arrays · CRC-32 of all before (4 bytes)

Numbers are little-endian. The header is JSON: `notes`, and for each array its dtype, shape and
offset in bytes from the end of the header. Header and arrays are padded to 64 bytes.
"""

from __future__ import annotations

import errno
import json
import mmap
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from kb.search.index.arrays import Arrays

MISSING_FILE_ERRORS = (FileNotFoundError, IsADirectoryError, NotADirectoryError)
FORMAT = 10  # raise it when arrays or the schema change: indexes are then made again
MAGIC = f"kb-segment-{FORMAT}\n".encode()
SUFFIX = ".arrays"  # of a segment file's name, after that of the Whoosh segment
MMAP_BYTES = 2**25  # a larger file is mapped, a smaller one read
CHECKSUM_CHUNK_BYTES = 2**24
ALIGNMENT_BYTES = 64
LENGTH_BYTES = 8
CHECKSUM_BYTES = 4


class CorruptIndex(Exception):
    """A file of the index is missing, unreadable, of another format or not as it was written."""


def path_of(folder: Path, segment: str) -> Path:
    """Where the segment file of a Whoosh segment stands."""
    return folder / f"{segment}{SUFFIX}"


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


def write(path: Path, arrays: Arrays, notes: Mapping[str, Any]) -> None:
    """Write arrays, with notes about them that JSON can hold. Raises OSError."""
    table, offset = {}, 0
    for name, array in arrays.items():
        table[name] = (str(array.dtype), array.shape, offset)
        offset += _padded(array.nbytes)
    header = json.dumps({"notes": notes, "arrays": table}).encode()
    with path.open("wb") as file:
        checksum = 0
        for chunk in _chunks(header, arrays):
            checksum = zlib.crc32(chunk, checksum)
            file.write(chunk)
        file.write(checksum.to_bytes(CHECKSUM_BYTES, "little"))


def _chunks(header: bytes, arrays: Arrays) -> Iterator[memoryview | bytes]:
    """All that is written before the checksum."""
    start = MAGIC + len(header).to_bytes(LENGTH_BYTES, "little") + header
    yield start + bytes(_padded(len(start)) - len(start))
    for array in arrays.values():
        yield np.ascontiguousarray(array).reshape(-1).view(np.uint8).data if array.size else b""
        yield bytes(_padded(array.nbytes) - array.nbytes)


def read(
    path: Path, *, mmap_bytes: int = MMAP_BYTES
) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The arrays of a file, by name and read-only, and the notes.

    A small file is read, so that nothing that later befalls it matters; one of more than
    `mmap_bytes` bytes is mapped, so that all processes on a machine share one copy in memory.
    Raises CorruptIndex, and OSError when the file cannot be read just now.
    """
    with missing_is_corrupt(path.name), path.open("rb") as file:
        content = _content(file, mmap_bytes)
        if bytes(content[: len(MAGIC)]) != MAGIC:
            raise CorruptIndex(f"{path.name} is no segment file of format {FORMAT}")
        body, checksum = content[:-CHECKSUM_BYTES], content[-CHECKSUM_BYTES:]
        parts = _parts(file, len(body)) if len(content) > mmap_bytes else [body]
        if _checksum(parts) != int.from_bytes(checksum, "little"):
            raise CorruptIndex(f"{path.name} is not as it was written")
    start = len(MAGIC) + LENGTH_BYTES
    end = start + int.from_bytes(content[len(MAGIC) : start], "little")
    header = json.loads(bytes(content[start:end]))
    first = _padded(end)
    arrays = {}
    for name, (dtype, shape, offset) in header["arrays"].items():
        count = int(np.prod(shape))
        flat = np.frombuffer(content, dtype, count, first + offset) if count else np.empty(0, dtype)
        arrays[name] = flat.reshape(shape)
    return arrays, header["notes"]


def _content(file: BinaryIO, mmap_bytes: int) -> memoryview:
    if os.fstat(file.fileno()).st_size > mmap_bytes:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    return memoryview(file.read())


def file_checksum(path: Path) -> int:
    """The CRC-32 of a whole file. Raises CorruptIndex, OSError."""
    with missing_is_corrupt(path.name), path.open("rb") as file:
        return _checksum(_parts(file, os.fstat(file.fileno()).st_size))


def _parts(file: BinaryIO, size: int) -> Iterator[bytes]:
    """So many bytes of a file. Those that are mapped too take no memory of the process for it."""
    for start in range(0, size, CHECKSUM_CHUNK_BYTES):
        yield file.read(min(CHECKSUM_CHUNK_BYTES, size - start))


def _checksum(parts: Iterable[memoryview | bytes]) -> int:
    """The CRC-32 of some bytes, in parts; other threads run between two chunks of a part."""
    checksum = 0
    for part in parts:
        for start in range(0, len(part), CHECKSUM_CHUNK_BYTES):
            checksum = zlib.crc32(part[start : start + CHECKSUM_CHUNK_BYTES], checksum)
    return checksum


def _padded(size: int) -> int:
    return -(-size // ALIGNMENT_BYTES) * ALIGNMENT_BYTES
