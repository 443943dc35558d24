"""The agreed terms: those of a release, in `seed_data/terms/`, and those that are in force now.

The database is the truth (`kb.cases.vocabulary` reads it); whoever answers, indexes or checks does
so inside `in_force`, with one vocabulary from the beginning to the end. Outside it the terms of the
release count, with which an empty database begins.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache, wraps
from importlib import resources
from typing import Any, Literal, ParamSpec, TypeVar, cast, get_args

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
FIXED_SCHEMES = frozenset(  # whose terms programs count with: they may be called otherwise, no more
    {
        *("kinds", "statuses", "outcomes", "verdicts", "effect-directions", "evidence-lanes"),
        *("evidence-levels", "urbanity-levels", "source-types"),
    }
)
P = ParamSpec("P")
T = TypeVar("T")
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
    is_deprecated: bool = False  # texts that have it keep it; new ones are refused it
    replaced_by: str | None = None  # of a deprecated term: the id of its successor

    @property
    def key(self) -> str:
        """`scheme/id`: what it is called beside terms of other schemes."""
        return f"{self.scheme}/{self.id}"

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

    @property
    def current(self) -> tuple[Term, ...]:
        """Those that new texts may have, in their own order."""
        return tuple(term for term in self.terms.values() if not term.is_deprecated)

    def predecessors_of(self, term_id: str) -> tuple[str, ...]:
        """The ids of the deprecated terms whose place a term took, at last."""
        replaced = (each.id for each in self.terms.values() if each.is_deprecated)
        successors = ((each, self.successor_of(each)) for each in replaced)
        return tuple(each for each, other in successors if other and other.id == term_id)

    def meant_by(self, term_ids: tuple[str, ...]) -> tuple[str, ...]:
        """Terms, with what took the place of a deprecated one, and those whose place they took."""
        meant = dict.fromkeys(term_ids)
        for term_id in term_ids:
            successor = self.successor_of(term_id)
            current = successor.id if successor else term_id
            meant |= dict.fromkeys((current, *self.predecessors_of(current)))
        return tuple(meant)

    def successor_of(self, term_id: str) -> Term | None:
        """What took the place of a deprecated term at last; None where nothing did."""
        visited = {term_id}
        term = self.terms.get(term_id)
        while term and term.is_deprecated and term.replaced_by not in {None, *visited}:
            visited.add(term.replaced_by or "")
            term = self.terms.get(term.replaced_by or "")
        return term if term and not term.is_deprecated and term.id != term_id else None


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
            is_deprecated=term.get("deprecated", False),
            replaced_by=term.get("replacedBy"),
        )
        for position, term in enumerate(document["terms"])
    }
    return Scheme(document["id"], dict(document["labels"]), document["parameter"], terms)


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """All schemes, as they were agreed at one moment."""

    schemes: Mapping[str, Scheme]
    nonce: str = ""  # of the last change of a vocabulary in the database; empty for a release's
    derived: dict[Hashable, Any] = field(default_factory=dict, repr=False)  # by `per_vocabulary`

    @cached_property
    def fingerprint(self) -> str:
        """Changes when any label, definition, synonym, broader term or successor does."""
        names = [
            (
                *(each.scheme, each.id, each.names, each.definition, each.broader),
                *(each.position, each.is_deprecated, each.replaced_by),
            )
            for scheme in self.schemes.values()
            for each in scheme.terms.values()
        ]
        return hashlib.sha256(repr(names).encode()).hexdigest()[:16]


@cache
def released() -> Vocabulary:
    """The vocabulary of this release."""
    folder = resources.files("seed_data") / "terms"
    return Vocabulary(
        {
            name: read_scheme(json.loads((folder / f"{name}.json").read_text("utf-8")))
            for name in SCHEMES
        }
    )


_in_force: ContextVar[Vocabulary | None] = ContextVar("vocabulary", default=None)


@contextmanager
def in_force(vocabulary: Vocabulary) -> Iterator[None]:
    """Inside, these terms count."""
    token = _in_force.set(vocabulary)
    try:
        yield
    finally:
        _in_force.reset(token)


def current() -> Vocabulary:
    """The vocabulary that counts here: of the request or the work that runs."""
    return _in_force.get() or released()


def schemes() -> Mapping[str, Scheme]:
    """All schemes by id."""
    return current().schemes


def per_vocabulary(
    maxsize: int | None = None,
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Remember the results of a function for each vocabulary apart, as `lru_cache` does."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        cached = lru_cache(maxsize)

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            derived = current().derived
            own = derived.get(function) or derived.setdefault(function, cached(function))
            return cast("T", own(*args, **kwargs))

        return call

    return decorate


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


@per_vocabulary()
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


def fingerprint() -> str:
    """Changes when anything that is known of any term does."""
    return current().fingerprint
