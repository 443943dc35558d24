"""What several findings say together: the one rule for a case, and for a cluster of findings."""

from __future__ import annotations

from collections.abc import Iterable

UNCLEAR = "onduidelijk"  # a direction that is never counted for a side
DIVIDED = "verdeeld"
NOT_STUDIED = "niet-onderzocht"  # another thing than “no effect”


def outcome_of(directions: Iterable[str]) -> str:
    """The term of `outcomes` for findings that point in these directions.

    An unclear one says nothing beside those that are clear.
    """
    distinct = set(directions)
    clear = distinct - {UNCLEAR} or distinct
    if not clear:
        return NOT_STUDIED
    return min(clear) if len(clear) == 1 else DIVIDED
