"""The terms of this release, read once from `seed_data/terms/`, a file per scheme."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, get_args

from flask_babel import get_locale

Language = Literal["nl", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
SCHEMES = (
    "strategies",
    "ingredient-groups",
    "ingredients",
    "pitfall-categories",
    "phases",
    "effect-domains",
    "effect-levels",
    "effect-directions",
    "outcomes",
    "evidence-lanes",
    "evidence-levels",
    "kinds",
    "scales",
    "urbanity-levels",
    "statuses",
    "target-groups",
    "party-roles",
    "themes",
    "source-types",
    "verdicts",
)
SECOND_PARAMETERS = {  # filters that take the terms of a scheme too
    "creditedIngredient": "ingredients",
    "ownerPitfallCategory": "pitfall-categories",
}
BROADER_SCHEMES = {  # whose terms are grouped by those of another scheme, named before them
    "ingredients": "ingredient-groups",
    "evidence-levels": "evidence-lanes",
}
_language: ContextVar[Language | None] = ContextVar("language", default=None)


def language() -> Language:
    """`nl` or `en`: the language of the request, Dutch outside one."""
    if chosen := _language.get():
        return chosen
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "nl"


@contextmanager
def in_language(code: Language) -> Iterator[None]:
    """Inside, labels are in this language, whatever the request says."""
    token = _language.set(code)
    try:
        yield
    finally:
        _language.reset(token)


@dataclass(frozen=True)
class Term:
    """One agreed word: its labels in two languages, what it means, what else it is called."""

    scheme: str
    id: str
    labels: Mapping[str, str]
    definition: str
    synonyms: Mapping[str, tuple[str, ...]]
    broader: str | None
    position: int  # in its scheme, counted from 0

    @property
    def slug(self) -> str:
        """Its id, under the name that rows use."""
        return self.id

    def label(self, language: str) -> str:
        """What people call it in `nl` or `en`."""
        return self.labels[language]

    @property
    def names(self) -> tuple[str, ...]:
        """Every label and synonym, in both languages."""
        return (
            *self.labels.values(),
            *(word for words in self.synonyms.values() for word in words),
        )


@dataclass(frozen=True)
class Scheme:
    """A list of terms; `parameter` is the filter that takes them, where there is one."""

    id: str
    labels: Mapping[str, str]
    parameter: str | None
    terms: Mapping[str, Term]

    @property
    def slug(self) -> str:
        """Its id, under the name that rows use."""
        return self.id

    @property
    def in_order(self) -> tuple[Term, ...]:
        """Its terms, in their own order."""
        return tuple(self.terms.values())


def read_scheme(document: Mapping[str, Any]) -> Scheme:
    """Take over a scheme file whose shape `schemas.vocabularies.SchemeFile` has checked."""
    terms = {
        term["id"]: Term(
            scheme=document["id"],
            id=term["id"],
            labels=dict(term["labels"]),
            definition=term["definition"],
            synonyms={language: tuple(term["synonyms"][language]) for language in LANGUAGES},
            broader=term["broader"],
            position=position,
        )
        for position, term in enumerate(document["terms"])
    }
    return Scheme(document["id"], dict(document["labels"]), document["parameter"], terms)


@cache
def schemes() -> Mapping[str, Scheme]:
    """All schemes of this release by id."""
    folder = resources.files("seed_data") / "terms"
    return {
        name: read_scheme(json.loads((folder / f"{name}.json").read_text("utf-8")))
        for name in SCHEMES
    }


@dataclass(frozen=True)
class FieldWords:
    """What practitioners call things that are no terms: for search alone."""

    same: tuple[tuple[str, ...], ...]  # Dutch words and phrases for one thing
    english: Mapping[str, tuple[str, ...]]  # what Dutch texts have for an English word
    narrower: Mapping[str, tuple[str, ...]]  # a wide word: the kinds of it, or a term (scheme/id)
    query_only: Mapping[
        str, tuple[str, ...]
    ]  # a typed phrase: what to look for too, in the same form


@cache
def field_words() -> FieldWords:
    """The words of `seed_data/words.json`."""
    words = json.loads((resources.files("seed_data") / "words.json").read_text("utf-8"))
    english, narrower, query_only = (
        {word: tuple(others) for word, others in words[key].items()}
        for key in ("english", "narrower", "queryOnly")
    )
    same = tuple(tuple(group) for group in words["same"])
    return FieldWords(same, english, narrower, query_only)


def scheme_of(parameter: str) -> Scheme:
    """The scheme whose terms a filter takes. Raises KeyError for a filter without terms."""
    return _by_parameter()[parameter]


@cache
def _by_parameter() -> Mapping[str, Scheme]:
    own = {scheme.parameter: scheme for scheme in schemes().values() if scheme.parameter}
    return {**own, **{name: schemes()[scheme] for name, scheme in SECOND_PARAMETERS.items()}}


def term(scheme: str, term_id: str) -> Term:
    """One term. Raises KeyError."""
    return schemes()[scheme].terms[term_id]


def lane_of(evidence: str) -> str:
    """The lane of a kind of evidence, by its id. Raises KeyError."""
    lane = term("evidence-levels", evidence).broader
    assert lane is not None  # tests/vocabulary sees to it
    return lane


def lane_rank(evidence: str) -> int:
    """The place of the lane of a kind of evidence: 0 is the strongest. Raises KeyError."""
    return term("evidence-lanes", lane_of(evidence)).position


def every_term() -> Iterator[Term]:
    """All terms, scheme by scheme."""
    for scheme in schemes().values():
        yield from scheme.terms.values()


@cache
def fingerprint() -> str:
    """Changes when any label, definition, synonym or broader term does."""
    names = [
        (each.scheme, each.id, each.names, each.definition, each.broader) for each in every_term()
    ]
    return hashlib.sha256(repr(names).encode()).hexdigest()[:16]
