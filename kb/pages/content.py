"""What pages show: lists and single things, as the API has them in JSON."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from marshmallow import Schema

from kb.evidence.effects import every_effect
from kb.evidence.evidence import evidence_of
from kb.kinds import KINDS, KindName
from kb.pages.list_state import ListState
from kb.search import service
from kb.search.engine import SearchRequest, SearchUnavailable
from kb.search.interpretation import search_words
from kb.search.service import ranges_of
from kb.services import services
from schemas.base import cached_schema

CACHED_ITEMS = 256  # of some kilobytes each


def read_list(
    kind: KindName, parameters: Mapping[str, Any], facets: tuple[str, ...] = ()
) -> service.ListPage:
    """A page of a list; `parameters` are parsed, by the names of the API."""
    return service.list_page(services().search, _requested(kind, parameters, facets))


def count_clusters(kind: KindName, parameters: Mapping[str, Any]) -> int | None:
    """How many clusters the findings of a list are in; see `service.count_clusters`."""
    return service.count_clusters(_requested(kind, parameters, ()))


def _requested(
    kind: KindName, parameters: Mapping[str, Any], facets: tuple[str, ...]
) -> service.ListRequest:
    completed = {"page": 1, "pageSize": 20, **parameters, "facets": facets}
    return service.list_request(f"/v1/{KINDS[kind].collection}", (kind,), completed)


def read_related(
    kind: KindName, parameters: Mapping[str, Any]
) -> tuple[list[service.ListItem], int]:
    """The items that stand beside a single thing, and how many there are in all.

    None without an index: a single thing can be read while that is being made.
    """
    try:
        page = read_list(kind, parameters)
    except SearchUnavailable:
        return [], 0
    return page.items, page.page["total_items"]


def read_effects(
    parameters: Mapping[str, Any], domains: Collection[str] | None = None
) -> list[dict[str, Any]]:
    """What all findings say of these effects, as far as any does; nothing without an index."""
    try:
        effects = every_effect(evidence_of(parameters), domains)
    except SearchUnavailable:
        return []
    return [dict(each) for each in effects if each["clusters"]]


def count_items(kind: KindName, state: ListState) -> int:
    """How many items a list has in a state; as `read_list` would count them."""
    request = SearchRequest(
        types=(kind,),
        filters={name: some for name, some in state.filters.items() if name != "missing"},
        missing=state.filters.get("missing", ()),
        all_ingredients=state.parameters.get("ingredientMatch") == "all",
        ranges=ranges_of(state.parameters),
        sort=("relevance",),
        limit=0,
    )
    q = state.parameters.get("q")
    _, result = search_words(services().search, request, q if isinstance(q, str) else None)
    return result.total


def item_document(item: service.ListItem) -> dict[str, Any]:
    """An item of a list as JSON; pages only read what is in it."""
    document = dict(_parsed(item.stored))
    return {**document, "match": item.match} if item.match else document


@lru_cache(maxsize=CACHED_ITEMS)
def _parsed(item: str) -> Mapping[str, Any]:
    """An item that is stored as JSON: lists show the same ones again and again."""
    document: dict[str, Any] = json.loads(item)
    return document


def document(schema: type[Schema], row: Any) -> dict[str, Any]:
    """A thing as JSON."""
    dumped: dict[str, Any] = cached_schema(schema).dump(row)
    return dumped
