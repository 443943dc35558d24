"""A memo says what is known of a choice, what tells against it, and what nobody knows."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from typing import Any
from urllib.parse import quote, urlencode
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import LONG, a_case, a_finding, a_pitfall, a_question, a_study
from tests.conftest import PUBLIC_URL, KnowledgeBase
from tests.contract.addresses import local
from tests.decisions.reports import read_word, word_texts

SECTIONS = [
    *("question", "options", "effects", "groups", "pitfalls", "counter-evidence"),
    *("unknown", "transferability", "weighing", "sources"),
]
CHOICE = (
    *("case:place2bu-utrecht", "case:stek-oost-amsterdam", "ingredient:buddy-systeem"),
    *("question:leidt-mengen-tot-contact", "study:kleinhans-2004"),
)
LISTS = ("cases", "pitfalls", "findings", "studies", "questions", "ingredients")


def address(*items: str, **parameters: Any) -> str:
    pairs = [*(("item", each) for each in items), *parameters.items()]
    return f"/v1/memos?{urlencode(pairs, quote_via=quote)}"


def memo(kb: KnowledgeBase, *items: str, **parameters: Any) -> Any:
    answer = kb.client.get(address(*items, **parameters))
    assert answer.status_code == 200, answer.text
    return answer.json


def texts(blocks: list[Any]) -> Iterator[str]:
    """Each text of some blocks, without its looks."""
    for block in blocks:
        cells = chain.from_iterable(block.get("rows", ()))
        for text in (block.get("text", ()), *block.get("items", ()), *cells):
            yield "".join(run["text"] for run in text)


def section(document: Any, name: str, *, annex: bool = True) -> str:
    """The text of a section, with its annex or without."""
    [chosen] = [each for each in document["sections"] if each["id"] == name]
    parts = [*chosen["blocks"], *(chosen["annex"] if annex else ())]
    return "\n".join(texts(parts))


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


def test_what_cannot_be_read_stands_in_the_memo(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"), a_case("weg"))
    kb.withdraw("weg", reason="Klopte niet.")

    document = memo(kb, "case:tuin", "case:weg", "case:nergens")
    gone = kb.client.get(address("case:weg"))

    assert [each["status"] for each in document["absent"]] == [410, 404]
    assert "Klopte niet." in section(document, "absent")
    assert gone.status_code == 410


def test_a_memo_leads_to_the_transfer_check_of_each_case(seeded: KnowledgeBase) -> None:
    text = seeded.client.get(address(*CHOICE, format="markdown")).text

    for slug in ("place2bu-utrecht", "stek-oost-amsterdam"):
        check = f"/past-het-hier?case={slug}"
        assert f"(<{PUBLIC_URL}{check}>)" in text
        assert seeded.client.get(check).status_code == 200


def test_a_memo_says_what_has_changed_since(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", findings=[a_finding("tuin")]), a_case("los"))
    kb.publish(a_case("ander", findings=[a_finding("ander")]))
    first = memo(kb, "case:tuin")
    permalink = local(first["_links"]["self"]["href"])
    assert kb.client.get(permalink).json["since"]["isUnchanged"]

    kb.publish(a_case("tuin", title="Tuin nieuw", findings=[a_finding("tuin")]))
    kb.publish(a_case("ander", title="Ander", findings=[a_finding("ander", "meer-rust")]))
    kb.publish(a_case("los", title="Los nieuw"))
    later = kb.client.get(permalink).json

    assert first["since"] is None
    since = later["since"]
    assert not since["isUnchanged"]
    assert since["change"] == first["change"]
    assert [each["id"] for each in since["chosen"]] == ["tuin"]
    assert [each["id"] for each in since["basis"]] == ["ander"]
    assert since["others"] == 1
    assert "Casus Tuin nieuw (tuin): gewijzigd" in section(later, "since")
    assert "Casus Ander (ander): gewijzigd" in section(later, "since")
    assert f"/v1/changes?cursor={first['change']}" in kb.client.get(permalink).text


def test_a_former_id_is_written_as_it_is_now(kb: KnowledgeBase) -> None:
    from kb.database import now
    from kb.editors import renaming

    kb.publish(a_case("een"))
    with kb.database.transaction() as session:
        renaming.rename(session, "een", "twee", who="redactie", at=now())
    kb.catch_up()

    document = memo(kb, "case:een", change=1)

    assert "(twee): hernoemd" in section(document, "since")
    assert document["items"] == ["case:twee"]
    assert "item=case:twee" in document["_links"]["self"]["href"]


HASHES = """
import hashlib, sys
from pathlib import Path
from tests.conftest import _opened
kb = _opened(Path(sys.argv[1]), "")
for address in sys.argv[2:]:
    print(hashlib.sha256(kb.client.get(address).data).hexdigest())
kb.close()
"""


def test_the_same_choice_gives_the_same_bytes_everywhere(seeded: KnowledgeBase) -> None:
    folder = seeded.app.extensions["kb"].settings.data_dir
    addresses = [
        address(*CHOICE, question="Wat nu?", change=1, lang=language, format=form)
        for language in ("nl", "en")
        for form in ("json", "markdown", "docx", "html")
    ]
    here = [hashlib.sha256(seeded.client.get(each).data).hexdigest() for each in addresses]

    elsewhere = subprocess.run(
        [sys.executable, "-c", HASHES, str(folder), *addresses],
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert elsewhere.stdout.split() == here


def test_a_memo_in_word_has_all_of_its_text(seeded: KnowledgeBase) -> None:
    document = memo(seeded, *CHOICE, question="Wat nu?", lang="en")
    answer = seeded.client.get(address(*CHOICE, question="Wat nu?", lang="en", format="docx"))
    word = read_word(answer.data)

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert (word.core_properties.title, word.core_properties.language) == ("Wat nu?", "en-GB")
    written = word_texts(word)
    for each in document["sections"]:
        assert each["title"] in written
        assert set(texts([*each["blocks"], *each["annex"]])) <= set(written)


def test_pages_of_word_have_numbers_and_no_strange_picture(seeded: KnowledgeBase) -> None:
    data = seeded.client.get(address(*CHOICE, format="docx")).data

    with ZipFile(BytesIO(data)) as parts:
        assert not [name for name in parts.namelist() if "thumbnail" in name]
        assert "PAGE" in "".join(
            parts.read(name).decode() for name in parts.namelist() if "footer" in name
        )


def test_tables_have_few_columns(seeded: KnowledgeBase) -> None:
    document = memo(seeded, *CHOICE)

    blocks = [block for each in document["sections"] for block in each["blocks"] + each["annex"]]
    assert max(len(each["header"]) for each in blocks if each["type"] == "table") <= 5


def test_what_nobody_has_checked_is_marked(kb: KnowledgeBase) -> None:
    doubtful = a_case("tuin", pitfalls=[a_pitfall("tuin")], startYear=1997, endYear=None,
                      status="afgerond",
                      unverified=["status", "startYear", "pitfalls.avoidance"])  # fmt: skip
    kb.publish(doubtful)
    kb.publish(a_case("zeker", pitfalls=[a_pitfall("zeker")]))

    whole = memo(kb, "case:tuin")
    alone = memo(kb, "pitfall:tuin--korte-adem")

    note = "Nog niet aan een bron getoetst"
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


def test_a_chosen_finding_stands_under_its_effect(kb: KnowledgeBase) -> None:
    finding = a_finding("tuin")
    kb.publish(a_case("tuin", findings=[finding]))

    document = memo(kb, f"finding:{finding['id']}")

    text = section(document, "effects", annex=False)
    assert finding["claim"] in text
    assert "In deze keuze: 1 bevinding: 1 positief (" in text


def test_a_memo_is_made_of_a_body_too(seeded: KnowledgeBase) -> None:
    body = {"items": list(CHOICE), "question": "Wat nu?"}

    document = seeded.client.post("/v1/memos", json=body)
    markdown = seeded.client.post("/v1/memos", json={**body, "format": "markdown"})
    page = seeded.client.post("/v1/memos", json={**body, "format": "html"})

    assert document.json == memo(seeded, *CHOICE, question="Wat nu?")
    assert markdown.mimetype == "text/markdown"
    assert page.status_code == 303
    for answer in (document, markdown):
        permanent = seeded.client.get(local(answer.headers["Content-Location"]))
        assert permanent.mimetype == answer.mimetype
    assert seeded.client.get(local(page.headers["Location"])).status_code == 200


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/items", "required"),
        ({"items": []}, "/items", "too-short"),
        ({"items": ["case:a"] * 2}, "/items/1", "duplicate"),
        ({"items": ["case:a"], "question": "x" * 301}, "/question", "too-long"),
        ({"items": ["case:a"], "question": " "}, "/question", "empty"),
        ({"items": ["case:a"], "format": "pdf"}, "/format", "not-in-vocabulary"),
        ({"items": ["case:a"], "change": 10**9}, "/change", "out-of-range"),
        ({"items": ["case:a"], "zonder": "tegenbewijs"}, "/zonder", "unknown-key"),
        ({"items": ["kast:a"]}, "/items/0", "not-in-vocabulary"),
    ],
)
def test_a_body_that_is_wrong_is_refused(
    body: Any, pointer: str, code: str, seeded: KnowledgeBase
) -> None:
    answer = seeded.client.post("/v1/memos", json=body)

    assert answer.status_code == 400
    assert [(each["pointer"], each["code"]) for each in answer.json["errors"]] == [(pointer, code)]


def test_no_parameter_switches_counter_evidence_off(seeded: KnowledgeBase) -> None:
    parameters = {
        each["name"]
        for each in seeded.app.extensions["kb"].api_document()["paths"]["/memos"]["get"][
            "parameters"
        ]
    }

    assert parameters == {"item", "question", "change", "format", "lang"}


def test_hostile_texts_break_no_form(kb: KnowledgeBase) -> None:
    wild = "</w:t><script>alert(1)</script> **a** | [b](javascript:c) \u202e" + "x" * 300
    kb.publish(
        a_case(
            "tuin",
            title=wild[:200],
            summary=wild,
            findings=[a_finding("tuin", claim=wild, direction="negatief", conditions=wild)],
            pitfalls=[a_pitfall("tuin", description=wild, avoidance=wild)],
        )
    )
    for form in ("json", "html", "markdown", "docx"):
        answer = kb.client.get(address("case:tuin", question=wild[:300], format=form))
        assert answer.status_code == 200
        if form == "html":
            assert "<script>alert" not in answer.text
        if form == "docx":
            assert any("<script>" in each for each in word_texts(read_word(answer.data)))


def test_links_of_a_memo_lead_somewhere(seeded: KnowledgeBase) -> None:
    markdown = seeded.client.get(address(*CHOICE, format="markdown")).text
    ours = set(re.findall(rf"<({re.escape(PUBLIC_URL)}/[^>#]*)", markdown))

    assert len(ours) > 10
    for each in sorted(ours)[:30]:
        assert seeded.client.get(local(each)).status_code == 200
