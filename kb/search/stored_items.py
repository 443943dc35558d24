"""Items of lists as finished JSON, for each language: made when they are indexed, not when shown.

Addresses in them are paths, since the same index may be reached under another name. What an item
says of other things is left out, and filled in when it is shown.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from kb.kinds import Kind
from kb.vocabulary.terms import LANGUAGES, in_language
from kb.web.addresses import relative_addresses
from schemas.base import Schema, cached_schema

ENCODER = json.JSONEncoder(  # of values of ours, none of which holds itself
    ensure_ascii=False, separators=(",", ":"), check_circular=False
)
RELATIVE_HREF = '"href":"/'  # no text has this in it: quotes in texts are escaped
LINKS = ',"_links":'  # for the same reason these are the links, the last key of an item


def dump_items(kind: Kind, row: Any) -> dict[str, str]:
    """The item of a row (or term) in JSON, by language."""
    schema_class: type[Schema] = kind.item_schema()
    items: dict[str, str] = {}
    with relative_addresses():
        for language in LANGUAGES:
            with in_language(language):
                items[language] = to_json(cached_schema(schema_class).dump(row))
    return items


def to_json(value: Any) -> str:
    """Compact JSON, as all answers are."""
    return ENCODER.encode(value)


def with_addresses(item: str, base: str) -> str:
    """The item with absolute addresses; `base` is the part before the path."""
    return item.replace(RELATIVE_HREF, f'"href":"{base}/')


def with_keys(item: str, keys: Collection[str]) -> str:
    """The item with these keys alone, and those that tell what it is."""
    wanted = {"id", "type", *keys}
    return to_json({key: value for key, value in json.loads(item).items() if key in wanted})


def with_value(item: str, key: str, value: Any) -> str:
    """The item with one key more, before its links."""
    own, links = item.rsplit(LINKS, 1)
    return f'{own},"{key}":{to_json(value)}{LINKS}{links}'
