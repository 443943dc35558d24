"""A file of named NumPy arrays: written once, checked when it is opened, shared between processes.

A small file is read, so that nothing that befalls it later matters; a large one is mapped, and
then all processes on the machine share one copy of it in memory.
"""

from __future__ import annotations

import errno
import json
import mmap
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

KIND = b"kb-segment-3\n"
MAPPED = 2**25  # bytes; larger files are mapped
STEP = 2**24  # bytes that are checked at a time
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float32]
Arrays = Mapping[str, NDArray[Any]]


LOST = (FileNotFoundError, IsADirectoryError, NotADirectoryError)


class CorruptIndex(Exception):
    """A file of the index is not what was once written."""


def is_transient(error: Exception) -> bool:
    """Whether the machine could not read just now, which says nothing about the files.

    Too many open files, say, or no memory for a mapping. A file that is gone, or a disk that cannot
    read it, is damage.
    """
    if not isinstance(error, OSError) or isinstance(error, LOST):
        return False
    return error.errno not in {None, errno.EIO}


@contextmanager
def missing_is_corrupt(name: str) -> Iterator[None]:
    """Raises CorruptIndex when a file is gone or cannot be read; OSError when that passes."""
    try:
        yield
    except OSError as error:
        if is_transient(error):
            raise
        raise CorruptIndex(f"{name}: {error}") from error


def write(path: Path, arrays: Arrays, notes: Mapping[str, Any]) -> None:
    """Write arrays, with notes about them that JSON can hold."""
    placed, at = {}, 0
    for name, array in arrays.items():
        placed[name] = (str(array.dtype), array.shape, at)
        at += _padded(array.nbytes)
    head = json.dumps({"notes": notes, "arrays": placed}).encode()
    with path.open("wb") as file:
        check = 0
        for piece in _pieces(head, arrays):
            check = zlib.crc32(piece, check)
            file.write(piece)
        file.write(check.to_bytes(4, "little"))


def _pieces(head: bytes, arrays: Arrays) -> Iterable[memoryview | bytes]:
    start = KIND + len(head).to_bytes(8, "little") + head
    yield start + bytes(_padded(len(start)) - len(start))
    for array in arrays.values():
        yield np.ascontiguousarray(array).reshape(-1).view(np.uint8).data if array.size else b""
        yield bytes(_padded(array.nbytes) - array.nbytes)


def read(path: Path, *, mapped: int = MAPPED) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The arrays of a file, read-only, and the notes. Raises CorruptIndex, also when it is gone.

    A file of more than `mapped` bytes is mapped, another one read. Raises OSError when it cannot
    be read just now.
    """
    with missing_is_corrupt(path.name), path.open("rb") as file:
        size = path.stat().st_size
        held = (
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size > mapped else file.read()
        )
    whole = memoryview(held)
    if bytes(whole[: len(KIND)]) != KIND or _check(whole[:-4]) != whole[-4:]:
        raise CorruptIndex(f"{path.name} is not as it was written")
    long = int.from_bytes(whole[len(KIND) : len(KIND) + 8], "little")
    start = len(KIND) + 8
    told = json.loads(bytes(whole[start : start + long]))
    first = _padded(start + long)
    arrays = {}
    for name, (kind, shape, at) in told["arrays"].items():
        count = int(np.prod(shape))
        found = np.frombuffer(whole, np.dtype(kind), count, first + at) if count else np.empty(0)
        arrays[name] = found.astype(kind, copy=False).reshape(shape)
    return arrays, told["notes"]


def _check(whole: memoryview) -> bytes:
    check = 0
    for at in range(0, len(whole), STEP):
        check = zlib.crc32(whole[at : at + STEP], check)
    return check.to_bytes(4, "little")


def _padded(size: int) -> int:
    return -(-size // 64) * 64


class Strings:
    """Many texts in two arrays; how many characters each has; and their order (of UTF-8)."""

    def __init__(self, arrays: Arrays, name: str) -> None:
        self._letters = arrays[f"{name}.letters"]
        self._ends = arrays[f"{name}.ends"]
        self.order: IntArray = arrays[f"{name}.order"]
        self.lengths: IntArray = arrays[f"{name}.lengths"]

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, place: int) -> str:
        return self._raw(place).decode()

    def _raw(self, place: int) -> bytes:
        return self._letters[self._ends[place] : self._ends[place + 1]].tobytes()

    def before(self, text: str, after: bytes = b"") -> int:
        """How many texts come before this one (followed by `after`) in the alphabet."""
        wanted, low, high = text.encode() + after, 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self._raw(int(self.order[middle])) < wanted:
                low = middle + 1
            else:
                high = middle
        return low

    def prefix_range(self, text: str) -> tuple[int, int]:
        """The first and last (excluded) place in the alphabet of what begins so."""
        return self.before(text), self.before(text, b"\xff")

    def find(self, text: str) -> int | None:
        """Where a text is, when no text is there twice."""
        at = self.before(text)
        if at < len(self):
            place = int(self.order[at])
            if self._raw(place) == text.encode():
                return place
        return None


def strings(name: str, texts: Sequence[str]) -> dict[str, NDArray[Any]]:
    """The arrays from which `Strings` reads these texts."""
    raw = [text.encode() for text in texts]
    letters = np.frombuffer(b"".join(raw), np.uint8)
    ends = np.zeros(len(raw) + 1, np.int64)
    np.cumsum([len(each) for each in raw], out=ends[1:]) if raw else None
    order = np.array(sorted(range(len(raw)), key=raw.__getitem__), np.int32)
    return {
        f"{name}.letters": letters,
        f"{name}.ends": ends,
        f"{name}.order": order,
        f"{name}.lengths": np.array([len(text) for text in texts], np.int32),
    }


def ranks(texts: Strings) -> NDArray[np.int32]:
    """For each text its place in the alphabet; the same text has the same place."""
    found = np.zeros(len(texts), np.int32)
    rank, last = -1, None
    for place in texts.order.tolist():
        if (text := texts[place]) != last:
            rank, last = rank + 1, text
        found[place] = rank
    return found
