"""Pages of terms: what was found where an active ingredient or a strategy was used."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import redirect, request
from werkzeug import Response

from kb.cases import queries
from kb.cases.model import Case
from kb.pages.content import document, item_document, read_effects, read_related
from kb.pages.directions import group_by_outcome
from kb.pages.links import link
from kb.pages.overviews import term_rows
from kb.pages.rendering import render_page
from kb.problems import UnknownId
from kb.services import session
from kb.vocabulary.terms import language, schemes
from kb.web.addresses import local_address, public_address
from kb.web.headers import serve_cached
from kb.web.policy import PagesBlueprint
from schemas import cases, vocabularies

blp = PagesBlueprint("term_pages", __name__, template_folder="templates")
blp.before_request(serve_cached)
MAX_CASES_IN_GROUP = 24
CASE_ORDER = ("lane", "-updatedAt")  # the strongest evidence first


@blp.get("/bestanddelen/<slug:ingredient_id>")
def ingredient(ingredient_id: str) -> str:
    """An active ingredient, and how it was used in each case: by what was found there."""
    row = queries.ingredient_with_notes(session(), ingredient_id)
    findings_by_case = queries.findings_by_case(session(), ingredient_id)
    return _term_page(
        "ingredient",
        document(vocabularies.Ingredient, row),
        groups=_groups_with_how(findings_by_case, ingredient_id),
        total=len(findings_by_case),
        api_address=local_address(f"/v1/ingredients/{quote(ingredient_id)}"),
    )


@blp.get("/strategieen")
def strategies() -> str:
    """The strategies, each with the outcomes of its cases."""
    return render_page(
        "strategies.html",
        rows=term_rows("strategies", "strategy"),
        api_address=local_address("/v1/vocabularies/strategies"),
    )


@blp.get("/strategieen/<slug:strategy_id>")
def strategy(strategy_id: str) -> str | Response:
    """A strategy: what was found where it was used, and its cases.

    The page of a deprecated one leads to that of what took its place.
    """
    if successor := schemes()["strategies"].successor_of(strategy_id):
        return redirect(link(f"/strategieen/{successor.id}"), 301)
    terms = schemes()["strategies"].terms
    if strategy_id not in terms:
        raise UnknownId(strategy_id, terms)
    term = terms[strategy_id]
    groups = _groups_of_items({"strategy": (strategy_id,)})
    return _term_page(
        "strategy",
        {
            "id": term.id,
            "label": term.label(language()),
            "definition": term.definition,
            "synonyms": term.synonyms,
        },
        groups=groups,
        total=sum(group["total"] for group in groups),
        api_address=local_address("/v1/vocabularies/strategies"),
    )


def _term_page(parameter: str, term: dict[str, Any], **content: Any) -> str:
    """The page of a term that the filter `parameter` of cases takes."""
    return render_page(
        "term.html",
        parameter=parameter,
        document=term,
        effects=read_effects({parameter: (term["id"],)}),
        canonical=public_address(quote(request.path)),
        **content,
    )


def _groups_with_how(
    findings_by_case: dict[str, list[queries.FindingOfCase]], ingredient_id: str
) -> list[dict[str, Any]]:
    """Cases in groups by what was found in them, and how each used an ingredient."""
    groups = group_by_outcome(findings_by_case)
    shown = [slug for _, slugs in groups for slug in slugs[:MAX_CASES_IN_GROUP]]
    rows = queries.many(session(), Case, shown)
    return [
        {
            "outcome": outcome,
            "total": len(slugs),
            "cases": [
                {
                    "case": document(cases.CaseItem, rows[slug]),
                    "how": _how(rows[slug], ingredient_id),
                    "is_unverified": {"ingredients", "ingredients.how"}
                    & set(rows[slug].unverified),
                }
                for slug in slugs[:MAX_CASES_IN_GROUP]
                if slug in rows
            ],
        }
        for outcome, slugs in groups
    ]


def _how(row: Case, ingredient_id: str) -> str | None:
    """How an ingredient was used in a case."""
    return next((tag.how for tag in row.ingredients if tag.ingredient == ingredient_id), None)


def _groups_of_items(parameters: dict[str, Any]) -> list[dict[str, Any]]:
    """The cases of a list in groups by outcome, in the order of the vocabulary.

    In each group the strongest evidence comes first. There are none without an index.
    """
    groups = []
    for outcome in schemes()["outcomes"].terms:
        chosen = {"outcome": (outcome,), "pageSize": MAX_CASES_IN_GROUP}
        items, total = read_related("case", {**parameters, **chosen, "sort": CASE_ORDER})
        if total:
            shown = [{"case": item_document(item)} for item in items]
            groups.append({"outcome": outcome, "total": total, "cases": shown})
    return groups
