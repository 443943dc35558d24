"""Words and texts → vectors, which are near each other where the meaning is.

`vectors.npz` has a vector for each of some 24,000 Dutch words, made once by `tools/vectors.py` from
multilingual E5 (small), then fitted to the words by which people look for the first content
(`tools/fitting.py`), so that no model is needed to search. The vector of a text is the sum of those
of its words, each times its weight: what tells things apart weighs most. `docs/decisions/` tells
the choice.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import resources
from io import BytesIO

import numpy as np
import simplemma
from numpy.typing import NDArray

from kb.search.analysis.morphology import split_compound

DIMENSIONS = 256
UNIT = 127  # the length of a vector, in whole numbers
CACHE_SIZE = 200_000  # words whose vectors are remembered
Vector = NDArray[np.int8]


class WordVectors:
    """The vectors of words, which are folded."""

    def __init__(self, content: bytes) -> None:
        """`content` is a file with `words`, one to a line, their `vectors` and `weights`."""
        self.checksum = zlib.crc32(content)
        with np.load(BytesIO(content)) as arrays:
            words = arrays["words"].tobytes().decode().split("\n")
            self._vectors: NDArray[np.int8] = arrays["vectors"]
            self._weights: NDArray[np.float32] = arrays["weights"].astype(np.float32)
        self._rows = {word: row for row, word in enumerate(words)}
        self.rows_of = lru_cache(CACHE_SIZE)(self._rows_of)

    def _rows_of(self, word: str) -> tuple[int, ...]:
        """The rows of a folded word, else of its parts, else of its lemma; none of any other."""
        if not word:
            return ()
        lemma = (simplemma.lemmatize(word, lang="nl").lower(),)
        for words in ((word,), split_compound(word), lemma):
            rows = tuple(self._rows[each] for each in words if each in self._rows)
            if rows:
                return rows
        return ()

    def weight(self, word: str) -> float:
        """How rare a folded word is: the weight of its rarest part; infinite for any other word."""
        rows = self.rows_of(word)
        return float(self._weights[list(rows)].max()) if rows else math.inf

    def weighted(self) -> NDArray[np.float32]:
        """The vectors of all words, each as long as it weighs."""
        scale = self._weights[:, None] / np.float32(UNIT)
        weighted: NDArray[np.float32] = self._vectors.astype(np.float32) * scale
        return weighted

    def sum(self, rows: Sequence[int]) -> Vector:
        """The vector of a text with these words, of length `UNIT`; zeros for no words."""
        chosen = np.array(rows, np.intp)
        total = self._weights[chosen] @ self._vectors[chosen].astype(np.float32)
        length = float(np.linalg.norm(total))
        return np.rint(total * (UNIT / length) if length else total).astype(np.int8)


@cache
def word_vectors() -> WordVectors:
    """The vectors that come with the code."""
    return WordVectors((resources.files("kb.search.analysis") / "vectors.npz").read_bytes())
