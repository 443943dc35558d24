"""The arrays of an index: their types, tables of texts, and ranges of different lengths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]  # by name
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float32]
Mask = NDArray[np.bool_]  # one boolean per document (or row)


def ranges(starts: IntArray, lengths: IntArray) -> IntArray:
    """From each start as many successive numbers as its length says, one range after the other."""
    ends = lengths.cumsum()
    total = int(ends[-1]) if len(ends) else 0
    numbers: IntArray = (starts - ends + lengths).repeat(lengths) + np.arange(total)
    return numbers


def run_starts(numbers: IntArray) -> IntArray:
    """Where each run of equal numbers begins."""
    is_start = np.ones(len(numbers), bool)
    np.not_equal(numbers[1:], numbers[:-1], out=is_start[1:])
    return is_start.nonzero()[0]


def joined(arrays: Sequence[NDArray[Any]], dtype: Any) -> NDArray[Any]:
    """The arrays after each other; a single one is not copied, and none make an empty one."""
    if len(arrays) == 1:
        return arrays[0]
    return np.concatenate(arrays) if arrays else np.empty(0, dtype)


class StringTable:
    """Texts by their index, counted from 0; the same text may be there twice."""

    def __init__(self, arrays: Arrays, name: str) -> None:
        """Read what `string_arrays` made under this name."""
        self._utf8 = arrays[f"{name}.utf8"]
        self._ends = arrays[f"{name}.ends"]
        self.order: IntArray = arrays[f"{name}.order"]  # the index of each text, in sort order
        self.lengths: IntArray = arrays[f"{name}.lengths"]  # in characters, by index

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, index: int) -> str:
        return self._bytes(index).decode()

    def _bytes(self, index: int) -> bytes:
        return self._utf8[self._ends[index] : self._ends[index + 1]].tobytes()

    def lower_bound(self, text: str, suffix: bytes = b"") -> int:
        """How many texts come before this one, followed by `suffix`, in sort order."""
        target, low, high = text.encode() + suffix, 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self._bytes(int(self.order[middle])) < target:
                low = middle + 1
            else:
                high = middle
        return low

    def prefix_range(self, prefix: str) -> tuple[int, int]:
        """The texts that begin so: `order[low:high]`."""
        return self.lower_bound(prefix), self.lower_bound(prefix, b"\xff")

    def find(self, text: str) -> int | None:
        """The index of a text; of the first when it is there twice."""
        bound = self.lower_bound(text)
        if bound < len(self):
            index = int(self.order[bound])
            if self._bytes(index) == text.encode():
                return index
        return None


def string_arrays(name: str, texts: Sequence[str]) -> dict[str, NDArray[Any]]:
    """The arrays from which a `StringTable` reads these texts."""
    encoded = [text.encode() for text in texts]
    ends = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(each) for each in encoded], dtype=np.int64, out=ends[1:])
    order = np.array(sorted(range(len(encoded)), key=encoded.__getitem__), np.int32)
    return {
        f"{name}.utf8": np.frombuffer(b"".join(encoded), np.uint8),
        f"{name}.ends": ends,
        f"{name}.order": order,
        f"{name}.lengths": np.array([len(text) for text in texts], np.int32),
    }


def string_ordinals(texts: StringTable) -> NDArray[np.int32]:
    """For each text the number of different texts before it in sort order."""
    ordinals = np.zeros(len(texts), np.int32)
    ordinal, last = -1, None
    for index in texts.order.tolist():
        if (text := texts[index]) != last:
            ordinal, last = ordinal + 1, text
        ordinals[index] = ordinal
    return ordinals


class TextColumn:
    """Texts by their number, counted from 0."""

    def __init__(self, arrays: Arrays, name: str) -> None:
        """Read what `text_arrays` made under this name."""
        self._utf8, self._ends = arrays[f"{name}.utf8"].data, arrays[f"{name}.ends"].data

    def __getitem__(self, number: int) -> str:
        return str(self._utf8[self._ends[number] : self._ends[number + 1]], "utf-8")


def text_arrays(name: str, texts: Sequence[bytes]) -> dict[str, NDArray[Any]]:
    """The arrays from which a `TextColumn` reads these texts, which are UTF-8."""
    ends = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(each) for each in texts], dtype=np.int64, out=ends[1:])
    return {f"{name}.utf8": np.frombuffer(b"".join(texts), np.uint8), f"{name}.ends": ends}
