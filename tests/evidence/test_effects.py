"""What findings say together, as the API and pages tell it."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from kb.vocabulary.terms import scheme_of, schemes
from tests.builders import a_case, a_finding, a_source
from tests.conftest import KnowledgeBase


def get(client: FlaskClient, address: str) -> Any:
    """The JSON at an address of ours."""
    answer = client.get(address.removeprefix("http://127.0.0.1:8000"))
    assert answer.status_code == 200, answer.text
    return answer.json


def list_behind(client: FlaskClient, part: Any) -> tuple[int, int]:
    """The numbers of clusters and findings that the list behind a number says."""
    listed = get(client, part["_links"]["findings"]["href"])
    return listed["clusters"], listed["page"]["totalItems"]


def test_every_number_leads_to_as_many_clusters_and_findings(seeded: KnowledgeBase) -> None:
    client = seeded.client
    for effect in get(client, "/v1/effects")["items"]:
        assert list_behind(client, effect) == (effect["clusters"], effect["findings"])
        for lane in effect["lanes"]:
            assert list_behind(client, lane) == (lane["clusters"], lane["findings"])
            counts = [list_behind(client, each) for each in lane["directions"]]
            assert [clusters for clusters, _ in counts] == [
                each["clusters"] for each in lane["directions"]
            ]
            assert sum(findings for _, findings in counts) == lane["findings"]


@pytest.mark.parametrize(
    "query",
    ["targetGroup=ouderen", "scale=complex&country=NL", "effectLevel=inwoners&lane=ervaring"],
)
def test_filters_choose_the_findings(seeded: KnowledgeBase, query: str) -> None:
    every = get(seeded.client, "/v1/effects")
    filtered = get(seeded.client, f"/v1/effects?{query}")

    findings = get(seeded.client, f"/v1/findings?{query}")
    assert sum(each["findings"] for each in filtered["items"]) == findings["page"]["totalItems"]
    assert findings["page"]["totalItems"] < sum(each["findings"] for each in every["items"])
    for effect in filtered["items"]:
        assert list_behind(seeded.client, effect) == (effect["clusters"], effect["findings"])


def test_one_effect_has_both_sides(seeded: KnowledgeBase) -> None:
    effect = get(seeded.client, "/v1/effects/leefbaarheid")

    assert effect["strongest"]["for"]["direction"]["id"] == "positief"
    assert effect["strongest"]["against"]["direction"]["id"] in {"negatief", "geen-effect"}
    assert effect["strongest"]["for"]["lane"]["id"] == "oorzakelijk"
    assert {gap["code"] for gap in effect["wouldChange"]} >= {"lanes-diverge", "both-sides"}
    for level in effect["levels"]:
        for lane in level["lanes"]:
            assert list_behind(seeded.client, lane) == (lane["clusters"], lane["findings"])


def test_an_effect_without_findings_was_not_studied(kb: KnowledgeBase) -> None:
    effects = get(kb.client, "/v1/effects")["items"]

    assert [each["id"] for each in effects] == list(schemes()["effect-domains"].terms)
    assert {each["verdict"]["id"] for each in effects} == {"niet-onderzocht"}
    effect = get(kb.client, "/v1/effects/veiligheid")
    assert effect["strongest"] == {"for": None, "against": None}
    assert effect["differences"]["fields"] == effect["levels"] == []


def a_studied_case(slug: str, direction: str) -> dict[str, Any]:
    """A case of its own with one finding on safety."""
    finding = a_finding(slug, domain="veiligheid", direction=direction, evidence="praktijkervaring")
    source = a_source(url=f"https://example.org/{slug}", title=slug)
    return a_case(id=slug, findings=[finding], sources=[source])


def test_one_contradiction_is_enough(kb: KnowledgeBase) -> None:
    kb.publish(*(a_studied_case(f"casus-{number}", "positief") for number in range(6)))
    before = get(kb.client, "/v1/effects/veiligheid")
    kb.publish(a_studied_case("tegendeel", "negatief"))
    after = get(kb.client, "/v1/effects/veiligheid")
    kb.withdraw("tegendeel")

    assert before["verdict"]["id"] == "eensgezind"
    assert before["basis"]["id"] == "ervaring"
    assert after["verdict"]["id"] == "tegenstrijdig"
    assert after["strongest"]["against"]["id"].startswith("tegendeel--")
    assert get(kb.client, "/v1/effects/veiligheid")["verdict"]["id"] == "eensgezind"


@pytest.mark.parametrize("address", ["/v1/effects", "/v1/effects/veiligheid", "/v1/evidence-map"])
@pytest.mark.parametrize("name", ["effectDirection", "outcome"])
def test_a_verdict_on_one_side_alone_is_refused(
    address: str, name: str, seeded: KnowledgeBase
) -> None:
    answer = seeded.client.get(f"{address}?{name}=positief")

    assert answer.status_code == 400
    assert answer.json["errors"][0]["code"] == "unknown-parameter"


def test_an_unknown_effect_is_404_with_what_comes_near(seeded: KnowledgeBase) -> None:
    answer = seeded.client.get("/v1/effects/leefbaarheit")

    assert answer.status_code == 404
    assert answer.json["suggestions"] == ["leefbaarheid"]


@pytest.mark.parametrize("rows", ["ingredient", "strategy", "targetGroup", "pitfallCategory"])
def test_every_cell_of_the_map_leads_to_its_findings(seeded: KnowledgeBase, rows: str) -> None:
    evidence_map = get(seeded.client, f"/v1/evidence-map?rows={rows}&scale=stad")

    assert evidence_map["cells"]
    for cell in evidence_map["cells"]:
        for part in filter(None, (cell["together"], cell["credited"])):
            assert list_behind(seeded.client, part) == (part["clusters"], part["findings"])


@pytest.mark.parametrize(
    "query",
    [
        "rows=targetGroup&targetGroup=ouderen,statushouders",
        "rows=strategy&strategy=sociaal-beheer",
        "rows=ingredient&ingredient=buddy-systeem",
        "rows=ingredient&creditedIngredient=variatie-in-woningaanbod,buddy-systeem",
        "rows=pitfallCategory&ownerPitfallCategory=verdringing",
        "rows=strategy&columns=effectLevel&effectLevel=inwoners",
        "rows=strategy&effectDomain=veiligheid",
    ],
)
def test_a_filter_on_a_side_of_the_map_chooses_its_terms(query: str, seeded: KnowledgeBase) -> None:
    evidence_map = get(seeded.client, f"/v1/evidence-map?{query}")

    assert evidence_map["cells"]
    for side, place in (("rows", "row"), ("columns", "column")):
        chosen = evidence_map["filters"].get(evidence_map[side]["field"])
        terms = [each["id"] for each in evidence_map[side]["terms"]]
        assert not chosen or sorted(terms) == sorted(chosen)
        assert {cell[place] for cell in evidence_map["cells"]} <= {*terms, None}
    for cell in evidence_map["cells"]:
        for part in filter(None, (cell["together"], cell["credited"])):
            assert list_behind(seeded.client, part) == (part["clusters"], part["findings"])


@pytest.mark.parametrize("query", ["lane=ervaring", "evidence=praktijkervaring,voor-en-nameting"])
def test_a_filter_on_lanes_is_silent_on_the_others(query: str, seeded: KnowledgeBase) -> None:
    effect = get(seeded.client, f"/v1/effects/leefbaarheid?{query}")

    lanes = {each["lane"]["label"] for each in effect["lanes"]}
    assert "Oorzakelijk bewijs" not in lanes
    assert "Oorzakelijk" not in effect["sentence"] + str(effect["wouldChange"])
    for lane in effect["lanes"]:
        assert list_behind(seeded.client, lane) == (lane["clusters"], lane["findings"])


def test_a_filter_on_levels_is_silent_on_the_others(seeded: KnowledgeBase) -> None:
    effect = get(seeded.client, "/v1/effects/leefbaarheid?effectLevel=inwoners")

    assert "level-not-studied" not in {gap["code"] for gap in effect["wouldChange"]}


@pytest.mark.parametrize("name", ["ingredient", "strategy", "ownerPitfallCategory"])
def test_what_went_together_never_gets_a_better_word_than_too_few(
    name: str, seeded: KnowledgeBase
) -> None:
    for term in list(scheme_of(name).terms)[::4]:
        for effect in get(seeded.client, f"/v1/effects?{name}={term}")["items"]:
            words = [effect["verdict"]["id"], *(each["verdict"]["id"] for each in effect["lanes"])]
            assert not {"eensgezind", "overwegend", "wisselend"} & set(words)


def test_a_verdict_says_of_which_lane_it_is(seeded: KnowledgeBase) -> None:
    for effect in get(seeded.client, "/v1/effects?targetGroup=zittende-bewoners")["items"]:
        basis = effect["basis"]
        word = effect["verdict"]["label"]
        assert effect["sentence"].startswith(f"{word} ({basis['label']})." if basis else f"{word}.")


def test_a_filter_on_cases_says_that_studies_are_left_out(seeded: KnowledgeBase) -> None:
    for query, includes_studies in (("", True), ("lane=ervaring", True), ("scale=wijk", False)):
        answer = get(seeded.client, f"/v1/effects?{query}")
        page = seeded.client.get(f"/effecten?{query}").text

        assert answer["includesStudies"] is includes_studies
        assert ("Bevindingen uit onderzoeken tellen hier niet mee" in page) is not includes_studies


def test_a_list_by_the_direction_of_clusters_has_no_facets(seeded: KnowledgeBase) -> None:
    address = "/v1/findings?clusterDirection=verdeeld"
    answer = seeded.client.get(f"{address}&facets=effectDirection")
    page = seeded.client.get("/bevindingen?clusterDirection=verdeeld").text

    assert answer.status_code == 400
    assert answer.json["errors"][0]["name"] == "facets"
    assert get(seeded.client, address)["page"]["totalItems"] > 0
    assert 'class="filters"' not in page


@pytest.mark.parametrize(
    "address",
    ["/effecten", "/effecten/leefbaarheid", "/kaart-van-het-bewijs", "/strategieen/sociaal-beheer"],
)
def test_links_to_findings_keep_the_language(address: str, seeded: KnowledgeBase) -> None:
    page = seeded.client.get(f"{address}?lang=en").text
    links = re.findall(r'href="(/bevindingen\?[^"]+)"', page)

    assert links
    assert all("lang=en" in link for link in links)


@pytest.mark.parametrize("path", ["/effecten", "/effecten/leefbaarheid", "/kaart-van-het-bewijs"])
def test_forms_keep_every_other_filter(path: str, seeded: KnowledgeBase) -> None:
    page = seeded.client.get(f"{path}?country=NL&lane=ervaring&startYearFrom=2001").text

    forms = [each for each in re.findall(r"<form .*?</form>", page, re.DOTALL) if "<select" in each]
    assert forms
    for form in forms:
        for name, value in (("country", "NL"), ("lane", "ervaring"), ("startYearFrom", "2001")):
            assert f'<input type="hidden" name="{name}" value="{value}">' in form


def test_the_map_is_a_table_too(seeded: KnowledgeBase) -> None:
    evidence_map = get(seeded.client, "/v1/evidence-map?rows=strategy&scale=stad")
    answer = seeded.client.get("/v1/evidence-map?rows=strategy&scale=stad&format=csv")

    assert answer.mimetype == "text/csv"
    lines = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    cells = [each["together"] for each in evidence_map["cells"]]
    assert len(lines) == sum(len(part["lanes"]) for part in cells)
    assert answer.headers["Row-Count"] == str(len(lines))
    assert {(line["row"] or None, line["column"]) for line in lines} == {
        (cell["row"], cell["column"]) for cell in evidence_map["cells"]
    }
    assert sum(int(line["laneClusters"]) for line in lines) == sum(
        lane["clusters"] for part in cells for lane in part["lanes"]
    )


@pytest.mark.parametrize(
    ("query", "label"),
    [("", "Geen bestanddeel genoemd"), ("&rows=strategy&lang=en", "No strategy named")],
)
def test_the_row_without_a_term_has_words_in_the_table(
    query: str, label: str, seeded: KnowledgeBase
) -> None:
    text = seeded.client.get(f"/v1/evidence-map?format=csv{query}").text
    lines = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))

    assert {line["rowLabel"] for line in lines if not line["row"]} == {label}
    assert all(line["rowLabel"] for line in lines)


def test_no_finding_is_lost_on_the_map(seeded: KnowledgeBase) -> None:
    evidence_map = get(seeded.client, "/v1/evidence-map?columns=effectLevel")
    without = [cell["together"] for cell in evidence_map["cells"] if cell["row"] is None]

    total = get(seeded.client, "/v1/findings")["page"]["totalItems"]
    with_ingredient = (
        total - get(seeded.client, "/v1/findings?missing=ingredient")["page"]["totalItems"]
    )
    assert sum(part["findings"] for part in without) == total - with_ingredient


def test_what_went_together_gets_no_verdict_as_if_it_were_proof(seeded: KnowledgeBase) -> None:
    cells = get(seeded.client, "/v1/evidence-map?rows=ingredient")["cells"]

    words = {cell["together"]["verdict"]["id"] for cell in cells if cell["together"]}
    assert words <= {"te-weinig", "tegenstrijdig", "lopen-uiteen"}


def test_rows_can_stand_in_the_order_of_contradiction_or_gaps(seeded: KnowledgeBase) -> None:
    orders = {
        order: [
            each["id"]
            for each in get(seeded.client, f"/v1/evidence-map?order={order}")["rows"]["terms"]
        ]
        for order in ("vocabulary", "contradicted", "gap")
    }
    cells = get(seeded.client, "/v1/evidence-map")["cells"]
    filled = {row: sum(cell["row"] == row for cell in cells) for row in orders["vocabulary"]}

    assert orders["vocabulary"] == list(schemes()["ingredients"].terms)
    assert sorted(orders["contradicted"]) == sorted(orders["gap"]) == sorted(orders["vocabulary"])
    assert [filled[row] for row in orders["gap"]] == sorted(filled.values())
    assert orders["contradicted"] != orders["vocabulary"]


@pytest.mark.parametrize(
    "page",
    [
        "/effecten",
        "/effecten/leefbaarheid",
        "/effecten/kosten?targetGroup=ouderen&lang=en",
        "/kaart-van-het-bewijs?rows=strategy&order=gap",
    ],
)
def test_pages_say_it_too(seeded: KnowledgeBase, page: str) -> None:
    answer = seeded.client.get(page)

    assert answer.status_code == 200
    assert "/bevindingen?" in answer.text


def test_a_page_leaves_out_what_it_does_not_understand(seeded: KnowledgeBase) -> None:
    answer = seeded.client.get("/effecten?targetGroup=marsmannen&scale=stad")

    assert answer.status_code == 200
    assert "marsmannen" in answer.text


def test_an_embed_of_the_map_offers_only_filters_that_it_takes(seeded: KnowledgeBase) -> None:
    page = seeded.client.get("/insluiten/kaart-van-het-bewijs").text
    offered = set(re.findall(r'name="([A-Za-z]+)" value="[a-z0-9-]+"', page))

    assert {"targetGroup", "scale", "effectLevel"} <= offered
    assert not {"outcome", "effectDirection"} & offered


@pytest.mark.parametrize("name", ["ingredient", "strategy", "ownerPitfallCategory"])
def test_what_went_together_needs_a_source_not_more_clusters(
    name: str, seeded: KnowledgeBase
) -> None:
    term = next(iter(scheme_of(name).terms))
    effect = get(seeded.client, f"/v1/effects/leefbaarheid?{name}={term}")
    codes = {gap["code"] for gap in effect["wouldChange"]}

    assert "not-credited" in codes
    assert not {"no-lane", "few-in-lane"} & codes


def test_a_filter_on_lanes_is_silent_on_levels(seeded: KnowledgeBase) -> None:
    effect = get(seeded.client, "/v1/effects/onderwijs-en-ontwikkeling?lane=samenvattend")

    assert "level-not-studied" not in {gap["code"] for gap in effect["wouldChange"]}


@pytest.mark.parametrize("fragment", ["0", "1"])
def test_an_embedded_map_says_what_its_filters_leave_out(
    fragment: str, seeded: KnowledgeBase
) -> None:
    address = f"/embed/kaart-van-het-bewijs?fragment={fragment}"
    note = "Bevindingen uit onderzoeken tellen hier niet mee"

    assert note in seeded.client.get(f"{address}&scale=wijk").text
    assert note not in seeded.client.get(address).text
