"""The engines that are tested alike, and how to write to them and search them."""

from __future__ import annotations

from dataclasses import replace

from kb.search.engine import Passage, SearchDocument, SearchEngine, SearchRequest, SearchResult
from kb.search.query.parse import parse
from kb.search.whoosh_engine import WhooshEngine


class DegradedEngine(WhooshEngine):
    """Answers as if its arrays were always damaged: through `PlainWhooshEngine`."""

    def _snapshot(self) -> None:
        return None


def a_document(id: str, title: str = "", body: str = "", **fields: object) -> SearchDocument:
    """A case with a title and a text."""
    passages = (Passage("title", "title", title or id), Passage("context", "body", body))
    document = SearchDocument("case", id, title or id, tuple(p for p in passages if p.text))
    return replace(document, **fields)  # type: ignore[arg-type]


def put(engine: SearchEngine, *documents: SearchDocument, change: int = 1) -> None:
    """Write documents in one batch."""
    with engine.writing() as batch:
        for document in documents:
            batch.put(document)
        batch.change = change


def search_ids(engine: SearchEngine, typed: str | None = None, **parameters: object) -> list[str]:
    """The ids that a search gives, in its order."""
    return [hit.id for hit in search(engine, typed, **parameters).hits]


def search(engine: SearchEngine, typed: str | None = None, **parameters: object) -> SearchResult:
    """Search among the cases."""
    query = parse(typed) if typed else None
    request = SearchRequest(types=("case",), query=query)
    return engine.search(replace(request, **parameters))  # type: ignore[arg-type]
