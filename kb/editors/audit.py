"""Who did what: the acts that no history of a thing has, and all of them read as one.

Events of texts, batches, imports and checks stand where they belong and are not written twice.
Nothing here repeats a text, a note, a token or an address.
"""

from __future__ import annotations

import heapq
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Select, String, cast, delete, func, literal, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from kb.database import Database
from kb.editors.batches.model import Batch
from kb.editors.model import AuditEvent, Import, Revision, RevisionEvent
from kb.editors.verifications.model import Verification

OPERATOR = "operator"  # who runs `kb` on the machine itself
log = logging.getLogger("kb.editors")


class Entry(NamedTuple):
    """One act."""

    at: datetime
    who: str | None  # author's name, or the operator; None when nobody knows
    what: str
    thing: str | None  # `case:tuin`, `token 3`, `batch 2`
    outcome: str  # `ok` or `refused`


@dataclass(frozen=True)
class Filters:
    """Which acts; what is None limits nothing."""

    since: datetime | None = None
    until: datetime | None = None  # before this moment
    who: str | None = None
    thing: str | None = None


def record(
    session: Session,
    what: str,
    *,
    who: str | None,
    at: datetime,
    thing: str | None = None,
    outcome: str = "ok",
) -> None:
    """Add an act; nothing changes one later."""
    session.add(AuditEvent(what=what, who=who, thing=thing, outcome=outcome, at=at))


def note(database: Database, what: str, *, who: str | None, at: datetime, **values: Any) -> None:
    """Add an act of its own, which does not fail when it cannot be written: then the log has it."""
    try:
        with database.transaction(optional=True) as session:
            record(session, what, who=who, at=at, **values)
    except OperationalError:
        log.warning("an act could not be written to the audit log: %s", what)


def forget(session: Session, before: datetime) -> None:
    """Delete the acts that are older; histories of texts stay with their texts."""
    session.execute(delete(AuditEvent).where(AuditEvent.at < before))


def last_at(session: Session, what: str) -> datetime | None:
    """When this was done last."""
    return session.scalar(select(func.max(AuditEvent.at)).where(AuditEvent.what == what))


def entries(session: Session, filters: Filters) -> Iterator[Entry]:
    """The acts, oldest first."""
    streams = (_read(session, statement, filters) for statement in _STATEMENTS)
    yield from heapq.merge(*streams, key=itemgetter(0))


def _of_thing(kind: Any, slug: Any) -> Any:
    return kind + ":" + slug


_OK = literal("ok")
_STATEMENTS: tuple[Select[*tuple[Any, ...]], ...] = (
    select(
        AuditEvent.at,
        AuditEvent.who,
        AuditEvent.what.label("what"),
        AuditEvent.thing.label("thing"),
        AuditEvent.outcome,
    ),
    select(
        RevisionEvent.at,
        RevisionEvent.who,
        RevisionEvent.what,
        _of_thing(Revision.kind, Revision.slug),
        _OK,
    ).join(Revision, Revision.id == RevisionEvent.revision_id),
    select(
        Verification.at,
        Verification.editor,
        literal("verified"),
        _of_thing(Verification.kind, Verification.slug),
        _OK,
    ),
    select(Import.at, Import.owner, literal("imported"), literal("import ") + Import.id, _OK).where(
        Import.expires_at.is_(None)
    ),
    select(
        Batch.created_at,
        Batch.author,
        literal("batch-begun"),
        literal("batch ") + cast(Batch.id, String),
        _OK,
    ),
)


def _read(
    session: Session, statement: Select[*tuple[Any, ...]], filters: Filters
) -> Iterator[Entry]:
    """What one statement says, oldest first; its columns are those of an entry."""
    at, who, _, thing, _ = statement.selected_columns
    if filters.since:
        statement = statement.where(at >= filters.since)
    if filters.until:
        statement = statement.where(at < filters.until)
    if filters.who:
        statement = statement.where(who == filters.who)
    if filters.thing:
        statement = statement.where(thing == filters.thing)
    for row in session.execute(statement.order_by(at).execution_options(yield_per=500)):
        yield Entry(*row)
