"""How editors say that a pitfall can be avoided: advice of the cases that a remark rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from kb.decisions.plan_checks.plan_check import PlanCheck
from kb.decisions.plan_checks.queries import advice_of_cases
from kb.decisions.plan_checks.remarks import RemarkKind
from kb.web.addresses import public_address

MOST = 2  # of a remark
UNVERIFIED_KEYS = ("pitfalls", "pitfalls.avoidance")
Avoidance = dict[str, object]  # as `schemas.plan_checks.RemarkAvoidance` describes it


def avoidances(session: Session, check: PlanCheck) -> Mapping[str, Sequence[Avoidance]]:
    """By category of pitfall the advice of its cases, of those most like the plan first."""
    remarks = [*check.shown, *check.folded]
    cases = {each.about: each.cases for each in remarks if each.kind == RemarkKind.PITFALL}
    alike = [each for each in remarks if each.kind == RemarkKind.SIMILAR]
    scores = {each.about: each.score for each in alike}
    every = {each for several in cases.values() for each in several}
    rows = advice_of_cases(session, list(cases), every)
    advice: dict[str, list[Avoidance]] = {}
    for slug, title, category, text, case, unverified in sorted(
        rows, key=lambda row: (-scores.get(row[4], 0.0), row[0])
    ):
        own = advice.setdefault(category, [])
        if case in cases[category] and text and len(own) < MOST:
            own.append(
                {
                    "id": slug,
                    "title": title,
                    "avoidance": text,
                    "unverified": [each for each in UNVERIFIED_KEYS if each in unverified],
                    "_links": {
                        "self": {"href": public_address(f"/v1/pitfalls/{slug}")},
                        "html": {"href": public_address(f"/valkuilen/{slug}")},
                    },
                }
            )
    return advice
