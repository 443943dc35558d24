"""What an operator has to watch: the database, the index, the queue of reviews, links, the disk."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from kb.cases import changes
from kb.database import Database, now
from kb.editors import audit
from kb.editors.draft_lists import waiting_for_review
from kb.editors.link_checks.queries import count_checks
from kb.search.consistency import readiness
from kb.search.engine import SearchEngine, SearchUnavailable
from kb.settings import Settings

READ_INTERVAL_SECONDS = 15.0


@dataclass(frozen=True)
class DatabaseState:
    """What the database says, and how far the index is behind it."""

    is_search_ready: bool
    lag_changes: int
    lag_seconds: float  # of the oldest change that the index does not hold; 0 without one
    reviews_waiting: int
    oldest_review_seconds: float
    links: Mapping[str, int]  # addresses in public texts by the state of their last check
    links_checked_at: datetime | None
    backed_up_at: datetime | None  # None when the audit log has no backup


@dataclass(frozen=True)
class OperatingState:
    """All of it at one moment."""

    free_bytes: Mapping[str, int]  # by what the folder is for
    database: DatabaseState | None  # None while it cannot be read


def read_state(database: Database, engine: SearchEngine, settings: Settings) -> OperatingState:
    """Read it now; costs a few small queries."""
    free_bytes = {name: shutil.disk_usage(folder).free for name, folder in folders(settings)}
    try:
        with database.reading() as session:
            return OperatingState(free_bytes, _database_state(session, engine, now()))
    except SQLAlchemyError:
        return OperatingState(free_bytes, None)


def _database_state(session: Session, engine: SearchEngine, at: datetime) -> DatabaseState:
    lag_changes, lag_since = index_lag(session, engine)
    waiting, waiting_since = waiting_for_review(session)
    links, checked_at = count_checks(session)
    return DatabaseState(
        is_search_ready=readiness(session, engine, at) in {"ok", "degraded"},
        lag_changes=lag_changes,
        lag_seconds=_seconds(lag_since, at),
        reviews_waiting=waiting,
        oldest_review_seconds=_seconds(waiting_since, at),
        links=links,
        links_checked_at=checked_at,
        backed_up_at=audit.last_at(session, "backed-up"),
    )


def index_lag(session: Session, engine: SearchEngine) -> tuple[int, datetime | None]:
    """How many changes the snapshot that is searched does not hold, and since when the first.

    Without an index that is all of them.
    """
    try:
        level = engine.snapshot_state().change
    except SearchUnavailable:
        level = 0
    return max(0, changes.last_number(session) - level), changes.waiting_since(session, level)


def _seconds(since: datetime | None, at: datetime) -> float:
    return max(0.0, (at - since).total_seconds()) if since else 0.0


def folders(settings: Settings) -> list[tuple[str, Path]]:
    """The folders that this process writes in, and what for; PostgreSQL has its own."""
    place = make_url(settings.database_url)
    named = [("data", settings.data_dir), ("images", settings.images_path)]
    if place.get_backend_name() == "sqlite" and place.database:
        named.append(("database", Path(place.database).parent))
    return [(name, folder) for name, folder in named if folder.is_dir()]
