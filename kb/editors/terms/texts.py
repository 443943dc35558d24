"""The text of a term, as its revisions have it, and what can be wrong with it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from kb.input_errors import Mistake
from kb.suggestions import closest_match
from kb.vocabulary.terms import BROADER_SCHEMES, FIXED_SCHEMES, LANGUAGES, Scheme, Term

Text = dict[str, Any]  # as `schemas.term_texts.TermText`, with deprecated and replacedBy
Errors = Iterator[tuple[str, Mistake]]  # with JSON Pointers
MAX_KEY = 80  # characters of scheme/id, which names its revisions
ETAG_LENGTH = 20


def key_of(scheme: str, term_id: str) -> str:
    """`scheme/id`: the slug of the revisions of a term, and the key of its row."""
    return f"{scheme}/{term_id}"


def text_of(term: Term) -> Text:
    """The text of a term that is public."""
    return {
        "labels": dict(term.labels),
        "definition": term.definition,
        "synonyms": {language: list(term.synonyms[language]) for language in LANGUAGES},
        "broader": term.broader,
        "position": term.position,
        "deprecated": term.is_deprecated,
        "replacedBy": term.replaced_by,
    }


def etag_of(text: Text) -> str:
    """What stands for a text that no editor has written: the same for the same text."""
    return hashlib.sha256(repr(sorted(text.items())).encode()).hexdigest()[:ETAG_LENGTH]


def changed_keys(text: Text, public: Text | None) -> list[str]:
    """The keys that differ from the public text."""
    return [key for key in text if public is None or text[key] != public.get(key)]


def text_errors(
    schemes: Mapping[str, Scheme], scheme_id: str, term_id: str, text: Text, public: Text | None
) -> Errors:
    """What keeps a text from being that of a term of this scheme, beside the other terms."""
    scheme = schemes[scheme_id]
    yield from _label_errors(scheme, term_id, text)
    yield from _broader_errors(schemes, scheme_id, text, public)
    if scheme_id in FIXED_SCHEMES and public is not None:
        for key in ("broader", "position", "deprecated"):
            if text[key] != public[key]:
                yield f"/{key}", Mistake("inconsistent", {"reason": "fixed-scheme"})
    if scheme_id in FIXED_SCHEMES and public is None:
        yield "/id", Mistake("inconsistent", {"reason": "fixed-scheme"})
    if text["deprecated"]:
        yield from _successor_errors(scheme, term_id, text["replacedBy"])


def _label_errors(scheme: Scheme, term_id: str, text: Text) -> Errors:
    """No two terms that may be chosen are called the same."""
    for language, label in text["labels"].items():
        others = {each.label(language).casefold() for each in scheme.current if each.id != term_id}
        if label.casefold() in others and not text["deprecated"]:
            yield f"/labels/{language}", Mistake("duplicate", {"value": label})


def _broader_errors(
    schemes: Mapping[str, Scheme], scheme_id: str, text: Text, public: Text | None
) -> Errors:
    broader, groups = text["broader"], BROADER_SCHEMES.get(scheme_id)
    if groups is None:
        if broader is not None:
            yield "/broader", Mistake("inconsistent", {"reason": "no-groups"})
        return
    if broader is None:
        yield "/broader", Mistake("required", allowed=f"/v1/vocabularies/{groups}")
    elif public is None or broader != public["broader"]:
        yield from _reference_errors("/broader", schemes[groups], broader)


def _successor_errors(scheme: Scheme, term_id: str, successor: str | None) -> Errors:
    if successor == term_id:
        yield "/replacedBy", Mistake("inconsistent", {"reason": "itself-term"})
    elif successor is not None:
        yield from _reference_errors("/replacedBy", scheme, successor)


def _reference_errors(pointer: str, scheme: Scheme, term_id: str) -> Errors:
    """Another term must be one that may be chosen."""
    choices = [each.id for each in scheme.current]
    if term_id not in choices:
        values = {"value": term_id, "expected": "term-reference"}
        allowed = f"/v1/vocabularies/{scheme.id}"
        yield (
            pointer,
            Mistake("unknown-reference", values, closest_match(term_id, choices), allowed),
        )
