"""The fields of a document: of its text, and of the rows that are nested in it."""

from __future__ import annotations

from typing import get_args

import numpy as np

from kb.search.engine import FindingValues, PitfallValues, TextField

TEXT_FIELDS: tuple[str, ...] = get_args(TextField)  # a field is known by its index here
FIELD_WEIGHT = np.array([5.0, 3.5, 2.0, 1.0])  # what a word in each text field counts
LENGTH_NORMALISATION = np.array([0.3, 0.4, 0.6, 0.75])  # b: how much a long field counts against it
NESTED_FIELDS = {"findings": FindingValues._fields, "pitfalls": PitfallValues._fields}
MAX_POSITION = 1 << 22  # words of a text field of one document, gaps included, at most
POSITION_GAP = 100  # positions between two passages, so that no phrase runs from one into the next
NAME_FIELDS = frozenset(  # whose texts name something, and say nothing of what a document means
    """
    archetype authors direction evidence id level parties phase place publisher source sources
    studies theme
    """.split()
)
