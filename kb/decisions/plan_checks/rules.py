"""The rules of the plan check: data of one file, with the words of the vocabulary beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, NamedTuple

from kb.decisions.plan_checks.patterns import (
    Pattern,
    PatternBook,
    bare_name,
    parse_pattern,
    phrase,
)
from kb.search.analysis.analyzer import DUTCH, tokenize
from kb.search.analysis.synonyms import relations
from kb.vocabulary.terms import per_vocabulary, schemes

Document = Mapping[str, Any]
CONTEXT_SCHEMES = {  # by the key of a context
    "strategies": "strategies",
    "targetGroups": "target-groups",
    "scales": "scales",
    "phases": "phases",
}
NAMED_SCHEMES = ("strategies", "target-groups", "phases", "ingredients")
"""Of which a plan is read for every name; those of scales are words of every plan."""
RELATED_SCHEMES = ("target-groups", "ingredients")
"""Of which what people type when they look for a term counts as a name too."""


class Key(NamedTuple):
    """What a pattern is a sign of."""

    role: str  # a scheme, or the part of a rule: signals, absent, needs, unless, up, down …
    about: str  # an id; empty for a role that is about nothing in particular


class Rule(NamedTuple):
    """The name under which a remark is made, and is answered with “not so”."""

    id: str
    version: int


@dataclass(frozen=True)
class Rules:
    """All rules of this release."""

    version: str
    document: Document
    book: PatternBook
    cues: PatternBook

    def pitfall(self, category: str) -> Rule:
        """The rule of a category of pitfalls."""
        return _rule(self.document["pitfalls"][category])

    def strategies_of(self, category: str) -> Sequence[str]:
        """The strategies with which a category goes, also where no word does."""
        strategies: Sequence[str] = self.document["pitfalls"][category]["strategies"]
        return strategies

    def effect(self, domain: str) -> Rule:
        """The rule of an effect."""
        return _rule(self.document["effects"][domain])

    def question(self, question: str) -> Rule:
        """The rule of a question."""
        return _rule(self.document["questions"][question])

    @property
    def cases(self) -> Rule:
        """The rule of cases that are like a plan."""
        return _rule(self.document["cases"])

    @property
    def absences(self) -> Rule:
        """The rule of ingredients that a plan does not mention."""
        return _rule(self.document["absences"])

    @property
    def by_id(self) -> Mapping[str, Rule]:
        """Every rule."""
        every = [
            *map(self.pitfall, self.document["pitfalls"]),
            *map(self.effect, self.document["effects"]),
            *map(self.question, self.document["questions"]),
            self.cases,
            self.absences,
        ]
        return {rule.id: rule for rule in every}


def _rule(document: Document) -> Rule:
    return Rule(document["id"], document["version"])


@per_vocabulary()
def rules() -> Rules:
    """The rules, read once."""
    text = (resources.files("kb.decisions") / "plan_rules.json").read_text("utf-8")
    document: Document = json.loads(text)
    cues = [
        Pattern(parse_pattern(each), Key("cue", name))
        for name, patterns in document["cues"].items()
        for each in patterns
    ]
    every = [*_named_patterns(document), *_rule_patterns(document)]
    return Rules(
        document["version"], document, PatternBook(dict.fromkeys(every)), PatternBook(cues)
    )


def _named_patterns(document: Document) -> Iterator[Pattern]:
    """The names of terms, as search knows them, also written as one word."""
    ambiguous = {DUTCH.terms(name) for name in document["ingredients"]["ambiguous"]}
    for scheme in NAMED_SCHEMES:
        for term in schemes()[scheme].in_order:
            key = Key(scheme, term.id)
            for name in (bare_name(term.label("nl")), *term.synonyms["nl"]):
                for spelling in (name, "".join(tokenize(name))):
                    terms = DUTCH.terms(spelling)
                    if terms and terms not in ambiguous:
                        yield Pattern(phrase(terms), key)
    for terms, related in relations(DUTCH).items():
        for each in related:
            scheme, _, term_id = each.key.partition("/")
            if scheme in RELATED_SCHEMES and terms not in ambiguous:
                yield Pattern(phrase(terms), Key(scheme, term_id))


def _rule_patterns(document: Document) -> Iterator[Pattern]:
    for part, scheme in CONTEXT_SCHEMES.items():
        for term_id, patterns in document["context"][part].items():
            yield from _patterns(document, patterns, Key(scheme, term_id))
    yield from _patterns(document, document["context"]["settling"], Key("settling", ""))
    for term_id, patterns in document["ingredients"]["words"].items():
        yield from _patterns(document, patterns, Key("ingredients", term_id))
    for category, rule in document["pitfalls"].items():
        for role in ("signals", "absent", "needs", "unless"):
            yield from _patterns(document, rule[role], Key(role, category))
    for domain, rule in document["effects"].items():
        for role in ("up", "down", "direct"):
            yield from _patterns(document, rule[role], Key(f"effect-{role}", domain))
    for part in ("claims", "funding", "measuring", "levels"):
        for role, patterns in document[part].items():
            yield from _patterns(document, patterns, Key(part, role))


def _patterns(document: Document, texts: Sequence[str], key: Key) -> Iterator[Pattern]:
    """The patterns of a list; `@funding.temporary` stands for another list."""
    for text in texts:
        if text.startswith("@"):
            part, _, name = text[1:].partition(".")
            yield from _patterns(document, document[part][name], key)
        else:
            yield Pattern(parse_pattern(text), key)
