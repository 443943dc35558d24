"""Cases side by side: what differs first, three kinds of empty, and what cannot be said."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.cases.aliases import Thing
from kb.database import now
from kb.editors import renaming
from kb.evidence.comparison_limits import limits
from kb.evidence.comparisons import compare, similarities
from kb.services import services_of
from tests.builders import a_case, a_finding, a_pitfall
from tests.conftest import KnowledgeBase

Json = dict[str, Any]
EXAMPLE = ("place2bu-utrecht", "stek-oost-amsterdam")


def compared(kb: KnowledgeBase, *cases: Json, language: str = "nl") -> Json:
    """The comparison of these cases, published."""
    kb.publish(*cases)
    query = "&".join(f"case={case['id']}" for case in cases)
    answer = kb.client.get(f"/v1/comparisons?{query}&lang={language}")
    assert answer.status_code == 200
    return dict(answer.json or {})


def row(comparison: Json, group: str, id_: str) -> Json:
    rows: list[Json] = comparison["rows"]
    return next(each for each in rows if (each["group"], each["id"]) == (group, id_))


def cells(comparison: Json, group: str, id_: str) -> list[Any]:
    """What each case has in a row: labels, or why there are none."""
    return [
        cell["gap"] or [value["label"] for value in cell["values"]]
        for cell in row(comparison, group, id_)["cells"]
    ]


def codes(comparison: Json) -> list[str]:
    return [limit["code"] for limit in comparison["limits"]]


def documents(kb: KnowledgeBase, *slugs: str) -> list[Json]:
    """Cases as readers get them."""
    return [dict(kb.client.get(f"/v1/cases/{slug}").json or {}) for slug in slugs]


def test_ingredients_stand_beside_each_other_with_how_they_were_used(kb: KnowledgeBase) -> None:
    both = [{"id": "buddy-systeem", "how": "Een student per woning."}]
    answer = compared(
        kb,
        a_case("een", ingredients=both),
        a_case("twee", ingredients=[*both, {"id": "vast-aanspreekpunt", "how": "Elke dag."}]),
    )

    one, other = row(answer, "ingredients", "vast-aanspreekpunt")["cells"]
    assert one == {"values": [], "gap": "not-recorded", "unverified": []}
    assert other["values"][0]["how"] == "Elke dag."
    assert row(answer, "ingredients", "buddy-systeem")["isEqual"]
    order = [each["id"] for each in answer["rows"] if each["group"] == "ingredients"]
    assert order == ["vast-aanspreekpunt", "buddy-systeem"]  # what differs first


def test_pitfalls_stand_by_category_with_phase_and_advice(kb: KnowledgeBase) -> None:
    answer = compared(kb, a_case("een", pitfalls=[a_pitfall("een")]), a_case("twee"))

    one, other = row(answer, "pitfalls", "korte-adem")["cells"]
    assert one["values"][0]["phase"]["id"] == "uitvoering"
    assert one["values"][0]["avoidance"].startswith("Spreek vooraf af")
    assert other["gap"] == "not-recorded"


def test_findings_stand_by_effect_with_the_strongest_lane_first(kb: KnowledgeBase) -> None:
    findings = [
        a_finding("een", "gehoord", evidence="praktijkervaring"),
        a_finding("een", "gemeten", evidence="quasi-experimenteel", direction="geen-effect"),
    ]
    answer = compared(kb, a_case("een", findings=findings), a_case("twee"))

    one, other = row(answer, "findings", "leefbaarheid")["cells"]
    assert [(each["label"], each["lane"]["id"]) for each in one["values"]] == [
        ("Gemeten", "oorzakelijk"),
        ("Gehoord", "ervaring"),
    ]
    assert other["gap"] == "not-researched"


def test_there_are_three_kinds_of_empty(kb: KnowledgeBase) -> None:
    doubtful = a_case("twee", unverified=["dwellings", "place.municipality", "ingredients.how"])
    doubtful["place"] = {"country": "NL", "province": "Utrecht"}
    finding = a_finding("een")
    answer = compared(kb, a_case("een", findings=[finding], dwellings=1200), doubtful)

    assert cells(answer, "context", "dwellings") == [["1.200"], "unverified"]
    assert cells(answer, "context", "place") == [["Utrecht"], "unverified"]
    assert cells(answer, "context", "archetype") == ["not-recorded", "not-recorded"]
    assert cells(answer, "findings", "leefbaarheid")[1] == "not-researched"
    assert row(answer, "context", "province")["cells"][1]["unverified"] == []
    ingredient = row(answer, "ingredients", "buddy-systeem")["cells"][1]
    assert (ingredient["gap"], ingredient["unverified"]) == (None, ["ingredients.how"])


def test_a_part_that_nobody_checked_is_empty_in_its_own_way(kb: KnowledgeBase) -> None:
    answer = compared(
        kb,
        a_case("een", findings=[a_finding("een")], pitfalls=[a_pitfall("een")]),
        a_case("twee", unverified=["findings", "pitfalls", "place"], place={"country": None}),
    )

    assert cells(answer, "findings", "leefbaarheid")[1] == "unverified"
    assert cells(answer, "pitfalls", "korte-adem")[1] == "unverified"
    assert cells(answer, "context", "country")[1] == "unverified"


def test_terms_that_all_have_are_marked_in_any_order(kb: KnowledgeBase) -> None:
    answer = compared(
        kb,
        a_case("een", targetGroups=["jongeren", "ouderen"], strategies=["sociaal-beheer"]),
        a_case("twee", targetGroups=["ouderen", "jongeren"], strategies=["sloop-nieuwbouw"]),
        a_case("drie", targetGroups=["jongeren", "ouderen"], strategies=["sociaal-beheer"]),
    )

    assert row(answer, "targetGroups", "targetGroups")["isEqual"]
    strategies = row(answer, "strategies", "strategies")
    assert not strategies["isEqual"]
    assert [value["isShared"] for cell in strategies["cells"] for value in cell["values"]] == [
        False
    ] * 3


def test_reasons_are_of_all_cases_and_then_of_each_two(kb: KnowledgeBase) -> None:
    answer = compared(
        kb,
        a_case(
            "type",
            kind="archetype",
            scale="wijk",
            ingredients=[{"id": "vast-aanspreekpunt", "how": "Zo."}],
        ),
        a_case("een", archetype="type", targetGroups=["ouderen"]),
        a_case("twee", archetype="type", targetGroups=["ouderen"]),
    )

    reasons = {tuple(each["cases"]): each["reasons"] for each in answer["similarities"]}
    assert list(reasons) == [
        ("type", "een", "twee"),
        ("type", "een"),
        ("type", "twee"),
        ("een", "twee"),
    ]
    assert [each["field"] for each in reasons["type", "een", "twee"]] == ["archetype", "strategies"]
    assert "targetGroups" in [each["field"] for each in reasons["een", "twee"]]


def test_reasons_are_those_of_similar_cases(seeded: KnowledgeBase) -> None:
    similar = seeded.client.get(f"/v1/cases/{EXAMPLE[0]}/similar-cases").json["items"]
    for other in similar:
        address = f"/v1/comparisons?case={EXAMPLE[0]}&case={other['id']}"
        (pair,) = seeded.client.get(address).json["similarities"]

        assert _as_sets(pair["reasons"]) == _as_sets(other["reasons"])


def _as_sets(reasons: list[Json]) -> dict[str, set[str]]:
    return {each["field"]: {term["id"] for term in each["shared"]} for each in reasons}


MEASURED = {"evidence": "quasi-experimenteel"}


HEARD = {"findings": [a_finding("een")]}
OTHERS = {
    "strategies": ["sloop-nieuwbouw"],
    "targetGroups": ["ouderen"],
    "ingredients": [{"id": "vast-aanspreekpunt", "how": "Zo."}],
}


@pytest.mark.parametrize(
    ("code", "one", "other"),
    [
        ("kinds-differ", {"kind": "archetype"}, {}),
        ("countries-differ", {}, {"place": {"country": "BE", "municipality": "Gent"}}),
        ("years-apart", {"startYear": 1999}, {"startYear": 2016}),
        ("years-unknown", {"startYear": None}, {}),
        ("sizes-apart", {"dwellings": 100}, {"dwellings": 501}),
        ("scales-apart", {"scale": "complex"}, {"scale": "wijk"}),
        ("no-findings", HEARD, {"findings": []}),
        ("experience-only", HEARD, {}),
        ("no-shared-effect", {}, {"findings": [a_finding("twee", domain="veiligheid")]}),
        ("other-evidence", HEARD, {}),
        ("unfinished", {"status": "lopend"}, {}),
        ("unchecked", {"unverified": ["results"]}, {}),
        ("nothing-shared", OTHERS, {}),
    ],
)
def test_each_limit_stands_there_when_it_holds_and_not_otherwise(
    code: str, one: Json, other: Json, kb: KnowledgeBase
) -> None:
    same = {"dwellings": 100, "status": "afgerond", "findings": [a_finding("een", **MEASURED)]}
    twin = same | {"findings": [a_finding("twee", **MEASURED)]}
    drie, vier = (same | {"findings": [a_finding(name, **MEASURED)]} for name in ("drie", "vier"))

    answer = compared(
        kb, a_case("een", **same | one), a_case("twee", **twin | other), language="en"
    )
    silent = compared(kb, a_case("drie", **drie), a_case("vier", **vier))

    assert code in codes(answer)
    assert codes(silent) == ["no-cause"]
    assert codes(answer)[-1] == "no-cause"
    for limit in answer["limits"]:
        assert "%" not in limit["detail"]
        assert set(limit["cases"]) <= {"een", "twee"}


def test_a_limit_names_the_cases_that_it_is_about(kb: KnowledgeBase) -> None:
    answer = compared(kb, a_case("een", findings=[a_finding("een")]), a_case("twee"), language="en")

    limit = next(each for each in answer["limits"] if each["code"] == "no-findings")
    assert limit["cases"] == ["twee"]
    assert "“Twee”" in limit["detail"]


@given(st.lists(st.sampled_from(range(6)), min_size=2, max_size=5, unique=True))
def test_the_order_of_the_cases_changes_the_columns_alone(
    seeded: KnowledgeBase, order: list[int]
) -> None:
    slugs = [each["id"] for each in seeded.client.get("/v1/cases?pageSize=6").json["items"]]
    chosen = documents(seeded, *(slugs[place] for place in order))
    with seeded.app.test_request_context():
        rows, turned = compare(chosen), compare(chosen[::-1])
        of_all, limits_turned = list(limits(chosen)), list(limits(chosen[::-1]))

    def content(of: list[Json], step: int) -> dict[tuple[str, str], Any]:
        return {
            (each["group"], each["id"]): (each["isEqual"], each["cells"][::step]) for each in of
        }

    assert content(rows, 1) == content(turned, -1)
    assert [each["code"] for each in of_all] == [each["code"] for each in limits_turned]
    assert [(row["group"], row["id"]) for row in rows] == [
        (row["group"], row["id"]) for row in turned
    ]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_nothing_that_a_case_has_is_lost(language: str, seeded: KnowledgeBase) -> None:
    items = seeded.client.get("/v1/cases?pageSize=100").json["items"]
    slugs = [each["id"] for each in items]
    for start in range(0, len(slugs) - 1, 9):
        chosen = documents(seeded, *slugs[start : start + 5])
        address = "&".join(f"case={case['id']}" for case in chosen)
        answer = seeded.client.get(f"/v1/comparisons?{address}&lang={language}").json
        for place, case in enumerate(chosen):
            shown = [value for each in answer["rows"] for value in each["cells"][place]["values"]]
            owned = [*case["ingredients"], *case["pitfalls"], *case["findings"]]
            tagged = [*case["targetGroups"], *case["strategies"]]
            ids = [each["id"] for each in [*owned, *tagged]]
            assert sorted(each["id"] for each in shown if "id" in each) == sorted(ids)
            assert {each["name"] for each in case["parties"]} <= {each["label"] for each in shown}


def test_a_case_may_be_unknown_or_withdrawn(kb: KnowledgeBase) -> None:
    kb.publish(a_case("een"), a_case("twee"), a_case("weg"))
    kb.withdraw("weg", reason="Klopte niet.")

    unknown = kb.client.get("/v1/comparisons?case=een&case=twe")
    gone = kb.client.get("/v1/comparisons?case=een&case=weg")

    assert (unknown.status_code, unknown.json["suggestions"]) == (404, ["twee"])
    assert (gone.status_code, gone.json["reason"]) == (410, "Klopte niet.")


def test_a_former_id_leads_to_the_new_one(kb: KnowledgeBase) -> None:
    kb.publish(a_case("een"), a_case("twee"))
    with kb.database.transaction() as session:
        renaming.rename(session, Thing("case", "twee"), "drie", who="redactie", at=now())
    kb.catch_up()

    for address in ("/v1/comparisons?case=een&case=twee&lang=en", "/v1/comparisons?case=een,twee"):
        moved = kb.client.get(address)
        assert moved.status_code == 301
        assert kb.client.get(moved.headers["Location"]).json["cases"][1]["id"] == "drie"
    assert kb.client.get("/v1/comparisons?case=drie&case=drie").status_code == 400


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "required"),
        ("case=een", "too-short"),
        ("case=een&case=een", "duplicate"),
        ("case=een&case=", "bad-format"),
        ("case=een&case=Twee%20", "bad-format"),
        ("case=a&case=b&case=c&case=d&case=e&case=f", "too-long"),
        ("cases=een&case=een&case=twee", "unknown-parameter"),
        ("case=een&case=twee&format=xml", "not-in-vocabulary"),
        ("case=een&case=twee&lang=de", "not-in-vocabulary"),
        ("case=een&case=twee&format=csv&csvSeparator=%7C", "not-in-vocabulary"),
    ],
)
def test_what_cannot_be_compared_is_a_mistake(query: str, code: str, kb: KnowledgeBase) -> None:
    kb.publish(a_case("een"), a_case("twee"))

    answer = kb.client.get(f"/v1/comparisons?{query}")

    assert answer.status_code == 400
    assert [error["code"] for error in answer.json["errors"]] == [code]


def test_it_is_a_table_too(kb: KnowledgeBase) -> None:
    first = a_case("een", findings=[a_finding("een")], pitfalls=[a_pitfall("een")])
    kb.publish(first, a_case("twee", title="=Twee; “2”", unverified=["dwellings"]))

    answer = kb.client.get("/v1/comparisons?case=een&case=twee&format=csv&csvSeparator=semicolon")

    assert answer.mimetype == "text/csv"
    lines = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    table = {(line[0], line[1]): line[2:] for line in lines}
    assert answer.headers["Row-Count"] == str(len(lines) - 1)
    assert lines[0] == ["group", "id", "label", "isEqual", "een", "twee"]
    assert table["", "title"][2:] == ["Een", "'=Twee; “2”"]
    assert table["context", "dwellings"][2] == "(niet vastgelegd)"
    assert table["context", "dwellings"][3].startswith("(nog niet")
    assert table["findings", "leefbaarheid"][3] == "(niet onderzocht)"
    assert (
        "Zo voorkom je" in table["pitfalls", "korte-adem"][2]
        or "vooraf" in table["pitfalls", "korte-adem"][2]
    )
    assert table["ingredients", "buddy-systeem"][1] == "true"


def test_similarities_need_no_index(kb: KnowledgeBase) -> None:
    kb.publish(a_case("een"), a_case("twee"))
    chosen = documents(kb, "een", "twee")

    assert similarities(chosen)[0]["cases"] == ["een", "twee"]
    assert services_of(kb.app).search.counts()["case"] == 2
