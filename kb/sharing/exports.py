"""Whole lists as tables (CSV), lines of JSON and references, sent while they are read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice
from typing import Any

from flask import Response, g, request, stream_with_context
from sqlalchemy.orm import Session

from kb.cases import queries
from kb.cases.changes import Position, last_position
from kb.cases.model import Case
from kb.editors.tables import csv_export
from kb.search import service
from kb.services import services
from kb.sharing import citations, csv_items
from kb.vocabulary.terms import fingerprint, language
from kb.web.headers import API_VERSION
from kb.web.negotiation import REPRESENTATIONS
from schemas import cases
from schemas.base import cached_schema
from schemas.list_parameters import ALL_KEYS
from schemas.lists import ITEMS

ROWS_PER_READ = 200
LINES_PER_CHUNK = 50
Document = Mapping[str, Any]  # a thing as the API has it in JSON


def export_list(list_request: service.ListRequest) -> Response:
    """All of a list; the header `Row-Count` says before how many rows there are.

    All rows are of one moment. The ETag is of that moment; whole cases have none while the index
    is behind the database, where these are read.
    """
    keys = list_request.parameters.get("fields") or ()
    stream = service.search_all(services().search, _as_documents(list_request))
    until_sent = ExitStack()
    position: Position | None = Position(stream.state.change, stream.state.nonce)
    if ALL_KEYS in keys:
        session = until_sent.enter_context(services().database.reading())
        is_level = last_position(session) == position
        position = position if is_level else None
        lines = _whole_cases(session, [item.document["id"] for item in stream.items])
    else:
        lines = _lines(list_request, stream.items)
    response = Response(
        stream_with_context(_in_chunks(lines)),
        content_type=REPRESENTATIONS[g.representation].content_type,
    )
    response.implicit_sequence_conversion = False  # or all is read first, to count its bytes
    response.headers["Row-Count"] = str(stream.total)
    response.call_on_close(until_sent.close)
    if position:
        response.set_etag(_etag(position))
    return response


def _as_documents(list_request: service.ListRequest) -> service.ListRequest:
    """The request as its representation needs it: lines of JSON alone leave keys out, and mark."""
    if g.representation == "ndjson" and ALL_KEYS not in list_request.parameters.get("fields", ()):
        return list_request
    return replace(list_request, whole_items=True, highlight=False)


def _lines(list_request: service.ListRequest, items: Iterator[service.ListItem]) -> Iterator[str]:
    """The lines of an export; only JSON says why a thing was found."""
    if g.representation == "ndjson":
        return (f"{item.json}\n" for item in items)
    documents = (item.document for item in items)
    if g.representation in citations.WRITERS:
        return (f"{entry}\n" for entry in citations.WRITERS[g.representation](documents))
    keys = list_request.parameters.get("fields") or ()
    columns = [key for key in _keys_of(list_request.types) if _is_shown(key, keys)]
    return csv_items.rows(columns, documents, csv_separator())


def _whole_cases(session: Session, slugs: Sequence[str]) -> Iterator[str]:
    """The lines of whole cases, as an import takes them."""
    rows = _case_rows(session, slugs)
    if g.representation == "csv":
        return csv_export.table_of(session, rows, csv_separator())
    return (json_line(cached_schema(cases.Case).dump(row)) for row in rows)


def _case_rows(session: Session, slugs: Sequence[str]) -> Iterator[Any]:
    for start in range(0, len(slugs), ROWS_PER_READ):
        some = slugs[start : start + ROWS_PER_READ]
        rows = queries.many(session, Case, some)
        yield from (rows[slug] for slug in some if slug in rows)
        session.expunge_all()


def _is_shown(key: str, keys: Sequence[str]) -> bool:
    return not keys or key in {"id", "type", *keys}


def _keys_of(types: Iterable[str]) -> list[str]:
    """The keys of items of these types, each once, in their order."""
    fields = [field for kind in types for field in cached_schema(ITEMS[kind]).fields.values()]
    return list(dict.fromkeys(field.data_key or "" for field in fields))


def csv_separator() -> str:
    """What parts the cells of a table: a comma, unless another was asked for."""
    return csv_items.SEPARATORS[request.args.get("csvSeparator", "comma")]


def json_line(document: Document) -> str:
    """A line of NDJSON."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def _in_chunks(lines: Iterator[str]) -> Iterator[str]:
    """Some lines together: each chunk is sent by itself."""
    while chunk := "".join(islice(lines, LINES_PER_CHUNK)):
        yield chunk


def _etag(position: Position) -> str:
    """Of everything that a streamed response is made from."""
    identity = (request.path, request.query_string, g.representation, language())
    made_from = repr((API_VERSION, fingerprint(), *position, identity))
    return hashlib.sha256(made_from.encode()).hexdigest()[:40]
