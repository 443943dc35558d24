"""Vectors that are fitted to what people look for (tools/fitting.py)."""

from __future__ import annotations

import numpy as np

from tools.fitting import Floats, Thing, fitted

WORDS, DIMENSIONS = 60, 16


def random_vectors() -> Floats:
    return np.random.default_rng(1).normal(size=(WORDS, DIMENSIONS)).astype(np.float32)


def things() -> list[Thing]:
    """Ten things of two words each, looked for by words that no thing has."""
    return [
        Thing("case", [2 * n, 2 * n + 1], [[20 + 4 * n + each] for each in range(4)] * 5)
        for n in range(10)
    ]


def own_nearness(vectors: Floats) -> float:
    """How much nearer queries are to their own thing than to the others."""
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    answers = np.array([units[thing.words].sum(axis=0) for thing in things()])
    queries = np.array([units[thing.queries[0]].sum(axis=0) for thing in things()])
    nearness = queries @ answers.T
    return float(np.diag(nearness).mean() - nearness.mean())


def test_words_move_to_the_things_that_are_looked_for_by_them() -> None:
    first = random_vectors()

    moved = fitted(first, things())

    assert moved.shape == first.shape
    assert own_nearness(moved) > own_nearness(first) + 0.01


def test_fitting_the_same_twice_gives_the_same() -> None:
    assert np.array_equal(fitted(random_vectors(), things()), fitted(random_vectors(), things()))


def test_a_word_that_nobody_uses_moves_with_the_space_alone() -> None:
    first = random_vectors()
    used = [row for thing in things() for row in thing.words]

    moved = fitted(first, [Thing("case", used, [[0], [1]])])
    twice = fitted(
        first * np.where(np.arange(WORDS) >= 20, 2, 1)[:, None].astype(np.float32),
        [Thing("case", used, [[0], [1]])],
    )

    assert np.allclose(twice[20:], 2 * moved[20:], atol=1e-4)
