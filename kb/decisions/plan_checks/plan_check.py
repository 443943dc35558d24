"""A plan check: a text in, remarks out. The text is read in the process and stays nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kb.decisions.plan_checks.absences import absence_remarks, only_not_meant
from kb.decisions.plan_checks.case_table import CaseTable, Comparable
from kb.decisions.plan_checks.claims import claims
from kb.decisions.plan_checks.context import (
    Context,
    Corrections,
    corrected,
    recognise_context,
)
from kb.decisions.plan_checks.counter_evidence import counter_remarks
from kb.decisions.plan_checks.pitfalls import pitfall_remarks
from kb.decisions.plan_checks.questions import question_remarks
from kb.decisions.plan_checks.reading import Reading, read_plan
from kb.decisions.plan_checks.remarks import Remark, RemarkKind, Strength, Unmet
from kb.decisions.plan_checks.rules import Rules, rules
from kb.decisions.plan_checks.similar import similar_remarks
from kb.evidence.table import EvidenceTable

MOST_SHOWN = 12
STRENGTHS = tuple(Strength)  # the strongest first
KINDS = tuple(RemarkKind)


@dataclass(frozen=True)
class PlanCheck:
    """What was seen in a plan."""

    reading: Reading
    context: Context
    comparable: Comparable
    shown: Sequence[Remark]  # at most twelve, the strongest first
    folded: Sequence[Remark]
    unmet: Sequence[Unmet]  # rules that looked and saw nothing


def check_plan(
    text: str, cases: CaseTable, evidence: EvidenceTable, corrections: Corrections | None = None
) -> PlanCheck:
    """Check a plan against the published cases and findings; its context is what is recognised."""
    own_rules = rules()
    reading = read_plan(text, own_rules)
    known = corrected(recognise_context(reading), corrections or {})
    comparable = cases.comparable(known)
    claimed = claims(own_rules, reading)
    pitfalls = list(pitfall_remarks(own_rules, reading, known, comparable))
    categories = [each.about for each in pitfalls if each.strength != Strength.WEAK]
    remarks = [
        *pitfalls,
        *absence_remarks(own_rules, reading, known, comparable),
        *similar_remarks(own_rules, reading, known, comparable, cases, categories),
        *counter_remarks(own_rules, reading, claimed, evidence, known),
        *question_remarks(own_rules, reading, known, claimed),
    ]
    ordered = _in_turns(remarks)
    strong = [each for each in ordered if each.strength != Strength.WEAK]
    shown = strong[:MOST_SHOWN]
    folded = [*strong[MOST_SHOWN:], *(each for each in ordered if each.strength == Strength.WEAK)]
    unmet = [
        *(
            Unmet(RemarkKind.ABSENCE, ingredient, own_rules.absences, mention)
            for ingredient, mention in only_not_meant(own_rules, reading, comparable)
        ),
        *_unmet(own_rules, remarks),
    ]
    return PlanCheck(reading, known, comparable, shown, folded, unmet)


def _in_turns(remarks: Sequence[Remark]) -> list[Remark]:
    """The strongest first; of one strength the best of each kind, then the second best …"""
    places: dict[Remark, int] = {}
    for kind in KINDS:
        own = [each for each in remarks if each.kind == kind]
        own.sort(key=lambda each: (STRENGTHS.index(each.strength), -each.score, each.about))
        places |= {each: place for place, each in enumerate(own)}
    return sorted(
        remarks,
        key=lambda each: (
            STRENGTHS.index(each.strength),
            places[each],
            KINDS.index(each.kind),
        ),
    )


def _unmet(own_rules: Rules, remarks: Sequence[Remark]) -> list[Unmet]:
    """What was looked for in the text and not seen: pitfalls, claims and questions."""
    seen = {(each.kind, each.about) for each in remarks}
    document = own_rules.document
    every = [
        *((RemarkKind.PITFALL, each, own_rules.pitfall(each)) for each in document["pitfalls"]),
        *((RemarkKind.COUNTER, each, own_rules.effect(each)) for each in document["effects"]),
        *((RemarkKind.QUESTION, each, own_rules.question(each)) for each in document["questions"]),
    ]
    return [Unmet(*each) for each in every if each[:2] not in seen]
