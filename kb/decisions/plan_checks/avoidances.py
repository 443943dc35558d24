"""The pitfalls that a remark counts, and how editors say that they can be avoided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from kb.decisions.plan_checks.plan_check import PlanCheck
from kb.decisions.plan_checks.queries import PitfallRow, pitfalls_of_cases
from kb.decisions.plan_checks.remarks import RemarkKind
from kb.web.addresses import public_address

MOST = 2  # of a remark
UNVERIFIED_KEYS = ("pitfalls", "pitfalls.avoidance")
Avoidance = dict[str, object]  # as `schemas.plan_checks.RemarkAvoidance` describes it


def counted_pitfalls(session: Session, check: PlanCheck) -> Mapping[str, Sequence[PitfallRow]]:
    """By category the pitfalls of the cases that its remark counts, of those most like it first."""
    remarks = [*check.shown, *check.folded]
    cases = {each.about: each.cases for each in remarks if each.kind == RemarkKind.PITFALL}
    scores = {each.about: each.score for each in remarks if each.kind == RemarkKind.SIMILAR}
    every = {each for several in cases.values() for each in several}
    counted: dict[str, list[PitfallRow]] = {}
    rows = pitfalls_of_cases(session, list(cases), every)
    for row in sorted(rows, key=lambda row: (-scores.get(row.case, 0.0), row.slug)):
        if row.case in cases[row.category]:
            counted.setdefault(row.category, []).append(row)
    return counted


def avoidances(pitfalls: Sequence[PitfallRow]) -> list[Avoidance]:
    """The advice of the first of these that have any."""
    return [_avoidance(each) for each in pitfalls if each.avoidance][:MOST]


def _avoidance(row: PitfallRow) -> Avoidance:
    return {
        "id": row.slug,
        "title": row.title,
        "avoidance": row.avoidance,
        "unverified": [each for each in UNVERIFIED_KEYS if each in row.unverified],
        "_links": {
            "self": {"href": public_address(f"/v1/pitfalls/{row.slug}")},
            "html": {"href": public_address(f"/valkuilen/{row.slug}")},
        },
    }
