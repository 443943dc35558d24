"""/v1/plan-checks: remarks on a draft plan, of which nothing stays."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from kb.decisions.plan_checks.plan_check import check_plan
from kb.decisions.plan_checks.rules import rules
from kb.decisions.plan_checks.writer import PlanCheckWriter
from kb.services import services_of
from kb.vocabulary.terms import schemes
from tests.conftest import KnowledgeBase
from tests.contract.addresses import local
from tests.decisions.plans import PLAN, abouts, check

SAMENHANG = "sociale-samenhang"


def ids_by_key(context: dict[str, Any]) -> dict[str, set[str]]:
    """The ids of the terms of each key; none of a key that nobody knows."""
    several = {
        name: [value] if isinstance(value, dict) else value or [] for name, value in context.items()
    }
    return {name: {each["id"] for each in terms} for name, terms in several.items()}


def counter_evidence(client: FlaskClient, text: str, context: dict[str, Any]) -> list[Any]:
    """The remarks about effects that a plan counts on."""
    answer = check(client, text, context=context)
    return [each for each in answer["remarks"] + answer["folded"] if each["kind"] == "tegenbewijs"]


def test_a_plan_gets_remarks_of_each_kind(seeded: KnowledgeBase) -> None:
    answer = check(seeded.client)

    every = answer["remarks"] + answer["folded"]
    assert {each["id"] for each in answer["context"]["strategies"]} >= {"gemengd-wonencomplex"}
    assert answer["context"]["scale"]["id"] == "complex"
    assert answer["comparable"]["basis"] == "group-or-scale"
    assert {"te-weinig-begeleiding", "tijdelijkheid"} <= abouts(every, "valkuil")
    assert "gedeelde-ruimten" in abouts(every, "niet-genoemd")
    assert "sociale-samenhang" in abouts(every, "tegenbewijs")
    assert {"wie-betaalt-na-afloop", "wie-meet"} <= abouts(every, "vraag")
    assert abouts(every, "lijkt-op")
    assert len(answer["remarks"]) <= 12
    assert answer["lookedFor"]


def test_a_remark_says_where_and_why(seeded: KnowledgeBase) -> None:
    answer = check(seeded.client)

    for remark in answer["remarks"] + answer["folded"]:
        assert remark["rule"] in rules().by_id
        assert remark["reason"]
        if sentence := remark["sentence"]:
            assert PLAN[sentence["start"] : sentence["end"]] == sentence["text"]
            assert " ".join(remark["trigger"][0].split()) in " ".join(sentence["text"].split())
        for link in remark["_links"].values():
            path = link["href"].removeprefix("http://kennisbank.test")
            assert path.startswith("/")
    [support] = [
        each for each in answer["remarks"] if each["about"]["id"] == "te-weinig-begeleiding"
    ]
    assert support["sentence"]["text"] == "Een beheerder in het gebouw is niet begroot."
    assert re.search(r"\d+ van \d+ vergelijkbare casussen", support["reason"])


def test_a_pitfall_comes_with_how_to_avoid_it(seeded: KnowledgeBase) -> None:
    client = seeded.client
    context = {"strategies": ["gemengd-wonencomplex"], "targetGroups": [], "scale": "complex"}
    answer = check(client, context=context)
    form = {"text": PLAN, "step": "check", "strategy": "gemengd-wonencomplex", "scale": "complex"}
    page = unescape(client.post("/plan-toets", data=form).text)

    every = answer["remarks"] + answer["folded"]
    assert not any(each["avoidances"] for each in every if each["kind"] != "valkuil")
    pitfalls = [each for each in every if each["kind"] == "valkuil"]
    assert any(len(each["avoidances"]) == 2 for each in pitfalls)
    for remark in pitfalls:
        assert len(remark["avoidances"]) <= 2
        for advice in remark["avoidances"]:
            pitfall = client.get(f"/v1/pitfalls/{advice['id']}").json
            case = client.get(f"/v1/cases/{pitfall['case']['id']}").json
            assert pitfall["case"]["id"] in {each["id"] for each in remark["cases"]}
            assert pitfall["category"]["id"] == remark["about"]["id"]
            assert (advice["title"], advice["avoidance"]) == (
                pitfall["title"],
                pitfall["avoidance"],
            )
            assert bool(advice["unverified"]) == bool(
                {"pitfalls", "pitfalls.avoidance"} & set(case["unverified"])
            )
            assert advice["_links"]["html"] == pitfall["_links"]["html"]
            assert advice["title"] in page


def test_a_count_is_that_of_what_stands_beside_it(seeded: KnowledgeBase) -> None:
    answer = check(seeded.client)

    for remark in answer["remarks"] + answer["folded"]:
        if number := re.search(r"(\d+) van \d+ vergelijkbare casussen", remark["reason"]):
            assert int(number[1]) == len(remark["cases"])
        if number := re.search(r"effect: (\d+) van", remark["reason"]):
            path = remark["_links"]["findings"]["href"].removeprefix("http://kennisbank.test")
            assert seeded.client.get(path).json["page"]["totalItems"] == int(number[1])


def test_the_pitfalls_of_a_remark_are_those_of_its_cases(seeded: KnowledgeBase) -> None:
    answer = check(seeded.client)

    counted = [
        each
        for each in answer["remarks"] + answer["folded"]
        if each["kind"] == "valkuil" and each["cases"]
    ]
    assert counted
    for remark in counted:
        dossier = seeded.client.get(local(remark["_links"]["pitfalls"]["href"])).json
        pitfalls = dossier["items"]
        assert {each["category"]["id"] for each in pitfalls} == {remark["about"]["id"]}
        assert {each["case"]["id"] for each in pitfalls} == {each["id"] for each in remark["cases"]}


def test_counter_evidence_of_like_projects_comes_first(seeded: KnowledgeBase) -> None:
    client, text = seeded.client, "Het project vergroot de sociale samenhang."
    others = []
    for strategy in schemes()["strategies"].terms:
        context = {"strategies": [strategy], "targetGroups": [], "scale": None}
        [remark] = counter_evidence(client, text, context)
        path = remark["_links"]["findings"]["href"].removeprefix("http://kennisbank.test")
        near = client.get(f"{path}&strategy={strategy}&pageSize=100").json["items"]
        shared = {each["id"] for each in near} & set(remark["findings"])
        assert len(shared) == min(3, len(near))
        assert ("ander soort projecten" in remark["reason"]) == (not near)
        others += [] if near else [strategy]
    assert others


def test_a_plan_of_no_known_kind_is_not_compared_with_other_kinds(seeded: KnowledgeBase) -> None:
    text = "Het project vergroot de sociale samenhang."
    context: dict[str, Any] = {"strategies": [], "targetGroups": [], "scale": None}
    [remark] = counter_evidence(seeded.client, text, context)

    assert len(remark["findings"]) == 3
    assert "ander soort projecten" not in remark["reason"]


def test_what_all_findings_say_is_a_sentence(seeded: KnowledgeBase) -> None:
    answer = check(seeded.client)

    [cohesion] = [
        each
        for each in answer["remarks"] + answer["folded"]
        if (each["kind"], each["about"]["id"]) == ("tegenbewijs", SAMENHANG)
    ]
    assert "Alle bevindingen samen lopen uiteen." in cohesion["reason"]
    texts = rules().document["texts"]["reasons"]
    assert {f"verdict-{each}" for each in schemes()["verdicts"].terms} <= set(texts)


def test_every_link_of_a_remark_leads_somewhere(seeded: KnowledgeBase) -> None:
    answer = check(seeded.client)

    links = {
        link["href"]
        for remark in answer["remarks"]
        for name, link in remark["_links"].items()
        if name != "rejections"
    }
    for href in sorted(links):
        assert seeded.client.get(href.removeprefix("http://kennisbank.test")).status_code == 200


def test_what_is_rejected_or_intended_counts_as_mentioned(seeded: KnowledgeBase) -> None:
    context = {"strategies": ["gemengd-wonencomplex"], "scale": "complex"}
    silent = check(seeded.client, "Een gebouw voor jongeren.", context=context)
    denying = check(seeded.client, "Een gebouw zonder selectie op motivatie.", context=context)

    absent = "selectie-op-motivatie"
    assert absent in abouts(silent["remarks"] + silent["folded"], "niet-genoemd")
    assert absent not in abouts(denying["remarks"] + denying["folded"], "niet-genoemd")
    [unmet] = [each for each in denying["lookedFor"] if each["about"]["id"] == absent]
    assert (unmet["status"], unmet["sentence"]["start"]) == ("denied", 0)


def test_the_context_can_be_corrected(seeded: KnowledgeBase) -> None:
    answer = check(
        seeded.client,
        context={"strategies": ["sloop-nieuwbouw"], "targetGroups": [], "scale": None},
    )

    assert [each["id"] for each in answer["context"]["strategies"]] == ["sloop-nieuwbouw"]
    assert answer["comparable"]["basis"] == "strategy"  # nothing else to be alike in


def test_doubts_and_questions_are_no_claims(seeded: KnowledgeBase) -> None:
    text = "Neemt de sociale samenhang toe? We weten niet of de leefbaarheid verbetert."
    answer = check(seeded.client, text)

    assert abouts(answer["remarks"] + answer["folded"], "tegenbewijs") == set()


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("De omwonenden hebben geen bezwaar tegen de komst.", "gebrek-aan-draagvlak"),
        ("Zonder sociaal beheerder beginnen we niet.", "te-weinig-begeleiding"),
        ("Er komt niet minder begeleiding voor de statushouders.", "te-weinig-begeleiding"),
        (
            "Bewoners worden vanaf het begin betrokken en niet pas na het besluit geïnformeerd.",
            "van-bovenaf",
        ),
        (
            "Er is twee jaar subsidie. Na afloop van de subsidie neemt de gemeente de kosten over.",
            "financiering-onzeker",
        ),
        (
            "De gemeente en de corporatie betalen elk de helft, ook nadat de subsidie afloopt.",
            "financiering-onzeker",
        ),
        ("Misschien dragen feesten bij aan de samenhang; daar sturen wij niet op.", SAMENHANG),
        ("De sociale samenhang neemt toe. Daar sturen wij niet op.", SAMENHANG),
    ],
)
def test_what_a_plan_denies_solves_or_doubts_is_no_remark(
    seeded: KnowledgeBase, text: str, about: str
) -> None:
    answer = check(seeded.client, text, context={"strategies": ["gemengd-wonencomplex"]})

    assert about not in {each["about"]["id"] for each in answer["remarks"]}
    assert about not in abouts(answer["folded"], "tegenbewijs")


def test_what_a_plan_rejects_is_no_common_ground(seeded: KnowledgeBase) -> None:
    context = {"strategies": ["gemengd-wonencomplex"], "scale": "complex"}
    denying = check(seeded.client, "Een gebouw zonder gedeelde ruimten.", context=context)

    similar = [
        each for each in denying["remarks"] + denying["folded"] if each["kind"] == "lijkt-op"
    ]
    assert similar
    assert not any("Gedeelde ruimten" in each["reason"] for each in similar)


@given(
    st.lists(
        st.sampled_from(
            [
                *(
                    "Er is geen huismeester. ",
                    "De leefbaarheid neemt toe. ",
                    "\n\n",
                    "Doel\n",
                    "? ",
                ),
                *(
                    "? ",
                    "jongeren ",
                    "tijdelijk contract ",
                    "\ufeff",
                    "\u202e",
                    "é",
                    "<b>",
                    "%s",
                    "{}",
                ),
            ]
        ),
        max_size=30,
    )
    .map("".join)
    .filter(lambda text: bool(text))
)
def test_the_same_text_has_the_same_answer(seeded: KnowledgeBase, text: str) -> None:
    parts = services_of(seeded.app)
    with seeded.app.test_request_context():
        first, second = (
            PlanCheckWriter(
                check_plan(text, parts.plan_cases.current(), parts.evidence.current()),
                parts.plan_cases.current(),
                "nl",
            ).document()
            for _ in range(2)
        )

    assert first == second
    for remark in first["remarks"]:
        if sentence := remark["sentence"]:
            assert text[sentence["start"] : sentence["end"]] == sentence["text"]


def test_nothing_of_a_plan_stays(seeded: KnowledgeBase, caplog: pytest.LogCaptureFixture) -> None:
    secret = "Eigenheimerstraat"
    answer = seeded.client.post("/v1/plan-checks", json={"text": f"{PLAN} {secret}."})

    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
    assert secret not in caplog.text


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"/text": "required"}),
        ({"text": ""}, {"/text": "too-short"}),
        ({"text": 1, "x": 2}, {"/text": "wrong-type", "/x": "unknown-key"}),
        ({"text": "a", "context": {"scale": "wijkk"}}, {"/context/scale": "not-in-vocabulary"}),
        (
            {"text": "a", "context": {"strategies": ["x"], "y": 1}},
            {"/context/strategies/0": "not-in-vocabulary", "/context/y": "unknown-key"},
        ),
    ],
)
def test_every_mistake_is_reported(
    seeded: KnowledgeBase, body: Any, pointers: dict[str, str]
) -> None:
    answer = seeded.client.post("/v1/plan-checks", json=body)

    assert answer.status_code == 400
    assert {each["pointer"]: each["code"] for each in answer.json["errors"]} == pointers


def test_a_blank_text_is_refused(seeded: KnowledgeBase) -> None:
    answer: Any = seeded.client.post("/v1/plan-checks", json={"text": " \n\u200b\t"})

    assert answer.status_code == 400
    assert [(each["pointer"], each["code"]) for each in answer.json["errors"]] == [
        ("/text", "empty")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Snijd twee uien, fruit ze in de boter en voeg de bouillon toe. Laat de soep trekken.",
        "The city will build a swimming pool and repave the car park next year.",
    ],
)
def test_a_text_that_is_no_plan_gets_no_remarks(seeded: KnowledgeBase, text: str) -> None:
    answer = check(seeded.client, text)

    assert answer["context"]["strategies"] == []
    assert answer["remarks"] + answer["folded"] == []


def test_too_much_text_and_unknown_parameters_are_refused(seeded: KnowledgeBase) -> None:
    client = seeded.client

    assert client.post("/v1/plan-checks", json={"text": "woord " * 20_000}).status_code == 413
    assert client.post("/v1/plan-checks?x=1", json={"text": "a"}).status_code == 400
    assert client.post("/v1/plan-checks", data="a", content_type="text/csv").status_code == 415
    assert client.get("/v1/plan-checks").status_code == 405


def test_english_remarks_on_request(seeded: KnowledgeBase) -> None:
    answer = seeded.client.post("/v1/plan-checks?lang=en", json={"text": PLAN})

    assert any("comparable cases" in each["reason"] for each in answer.json["remarks"])
    assert answer.headers["Content-Language"] == "en"


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({}, {}),
        ({"scale": "wijk"}, {"scale": {"wijk"}}),
        ({"scale": None}, {"scale": set()}),
        ({"strategies": ["sloop-nieuwbouw"]}, {"strategies": {"sloop-nieuwbouw"}}),
        ({"strategies": [], "targetGroups": None}, {"strategies": set(), "targetGroups": set()}),
    ],
)
def test_what_a_context_leaves_out_stays_recognised(
    seeded: KnowledgeBase, context: dict[str, Any], expected: dict[str, set[str]]
) -> None:
    recognised = ids_by_key(check(seeded.client)["context"])
    answer = check(seeded.client, context=context)

    assert recognised["strategies"]
    assert recognised["targetGroups"]
    assert recognised["scale"] == {"complex"}
    assert ids_by_key(answer["context"]) == {**recognised, **expected}
