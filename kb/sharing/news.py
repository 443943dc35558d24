"""What is new in a list since a numbered change, by the ordinary search."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from marshmallow import RAISE
from sqlalchemy.orm import Session

from kb.cases.changes import changed_since
from kb.cases.queries import withdrawal_reason
from kb.kinds import KINDS
from kb.search import service
from kb.search.engine import SearchEngine
from kb.sharing.subscriptions import Followed
from kb.web.parsing import api_parameters
from schemas.base import cached_schema

PAGE_SIZE = 100
MAX_PAGES = 20  # of a list that are looked through; what changed stands first
MAX_ITEMS = 20  # that an e-mail names; of the others it has the number
CHANGES_AT_A_TIME = 1_000
SLACK = timedelta(minutes=1)  # between when a thing and its change say that it was
Key = tuple[str, str]  # kind and id


class News(NamedTuple):
    """What is new, and the number of the last change that was looked at."""

    items: list[tuple[bool, dict[str, Any]]]  # whether it is new, else changed; and the thing
    more: int  # things that are not in `items`
    change: int
    withdrawal: str | None = None  # why the one case that is followed is not public any more


def list_request(what: Followed) -> service.ListRequest:
    """The list that somebody follows, in the language of this moment.

    Raises ValidationError when its filters are not what lists take any more.
    """
    kind = KINDS[what.kind]
    parsed = cached_schema(kind.query_schema()).load(dict(what.query), unknown=RAISE)
    parameters = {
        **api_parameters(parsed),
        **{"page": 1, "pageSize": PAGE_SIZE, "sort": ("-updatedAt",), "facets": ()},
    }
    requested = service.list_request(f"/v1/{kind.collection}", (kind.name,), parameters)
    requested = replace(requested, highlight=False)
    return replace(requested, ids=(what.slug,)) if what.slug else requested


def find_news(engine: SearchEngine, session: Session, what: Followed, after: int) -> News:
    """What was published or changed after a change, as far as the index has come.

    Of a list with words only what has all of them. Raises ValidationError and SearchUnavailable.
    """
    change = engine.snapshot_state().change
    changed, since = _changed(session, after, change)
    if since is None:
        return News([], 0, max(after, change))
    if what.slug and (what.kind, what.slug) in changed:
        withdrawal = withdrawal_reason(session, what.kind, what.slug)
        if withdrawal is not None:
            return News([], 0, change, withdrawal)
    entries = [
        (changed[key], item.document)
        for item in _newest(engine, list_request(what), since - SLACK)
        if (key := _changed_key(item.document)) in changed
    ]
    entries.sort(key=lambda pair: not pair[0])  # what is new comes first
    return News(entries[:MAX_ITEMS], max(0, len(entries) - MAX_ITEMS), change)


def _changed(session: Session, after: int, last: int) -> tuple[Mapping[Key, bool], datetime | None]:
    """Whether each thing that changed is new, and when the first change was."""
    changed: dict[Key, bool] = {}
    since = None
    while changes := changed_since(session, after, CHANGES_AT_A_TIME):
        for each in changes:
            if each.number > last:
                return changed, since
            after, since = each.number, since or each.changed_at
            if each.kind == "vocabulary":
                of_scheme = [kind.name for kind in KINDS.values() if kind.scheme == each.slug]
                keys: list[Key] = [(name, term) for name in of_scheme for term in each.terms or ()]
            else:
                keys = [(each.kind, each.slug)]
            for key in keys:
                changed[key] = changed.get(key, False) or each.event == "created"
    return changed, since


def _newest(
    engine: SearchEngine, requested: service.ListRequest, since: datetime
) -> Iterator[service.ListItem]:
    """The things of a list that have all its words, until one that is older."""
    for number in range(1, MAX_PAGES + 1):
        parameters = {**requested.parameters, "page": number}
        page = service.list_page(engine, replace(requested, parameters=parameters))
        interpretation = page.query["interpretation"]
        left = (interpretation["full"] if interpretation else page.page["total_items"]) - (
            number - 1
        ) * PAGE_SIZE
        for item in page.items[: max(0, left)]:
            if item.updated_at is not None and item.updated_at < since:
                return
            yield item
        if left <= PAGE_SIZE:
            return


def _changed_key(document: Mapping[str, Any]) -> Key:
    """What a numbered change calls a thing: by its owner, where it has one."""
    for owner in ("case", "study"):
        if document["type"] in {"pitfall", "finding"} and document.get(owner):
            return owner, document[owner]["id"]
    return document["type"], document["id"]
