"""What must be true of a whole document before it is published, beyond the shape of its parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from marshmallow import Schema as MarshmallowSchema
from marshmallow import fields

from kb.input_errors import Mistake
from kb.suggestions import closest_match

from .base import Schema, camel
from .parts import FIRST_YEAR
from .provinces import PROVINCES, nearest_province, same_province

Errors = Iterator[tuple[str, Mistake]]  # with JSON Pointers

MAX_YEARS_AHEAD = 10  # in which a case may begin
REQUIRED_PARTS = {  # what an owned item must have, by the key of its list
    "ingredients": ("how",),
    "pitfalls": ("category", "phase", "description"),
    "findings": ("domain", "level", "direction", "evidence"),
    "sources": ("source_type",),
    "images": ("alt", "maker", "licence"),
}


def check_required(
    document: Mapping[str, Any], keys: Sequence[str], lists: Sequence[str] = ()
) -> Errors:
    """Every one of `keys` has a value, each of `lists` an item, and every item its parts."""
    yield from check_keys(document, keys)
    for key in lists:
        if not document[key]:
            yield (
                f"/{camel(key)}",
                Mistake("too-short", {"minimum": 1, "actual": 0, "unit": "items"}),
            )
    for key, parts in REQUIRED_PARTS.items():
        for place, item in enumerate(document.get(key, ())):
            for part in parts:
                if item[part] is None:
                    yield f"/{key}/{place}/{camel(part)}", Mistake("required")


def check_keys(document: Mapping[str, Any], keys: Sequence[str]) -> Errors:
    """Every one of `keys` has a value."""
    for key in keys:
        if document[key] is None:
            yield f"/{camel(key)}", Mistake("required")


def check_year_order(document: Mapping[str, Any]) -> Errors:
    """An end lies after its start; unknown years pass."""
    start, end = document["start_year"], document["end_year"]
    if start and end and end < start:
        yield "/endYear", Mistake("inconsistent", {"reason": "years"})


def check_year_range(document: Mapping[str, Any]) -> Errors:
    """Publications are of next year at the latest, and a case begins within ten years."""
    this_year = datetime.now(UTC).year
    places = [("/startYear", document.get("start_year"), this_year + MAX_YEARS_AHEAD)]
    places += [("/year", document.get("year"), this_year + 1)]
    for place, source in enumerate(document.get("sources", ())):
        places.append((f"/sources/{place}/year", source["year"], this_year + 1))
    for pointer, year, last in places:
        if year is not None and year > last:
            values = {"minimum": FIRST_YEAR, "maximum": last, "value": year}
            yield pointer, Mistake("out-of-range", values)


def check_province(place: Mapping[str, Any]) -> Errors:
    """A Dutch province has its own name; what is like one abroad may be called anything."""
    name, country = place["province"], place["country"]
    if name is None or name in PROVINCES or country not in {"NL", None}:
        return
    if country == "NL" or same_province(name):
        values = {"value": name[:80], "expected": "province"}
        yield "/place/province", Mistake("bad-format", values, partial(nearest_province, name))


def check_owned_ids(document: Mapping[str, Any]) -> Errors:
    """Pitfalls and findings carry the id of their owner, and no id stands twice in a list.

    What has no id yet will get the right one.
    """
    for key, id_key in (
        ("pitfalls", "slug"),
        ("findings", "slug"),
        ("sources", "slug"),
        ("ingredients", "ingredient"),
    ):
        slugs: set[str] = set()
        for place, item in enumerate(document.get(key, ())):
            slug, pointer = item[id_key], f"/{key}/{place}/id"
            if slug is None:
                continue
            if slug in slugs:
                yield pointer, Mistake("duplicate", {"value": slug})
            slugs.add(slug)
            owner = document["slug"] if key in {"pitfalls", "findings"} else None
            if owner and not slug.startswith(f"{owner}--"):
                yield pointer, Mistake("inconsistent", {"reason": "owner"})


def check_sources(document: Mapping[str, Any]) -> Errors:
    """Every finding has a source, and it is one of the document's own.

    While a source has no id as yet, any other may be meant.
    """
    slugs = [source["slug"] for source in document["sources"]]
    for place, finding in enumerate(document["findings"]):
        source, pointer = finding["source"], f"/findings/{place}/source"
        if source is None:
            yield pointer, Mistake("required")
        elif source not in slugs and None not in slugs:
            values = {"value": source, "expected": "source"}
            yield (
                pointer,
                Mistake("unknown-reference", values, partial(closest_match, source, slugs)),
            )


def check_credited_ingredients(case: Mapping[str, Any]) -> Errors:
    """A finding credits ingredients of its own case."""
    known = [each["ingredient"] for each in case["ingredients"]]
    for place, finding in enumerate(case["findings"]):
        for number, ingredient in enumerate(finding["ingredients"]):
            if ingredient not in known:
                values = {"value": ingredient, "expected": "credited-ingredient"}
                near = partial(closest_match, ingredient, known)
                pointer = f"/findings/{place}/ingredients/{number}"
                yield pointer, Mistake("unknown-reference", values, near)


def check_events(case: Mapping[str, Any]) -> Errors:
    """No event stands twice in the timeline."""
    before: set[tuple[Any, ...]] = set()
    for place, event in enumerate(case["events"]):
        values = (event["year"], event["month"], event["what"])
        if None not in (event["year"], event["what"]) and values in before:
            yield f"/events/{place}", Mistake("duplicate", {"value": event["what"][:80]})
        before.add(values)


def check_unverified(document: Mapping[str, Any], schema: Schema) -> Errors:
    """What is called unverified is a key of the document, or a key of the things in one."""
    if not document["unverified"]:
        return
    paths = list(key_paths(schema))
    for place, key in enumerate(document["unverified"]):
        if key not in paths:
            values = {"value": key[:80], "expected": "key"}
            near = partial(closest_match, key, paths)
            yield f"/unverified/{place}", Mistake("bad-format", values, near)


def key_paths(schema: MarshmallowSchema, prefix: str = "") -> Iterator[str]:
    """The keys of a document and of the things in it, such as `pitfalls.avoidance`."""
    for field in schema.fields.values():
        if field.dump_only or field.load_only or field.data_key in {"id", "unverified"}:
            continue
        yield f"{prefix}{field.data_key}"
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            yield from key_paths(inner.schema, f"{prefix}{field.data_key}.")
