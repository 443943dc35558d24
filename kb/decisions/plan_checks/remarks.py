"""Remarks on a plan: what each kind is made of, before it is written down for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from kb.decisions.plan_checks.case_table import Basis, Share
from kb.decisions.plan_checks.reading import Mention
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
    findings: Sequence[str] = ()  # ids of adverse ones, of cases like the plan first
    is_of_other_kind: bool = False  # no case of these findings shares a strategy or target group
    verdict: str = ""  # the word for what all findings of an effect say
    adverse: int = 0  # findings against it, of …
    all_findings: int = 0  # … so many


@dataclass(frozen=True)
class Unmet:
    """What a rule looked for and did not see, or saw only rejected, intended or doubted."""

    kind: RemarkKind
    about: str
    rule: Rule
    mention: Mention | None = None  # that made it no remark
