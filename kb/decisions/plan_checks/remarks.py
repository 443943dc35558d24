"""Remarks on a plan: what each kind is made of, before it is written down for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kb.decisions.plan_checks.case_table import Basis, Share
from kb.decisions.plan_checks.reading import Mention, Reading
from kb.decisions.plan_checks.rules import Rule


class RemarkKind(StrEnum):
    """What a remark is about."""

    PITFALL = "valkuil"
    ABSENCE = "niet-genoemd"
    SIMILAR = "lijkt-op"
    COUNTER = "tegenbewijs"
    QUESTION = "vraag"


class Strength(StrEnum):
    """How strong the evidence of a remark is; weak ones are always folded."""

    STRONG = "strong"  # the text and the cases say so, or there is research of causes
    FAIR = "fair"  # the text says so, or many more cases than elsewhere
    WEAK = "weak"  # a hint


@dataclass(frozen=True, eq=False)  # each is one of its own
class Remark:
    """One remark; `about` is the id of a term, a case or a question."""

    kind: RemarkKind
    about: str
    rule: Rule
    strength: Strength
    score: float  # orders remarks of one strength
    mentions: Sequence[Mention] = ()  # by which it was triggered, the first one best
    share: Share | None = None  # of comparable cases; None where they say nothing
    basis: Basis = "none"
    cases: Sequence[str] = ()  # ids
    shared: Sequence[tuple[str, tuple[str, ...]]] = ()  # a scheme, and the terms in common
    findings: Sequence[str] = ()  # ids, the strongest first


@dataclass(frozen=True)
class Unmet:
    """A rule that looked and saw nothing, and what it looked for."""

    kind: RemarkKind
    about: str
    rule: Rule


def first_words(reading: Reading, mentions: Iterable[Mention]) -> list[str]:
    """The words of mentions, each once, in the order of the text."""
    ordered = sorted(mentions, key=lambda each: (each.sentence, each.first))
    return list(dict.fromkeys(map(reading.words, ordered)))
