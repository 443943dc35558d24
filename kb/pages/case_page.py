"""What the page of a case shows beside its text; of a draft too, which looks as it will."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kb.cases import queries
from kb.pages.content import item_document, read_related
from kb.pages.directions import group_by_domain
from kb.pages.labels import place_label
from kb.search.engine import SearchUnavailable
from kb.search.more_like_this import similar_cases
from kb.services import services, session
from kb.vocabulary.terms import language
from kb.web.addresses import public_address
from schemas.base import cached_schema
from schemas.published_notes import PracticeNote

MAX_PROJECTS = 12  # of a type of intervention
MAX_SIMILAR = 3  # cases that are like one
CASE_PARTS = (  # that the page of a case shows when there is something in them
    *("summary", "context", "approach", "results", "collaboration", "status", "scale"),
    *("dwellings", "archetype", "strategies", "targetGroups", "parties", "ingredients"),
    *("events", "images", "pitfalls", "findings", "sources"),
)


def case_content(shown: Mapping[str, Any]) -> dict[str, Any]:
    """What the template of a case takes, from its document as the API has it in JSON."""
    projects, projects_total = _projects(shown)
    return {
        "document": shown,
        "domains": group_by_domain(
            shown["findings"], {source["id"]: source["year"] for source in shown["sources"]}
        ),
        "projects": projects,
        "projects_total": projects_total,
        "shown_keys": _shown_keys(shown),
        "sources": {source["id"]: source for source in shown["sources"]},
        "pitfall_notes": _pitfall_notes(shown),
    }


def _pitfall_notes(shown: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """What practice told or asked about the pitfalls of a case, by the ids of those."""
    slugs = [each["id"] for each in shown["pitfalls"]]
    notes = queries.practice_notes(session(), "pitfall", slugs)
    schema = cached_schema(PracticeNote)
    return {slug: schema.dump(each, many=True) for slug, each in notes.items()}


def similar_to(case_id: str) -> list[dict[str, Any]]:
    """The cases most like a case; none without an index."""
    try:
        items = similar_cases(services().search, case_id, language(), public_address(), MAX_SIMILAR)
    except SearchUnavailable:
        return []
    return [json.loads(item) for item in items]


def _projects(archetype: Mapping[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """The local projects of a type of intervention, and how many there are in all."""
    if archetype["kind"]["id"] != "archetype":
        return [], 0
    parameters = {"pageSize": MAX_PROJECTS, "archetype": (archetype["id"],)}
    items, total = read_related("case", parameters)
    return [item_document(item) for item in items], total


def _shown_keys(shown: Mapping[str, Any]) -> list[str]:
    """The keys of a case that its page shows, each with whether it was checked."""
    parts = [key for key in CASE_PARTS if shown[key]]
    years = ["startYear", "endYear"] if shown["startYear"] or shown["endYear"] else []
    return [*parts, *years, *(["place"] if place_label(shown["place"]) else [])]
