"""Clusters: findings that rest on the same publication or programme, and so have one voice.

Findings are connected by keys that they share, also through others. All public ones are read, so
that a filter afterwards leaves the clusters as they are.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from kb.search.engine import Column, DocumentTable, Rows

REVIEWS = "samenvattend"  # the lane of publications that sum others up
Mask = NDArray[np.bool_]  # a boolean for each finding


def cluster_numbers(table: DocumentTable) -> Rows:
    """The cluster of each finding, by its row: the first row in it."""
    rows, keys = _keys(table)
    first = np.arange(len(table), dtype=np.int64)  # row that each is connected with, as far as seen
    first_of_key = np.empty(int(keys.max(initial=-1)) + 1, np.int64)
    while True:
        first_of_key.fill(len(table))
        np.minimum.at(first_of_key, keys, first[rows])
        nearer = first.copy()
        np.minimum.at(nearer, rows, first_of_key[keys])
        nearer = nearer[nearer]  # a shorter way for the next turn
        if np.array_equal(nearer, first):
            return first
        first = nearer


def _keys(table: DocumentTable) -> tuple[Rows, Rows]:
    """What connects findings to others: pairs of a row and the number of a key.

    A programme of its own is all that does, since one text may tell of several. A review is
    connected to the reviews that it covers, so that they are not counted beside it; not to the
    single studies in it, which would all become one and have a lane of their own, nor to a case
    that cites it.
    """
    publications, covers = table.column("publicationKey"), table.column("covers")
    own, owner, case = map(table.column, ("programme", "ownerProgramme", "case"))
    has_own, has_owner, has_case = (_mask(table, each.rows) for each in (own, owner, case))
    lanes = table.column("lane")
    in_reviews = np.array([value == REVIEWS for value in lanes.values], bool)[lanes.ordinals]
    is_review = _mask(table, lanes.rows[in_reviews])
    publication_keys, cover_keys = _numbered((publications, covers), 0)
    first_programme = len(publications.values) + len(covers.values)
    own_keys, owner_keys, case_keys = _numbered((own, owner, case), first_programme)
    of_reviews = np.zeros(first_programme, bool)  # by key of a publication
    of_reviews[publication_keys[is_review[publications.rows]]] = True
    cites = is_review & has_case
    connected = (
        (publications.rows, publication_keys, ~has_own[publications.rows]),
        (covers.rows, cover_keys, (~has_own & is_review)[covers.rows] & of_reviews[cover_keys]),
        (own.rows, own_keys, np.ones(len(own.rows), bool)),
        (owner.rows, owner_keys, ~(has_own | cites)[owner.rows]),
        (case.rows, case_keys, ~(has_own | has_owner | cites)[case.rows]),
    )
    return (
        np.concatenate([rows[chosen] for rows, _, chosen in connected]),
        np.concatenate([keys[chosen] for _, keys, chosen in connected]),
    )


def _mask(table: DocumentTable, rows: Rows) -> Mask:
    mask = np.zeros(len(table), bool)
    mask[rows] = True
    return mask


def _numbered(columns: Iterable[Column], first: int) -> list[Rows]:
    """For each pair of each column the number of its value; equal ones have the same number."""
    numbers: dict[str, int] = {}
    numbered = []
    for column in columns:
        own = [numbers.setdefault(value, first + len(numbers)) for value in column.values]
        numbered.append(np.array(own, np.int64)[column.ordinals])
    return numbered
