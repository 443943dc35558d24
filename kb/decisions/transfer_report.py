"""A transfer check in full: the questions with both sides, and who did it under your condition."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from babel.numbers import format_decimal

from kb.decisions.transfer_check import (
    SCHEMES,
    Case,
    Checked,
    Condition,
    Context,
    Listed,
    capacities,
    check,
    condition_of,
    figures_year,
    first_steps,
    groups,
    pitfalls_in_phase,
    suggestions,
    term_values,
    version,
)
from kb.kinds import CASE
from kb.search.engine import SearchEngine, SearchRequest
from kb.search.stored_items import with_addresses
from kb.translation import N_
from kb.vocabulary.terms import language, term
from kb.web.addresses import public_address
from kb.web.translation import gettext

Json = dict[str, Any]
MOST_OTHERS = 3  # other cases that are named with a question
MOST_VALUES = 12  # things of a case that are named with a question
EXCERPT = 300  # characters of a text of the case
STRONGEST_FIRST = ("lane", "title")
ANSWER_LABELS = {"equal": N_("Equal"), "different": N_("Different"), "unknown": N_("Unknown")}


def report(engine: SearchEngine, case: Case, context: Context) -> Json:
    """As `schemas.transfer_checks.TransferCheck` describes it, but for its own address.

    Raises SearchUnavailable.
    """
    checked = check(case, context)
    about = {each.id: each for each in groups()}
    return {
        "version": version(),
        "case": {key: case[key] for key in ("id", "title", "_links")},
        "context": _shown_context(context),
        "questions": [
            {
                "id": each.question.id,
                "group": _term(about[each.question.group]),
                "question": each.question.question[language()],
                "case": _values(each, each.case),
                "own": _values(each, each.own),
                "answer": each.answer,
                "overlap": _overlap(each),
                "follows": each.follows,
                "otherCases": _other_cases(engine, case, condition_of(each, case)),
            }
            for each in checked
        ],
        "pitfalls": [
            {key: each[key] for key in ("id", "title", "avoidance")}
            for each in pitfalls_in_phase(case, context)
        ],
        "findOutFirst": list(_first_steps(checked)),
        "capacities": [each._asdict() for each in capacities()],
    }


def _term(listed: Listed) -> Json:
    return {"id": listed.id, "label": listed.label}


def _shown_context(context: Context) -> Json:
    urbanity = context.terms.get("urbanity")
    return {
        "municipality": context.municipality,
        "suggestions": suggestions(context),
        "urbanity": _labelled("urbanity-levels", urbanity[0] if urbanity else None),
        "population": context.numbers.get("population"),
        "socialRent": context.numbers.get("socialRent"),
        "figuresYear": figures_year(context),
        "phase": _labelled("phases", context.phase),
    }


def _labelled(scheme: str, term_id: str | None) -> Json | None:
    return {"id": term_id, "label": term(scheme, term_id).label(language())} if term_id else None


def _first_steps(checked: list[Checked]) -> Iterator[Json]:
    for each in first_steps(checked):
        detail = each.follows
        if not each.case:
            detail = gettext("This case does not tell. Ask those who did it, or another case.")
        yield {"question": each.question.id, "detail": detail}


def _overlap(checked: Checked) -> Json | None:
    """What both sides share, as terms."""
    overlap = checked.overlap
    return overlap and {
        "shared": term_values(checked.question, overlap.shared),
        "onlyCase": term_values(checked.question, overlap.only_case),
        "onlyOwn": term_values(checked.question, overlap.only_own),
    }


def _values(checked: Checked, side: tuple[Any, ...]) -> list[Json]:
    """A side of a question, for readers."""
    if checked.question.id in SCHEMES:
        return [{**each, "number": None} for each in term_values(checked.question, side)]
    return [_value(checked.question.id, each) for each in side[:MOST_VALUES]]


def _value(question: str, value: Any) -> Json:
    if isinstance(value, int):
        sign = "%" if question == "socialRent" else ""
        label = format_decimal(value, locale=language()) + sign
        return {"id": None, "label": label, "number": value}
    if isinstance(value, Mapping):  # an ingredient or a finding
        label = value.get("claim") or value["label"]
        return {"id": value["id"], "label": label, "number": None}
    if value in ANSWER_LABELS:
        return {"id": value, "label": gettext(ANSWER_LABELS[value]), "number": None}
    return {"id": None, "label": excerpt(value), "number": None}


def excerpt(text: str) -> str:
    """The beginning of a text, cut between words."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else f"{line[:EXCERPT].rsplit(' ', 1)[0]} …"


def _other_cases(engine: SearchEngine, case: Case, condition: Condition | None) -> Json | None:
    """The cases that meet a condition, and some but for this one; null without a condition."""
    if condition is None:
        return None
    request = SearchRequest(
        types=(CASE.name,),
        filters=condition.filters,
        ranges=condition.ranges,
        sort=STRONGEST_FIRST,
        limit=MOST_OTHERS + 1,
        language=language(),
    )
    result = engine.search(request)
    others = [hit for hit in result.hits if hit.id != case["id"]]
    counts_itself = bool(engine.search(_only(request, case["id"])).total)
    items = [json.loads(with_addresses(hit.item, public_address(""))) for hit in others]
    return {
        "total": result.total,
        "countsThisCase": counts_itself,
        "items": [
            {key: each[key] for key in ("id", "title", "_links")} for each in items[:MOST_OTHERS]
        ],
        "_links": _list_links(condition),
    }


def _only(request: SearchRequest, slug: str) -> SearchRequest:
    """The same request of one case alone."""
    return SearchRequest(
        types=request.types,
        filters={**request.filters, "id": (slug,)},
        ranges=request.ranges,
        limit=0,
    )


def _list_links(condition: Condition) -> Json:
    query = urlencode(condition.parameters, doseq=True)
    return {
        "self": {"href": public_address(f"/v1/cases?{query}")},
        "html": {"href": public_address(f"/zoeken?{query}")},
    }
