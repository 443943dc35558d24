"""Ids that come near one that nothing has: what was probably meant.

All ids of a table are read once per change, and compared by their owners first, so that an
address that is not there costs about what one that is there costs.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from rapidfuzz import fuzz, process
from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.cases.changes import last_number
from kb.suggestions import MAX_COMPARED_LENGTH

MAX_OWNERS = 3  # whose ids are compared whole


class TableIds(NamedTuple):
    """The ids of a table as they were after a change, by what they begin with: their owner."""

    change: int
    owners: tuple[str, ...]
    owned: dict[str, list[str]]


_cache: dict[tuple[str, str], TableIds] = {}  # by database and table


def near_ids(session: Session, model: Any, slug: str) -> list[str]:
    """Ids of a table to compare with this one: those whose owner comes near, unordered."""
    key = (str(session.get_bind().engine.url), model.__tablename__)
    ids, change = _cache.get(key), last_number(session)
    if ids is None or ids.change != change:
        ids = _cache[key] = _read(session, model, change)
    owner = slug.partition("--")[0]
    if len(owner) > MAX_COMPARED_LENGTH:
        return []
    near = process.extract(owner, ids.owners, scorer=fuzz.ratio, limit=MAX_OWNERS, score_cutoff=50)
    return [each for name, _, _ in near for each in ids.owned[name]]


def _read(session: Session, model: Any, change: int) -> TableIds:
    owned: dict[str, list[str]] = {}
    for slug in session.scalars(select(model.slug).order_by(model.slug)):
        owned.setdefault(slug.partition("--")[0], []).append(slug)
    return TableIds(change, tuple(owned), owned)
