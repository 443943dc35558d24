"""What an operation makes of a text: pure functions over documents with bare ids."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from marshmallow import Schema as MarshmallowSchema
from marshmallow import fields

from schemas.base import cached_schema
from schemas.json_fields import Line, Text
from schemas.terms import TermField, TermId

Document = Mapping[str, Any]
Operation = Mapping[str, Any]  # as `schemas.batches.BatchOperation` loads it
MERGE = "merge-term"
CITED = ("sources", "images")  # keys below which texts are of others: a title of a book, a maker
CITED_IN_STUDY = ("title", "authors", "publisher")  # a study is itself a publication
PLACES = ("place",)
MAX_HOW = 2000  # characters, as `schemas.parts.IngredientInCase` has it


class Rewriter(NamedTuple):
    """What becomes of each text and of each list of terms; None leaves all of them alone."""

    text: Callable[[str, str], str] | None = None  # (path such as pitfalls.title, text)
    terms: Callable[[str, list[str]], list[str]] | None = None  # (scheme, ids)


def apply(operation: Operation, kind: str, schema: type[MarshmallowSchema], text: Document) -> Any:
    """The document that an operation makes of another; ids of things and addresses stay."""
    match operation["name"]:
        case "replace-text":
            replaced = partial(_replaced, operation, text_paths(kind, schema))
            return _rewritten(cached_schema(schema), text, Rewriter(text=replaced))
        case "add-term":
            return _with_term(operation, schema, text)
        case "remove-term":
            return rewrite_term(schema, text, operation["scheme"], operation["term"], None)
    return rewrite_term(schema, text, *(operation[key] for key in ("scheme", "term", "successor")))


def rewrite_term(
    schema: type[MarshmallowSchema], text: Document, scheme: str, term: str, other: str | None
) -> dict[str, Any]:
    """A document in which every place of a term has another, once in each list; None: nothing."""

    def terms(of_scheme: str, ids: list[str]) -> list[str]:
        if of_scheme != scheme or term not in ids:
            return ids
        renamed = [other if each == term else each for each in ids]
        return list(dict.fromkeys(each for each in renamed if each is not None))

    return _rewritten(cached_schema(schema), text, Rewriter(terms=terms))


def names_term(schema: type[MarshmallowSchema], text: Document, scheme: str, term: str) -> bool:
    """Whether a document has a term anywhere."""
    named: set[str] = set()

    def terms(of_scheme: str, ids: list[str]) -> list[str]:
        named.update(ids if of_scheme == scheme else ())
        return ids

    _rewritten(cached_schema(schema), text, Rewriter(terms=terms))
    return term in named


def joins_how(operation: Operation, text: Document) -> bool:
    """Whether two ingredients of a case become one, so that their texts have to be read anew."""
    if operation.get("scheme") != "ingredients" or not operation.get("successor"):
        return False
    ids = {each["id"] for each in text.get("ingredients", ()) if isinstance(each, Mapping)}
    return {operation["term"], operation["successor"]} <= ids


def text_paths(kind: str, schema: type[MarshmallowSchema]) -> dict[str, bool]:
    """Every place of a text, such as `pitfalls.title`, and whether it is looked at unasked.

    Names of places and what is cited (titles and authors of publications, makers of images) are
    looked at only when an operation names them.
    """
    return dict(_paths(kind, cached_schema(schema)))


def _paths(kind: str, schema: MarshmallowSchema, above: str = "") -> Iterator[tuple[str, bool]]:
    for field in schema.load_fields.values():
        key = field.data_key or ""
        item = field.inner if isinstance(field, fields.List) else field
        if isinstance(item, fields.Nested):
            yield from _paths(kind, item.schema, f"{above}{key}.")
        elif type(item) in (Text, Line) and key != "unverified":
            top = above.partition(".")[0] or key
            is_cited = top in (*CITED, *PLACES) or (kind == "study" and top in CITED_IN_STUDY)
            yield f"{above}{key}", not is_cited or above + key == "images.alt"


class ListOfTerms(NamedTuple):
    """A list at the top of a document whose items are terms, or have one as their id."""

    key: str
    has_items: bool  # with more to them than a term


def lists_of_terms(schema: type[MarshmallowSchema]) -> dict[str, ListOfTerms]:
    """The lists of terms at the top of a document, by their schemes."""
    lists = {}
    for field in cached_schema(schema).load_fields.values():
        inner, key = field.inner if isinstance(field, fields.List) else None, field.data_key or ""
        if isinstance(inner, TermField):
            lists[inner.scheme] = ListOfTerms(key, has_items=False)
        elif isinstance(inner, fields.Nested) and (own := _term_id(inner.schema)):
            lists[own.scheme] = ListOfTerms(key, has_items=True)
    return lists


def schemes_in(schema: type[MarshmallowSchema]) -> set[str]:
    """The schemes of which a document may have terms, anywhere."""
    return set(_schemes(cached_schema(schema)))


def _schemes(schema: MarshmallowSchema) -> Iterator[str]:
    for field in schema.load_fields.values():
        item = field.inner if isinstance(field, fields.List) else field
        if isinstance(item, fields.Nested):
            yield from _schemes(item.schema)
        elif isinstance(item, (TermField, TermId)):
            yield item.scheme


def _rewritten(
    schema: MarshmallowSchema, document: Document, rewriter: Rewriter, above: str = ""
) -> dict[str, Any]:
    result = dict(document)
    for field in schema.load_fields.values():
        key = field.data_key or ""
        if document.get(key):
            result[key] = _value(field, document[key], rewriter, f"{above}{key}")
    return result


def _value(field: fields.Field[Any], value: Any, rewriter: Rewriter, path: str) -> Any:
    if isinstance(field, fields.Nested):
        return _rewritten(field.schema, value, rewriter, f"{path}.")
    if isinstance(field, fields.List) and isinstance(field.inner, fields.Nested):
        schema = field.inner.schema
        items = [_rewritten(schema, each, rewriter, f"{path}.") for each in value]
        own = _term_id(schema)
        return _as_terms(own, items, rewriter) if own and rewriter.terms else items
    if isinstance(field, fields.List):
        if isinstance(field.inner, TermField):
            return rewriter.terms(field.inner.scheme, list(value)) if rewriter.terms else value
        return [_value(field.inner, each, rewriter, path) for each in value]
    if isinstance(field, TermField) and rewriter.terms:
        return next(iter(rewriter.terms(field.scheme, [value])), None)
    if type(field) in (Text, Line) and rewriter.text:
        return rewriter.text(path, value) or None
    return value


def _term_id(schema: MarshmallowSchema) -> TermId | None:
    """The field by which an item is itself a term, with more to it."""
    return next((each for each in schema.load_fields.values() if isinstance(each, TermId)), None)


def _as_terms(
    field: TermId, items: Sequence[dict[str, Any]], rewriter: Rewriter
) -> list[dict[str, Any]]:
    """Items that are terms: of those that become one, the texts come one after the other."""
    assert rewriter.terms
    joined: dict[str, dict[str, Any]] = {}
    for item in items:
        for term in rewriter.terms(field.scheme, [item["id"]]):
            first = joined.setdefault(term, {**item, "id": term})
            texts = dict.fromkeys(filter(None, (first.get("how"), item.get("how"))))
            first["how"] = "\n\n".join(texts) or None
    return list(joined.values())


def _with_term(
    operation: Operation, schema: type[MarshmallowSchema], text: Document
) -> dict[str, Any]:
    """A document that has a term at the end of its list, unless it has it already."""
    (key, has_items), term = lists_of_terms(schema)[operation["scheme"]], operation["term"]
    present = list(text.get(key) or ())
    if any(term == (each["id"] if isinstance(each, Mapping) else each) for each in present):
        return dict(text)
    added = {"id": term, "how": operation.get("how")} if has_items else term
    return {**text, key: [*present, added]}


def _replaced(operation: Operation, paths: Mapping[str, bool], path: str, text: str) -> str:
    """A text with what stands for what was looked for; literally, whatever signs that has."""
    named = operation.get("paths") or ()
    is_named = any(f"{path}.".startswith(f"{each}.") for each in named)
    if not (is_named if named else paths.get(path, False)):
        return text
    replacement = unicodedata.normalize("NFC", operation["replace"])
    return pattern_of(operation).sub(lambda _: replacement, text)


def pattern_of(operation: Operation) -> re.Pattern[str]:
    """What is looked for, as a pattern; none of its signs means anything but itself."""
    literal = re.escape(unicodedata.normalize("NFC", operation["find"]))
    if operation.get("whole_words"):
        literal = rf"(?<!\w){literal}(?!\w)"
    return re.compile(literal, 0 if operation.get("case_sensitive", True) else re.IGNORECASE)
