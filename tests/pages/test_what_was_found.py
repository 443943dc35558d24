"""Nobody reads “active” as “it worked”, a kind of evidence as its strength, or a doubt nowhere."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.cases.queries import FindingOfCase
from kb.pages.directions import (
    HEADINGS,
    SENTENCES,
    group_by_domain,
    group_by_outcome,
)
from kb.pages.unverified import unverified, unverified_outside
from kb.vocabulary.outcomes import outcome_of
from kb.vocabulary.terms import lane_rank, schemes
from schemas.base import cached_schema
from schemas.cases import CaseDocument
from schemas.checks import key_paths
from tests.builders import a_case, a_finding, a_pitfall, a_question, a_source, a_study
from tests.conftest import KnowledgeBase
from tests.pages.test_reading import read

findings_of_cases = st.builds(
    FindingOfCase,
    st.sampled_from(sorted(schemes()["effect-directions"].terms)),
    st.sampled_from(sorted(schemes()["evidence-levels"].terms)),
)
LOUD = re.compile(r'<aside class="notice"[^>]*data-unverified="([^"]*)"')


def text_of(page: str) -> str:
    """What a page says, without its marks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def finding_of(owner: str, *ways: str, **keys: str) -> list[dict[str, Any]]:
    return [a_finding(owner, f"nummer-{n}", direction=way, **keys) for n, way in enumerate(ways)]


@given(st.dictionaries(st.text("abc", min_size=1), st.lists(findings_of_cases)))
def test_every_case_stands_in_one_group_the_strongest_first(
    cases: dict[str, list[FindingOfCase]],
) -> None:
    groups = group_by_outcome(cases)

    assert sorted(slug for _, slugs in groups for slug in slugs) == sorted(cases)
    ranks = []
    for name, slugs in groups:
        assert {outcome_of(each.direction for each in cases[slug]) for slug in slugs} == {name}
        ranks.append(
            [min((lane_rank(f.evidence) for f in cases[slug]), default=9) for slug in slugs]
        )
    assert all(own == sorted(own) for own in ranks)
    assert [own[0] for own in ranks] == sorted(own[0] for own in ranks)


def test_findings_stand_in_the_order_of_their_strength_and_then_of_their_years() -> None:
    def finding(evidence: str, year: int | None, direction: str) -> dict[str, Any]:
        return {
            "domain": {"id": "veiligheid", "label": ""},
            "evidence": {"id": evidence},
            "direction": {"id": direction},
            "source": {"id": f"bron-{year}", "year": year},
        }

    findings = [
        finding("praktijkervaring", 2020, "positief"),
        finding("quasi-experimenteel", None, "positief"),
        finding("quasi-experimenteel", 2001, "positief"),
        finding("gerandomiseerd", 2009, "negatief"),
    ]

    [group] = group_by_domain(findings)

    assert [each["source"]["year"] for each in group.findings] == [2009, 2001, None, 2020]


def test_pages_show_findings_in_the_order_of_their_strength(kb: KnowledgeBase) -> None:
    sources = [a_source("bron-1", year=2001), a_source("bron-2", year=2015, title="Later")]
    strengths = {
        "ervaring": "praktijkervaring",
        "oud": "literatuurreview",
        "loting": "gerandomiseerd",
    }
    findings = [a_finding("tuin", name, evidence=evidence) for name, evidence in strengths.items()]
    findings.append(a_finding("tuin", "nieuw", evidence="literatuurreview", source="bron-2"))
    kb.publish(a_case("tuin", sources=sources, findings=findings))

    page = read(kb.client, "/casussen/tuin")
    shown = re.findall(r'<li class="finding [a-z-]+" id="tuin--([a-z]+)"', page)
    listed = kb.client.get("/v1/findings").json["items"]

    assert shown == ["loting", "nieuw", "oud", "ervaring"]
    assert [each["id"].partition("--")[2] for each in listed] == shown


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ("denemarken-parallelsamenlevingen", "Geen enkele bevinding is positief."),
        ("stek-oost-amsterdam", "Geen enkele bevinding is positief."),
        ("nieuw-crooswijk-rotterdam", "Geen enkele bevinding is positief."),
        ("goede-buren-utrecht-toewijzing", "Of het effect had, is onduidelijk."),
        ("de-lessepsbuurt-utrecht", "Er zijn geen bevindingen vastgelegd: of het werkte,"),
        ("katendrecht-rotterdam", "De bevindingen wijzen niet allemaal dezelfde kant op."),
        ("space-s-eindhoven", "De bevindingen zijn positief. Of dat door deze bestanddelen kwam,"),
    ],
)
def test_a_case_shows_its_findings_beside_its_ingredients(
    case: str, sentence: str, seeded: KnowledgeBase
) -> None:
    page = read(seeded.client, f"/casussen/{case}")
    section = page[page.index('<h2 id="ingredients">') : page.index('<div class="worked">')]

    assert "Werkzame bestanddelen: wat de betrokkenen noemen" in text_of(section)
    assert f"Wat er is gevonden: {sentence}" in text_of(section)


STRIP = re.compile(r'<dl class="strip">(.*?)</dl>', re.DOTALL)
PROMISES = re.compile(r"liet(en)? werken|waarin het werkte|made it work|in which it did")


@pytest.mark.parametrize(
    "address",
    [
        *("/", "/bestanddelen", "/casussen/stek-oost-amsterdam", "/bestanddelen/buddy-systeem"),
        *("/embed/casus/stek-oost-amsterdam", "/werkwijze", "/v1/schemas/case"),
    ],
)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_nothing_promises_that_an_ingredient_worked(
    address: str, language: str, seeded: KnowledgeBase
) -> None:
    answer = seeded.client.get(f"{address}?lang={language}", headers={"Accept": "*/*"})

    assert answer.status_code == 200
    assert not PROMISES.search(answer.text)


def test_an_ingredient_groups_its_cases_by_their_findings(kb: KnowledgeBase) -> None:
    kb.publish(
        a_case("vaag", findings=finding_of("vaag", "onduidelijk")),
        a_case("goed", findings=finding_of("goed", "positief")),
        a_case("slecht", findings=finding_of("slecht", "negatief", evidence="gerandomiseerd")),
        a_case("beide", findings=finding_of("beide", "positief", "negatief")),
        a_case("niets"),
        a_case("anders", ingredients=[{"id": "selectie-op-motivatie", "how": "Zo."}]),
    )

    page = read(kb.client, "/bestanddelen/buddy-systeem")

    names = "|".join(HEADINGS)
    order = re.findall(rf'<h2 id="({names})">|<h3><a href="/casussen/([^"]+)"', page)
    assert [heading or case for heading, case in order] == [
        *("negatief", "slecht", "verdeeld", "beide", "positief", "goed"),
        *("onduidelijk", "vaag", "niet-onderzocht", "niets"),
    ]
    assert "Oorzakelijk bewijs 1 negatief" in text_of(page)


@pytest.mark.parametrize("address", ["/casussen", "/zoeken?q=tuin", "/casussen/tuin"])
def test_a_case_shows_its_findings_at_a_glance(address: str, kb: KnowledgeBase) -> None:
    review = a_finding("tuin", "review", evidence="literatuurreview", direction="geen-effect")
    findings = [*finding_of("tuin", "positief", "negatief", "positief"), review]
    kb.publish(a_case("tuin", title="Een tuin", findings=findings))

    page = read(kb.client, address)

    assert "Samenvattend bewijs 1 geen effect" in text_of(page)
    assert "Ervaring uit de praktijk 2 positief, 1 negatief" in text_of(page)


def test_every_outcome_has_a_sentence_and_a_heading() -> None:
    assert set(SENTENCES) == set(HEADINGS) == set(schemes()["outcomes"].terms)


def test_the_page_of_an_ingredient_has_every_case_with_it(seeded: KnowledgeBase) -> None:
    for ingredient in list(schemes()["ingredients"].terms)[::7]:
        page = read(seeded.client, f"/bestanddelen/{ingredient}")
        listed = seeded.client.get(f"/v1/cases?ingredient={ingredient}&pageSize=100").json
        shown = re.findall(r'<h3><a href="/casussen/([^"]+)"', page)

        assert sorted(shown) == sorted(item["id"] for item in listed["items"])


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/bevindingen", "evidence"),
        ("/casussen", "evidence"),
        ("/casussen", "scale"),
        ("/casussen", "status"),
        ("/casussen", "effectLevel"),
        ("/onderzoeken", "effectDirection"),
        ("/valkuilen", "phase"),
    ],
)
def test_where_order_has_a_meaning_filters_stand_in_it(
    address: str, name: str, seeded: KnowledgeBase
) -> None:
    page = read(seeded.client, address)
    scheme = next(each for each in schemes().values() if each.parameter == name)
    shown = re.findall(rf'id="{name}-([a-z-]+)"', page)

    assert len(shown) > 2
    assert shown == [term for term in scheme.terms if term in shown]
    for term in shown:
        assert scheme.terms[term].definition in unescape(page)


def test_a_kind_of_evidence_is_no_strength_and_is_explained_where_it_stands(
    seeded: KnowledgeBase,
) -> None:
    meaning = schemes()["evidence-levels"].terms["praktijkervaring"].definition

    for address in ("/casussen/stek-oost-amsterdam", "/bevindingen?evidence=praktijkervaring"):
        page = unescape(read(seeded.client, address))
        assert re.search(rf"<summary>Ervaring van betrokkenen</summary>\s*<p[^>]*>{meaning}", page)
        assert "ewijskracht" not in page
    facet = seeded.client.get("/v1/findings?facets=evidence").json["facets"]["evidence"]
    assert facet["label"] == "Soort bewijs"
    assert [each["count"] for each in facet["values"]] == sorted(
        (each["count"] for each in facet["values"]), reverse=True
    )


@pytest.mark.parametrize(
    "key", sorted(set(key_paths(cached_schema(CaseDocument))) - {"type", "kind"})
)
def test_whatever_is_not_checked_is_reported_beside_its_part(key: str, kb: KnowledgeBase) -> None:
    case = a_case(
        "tuin",
        pitfalls=[a_pitfall("tuin")],
        findings=[a_finding("tuin")],
        parties=[{"name": "Portaal", "role": "woningcorporatie"}],
        sources=[a_source(authors=["Jansen"], url="https://voorbeeld.nl/")],
        collaboration="Samen.",
        events=[{"year": 2016, "what": "De tuin gaat open."}],
        dwellings=12,
        endYear=2020,
        unverified=[key],
    )
    kb.publish(case)

    page = read(kb.client, "/casussen/tuin")

    part = key.partition(".")[0]
    parts = re.findall(r'data-unverified="([^"]*)"', page)
    assert len(parts) == 1
    assert part in re.split(r"[ .]", parts[0])
    assert LOUD.findall(page) == ([part] if part in {"results", "findings"} else [])


def test_few_pages_are_loud_and_none_for_advice(seeded: KnowledgeBase) -> None:
    cases = seeded.client.get("/v1/cases?pageSize=100").json["items"]
    loud = {}
    for item in cases:
        page = read(seeded.client, f"/casussen/{item['id']}")
        loud[item["id"]] = LOUD.findall(page)
        doubts = seeded.client.get(f"/v1/cases/{item['id']}").json["unverified"]
        due = {"results", "findings"} & {key.partition(".")[0] for key in doubts}
        assert set(loud[item["id"]]) == due

    assert 0 < sum(bool(each) for each in loud.values()) < len(cases) / 4


def test_other_pages_tell_of_the_doubts_of_what_they_show(kb: KnowledgeBase) -> None:
    doubts = ["pitfalls.avoidance", "pitfalls.description", "ingredients.how"]
    kb.publish(a_case("tuin", pitfalls=[a_pitfall("tuin")], unverified=doubts))
    study = a_study(findings=[{**a_finding("onderzoek"), "source": None}], unverified=["findings"])
    study["findings"][0].pop("source")
    question = a_question(studies=["onderzoek"], effectDomains=["leefbaarheid"])
    kb.take(studies=[study], questions=[question])

    pitfall = read(kb.client, "/valkuilen/tuin--korte-adem")
    ingredient = read(kb.client, "/bestanddelen/buddy-systeem")
    text = text_of(read(kb.client, "/vragen/wat-werkt"))

    assert "Nog niet in een bron nagekeken: de beschrijving." in pitfall
    assert 'data-unverified="pitfalls.avoidance"' in pitfall
    assert "Nog niet in een bron nagekeken." in ingredient
    assert "nog niemand de bevindingen in de publicatie nagekeken: Onderzoek" in text


@given(st.lists(st.sampled_from(["results", "findings", "findings.claim", "place.country", "id"])))
def test_no_doubt_is_lost_between_the_parts(keys: list[str]) -> None:
    shown = ["results", "findings", "place"]
    parts = [part for part in shown if unverified(keys, part)]

    assert {key.partition(".")[0] for key in keys} == {*parts, *unverified_outside(keys, shown)}


def test_a_case_begins_with_its_outcome_evidence_size_years_and_place(kb: KnowledgeBase) -> None:
    findings = [
        a_finding("tuin", "een", direction="positief", evidence="praktijkervaring"),
        a_finding("tuin", "twee", direction="negatief", evidence="praktijkervaring"),
        a_finding("tuin", "drie", direction="positief", evidence="literatuurreview"),
    ]
    kb.publish(a_case("tuin", findings=findings, dwellings=1200, endYear=2020), a_case("leeg"))

    strip = STRIP.search(read(kb.client, "/casussen/tuin"))
    empty = STRIP.search(read(kb.client, "/casussen/leeg"))

    assert strip
    assert text_of(strip[1]).strip() == (
        "Gevonden Verdeeld 3 bevindingen "
        "Samenvattend bewijs 1 positief Ervaring uit de praktijk 1 positief, 1 negatief "
        "Woningen 1.200 Jaren 2016–2020 Plaats Utrecht"
    )
    assert empty
    assert text_of(empty[1]).strip() == "Gevonden Niet onderzocht Jaren sinds 2016 Plaats Utrecht"


def test_the_contents_of_a_case_name_all_its_parts(seeded: KnowledgeBase) -> None:
    for case in ("place2bu-utrecht", "gemengd-wonen-in-een-complex", "de-lessepsbuurt-utrecht"):
        page = read(seeded.client, f"/casussen/{case}")
        contents = page[page.index('<nav class="contents"') :].partition("</nav>")[0]
        article = page[page.index("</dl>") : page.rindex("</article>")]

        assert re.findall(r'href="#([^"]+)"', contents) == re.findall(r'<h2 id="([^"]+)"', article)
