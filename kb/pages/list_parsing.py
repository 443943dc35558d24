"""Query parameters of the page of a list, parsed leniently by the schema of the API's list."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import request
from marshmallow import RAISE, Schema, ValidationError, fields

from kb.kinds import KINDS, KindName
from kb.pages.list_state import ListState
from kb.web.errors import mistake_text
from kb.web.parsing import api_parameters
from schemas.base import cached_schema
from schemas.errors import flatten_errors
from schemas.list_parameters import MissingFilters
from schemas.query_fields import DelimitedEnums, DelimitedList, split_at_commas

CHOSEN_BY_PAGES = {"facets", "fields", "format", "csvSeparator", "lang"}


def parse_list_query(kind: KindName) -> tuple[ListState, dict[str, Any], list[str]]:
    """The state of a list, its parsed parameters by the names of the API, and what was wrong.

    Empty values and unknown parameters are nothing; a value that is wrong is left out.
    """
    return parse_query(KINDS[kind].query_schema())


def parse_query(shape: type[Schema]) -> tuple[ListState, dict[str, Any], list[str]]:
    """The same by any schema of a query."""
    schema: Schema = cached_schema(shape)
    raw = _raw_parameters(shape)
    errors: list[str] = []
    while True:
        try:
            parsed: dict[str, Any] = schema.load(raw, unknown=RAISE)
            break
        except ValidationError as error:
            errors += _leave_out(raw, error, schema)
    state = {name: tuple(v) if isinstance(v, list) else v for name, v in raw.items()}
    state.pop("page", None)
    return ListState(request.path, state), api_parameters(parsed), errors


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
            raw[name] = values[0]
    return raw


def _leave_out(raw: dict[str, Any], error: ValidationError, schema: Schema) -> list[str]:
    """Take the values that are wrong out of `raw`; what is wrong with each, for people."""
    texts = []
    wrong_indices: dict[str, list[int]] = {}
    for pointer, mistake in flatten_errors(error.messages, schema):
        name, _, index = pointer.strip("/").partition("/")
        wrong_indices.setdefault(name, []).extend([int(index)] if index.isdigit() else [])
        texts.append(f"{name}: {mistake_text(mistake)}")
    for name, indices in wrong_indices.items():
        value = raw.pop(name, None)
        if isinstance(value, list) and indices:
            left = [each for index, each in enumerate(value) if index not in indices]
            raw |= {name: left} if left else {}
    return texts


def list_fields(kind: KindName) -> dict[str, fields.Field[Any]]:
    """The parameters of a list, by name."""
    return query_fields(KINDS[kind].query_schema())


@cache
def query_fields(shape: type[Schema]) -> dict[str, fields.Field[Any]]:
    """The parameters of a query, by name."""
    schema: Schema = cached_schema(shape)
    return {field.data_key or name: field for name, field in schema.fields.items()}
