"""What the vocabulary's terms and the words of the field are called: synonyms, as phrases of terms.

They are looked up when a query is parsed, so that a new synonym needs no new index.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from kb.search.analysis.analyzer import Analyzer, tokenize
from kb.search.analysis.dutch import PLACE_NAMES
from kb.vocabulary.terms import Term, every_term, field_words, per_vocabulary, schemes, term

RelationKind = Literal["narrower", "queryOnly"]


class Concept(NamedTuple):
    """Something with several names: a term of the vocabulary, or a group of words of the field."""

    key: str  # scheme/id; empty for a group of words that is no term
    label: str  # in Dutch
    names: tuple[tuple[str, ...], ...]  # each a phrase of terms, one or more
    spellings: tuple[str, ...]  # of each name, as people write it; empty when it is not Dutch


@per_vocabulary()
def concepts(analyzer: Analyzer) -> Mapping[tuple[str, ...], tuple[Concept, ...]]:
    """The concepts that each phrase of terms names, also when it is written as one word."""
    if "synonyms" in analyzer.without:
        return {}
    terms = analyzer.terms
    by_name: dict[tuple[str, ...], dict[Concept, None]] = {}
    for each in every_term():
        called = (each, *predecessors(each))
        every_name = (name for one in called for name in one.names if terms(name))
        names = tuple(dict.fromkeys(every_name))
        dutch = {name for one in called for name in (one.label("nl"), *one.synonyms["nl"])}
        concept = Concept(
            f"{each.scheme}/{each.id}",
            each.label("nl"),
            tuple(terms(name) for name in names),
            tuple(name if name in dutch else "" for name in names),
        )
        for name in names:
            by_name.setdefault(terms(name), {})[concept] = None
            by_name.setdefault(terms("".join(tokenize(name))), {})[concept] = None
    words = field_words()
    groups = [(name, group) for group in words.same for name in group]
    for name, group in (*groups, *words.english.items()):
        concept = Concept("", group[0], tuple(terms(each) for each in group), group)
        by_name.setdefault(terms(name), {})[concept] = None
    return {name: tuple(named) for name, named in by_name.items()}


def predecessors(of: Term) -> tuple[Term, ...]:
    """The deprecated terms whose place this one took: who types their names means this one."""
    scheme = schemes()[of.scheme]
    return tuple(scheme.terms[each] for each in scheme.predecessors_of(of.id))


class Relation(NamedTuple):
    """What to look for too when a phrase is typed: a tag, or other words. Never the other way."""

    kind: RelationKind
    text: str  # as people write it
    terms: tuple[str, ...]  # of the words; empty for a tag
    key: str = ""  # of a tag: scheme/id


@per_vocabulary()
def relations(analyzer: Analyzer) -> Mapping[tuple[str, ...], tuple[Relation, ...]]:
    """What else to look for, by the phrase of terms that is typed."""
    if "synonyms" in analyzer.without:
        return {}
    words = field_words()
    by_phrase: dict[tuple[str, ...], tuple[Relation, ...]] = {}
    both: tuple[tuple[RelationKind, Mapping[str, tuple[str, ...]]], ...] = (
        ("narrower", words.narrower),
        ("queryOnly", words.query_only),
    )
    for kind, targets_by_phrase in both:
        for phrase, targets in targets_by_phrase.items():
            terms = analyzer.terms(phrase)
            related = tuple(_relation(kind, target, analyzer) for target in targets)
            by_phrase[terms] = (*by_phrase.get(terms, ()), *related)
    return by_phrase


def _relation(kind: RelationKind, target: str, analyzer: Analyzer) -> Relation:
    """To a term, given as scheme/id, or to words."""
    scheme, is_tag, term_id = target.partition("/")
    if is_tag:
        return Relation(kind, term(scheme, term_id).label("nl"), (), target)
    return Relation(kind, target, analyzer.terms(target))


@per_vocabulary()
def names_written_as_one(analyzer: Analyzer) -> Mapping[str, tuple[str, ...]]:
    """The terms of each name of several words, by the term of the same written as one word."""
    if "synonyms" in analyzer.without:
        return {}
    words = field_words()
    names = [name for term in every_term() for name in term.names]
    names += [name for group in words.same for name in group]
    names += [*words.english, *words.narrower, *words.query_only, *map(" ".join, PLACE_NAMES)]
    by_term: dict[str, tuple[str, ...]] = {}
    for name in names:
        if len(terms := analyzer.terms(name)) > 1:
            by_term.setdefault(analyzer.term("".join(tokenize(name))), terms)
    return by_term


@per_vocabulary()
def longest_name(analyzer: Analyzer) -> int:
    """The number of words of the longest phrase that means something else too; 1 without any."""
    return max(map(len, (*concepts(analyzer), *relations(analyzer))), default=1)
