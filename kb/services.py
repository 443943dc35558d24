"""What one application is made of: made once in `create_app`, read by `services()`.

Rooms that may not import each other meet here. Nothing is imported from them at run time: the
types below are only read by type checkers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, current_app, g
from sqlalchemy.orm import Session

from kb.database import Database
from kb.settings import Settings

if TYPE_CHECKING:
    from kb.background import Background
    from kb.cases.vocabulary import VocabularyInForce
    from kb.decisions.plan_checks.case_table import CaseTables
    from kb.editors.openid.provider import Provider
    from kb.evidence.table import EvidenceTables
    from kb.replica import ReadReplica
    from kb.search.engine import SearchEngine
    from kb.web.response_cache import ResponseCache


@dataclass(frozen=True)
class Services:
    """The parts of one application, and what upper rooms do for lower ones."""

    settings: Settings
    database: Database  # of requests: nothing waits long for it
    replica: ReadReplica | None  # where `session()` reads for anonymous readers; None without
    vocabulary: VocabularyInForce  # what requests are answered with
    search: SearchEngine
    evidence: EvidenceTables  # findings of the snapshot that is searched
    plan_cases: CaseTables  # cases of that snapshot, for plans to be compared with
    identity_provider: Provider | None  # of the organisation; None where only tokens sign in
    background: Background  # the threads of a serving process; they begin with its server
    observe_search: Callable[[float], None] | None  # (seconds that it took); where it is counted
    note_unmet: Callable[[str], None] | None  # (words) nothing has; where that is counted
    response_cache: ResponseCache | None  # None where nothing follows the database
    after_publication: Callable[[int], bool]  # (number of the change) → is it searchable now?
    api_document: Callable[[], Mapping[str, Any]]  # OpenAPI
    select_ids: Callable[[Any, Mapping[str, Any]], list[str]]  # (kind, filters) → of its list
    write_list: Callable[[Any], Response]  # (service.ListRequest) → another representation
    write_item: Callable[[Any], Response]  # (row, JSON or vocabulary) → another representation
    write_table: Callable[[Iterable[Iterable[Any]]], Response]  # (rows of cells) → CSV
    published_case: Callable[[Session, str], dict[str, Any]]  # (slug) → as readers get it
    render_memo: Callable[[Any], str]  # (kb.decisions.memo.Memo) → its page
    render_problem: Callable[[dict[str, Any]], str]  # (problem as JSON) → HTML


def services_of(app: Flask) -> Services:
    """The parts of an application."""
    parts: Services = app.extensions["kb"]
    return parts


def services() -> Services:
    """The parts of the application that answers this request."""
    return services_of(current_app)


def session() -> Session:
    """The one session in which this request reads; it closes with the request."""
    if "kb_session" not in g:
        reading, replica = ExitStack(), services().replica
        copied = replica.open(reading) if replica and "kb_primary_only" not in g else None
        g.kb_session = copied or reading.enter_context(services().database.reading())
        g.kb_reading, g.kb_reads_replica = reading, copied is not None
    opened: Session = g.kb_session
    return opened


def has_read() -> bool:
    """Whether `session()` has read anything for this request."""
    return "kb_session" in g and session().in_transaction()


def close_session(_error: BaseException | None = None) -> None:
    """End what `session()` began; the app calls it after every request."""
    reading = g.pop("kb_reading", None)
    g.pop("kb_session", None)
    g.pop("kb_reads_replica", None)
    if reading is not None:
        reading.close()


def leave_replica() -> bool:
    """Read from the primary for the rest of this request; whether it read from the replica."""
    was_reading = bool(g.get("kb_reads_replica"))
    if was_reading:
        close_session()
        g.kb_primary_only = True
    return was_reading
