"""Lists, read page by page, and what may be asked of each."""

from __future__ import annotations

from typing import Any

from tests.conftest import KnowledgeBase

CASE_FILTERS = {
    *("kind", "strategy", "ingredient", "targetGroup", "municipality", "province", "country"),
    *("scale", "status", "partyRole", "archetype", "outcome", "urbanity"),
}
RANGES = {
    *("startYearFrom", "startYearTo", "populationFrom", "populationTo"),
    *("socialRentFrom", "socialRentTo"),
}
EFFECT_FILTERS = {"effectDomain", "effectLevel", "effectDirection", "lane", "evidence"}
PITFALL_FILTERS = {"pitfallCategory", "phase"}
OWN_FINDING_FILTERS = {"creditedIngredient", "ownerPitfallCategory"}
FILTERS = {  # as DESIGN section 4 gives them to each list
    "/v1/cases": CASE_FILTERS | EFFECT_FILTERS | PITFALL_FILTERS,
    "/v1/pitfalls": CASE_FILTERS | PITFALL_FILTERS,
    "/v1/findings": CASE_FILTERS | EFFECT_FILTERS | OWN_FINDING_FILTERS,
    "/v1/studies": EFFECT_FILTERS | PITFALL_FILTERS,
    "/v1/questions": {"theme"},
    "/v1/ingredients": set(),
    "/v1/search": CASE_FILTERS | EFFECT_FILTERS | PITFALL_FILTERS | {"theme", "type"},
}


def ask(kb: KnowledgeBase, address: str, *queries: str) -> dict[str, Any]:
    """The answer of a list."""
    query = "&".join(filter(None, queries))
    answer = kb.client.get(f"{address}?{query}")
    assert answer.status_code == 200, (address, query, answer.text[:300])
    body: dict[str, Any] = answer.get_json()
    return body


def total(kb: KnowledgeBase, address: str, *queries: str) -> int:
    """How many things a list holds."""
    number: int = ask(kb, address, *queries, "pageSize=1", "fields=id")["page"]["totalItems"]
    return number


def walk(kb: KnowledgeBase, address: str, *queries: str, size: int = 37) -> list[dict[str, Any]]:
    """All items of a list, page after page."""
    items: list[dict[str, Any]] = []
    for number in range(1, 100):
        body = ask(kb, address, *queries, f"page={number}", f"pageSize={size}")
        items += body["items"]
        if number >= body["page"]["totalPages"]:
            return items
    raise AssertionError("a list without an end")


def keys_of(items: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What tells the items apart, also those of different types."""
    return [(item["type"], item["id"]) for item in items]


def parameters_of(kb: KnowledgeBase, address: str) -> dict[str, Any]:
    """The schemas of a list's parameters, by name."""
    operation = kb.app.extensions["kb"].api_document()["paths"][address.removeprefix("/v1")]["get"]
    return {each["name"]: each["schema"] for each in operation["parameters"]}


def choices(kb: KnowledgeBase, address: str, name: str) -> list[str]:
    """What a comma list of a list takes."""
    parameters = parameters_of(kb, address)
    choices: list[str] = parameters[name]["items"]["enum"] if name in parameters else []
    return choices
