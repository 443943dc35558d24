"""The front page, and a page for each thing."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, request

from kb.cases import queries
from kb.cases.model import Pitfall, Question, Study
from kb.editors.published import published_case
from kb.kinds import KINDS, KindName
from kb.pages.case_page import case_content, similar_to
from kb.pages.content import (
    count_items,
    document,
    item_document,
    read_list,
    read_related,
)
from kb.pages.evidence_pages import question_content, study_content
from kb.pages.facets import FacetValue, shown_facets
from kb.pages.links import link
from kb.pages.list_state import ListState
from kb.pages.netherlands import map_of
from kb.pages.rendering import render_page
from kb.pages.verified import verified_parts
from kb.services import session
from kb.vocabulary.terms import language, schemes
from kb.web.addresses import local_address, public_address
from kb.web.headers import serve_cached
from kb.web.policy import PagesBlueprint
from schemas import findings, pitfalls, questions, studies
from schemas.provinces import PROVINCES

blp = PagesBlueprint(
    "pages",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)
blp.before_request(serve_cached)
FONT_CACHE = "public, max-age=31536000, immutable"  # its name has a hash of its content
COUNTED: dict[KindName, str] = {  # on the front page, and where each is listed
    "case": "/casussen",
    "study": "/onderzoeken",
    "finding": "/bevindingen",
    "pitfall": "/valkuilen",
}
MAX_PITFALLS = 6  # of the same category


@blp.after_request
def share_static_files(response: Response) -> Response:
    """Let embeds on cross-origin isolated pages use our style and icon too; fonts never change."""
    if request.endpoint == "pages.static":
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if request.path.endswith(".woff2"):
            response.content_type = "font/woff2"  # not every machine knows this
            response.headers["Cache-Control"] = FONT_CACHE
    return response


@blp.get("/")
def front() -> str:
    """Where people begin: to search, with a question, or with what is new."""
    newest = {"pageSize": 3, "sort": ("-updatedAt", "-startYear")}
    page = read_list("case", newest, ("targetGroup", "ingredient", "province", "municipality"))
    facets = shown_facets(page.facets, ListState("/zoeken", {}))
    all_questions = read_list("question", {"pageSize": 100})
    return render_page(
        "front.html",
        newest=[item_document(item) for item in page.items],
        total=page.page["total_items"],
        numbers=[_number_of(kind, path) for kind, path in COUNTED.items()],
        target_groups=_most_used(page.facets["targetGroup"]),
        ingredients=_most_used(page.facets["ingredient"]),
        country_map=map_of(facets) if "province" in facets else None,
        provinces=_of_the_country(facets),
        questions=[item_document(item) for item in all_questions.items],
        themes=list(schemes()["themes"].terms.values()),
    )


def _number_of(kind: KindName, path: str) -> dict[str, Any]:
    """How much there is of a kind, as the link to its list says it."""
    return {
        "number": count_items(kind, ListState(path, {})),
        "label": KINDS[kind].plural[language()],
        "address": link(path),
    }


def _of_the_country(facets: dict[str, Any]) -> list[FacetValue]:
    """The provinces of the Netherlands with a case, in alphabetical order."""
    values: list[FacetValue] = facets.get("province", {}).get("values", [])
    return sorted(each for each in values if each.value in PROVINCES)


def _most_used(facet: dict[str, Any]) -> list[dict[str, Any]]:
    return [value for value in facet["values"] if value["count"]][:8]


@blp.get("/casussen/<slug:case_id>")
def case(case_id: str) -> str:
    """A case with everything it owns."""
    shown = published_case(session(), case_id)
    return render_page(
        "case.html",
        **case_content(shown),
        similar=similar_to(case_id),
        verifications=verified_parts("case", case_id),
        **_addresses("cases", case_id),
    )


@blp.get("/valkuilen/<slug:pitfall_id>")
def pitfall(pitfall_id: str) -> str:
    """A pitfall, and others of its category."""
    row = queries.one(session(), Pitfall, pitfall_id)
    owner = row.case or row.study
    shown = document(pitfalls.Pitfall, row)
    category = shown["category"]["id"]
    parameters = {"pageSize": MAX_PITFALLS + 1, "pitfallCategory": (category,)}
    items, total = read_related("pitfall", parameters)
    of_category = [item_document(item) for item in items]
    return render_page(
        "pitfall.html",
        document=shown,
        owner=owner,
        verifications=verified_parts("case" if row.case else "study", owner.slug) if owner else [],
        others=[other for other in of_category if other["id"] != pitfall_id][:MAX_PITFALLS],
        total=total,
        **_addresses("pitfalls", pitfall_id),
    )


@blp.get("/vragen/<slug:question_id>")
def question(question_id: str) -> str:
    """A question with its answer, and what the studies behind it found, side by side."""
    row = queries.one(session(), Question, question_id)
    return render_page(
        "question.html",
        **question_content(document(questions.Question, row), row.studies),
        **_addresses("questions", question_id),
    )


@blp.get("/onderzoeken/<slug:study_id>")
def study(study_id: str) -> str:
    """A study with its findings and pitfalls."""
    row = queries.one(session(), Study, study_id)
    its_findings = [document(findings.Finding, finding) for finding in row.findings]
    return render_page(
        "study.html",
        **study_content(document(studies.Study, row), its_findings),
        verifications=verified_parts("study", study_id),
        **_addresses("studies", study_id),
    )


def _addresses(collection: str, slug: str) -> dict[str, str]:
    """The address to cite of a page, and that of its thing in the API."""
    return {
        "canonical": public_address(quote(request.path)),
        "api_address": local_address(f"/v1/{collection}/{quote(slug)}"),
    }
