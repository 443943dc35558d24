"""Effect filters are met by one finding, pitfall filters by one pitfall."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import a_case, a_finding, a_pitfall, a_study
from tests.conftest import KnowledgeBase

FINDINGS = (
    {"domain": "leefbaarheid", "direction": "positief", "level": "wijk"},
    {"domain": "veiligheid", "direction": "negatief", "level": "complex"},
)
PITFALLS = (
    {"category": "korte-adem", "phase": "uitvoering"},
    {"category": "verdringing", "phase": "beheer"},
)


@pytest.fixture
def owned(kb: KnowledgeBase) -> KnowledgeBase:
    """A case and a study with two findings and two pitfalls each, and a case without."""
    for owner, make in (("tuin", a_case), ("onderzoek", a_study)):
        findings: list[dict[str, Any]] = [
            a_finding(owner, f"bevinding-{number}", **values)
            for number, values in enumerate(FINDINGS)
        ]
        pitfalls = [
            a_pitfall(owner, f"valkuil-{number}", **values)
            for number, values in enumerate(PITFALLS)
        ]
        if make is a_study:
            for finding in findings:
                del finding["source"]
            kb.take(studies=[a_study(owner, findings=findings, pitfalls=pitfalls)])
        else:
            kb.publish(a_case(owner, findings=findings, pitfalls=pitfalls), a_case("kaal"))
    return kb


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("effectDomain=leefbaarheid&effectDirection=positief", True),
        ("effectDomain=leefbaarheid&effectDirection=negatief", False),
        ("effectDomain=leefbaarheid&effectDirection=negatief&effectDirection=positief", True),
        ("effectDomain=leefbaarheid&effectDomain=veiligheid&effectLevel=complex", True),
        ("effectDomain=veiligheid&effectLevel=wijk", False),
        ("effectDomain=veiligheid&evidence=gerandomiseerd", False),
        ("pitfallCategory=korte-adem&phase=uitvoering", True),
        ("pitfallCategory=korte-adem&phase=beheer", False),
        ("pitfallCategory=korte-adem&phase=beheer&phase=uitvoering", True),
        ("pitfallCategory=verdringing&phase=beheer&effectDirection=positief", True),
    ],
)
def test_one_and_the_same_finding_or_pitfall_meets_the_filters(
    query: str, matches: bool, owned: KnowledgeBase
) -> None:
    for address, owner in (("/v1/cases", "tuin"), ("/v1/studies", "onderzoek")):
        items = owned.client.get(f"{address}?{query}").json["items"]

        assert [item["id"] for item in items] == ([owner] if matches else [])


@pytest.mark.parametrize(
    ("facet", "query", "counts"),
    [
        ("effectDirection", "effectDomain=leefbaarheid", {"positief": 1}),
        ("effectDirection", "effectDomain=leefbaarheid&effectDirection=negatief", {"positief": 1}),
        ("effectDomain", "effectDirection=negatief", {"veiligheid": 1}),
        ("effectLevel", "", {"wijk": 1, "complex": 1}),
        ("phase", "pitfallCategory=verdringing", {"beheer": 1}),
        ("pitfallCategory", "phase=uitvoering&phase=beheer", {"korte-adem": 1, "verdringing": 1}),
    ],
)
def test_facets_count_within_one_thing_too(
    facet: str, query: str, counts: dict[str, int], owned: KnowledgeBase
) -> None:
    for address in ("/v1/cases", "/v1/studies"):
        answer = owned.client.get(f"{address}?{query}&facets={facet}".replace("?&", "?")).json

        values = answer["facets"][facet]["values"]
        assert {each["value"]: each["count"] for each in values if each["count"]} == counts


def test_pitfalls_and_findings_of_studies_are_listed_but_have_no_case(owned: KnowledgeBase) -> None:
    for address in ("/v1/pitfalls", "/v1/findings"):
        everything = owned.client.get(address).json
        of_cases = owned.client.get(f"{address}?country=NL").json

        assert everything["page"]["totalItems"] == 4
        assert {item["case"]["id"] for item in of_cases["items"]} == {"tuin"}
        assert of_cases["page"]["totalItems"] == 2


def test_what_has_no_such_property_is_left_out_of_search(owned: KnowledgeBase) -> None:
    def types(query: str) -> set[str]:
        return {item["type"] for item in owned.client.get(f"/v1/search?{query}").json["items"]}

    assert types("effectDomain=leefbaarheid") == {"case", "study", "finding"}
    assert types("phase=beheer") == {"case", "study", "pitfall"}
    assert types("scale=buurt") == {"case", "pitfall", "finding"}
    assert types("theme=proces") == set()
    assert types("type=ingredient&pageSize=5") == {"ingredient"}
