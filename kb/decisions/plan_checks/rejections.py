"""“Not so”: what readers reject is counted by rule, so that the operator sees which rules fail."""

from __future__ import annotations

from kb.database import now
from kb.decisions.plan_checks.queries import count_rejection
from kb.decisions.plan_checks.rules import Rule, rules
from kb.input_errors import Mistake
from kb.problems import invalid_body
from kb.services import services
from kb.suggestions import closest_match
from kb.vocabulary.terms import schemes


def checked_rejection(rule_id: str, about: str) -> Rule:
    """The rule of a remark that there can be. Raises InvalidInput."""
    known = rules().by_id
    errors = []
    if rule_id not in known:
        near = closest_match(rule_id[:80], known)
        errors.append(
            ("/rule", Mistake("not-in-vocabulary", {"value": rule_id[:80]}, lambda: near))
        )
    elif about not in _subjects(known[rule_id]):
        errors.append(("/about", Mistake("not-in-vocabulary", {"value": about[:80]})))
    if errors:
        raise invalid_body(errors)
    return known[rule_id]


def _subjects(rule: Rule) -> set[str]:
    """What remarks of a rule can be about, so that nobody counts what is not there."""
    document = rules().document
    if rule.id == document["absences"]["id"]:
        return set(schemes()["ingredients"].terms)
    if rule.id == document["cases"]["id"]:
        return set(services().plan_cases.current().by_id)
    parts = (document[name] for name in ("pitfalls", "effects", "questions"))
    return {about for part in parts for about, own in part.items() if own["id"] == rule.id}


def reject(rule: Rule, about: str) -> None:
    """Count a rejection."""
    day = now().date()
    services().database.write(lambda session: count_rejection(session, rule, about, day))
