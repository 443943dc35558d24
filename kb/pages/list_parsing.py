"""Query parameters of the page of a list, parsed leniently by the schema of the API's list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from flask import request
from marshmallow import RAISE, Schema, ValidationError, fields
from rapidfuzz import fuzz

from kb.input_errors import Mistake
from kb.kinds import KINDS, KindName
from kb.pages.best_words import BestWords, best_words
from kb.pages.labels import PARAMETER_LABELS, parameter_label
from kb.pages.list_state import ListState
from kb.search.filters import FACET_LABELS, NAME_FILTERS
from kb.services import services
from kb.suggestions import closest_match
from kb.vocabulary.terms import language, scheme_of
from kb.web.errors import mistake_text
from kb.web.parsing import api_parameters
from schemas.base import cached_schema
from schemas.errors import flatten_errors
from schemas.list_parameters import MissingFilters
from schemas.query_fields import (
    MAX_QUERY_LENGTH,
    MAX_QUERY_WORDS,
    DelimitedEnums,
    DelimitedList,
    QueryInteger,
    split_at_commas,
)
from schemas.text import normalise

CHOOSE_NOTHING = {"page", "pageSize", "sort"}  # parameters that change no total
MIN_SIMILARITY = 75  # of 100: a name with a slip of the keyboard, and the one that was meant
THOUSANDS = re.compile(r"[0-9]{1,3}([.\s])[0-9]{3}(\1[0-9]{3})*")  # as people write numbers
CHOSEN_BY_PAGES = {"facets", "fields", "format", "csvSeparator", "lang"}


def shortened_words() -> BestWords | None:
    """What is searched for where `q` of this request is too long. Raises SearchUnavailable."""
    text = request.args.get("q", "")
    line = normalise(text, one_line=True)
    if len(line) <= MAX_QUERY_LENGTH and len(line.split()) <= MAX_QUERY_WORDS:
        return None
    return best_words(text, services().search, MAX_QUERY_LENGTH)


class Slip(NamedTuple):
    """A value that is wrong, for people."""

    text: str
    correction: str  # a value that is near; empty when none is
    address: str  # of the list with that value


class PageQuery(NamedTuple):
    """What a page is to show."""

    state: ListState
    parameters: dict[str, Any]  # parsed, by the names of the API
    errors: list[Slip]
    refused: tuple[str, ...]  # parameters that choose things, of which no value is left


def parse_list_query(kind: KindName, words: str | None = None) -> PageQuery:
    """The query of the page of a list, with other words when these are given.

    Empty values and unknown parameters are nothing; a value that is wrong is left out.
    """
    return parse_query(KINDS[kind].query_schema(), words)


def parse_query(shape: type[Schema], words: str | None = None) -> PageQuery:
    """The same by any schema of a query."""
    schema: Schema = cached_schema(shape)
    raw = _raw_parameters(shape)
    if words is not None:
        raw = {**raw, "q": words} if words else {n: v for n, v in raw.items() if n != "q"}
    typed = set(raw)
    mistakes: list[tuple[str, Mistake]] = []
    while True:
        try:
            parsed: dict[str, Any] = schema.load(raw, unknown=RAISE)
            break
        except ValidationError as error:
            mistakes += _leave_out(raw, error, schema)
    values = {name: tuple(v) if isinstance(v, list) else v for name, v in raw.items()}
    values.pop("page", None)
    state = ListState(request.path, values)
    return PageQuery(
        state,
        api_parameters(parsed),
        [*_misspelt_names(shape, state), *(_slip(*each, state, schema) for each in mistakes)],
        tuple(sorted(typed - set(raw) - CHOOSE_NOTHING)),
    )


def _misspelt_names(shape: type[Schema], state: ListState) -> Iterator[Slip]:
    """Parameters of the address that nobody knows, each with the one that was probably meant."""
    names = query_fields(shape).keys() - CHOSEN_BY_PAGES
    known = {*names, *FACET_LABELS, *CHOSEN_BY_PAGES, *PARAMETER_LABELS}
    for name in request.args.keys() - known:
        value, near = request.args[name].strip(), closest_match(name, names)
        if value and near and fuzz.ratio(name.casefold(), near.casefold()) >= MIN_SIMILARITY:
            text = mistake_text(Mistake("unknown-parameter", {"value": name[:80]}))
            heading = FACET_LABELS[near][language()] if near in FACET_LABELS else ""
            meant = {
                near: (value,) if isinstance(query_fields(shape)[near], fields.List) else value
            }
            other = replace(state, parameters={**state.parameters, **meant})
            yield Slip(text, f"{heading or parameter_label(near)}: {value[:80]}", other.address)


def _slip(name: str, mistake: Mistake, state: ListState, schema: Schema) -> Slip:
    """What is wrong with a value, and the one that was probably meant."""
    heading = FACET_LABELS[name][language()] if name in FACET_LABELS else parameter_label(name)
    near = mistake.suggestion or ""
    if not near:
        return Slip(f"{heading}: {mistake_text(mistake)}", "", "")
    field = query_fields(type(schema)).get(name)
    is_repeatable = isinstance(field, fields.List) and not isinstance(field, DelimitedEnums)
    other = state.with_value(name, near) if is_repeatable else state.with_parameters(**{name: near})
    return Slip(f"{heading}: {mistake_text(mistake)}", _value_label(name, near), other.address)


def _value_label(name: str, value: str) -> str:
    """What a value of a filter is called; the value itself where it is no term."""
    if name in FACET_LABELS and name not in NAME_FILTERS and value in scheme_of(name).terms:
        return scheme_of(name).terms[value].label(language())
    return value


def _raw_parameters(shape: type[Schema]) -> dict[str, Any]:
    """The values in the address by parameter, in its order: lists where one may be repeated."""
    raw: dict[str, Any] = {}
    for name in request.args:
        field = query_fields(shape).get(name)
        values = [value for value in request.args.getlist(name) if value.strip()]
        if isinstance(field, DelimitedList):
            values = [value for value in split_at_commas(values) if value]
        if not field or not values or name in CHOSEN_BY_PAGES:
            continue
        if isinstance(field, DelimitedEnums) and not isinstance(field, MissingFilters):
            raw[name] = ",".join(values)
        elif isinstance(field, fields.List):
            raw[name] = list(dict.fromkeys(values))
        else:
            is_number = isinstance(field, QueryInteger)
            raw[name] = _without_thousands(values[0]) if is_number else values[0]
    return raw


def _without_thousands(text: str) -> str:
    """The digits of a number with dots or spaces between its thousands; any other text as it is."""
    number = text.strip()
    return re.sub(r"[.\s]", "", number) if THOUSANDS.fullmatch(number) else number


def _leave_out(
    raw: dict[str, Any], error: ValidationError, schema: Schema
) -> list[tuple[str, Mistake]]:
    """Take the values that are wrong out of `raw`; the parameter of each, and what is wrong."""
    mistakes = []
    wrong_indices: dict[str, list[int]] = {}
    for pointer, mistake in flatten_errors(error.messages, schema):
        name, _, index = pointer.strip("/").partition("/")
        wrong_indices.setdefault(name, []).extend([int(index)] if index.isdigit() else [])
        mistakes.append((name, mistake))
    for name, indices in wrong_indices.items():
        value = raw.pop(name, None)
        if isinstance(value, list) and indices:
            left = [each for index, each in enumerate(value) if index not in indices]
            raw |= {name: left} if left else {}
    return mistakes


def list_fields(kind: KindName) -> dict[str, fields.Field[Any]]:
    """The parameters of a list, by name."""
    return query_fields(KINDS[kind].query_schema())


@cache
def query_fields(shape: type[Schema]) -> dict[str, fields.Field[Any]]:
    """The parameters of a query, by name."""
    schema: Schema = cached_schema(shape)
    return {field.data_key or name: field for name, field in schema.fields.items()}
