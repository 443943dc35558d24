"""Things and dossiers as Word and Markdown: all that their pages say, the same bytes each time."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from zipfile import is_zipfile

import pytest
from hypothesis import given, settings

from kb.decisions import report_markdown, report_word
from kb.decisions.thing_report import thing_report
from kb.kinds import KINDS
from tests.builders import a_case, a_question, a_study
from tests.conftest import KnowledgeBase
from tests.decisions.reports import WILD, read_word, word_texts

KINDS_WITH_TEXTS = [each for each in KINDS.values() if "docx" in each.representations]
ADDRESSES = [f"/v1/{each.collection}/{each.example_id}" for each in KINDS_WITH_TEXTS]
DOSSIER = "/v1/dossiers?" + "&".join(
    f"item={each.name}:{each.example_id}" for each in KINDS.values()
)


def answer_of(kb: KnowledgeBase, address: str, representation: str) -> Any:
    sign = "&" if "?" in address else "?"
    answer = kb.client.get(f"{address}{sign}format={representation}")
    assert answer.status_code == 200, answer.text
    return answer


def test_a_case_a_study_a_question_and_a_finding_have_texts() -> None:
    assert [each.name for each in KINDS_WITH_TEXTS] == ["case", "finding", "study", "question"]


@pytest.mark.parametrize("address", [*ADDRESSES, DOSSIER])
def test_word_opens_with_headings_and_is_the_same_each_time(
    seeded: KnowledgeBase, address: str
) -> None:
    answer, again = (answer_of(seeded, address, "docx") for _ in range(2))

    document = read_word(answer.data)
    assert answer.data == again.data
    assert document.paragraphs[0].style.name == "Title"
    assert any(each.style.name == "Heading 1" for each in document.paragraphs)
    assert re.fullmatch(
        r'attachment; filename="[a-z0-9-]+\.docx"', answer.headers["Content-Disposition"]
    )


@pytest.mark.parametrize("address", [*ADDRESSES, DOSSIER])
def test_markdown_has_what_word_has(seeded: KnowledgeBase, address: str) -> None:
    document = read_word(answer_of(seeded, address, "docx").data)
    markdown = answer_of(seeded, address, "markdown")

    headings = [each.text for each in document.paragraphs if each.style.name.startswith("Heading")]
    written = re.sub(r"\\(.)", r"\1", markdown.text)
    assert [line.lstrip("# ") for line in written.splitlines() if line.startswith("##")] == headings
    assert markdown.content_type == "text/markdown; charset=utf-8"


def test_all_texts_of_a_case_stand_in_it(seeded: KnowledgeBase) -> None:
    address = ADDRESSES[0]
    case = seeded.client.get(address).json or {}

    text = "\n".join(word_texts(read_word(answer_of(seeded, address, "docx").data)))

    running = [case[key] for key in ("summary", "context", "approach", "results")]
    written = [
        *(line for each in running for line in each.splitlines() if line.strip()),
        *(each["how"] for each in case["ingredients"]),
        *(each["description"] for each in case["pitfalls"]),
        *(each["avoidance"] for each in case["pitfalls"]),
        *(each["claim"] for each in case["findings"]),
        *(each["title"] for each in case["sources"]),
    ]
    assert [
        each
        for each in filter(None, written)
        if " ".join(each.split()) not in " ".join(text.split())
    ] == []
    assert "Dit is advies, geen bewijs." in text
    assert "Nog niet alles hiervan is in een bron nagekeken" in text


def test_a_dossier_has_a_heading_for_each_thing_and_says_what_is_absent(
    seeded: KnowledgeBase,
) -> None:
    markdown = answer_of(seeded, f"{DOSSIER}&item=case:bestaat-niet", "markdown").text

    items = (seeded.client.get(DOSSIER).json or {})["items"]
    headings = re.findall(r"^## (.*)$", markdown, re.MULTILINE)
    assert headings == ["Gekozen, maar er niet meer", *(each["title"] for each in items)]
    assert "case:bestaat-niet" in markdown


def test_a_change_elsewhere_changes_no_text(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"))
    kb.take(studies=[a_study("boek")], questions=[a_question("vraag")])
    addresses = ["/v1/cases/tuin", "/v1/studies/boek", "/v1/questions/vraag"]
    before = [answer_of(kb, each, "docx").data for each in addresses]

    kb.publish(a_case("plein"))

    assert [answer_of(kb, each, "docx").data for each in addresses] == before


def test_english_labels_stand_beside_dutch_texts(seeded: KnowledgeBase) -> None:
    text = answer_of(seeded, f"{ADDRESSES[0]}?lang=en", "markdown").text

    assert "## Active ingredients" in text
    assert "This is advice, not evidence." in text


@settings(max_examples=20)
@given(WILD, WILD, WILD)
def test_whatever_a_text_holds_word_and_markdown_can_be_made(
    seeded: KnowledgeBase, title: str, how: str, claim: str
) -> None:
    case = dict(seeded.client.get(ADDRESSES[0]).json or {})
    case["title"] = f"Titel {title}"
    case["ingredients"] = [{**case["ingredients"][0], "how": how}]
    case["findings"] = [{**case["findings"][0], "claim": claim, "conditions": how}]

    with seeded.app.test_request_context():
        report = thing_report(case)
        assert is_zipfile(BytesIO(report_word.write(report)))
        assert report_markdown.write(report).startswith("# ")
