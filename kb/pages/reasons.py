"""Why a thing is among the results, as a person would say it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from kb.search.analysis.analyzer import DUTCH, tokenize
from kb.vocabulary.terms import Term, language, per_vocabulary, schemes

MOST_REASONS = 3  # that are told of one thing
MOST_WORDS = 3  # of one reason
SHORT_SNIPPET = 40  # characters, which say nothing
CACHED_TEXTS = 4096
SIGN_BETWEEN = re.compile(r'\s*(?:[;:,!?](?=\s)|[()\[\]“”"–—])+\s*')
SHOWN_FIELDS = {"title", "summary", "description", "answer", "definition", "claim", "id"}
"""Where words that were met are seen anyway: marked, or in what the thing is called."""
TAG_FIELDS = {  # the keys under which the terms of a scheme stand, in one kind of thing or another
    "strategies": {"strategies"},
    "target-groups": {"targetGroups"},
    "ingredients": {"ingredients", "title"},
    "pitfall-categories": {"pitfalls", "category", "pitfallCategories"},
    "effect-domains": {"findings", "domain", "effectDomains"},
}
HAVING = {"ingredients", "pitfall-categories", "effect-domains"}  # that cases and studies have


class Reason(NamedTuple):
    """What of a thing meets words of the query that it does not have as they were typed."""

    kind: str  # a term: topic or its scheme; words: compound, parts or other
    words: tuple[str, ...]  # of the thing, or what the term is called
    typed: tuple[str, ...]  # what they meet; empty where that is what the term is called


def reasons(match: Mapping[str, Any], type_: str) -> list[Reason]:
    """Why a thing matches, as far as that is not seen at a glance; the most telling first.

    Words that editors added for search alone are no reason by themselves: nobody reads them there.
    """
    if set(match["fields"]) == {"searchTerms"}:
        return []
    is_seen = not SHOWN_FIELDS.isdisjoint(match["fields"])
    terms = _terms()
    tags: dict[tuple[str, str], list[str]] = {}
    others: list[Reason] = []
    for word in match["words"]:
        typed = " ".join(tokenize(word["input"])) or word["input"]
        named = [
            (text, _term(terms.get(text, ()), match["fields"])) for text in word["met"] if text
        ]
        has_itself = any(_is_same(typed, text) for text, term in named if term is None)
        for text, term in named:
            if term and not has_itself and not (is_seen and _is_same(typed, text)):
                tags.setdefault((term.scheme, term.id), []).append(typed)
        rest = [
            part
            for text, term in named
            if term is None
            for part in _apart(text)
            if not _is_same(typed, part)
        ]
        if rest and not has_itself and not any(term for _, term in named):
            others.append(_other(typed, rest))
    every = [*(_tag(*key, typed, type_) for key, typed in tags.items()), *others]
    return sorted(every, key=lambda each: each.kind != "topic")[:MOST_REASONS]


def shown_snippets(match: Mapping[str, Any], skipped: Collection[str]) -> list[Mapping[str, Any]]:
    """The snippets that say something, but for those of fields that are shown anyway."""
    return [
        each
        for each in match["snippets"]
        if len(each["text"]) > SHORT_SNIPPET and each["field"] not in skipped
    ]


def unmet_words(
    match: Mapping[str, Any] | None, interpretation: Mapping[str, Any] | None
) -> list[str]:
    """The words of the query that a thing was to meet and does not, as they were typed."""
    if not match or not interpretation:
        return []
    met = {word["input"] for word in match["words"]}
    words = (term["input"] for term in interpretation["terms"] if term["occur"] == "must")
    return [word for word in dict.fromkeys(words) if word not in met]


def _apart(text: str) -> list[str]:
    """A run of words of a text, apart where a sign stands between them."""
    return [part for part in SIGN_BETWEEN.split(text) if part]


def is_elsewhere(match: Mapping[str, Any]) -> bool:
    """Whether the words stand nowhere that is seen at a glance."""
    return SHOWN_FIELDS.isdisjoint(match["fields"])


def _tag(scheme: str, id_: str, typed: Sequence[str], type_: str) -> Reason:
    """A term that a thing of this type is tagged with."""
    term = schemes()[scheme].terms[id_]
    label = term.label(language())
    is_label = any(_is_same(" ".join(typed), each) for each in term.labels.values())
    has_several = scheme in HAVING and type_ in {"case", "study"}
    return Reason(
        scheme if has_several else "topic",
        (label[:1].lower() + label[1:],),
        () if is_label else tuple(dict.fromkeys(typed)),
    )


def _other(typed: str, words: Sequence[str]) -> Reason:
    """Another word for the same; a compound that has it; or the parts of the compound it is."""
    own = DUTCH.terms(typed)
    if len(own) == 1:
        longer = [each for each in words if own[0] in _parts(each)]
        if longer:
            return Reason("compound", tuple(longer[:MOST_WORDS]), (typed,))
        parts = set(DUTCH.part_terms(typed))
        pieces = [each for each in words if parts and not parts.isdisjoint(_with_parts(each))]
        if parts and parts <= set().union(*map(_with_parts, pieces)):
            return Reason("parts", tuple(pieces[:MOST_WORDS]), (typed,))
    return Reason("other", tuple(words[:MOST_WORDS]), (typed,))


def _parts(text: str) -> set[str]:
    """The terms of the parts of the compounds in a text."""
    return {part for word in tokenize(text) for part in DUTCH.part_terms(word)}


def _with_parts(text: str) -> set[str]:
    return {*DUTCH.terms(text), *_parts(text)}


def _is_same(typed: str, text: str) -> bool:
    """Whether two texts have the same words, whatever their endings."""
    return typed == text or _words(typed) == _words(text)


@lru_cache(maxsize=CACHED_TEXTS)
def _words(text: str) -> tuple[str, ...]:
    """The terms of a text; the things of a page are met by the same few words."""
    return DUTCH.terms(text)


def _term(terms: Iterable[Term], fields: Sequence[str]) -> Term | None:
    """The first of these terms with which a thing may be tagged under one of these keys."""
    return next((t for t in terms if not TAG_FIELDS[t.scheme].isdisjoint(fields)), None)


@per_vocabulary()
def _terms() -> Mapping[str, Sequence[Term]]:
    """The terms that things are tagged with, by their Dutch label in lower case."""
    by_label: dict[str, list[Term]] = {}
    for scheme in TAG_FIELDS:
        for term in schemes()[scheme].in_order:
            by_label.setdefault(term.label("nl").lower(), []).append(term)
    return by_label
