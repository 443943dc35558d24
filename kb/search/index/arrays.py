"""The types of the arrays of an index, and ranges of different lengths, which NumPy lacks."""

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


def joined(arrays: Sequence[NDArray[Any]], dtype: Any) -> NDArray[Any]:
    """The arrays after each other; a single one is not copied, and none make an empty one."""
    if len(arrays) == 1:
        return arrays[0]
    return np.concatenate(arrays) if arrays else np.empty(0, dtype)
