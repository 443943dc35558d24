"""The front page, a page for each thing, and the page for an error."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, request

from kb.cases import queries
from kb.cases.model import Case, Pitfall, Question, Study
from kb.pages import outcomes
from kb.pages.debates import debates
from kb.pages.http import answer, as_told, beside, told
from kb.pages.labels import place_name
from kb.pages.rendering import page
from kb.pages.unverified import unchecked
from kb.problems import UnknownId
from kb.search.more_like_this import similar_cases
from kb.services import session
from kb.vocabulary.terms import language, schemes
from kb.web.addresses import local_address, public_address
from kb.web.headers import serve_cached
from kb.web.policy import PagesBlueprint
from schemas import cases, findings, pitfalls, questions, similar, studies, vocabularies

blp = PagesBlueprint(
    "pages",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)
blp.before_request(serve_cached)
IN_A_GROUP = 24  # cases on the page of an ingredient, in each group
PARTS = (  # of a case, that its page shows when there is something in them
    *("summary", "context", "approach", "results", "collaboration", "status", "scale"),
    *("dwellings", "archetype", "strategies", "targetGroups", "parties", "ingredients"),
    *("pitfalls", "findings", "sources"),
)


@blp.after_request
def share_files(response: Response) -> Response:
    """Let embeds on cross-origin isolated pages use our style and icon too."""
    if request.endpoint == "pages.static":
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@blp.get("/")
def front() -> str:
    """Where people begin: to search, with a question, or with what is new."""
    newest = {"pageSize": 3, "sort": ("-updatedAt", "-startYear")}
    found = answer("case", newest, ("targetGroup", "ingredient"))
    asked = answer("question", {"pageSize": 100})
    facets = found.facets
    return page(
        "front.html",
        newest=[as_told("case", listed) for listed in found.items],
        total=found.page["total_items"],
        target_groups=[each for each in facets["targetGroup"]["values"] if each["count"]][:8],
        ingredients=[each for each in facets["ingredient"]["values"] if each["count"]][:8],
        questions=[as_told("question", listed) for listed in asked.items],
        themes=list(schemes()["themes"].terms.values()),
    )


@blp.get("/casussen/<slug:case_id>")
def case(case_id: str) -> str:
    """A case with everything it owns."""
    thing = told(cases.Case, queries.one(session(), Case, case_id))
    like = similar_cases(session(), case_id, language(), 3)
    projects, number = _projects(thing)
    return page(
        "case.html",
        thing=thing,
        directions=[finding["direction"]["id"] for finding in thing["findings"]],
        debates=debates(thing["findings"]),
        projects=projects,
        projects_total=number,
        told_beside=_told_beside(thing),
        sources={source["id"]: source for source in thing["sources"]},
        similar=[told(similar.SimilarCase, each) for each in like],
        **_elsewhere("cases", case_id),
    )


def _projects(thing: dict[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """The local projects of a type of intervention, and how many there are in all."""
    if thing["kind"]["id"] != "archetype":
        return [], 0
    listed, number = beside("case", {"pageSize": 12, "archetype": (thing["id"],)})
    return [as_told("case", each) for each in listed], number


def _told_beside(thing: dict[str, Any]) -> list[str]:
    """The parts of a case that its page shows, each with whether it was checked."""
    shown = [key for key in PARTS if thing[key]]
    years = ["startYear", "endYear"] if thing["startYear"] or thing["endYear"] else []
    return [*shown, *years, *(["place"] if place_name(thing["place"]) else [])]


@blp.get("/valkuilen/<slug:pitfall_id>")
def pitfall(pitfall_id: str) -> str:
    """A pitfall, and others of its category."""
    row = queries.one(session(), Pitfall, pitfall_id)
    thing = told(pitfalls.Pitfall, row)
    category = thing["category"]["id"]
    like, total = beside("pitfall", {"pageSize": 7, "pitfallCategory": (category,)})
    others = [as_told("pitfall", listed) for listed in like]
    return page(
        "pitfall.html",
        thing=thing,
        owner=row.case or row.study,
        others=[other for other in others if other["id"] != pitfall_id][:6],
        total=total,
        **_elsewhere("pitfalls", pitfall_id),
    )


@blp.get("/bestanddelen/<slug:ingredient_id>")
def ingredient(ingredient_id: str) -> str:
    """An active ingredient, and how it was used in each case: by what was found there."""
    found = queries.ingredients(session(), [ingredient_id])
    if ingredient_id not in found:
        raise UnknownId(ingredient_id, schemes()["ingredients"].terms)
    directions = queries.directions_by_case(session(), ingredient_id)
    return page(
        "ingredient.html",
        thing=told(vocabularies.Ingredient, found[ingredient_id]),
        groups=_by_outcome(directions, ingredient_id),
        total=len(directions),
        **_elsewhere("ingredients", ingredient_id),
    )


def _by_outcome(directions: dict[str, list[str]], ingredient_id: str) -> list[dict[str, Any]]:
    """Cases in groups by what was found in them, and how each used an ingredient."""
    groups = outcomes.grouped(directions)
    shown = [slug for _, slugs in groups for slug in slugs[:IN_A_GROUP]]
    rows = queries.many(session(), Case, shown)
    return [
        {
            "outcome": name,
            "total": len(slugs),
            "cases": [
                {
                    "case": told(cases.CaseItem, rows[slug]),
                    "how": _how(rows[slug], ingredient_id),
                    "is_unchecked": {"ingredients", "ingredients.how"} & set(rows[slug].unverified),
                    "directions": directions[slug],
                }
                for slug in slugs[:IN_A_GROUP]
                if slug in rows
            ],
        }
        for name, slugs in groups
    ]


def _how(row: Any, ingredient_id: str) -> str | None:
    """How an ingredient was used in a case."""
    return next((tag.how for tag in row.ingredients if tag.ingredient == ingredient_id), None)


@blp.get("/vragen/<slug:question_id>")
def question(question_id: str) -> str:
    """A question with its answer, and what the studies behind it found, side by side."""
    row = queries.one(session(), Question, question_id)
    thing = told(questions.Question, row)
    domains = {each["id"] for each in thing["effectDomains"]}
    found = [
        told(findings.Finding, finding)
        for study in row.studies
        for finding in study.findings
        if finding.domain in domains
    ]
    return page(
        "question.html",
        thing=thing,
        studies=[told(studies.StudyItem, study) for study in row.studies],
        debates=debates(found),
        unsure=[study for study in row.studies if unchecked(study.unverified, "findings")],
        **_elsewhere("questions", question_id),
    )


@blp.get("/onderzoeken/<slug:study_id>")
def study(study_id: str) -> str:
    """A study with its findings and pitfalls."""
    row = queries.one(session(), Study, study_id)
    return page(
        "study.html",
        thing=told(studies.Study, row),
        debates=debates(told(findings.Finding, finding) for finding in row.findings),
        **_elsewhere("studies", study_id),
    )


def _elsewhere(collection: str, slug: str) -> dict[str, str]:
    """Where programs find what a page is about, and how other sites may show it."""
    return {
        "canonical": public_address(quote(request.path)),
        "api_address": local_address(f"/v1/{collection}/{quote(slug)}"),
    }
