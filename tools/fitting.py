"""Fit vectors of words to the words that people look for: `make vectors` does so at its end.

E5 knows what words mean, not what a knowledge base has to say about them. The `searchTerms` of the
first content do: each is a query, and the thing that has it is the answer. Vectors are moved so
that a query is nearer to its thing than to the others of the same kind. Things are the sums of
their words, as in the index; in each round half of the search terms, chosen at random, are among
the words of their thing, and the other half are the queries, so that no query finds itself.

    loss = mean of −ln softmax(cos(query, thing) / TEMPERATURE)   over the things of a kind
    vectors = (first vectors + moved words) · turned space        both learned by Adam

The turned space is there for words that no search term has. Judged queries are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ROUNDS = 6
BATCH = 1500  # queries
TEMPERATURE = 0.07
WORD_RATE, SPACE_RATE = 1e-2, 1e-3  # of learning; both fall to 0 at the end
DECAYS = 0.9, 0.999  # of Adam's moments
SMALL = 1e-6
Floats = NDArray[np.float32]
Ints = NDArray[np.intp]
Mask = NDArray[np.bool_]


class Thing(NamedTuple):
    """What is looked for: the rows of its words, and of the words of each of its search terms."""

    kind: str
    words: Sequence[int]
    queries: Sequence[Sequence[int]]


class _Query(NamedTuple):
    thing: int
    words: Ints


class _Gradient(NamedTuple):
    words: Floats
    space: Floats


def fitted(vectors: Floats, things: Sequence[Thing], seed: int = 0) -> Floats:
    """Vectors of the same words, whose lengths are their weights, fitted to these things."""
    random = np.random.default_rng(seed)
    used, things = _numbered_anew(things)
    first = vectors[used]
    queries = [
        _Query(number, np.array(words, np.intp))
        for number, thing in enumerate(things)
        for words in thing.queries
        if len(words)
    ]
    kinds = np.array([thing.kind for thing in things])
    is_rival = kinds[:, None] == kinds
    moved = _Learned(np.zeros_like(first), WORD_RATE)
    space = _Learned(np.eye(vectors.shape[1], dtype=np.float32), SPACE_RATE)
    batches = ROUNDS * (len(queries) // 2 // BATCH + 1)
    for number, (bags, batch) in enumerate(_batches(things, queries, random), 1):
        gradient = _gradient(first + moved.values, space.values, bags, batch, is_rival)
        share_left = max(0.0, 1 - number / (batches + 1))
        moved.step(gradient.words, share_left)
        space.step(gradient.space, share_left)
    words = vectors.copy()
    words[used] += moved.values
    result: Floats = words @ space.values
    return result


class _Learned:
    """Values that are learned by Adam (Kingma & Ba, 2015)."""

    def __init__(self, values: Floats, rate: float) -> None:
        self.values = values
        self._rate = rate
        self._means, self._squares = np.zeros_like(values), np.zeros_like(values)
        self._steps = 0

    def step(self, gradient: Floats, share: float) -> None:
        """Go down the gradient, by this share of the rate."""
        self._steps += 1
        of_means, of_squares = DECAYS
        self._means += (1 - of_means) * (gradient - self._means)
        self._squares += (1 - of_squares) * (gradient**2 - self._squares)
        means = self._means / (1 - of_means**self._steps)
        deviations = np.sqrt(self._squares / (1 - of_squares**self._steps))
        self.values = self.values - share * self._rate * means / (deviations + 1e-8)
        self.values = self.values.astype(np.float32)


def _numbered_anew(things: Sequence[Thing]) -> tuple[Ints, list[Thing]]:
    """The rows that are used at all, and the things with the places of their words in those."""
    rows = {row for thing in things for words in (thing.words, *thing.queries) for row in words}
    used = sorted(rows)
    places = {row: place for place, row in enumerate(used)}

    def numbered(words: Sequence[int]) -> list[int]:
        return [places[row] for row in words]

    anew = [
        Thing(thing.kind, numbered(thing.words), [numbered(each) for each in thing.queries])
        for thing in things
    ]
    return np.array(used, np.intp), anew


def _batches(
    things: Sequence[Thing], queries: Sequence[_Query], random: np.random.Generator
) -> Iterator[tuple[Floats, list[_Query]]]:
    """How often each thing has each word (things × words), and queries that are not among them."""
    own = _bags(things, max((row for each in queries for row in each.words.tolist()), default=0))
    for _ in range(ROUNDS):
        is_known = random.random(len(queries)) < 0.5
        bags = own.copy()
        for query, known in zip(queries, is_known, strict=True):
            if known:
                np.add.at(bags[query.thing], query.words, 1)
        unknown = [each for each, known in zip(queries, is_known, strict=True) if not known]
        order = random.permutation(len(unknown)).tolist()
        for start in range(0, len(order), BATCH):
            yield bags, [unknown[place] for place in order[start : start + BATCH]]


def _bags(things: Sequence[Thing], greatest: int) -> Floats:
    """Without the search terms."""
    greatest = max((greatest, *(row for thing in things for row in thing.words)))
    bags = np.zeros((len(things), greatest + 1), np.float32)
    for bag, thing in zip(bags, things, strict=True):
        np.add.at(bag, np.array(thing.words, np.intp), 1)
    return bags


def _gradient(
    words: Floats, space: Floats, bags: Floats, batch: Sequence[_Query], is_rival: Mask
) -> _Gradient:
    """Of the loss of a batch of queries."""
    placed = words @ space
    wanted = np.array([query.thing for query in batch], np.intp)
    typed = np.zeros((len(batch), len(words)), np.float32)
    for row, query in zip(typed, batch, strict=True):
        np.add.at(row, query.words, 1)
    queries, query_lengths = _of_length_one(typed @ placed)
    answers, answer_lengths = _of_length_one(bags @ placed)
    logits = np.where(is_rival[wanted], queries @ answers.T / TEMPERATURE, -np.inf)
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    chances[np.arange(len(batch)), wanted] -= 1
    errors = (chances / (len(batch) * TEMPERATURE)).astype(np.float32)
    to_queries = _before_scaling(errors @ answers, queries, query_lengths)
    to_answers = _before_scaling(errors.T @ queries, answers, answer_lengths)
    to_placed = typed.T @ to_queries + bags.T @ to_answers
    return _Gradient(to_placed @ space.T, words.T @ to_placed)


def _of_length_one(vectors: Floats) -> tuple[Floats, Floats]:
    """The same at length 1, and how long they were."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True) + np.float32(SMALL)
    return vectors / lengths, lengths


def _before_scaling(gradient: Floats, scaled: Floats, lengths: Floats) -> Floats:
    """The gradient with respect to vectors before they were scaled to length 1."""
    along = (gradient * scaled).sum(axis=1, keepdims=True)
    before: Floats = (gradient - scaled * along) / lengths
    return before
