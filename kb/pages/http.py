"""How a page asks for a list and tells things: in the words and shapes of the API, forgivingly."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from flask import request
from marshmallow import RAISE, Schema, ValidationError, fields

from kb.kinds import KINDS, KindName
from kb.pages.list_state import ListState
from kb.search import service
from kb.search.engine import SearchEngine, SearchRequest, SearchUnavailable, Type
from kb.services import services, session
from kb.vocabulary.terms import language
from kb.web.addresses import public_address
from kb.web.errors import mistake_text
from kb.web.parsing import api_parameters
from schemas import lists
from schemas.base import cached_schema
from schemas.errors import flatten_errors
from schemas.query_fields import DelimitedEnums, DelimitedList, split_at_commas

OURS = {"facets", "fields", "format", "csvSeparator", "lang"}  # pages choose these themselves


def understand(kind: Type) -> tuple[ListState, dict[str, Any], list[str]]:
    """What was asked of a list, as the API has it, and what could not be understood.

    Pages take what they can: empty fields and unknown parameters are nothing, and a value that
    is wrong is left out and told.
    """
    schema = cached_schema(query_schema(kind))
    known = parameters_of(query_schema(kind))
    given: dict[str, Any] = {}
    for name in request.args:
        values = [value for value in request.args.getlist(name) if value.strip()]
        if isinstance(known.get(name), DelimitedList):
            values = [value for value in split_at_commas(values) if value]
        if values and name in known and name not in OURS:
            many = _is_repeatable(known[name])
            one = ",".join(values) if isinstance(known[name], DelimitedEnums) else values[0]
            given[name] = list(dict.fromkeys(values)) if many else one
    wrong: list[str] = []
    while True:
        try:
            loaded: dict[str, Any] = schema.load(given, unknown=RAISE)
            break
        except ValidationError as error:
            wrong += _leave_out(given, error, schema)
    parameters = api_parameters(loaded)
    kept = {key: tuple(v) if isinstance(v, list) else v for key, v in given.items()}
    kept.pop("page", None)
    return ListState(request.path, kept), parameters, wrong


def _leave_out(given: dict[str, Any], error: ValidationError, schema: Schema) -> list[str]:
    """Take what is wrong out of what was given; say what was wrong with it."""
    said = []
    wrong_at: dict[str, list[int]] = {}
    for pointer, mistake in flatten_errors(error.messages, schema):
        name, _, place = pointer.strip("/").partition("/")
        wrong_at.setdefault(name, []).extend([int(place)] if place.isdigit() else [])
        said.append(f"{name}: {mistake_text(mistake)}")
    for name, places in wrong_at.items():
        value = given.pop(name, None)
        if isinstance(value, list) and places:
            left = [each for place, each in enumerate(value) if place not in places]
            given |= {name: left} if left else {}
    return said


def answer(
    kind: Type, parameters: Mapping[str, Any], facets: tuple[str, ...] = ()
) -> service.ListPage:
    """The list as the API would answer it."""
    list_request = service.ListRequest(
        public_address(f"/v1/{KINDS[kind].collection}"),
        (kind,),
        {"page": 1, "pageSize": 20, **parameters, "facets": facets},
        language(),
    )
    return service.list_page(engine(), session(), list_request)


def beside(kind: Type, parameters: Mapping[str, Any]) -> tuple[list[service.ListItem], int]:
    """What a page of one thing lists beside it, and how many there are in all.

    A single thing can be read while the index is being made: nothing stands beside it then.
    """
    try:
        found = answer(kind, parameters)
    except SearchUnavailable:
        return [], 0
    return found.items, found.page["total_items"]


def engine() -> SearchEngine:
    """The engine of this application."""
    return services().search


@cache
def parameters_of(shape: type[Schema]) -> dict[str, fields.Field[Any]]:
    """What a list can be asked, by name."""
    return {field.data_key or name: field for name, field in cached_schema(shape).fields.items()}


def query_schema(kind: KindName) -> type[Schema]:
    """The parameters of a list, as the API has them."""
    return KINDS[kind].query_schema()


def _is_repeatable(field: fields.Field[Any]) -> bool:
    return isinstance(field, fields.List) and not isinstance(field, DelimitedEnums)


def as_told(kind: str, listed: Any) -> dict[str, Any]:
    """An item of a list as the API tells it."""
    return told(lists.ITEMS[kind], listed)


def count(kind: Type, state: ListState) -> int:
    """How many things of a kind a list would have; by the same road as the list itself."""
    first, last = state.parameters.get("startYearFrom"), state.parameters.get("startYearTo")
    request_ = SearchRequest(
        types=(kind,),
        filters=state.filters,
        all_ingredients=state.parameters.get("ingredientMatch") == "all",
        first_year=int(first) if isinstance(first, str) else None,
        last_year=int(last) if isinstance(last, str) else None,
        sort=("relevance",),
        limit=0,
    )
    typed = state.parameters.get("q")
    _, result = service.search_words(engine(), request_, typed if isinstance(typed, str) else None)
    return result.total


def told(shape: type[Schema], row: Any) -> dict[str, Any]:
    """A single thing as the API tells it."""
    document: dict[str, Any] = cached_schema(shape).dump(row)
    return document
