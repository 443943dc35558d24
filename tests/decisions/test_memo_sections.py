"""The sections of a memo: what is known of a choice, what tells against it, what nobody knows."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import LONG, a_case, a_finding, a_pitfall, a_question, a_study
from tests.conftest import KnowledgeBase
from tests.decisions.memos import CHOICE, LISTS, memo, section

SECTIONS = [
    *("question", "options", "effects", "groups", "pitfalls", "counter-evidence"),
    *("unknown", "transferability", "weighing", "sources"),
]


@pytest.fixture(scope="session")
def every_item(seeded: KnowledgeBase) -> list[str]:
    """The things of the first collection, some of each kind."""
    pages = [seeded.client.get(f"/v1/{name}?pageSize=40").json for name in LISTS]
    return [f"{each['type']}:{each['id']}" for page in pages for each in page["items"]]


@given(data=st.data())
@settings(max_examples=25)
def test_counter_evidence_is_in_every_memo(
    data: st.DataObject, seeded: KnowledgeBase, every_item: list[str]
) -> None:
    chosen = data.draw(st.lists(st.sampled_from(every_item), min_size=1, max_size=8, unique=True))

    document = memo(seeded, *chosen)

    assert [each["id"] for each in document["sections"]] == SECTIONS
    assert document["effects"]
    against = section(document, "counter-evidence")
    effects = [seeded.client.get(f"/v1/effects/{each}").json for each in document["effects"]]
    for finding in (each["strongest"]["against"] for each in effects):
        assert finding is None or " ".join(finding["claim"].split()) in against
    assert section(document, "counter-evidence", annex=False).count("\n") >= 1
    assert "Kosten" in section(document, "unknown", annex=False)


def test_a_choice_without_effects_has_counter_evidence_too(kb: KnowledgeBase) -> None:
    against = a_finding("ander", "meer-overlast", direction="negatief")
    kb.publish(a_case("stil"), a_case("ander", findings=[against]))

    document = memo(kb, "case:stil")

    assert "Niets van wat is gekozen noemt een effect." in section(document, "effects")
    assert "Meer overlast" in section(document, "counter-evidence", annex=False)
    assert "niet in je keuze" in section(document, "counter-evidence")


def test_without_any_counter_evidence_the_memo_says_so(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", findings=[a_finding("tuin")]))

    text = section(memo(kb, "case:tuin"), "counter-evidence")

    assert "Niets negatiefs vastgelegd over: Leefbaarheid." in text
    assert "niet dat er niets is" in text


def test_verdicts_are_those_of_all_findings(seeded: KnowledgeBase) -> None:
    document = memo(seeded, *CHOICE)

    text = section(document, "effects")
    for effect in document["effects"]:
        sentence = seeded.client.get(f"/v1/effects/{effect}").json["sentence"]
        assert sentence.partition(".")[0] in text


@pytest.mark.parametrize("language", ["nl", "en"])
def test_no_verdict_stands_without_its_direction_and_lane(
    seeded: KnowledgeBase, language: str
) -> None:
    document = memo(seeded, "case:place2bu-utrecht", lang=language)

    text = section(document, "effects") + section(document, "groups")
    words = {"nl": "eensgezind|overwegend", "en": "unanimous|mostly"}[language]
    directions = {"nl": "positief|negatief|geen", "en": "positive|negative|no"}[language]
    verdicts = re.findall(rf"\b(?:{words})\b.*", text, re.IGNORECASE)
    assert verdicts
    for each in verdicts:
        assert re.match(rf"\w+ (?:{directions})[^(;]*\(", each, re.IGNORECASE), each


def test_costs_are_as_written_or_unknown(kb: KnowledgeBase) -> None:
    costly = a_case("duur", approach="Er kwam een plein. Dat kostte € 2,5 miljoen. Het is af.")
    kb.publish(costly, a_case("tuin"))

    text = section(memo(kb, "case:duur", "case:tuin"), "unknown", annex=False)

    assert "Kosten genoemd in Duur: “Dat kostte € 2,5 miljoen.”" in text
    assert "Kosten: onbekend van Tuin" in text


@pytest.mark.parametrize(
    ("item", "amount"),
    [
        ("curant-antwerpen", "Het project kostte ruim zes miljoen euro"),
        ("bonnyrigg-sydney", "730 miljoen dollar"),
        ("castle-vale-birmingham", "250 miljoen pond"),
        ("gellerup-aarhus", "6,5 miljard kronen"),
    ],
)
def test_costs_are_read_in_all_texts_and_currencies(
    seeded: KnowledgeBase, item: str, amount: str
) -> None:
    text = section(memo(seeded, f"case:{item}"), "unknown")

    assert re.search(rf"Kosten genoemd in [^\n]*{amount}", text)
    assert "onbekend van" not in text


@pytest.mark.parametrize("text", ["Een wijk aan de rand. De kroon op het werk. Pond na pond eraf."])
def test_words_for_money_without_a_number_are_no_costs(kb: KnowledgeBase, text: str) -> None:
    kb.publish(a_case("tuin", approach=text))

    assert "Kosten: onbekend van Tuin" in section(memo(kb, "case:tuin"), "unknown", annex=False)


def test_pitfalls_come_with_how_to_avoid_them(kb: KnowledgeBase) -> None:
    silent = a_pitfall("tuin", "stil", avoidance=None)
    kb.publish(a_case("tuin", pitfalls=[silent, a_pitfall("tuin")]))

    text = section(memo(kb, "case:tuin"), "pitfalls", annex=False)

    assert text.index("Spreek vooraf af") < text.index("Stil")
    assert "geen advies vastgelegd" in text
    assert "geen bewijs" in text


def test_weighing_is_left_to_the_reader(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"))

    [table] = [
        block
        for each in memo(kb, "case:tuin")["sections"]
        for block in each["blocks"]
        if block["type"] == "table"
    ]

    assert all(row[0] and not row[1] for row in table["rows"])


def test_all_kinds_of_things_are_used(kb: KnowledgeBase) -> None:
    study = a_study("studie", findings=[{**a_finding("studie"), "source": None}])
    del study["findings"][0]["source"]
    question = a_question("vraag", studies=["studie"], effectDomains=["veiligheid"])
    kb.take(studies=[study], questions=[question])
    kb.publish(a_case("tuin", pitfalls=[a_pitfall("tuin")], findings=[a_finding("tuin")]))

    document = memo(
        kb,
        *("question:vraag", "study:studie", "pitfall:tuin--korte-adem"),
        *("finding:tuin--minder-overlast", "ingredient:buddy-systeem"),
        question="Wat nu?",
    )

    assert set(document["effects"]) == {"leefbaarheid", "veiligheid"}
    assert "Wat nu?" in section(document, "question")
    assert LONG in section(document, "question")  # the answer, in the annex
    assert "Korte adem" in section(document, "pitfalls")
    assert "Minder overlast" in section(document, "effects")
    assert "Verslag van de buurt" in section(document, "sources")
    assert "Studie" in section(document, "sources")


def test_what_nobody_has_checked_is_marked(kb: KnowledgeBase) -> None:
    doubtful = a_case("tuin", pitfalls=[a_pitfall("tuin")], startYear=1997, endYear=None,
                      status="afgerond",
                      unverified=["status", "startYear", "pitfalls.avoidance"])  # fmt: skip
    kb.publish(doubtful)
    kb.publish(a_case("zeker", pitfalls=[a_pitfall("zeker")]))

    whole = memo(kb, "case:tuin")
    alone = memo(kb, "pitfall:tuin--korte-adem")

    note = "Nog niet in een bron nagekeken"
    options = section(whole, "options")
    assert f"{note}: jaren, status" in options
    assert "vanaf 1997, einde onbekend" in options
    for document in (whole, alone):
        assert note in section(document, "pitfalls", annex=False)
    assert note.lower() in section(whole, "transferability").lower()
    assert note not in str(memo(kb, "case:zeker"))


def test_an_ingredient_brings_what_was_ascribed_to_it(kb: KnowledgeBase) -> None:
    how = [{"id": "buddy-systeem", "how": "Met een maat."}]
    ascribed = a_finding("tuin", ingredients=["buddy-systeem"])
    other = a_finding("tuin", "los", claim="Iets heel anders.")
    kb.publish(a_case("tuin", ingredients=how, findings=[ascribed, other],
                      pitfalls=[a_pitfall("tuin")]))  # fmt: skip

    document = memo(kb, "ingredient:buddy-systeem")

    assert ascribed["claim"] in section(document, "effects")
    assert "Iets heel anders." not in section(document, "effects")
    assert "Korte adem" in section(document, "pitfalls", annex=False)


def test_a_question_brings_its_answer_and_studies(kb: KnowledgeBase) -> None:
    kb.take(
        studies=[a_study("studie", title="Een studie")],
        questions=[
            a_question("vraag", studies=["studie"], effectDomains=["veiligheid"],
                       ingredients=["buddy-systeem"], pitfallCategories=["scheve-instroom"])
        ],
    )  # fmt: skip

    document = memo(kb, "question:vraag")

    main = section(document, "question", annex=False)
    assert LONG in main
    assert "Buddy's en maatjes" in main
    assert "Scheve of te snelle instroom" in main
    assert "Een studie" in section(document, "sources")


def test_a_chosen_study_stands_under_its_effects(kb: KnowledgeBase) -> None:
    finding = {key: value for key, value in a_finding("studie").items() if key != "source"}
    kb.take(studies=[a_study("studie", title="Een studie", findings=[finding])])

    text = section(memo(kb, "study:studie"), "effects", annex=False)

    assert "Gekozen onderzoek: Een studie." in text


def test_a_chosen_finding_stands_under_its_effect(kb: KnowledgeBase) -> None:
    finding = a_finding("tuin")
    kb.publish(a_case("tuin", findings=[finding]))

    document = memo(kb, f"finding:{finding['id']}")

    text = section(document, "effects", annex=False)
    assert finding["claim"] in text
    assert "In deze keuze: 1 bevinding: 1 positief (" in text
