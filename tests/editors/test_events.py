"""The timeline of a case: in order wherever it comes out, and each event once."""

from __future__ import annotations

from typing import Any

import pytest

from kb.editors.tables import csv_export, csv_import
from schemas.cases import CaseDocument, as_document
from schemas.stored import dump_stored
from tests.builders import a_case
from tests.cases.test_one_case import differing
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person
from tests.editors.test_imports import send

IN_ORDER = [
    {"year": 2014, "month": None, "what": "De gemeente besluit te slopen."},
    {"year": 2014, "month": 3, "what": "Bewoners maken bezwaar."},
    {"year": 2014, "month": 3, "what": "De rechter wijst het bezwaar af."},
    {"year": 2016, "month": None, "what": "De eerste nieuwe woningen staan er."},
]
AS_SENT = [
    {"year": 2016, "what": "De eerste nieuwe woningen staan er. "},
    *IN_ORDER[1:3],
    {"year": 2014, "what": "De gemeente besluit te slopen."},
]


def test_events_come_out_by_year_and_month_and_then_as_sent(any_kb: KnowledgeBase) -> None:
    any_kb.publish(a_case("tuin", events=AS_SENT), a_case("straat"))

    assert any_kb.client.get("/v1/cases/tuin").json["events"] == IN_ORDER
    assert any_kb.client.get("/v1/cases/straat").json["events"] == []
    assert differing(any_kb) == []


def test_a_text_of_before_events_came_is_the_same_document_and_still_read() -> None:
    stored = as_document(CaseDocument().load(a_case("tuin")))

    assert "events" not in stored
    assert dump_stored(CaseDocument(), stored)["events"] == []


def test_events_of_a_draft_are_in_order_and_no_advice_says_they_changed(anna: Person) -> None:
    created = anna.create(a_case("tuin", events=AS_SENT))
    tried = anna.ask("POST", "/cases/_validate", a_case("straat", events=AS_SENT))

    assert created.json["events"] == IN_ORDER
    for answer in (created.json["_draft"], tried.json):
        assert "normalised" not in {each["code"] for each in answer["advice"]}


def test_another_spelling_in_an_event_is_reported_where_it_was_sent(anna: Person) -> None:
    events = [{"year": 2016, "what": "Twee\nregels."}, {"year": 2014, "what": "Begin."}]

    tried = anna.ask("POST", "/cases/_validate", a_case("tuin", events=events))

    assert [each["pointer"] for each in tried.json["advice"] if each["code"] == "normalised"] == [
        "/events/0/what"
    ]


def test_an_event_that_stands_there_twice_is_no_public_text(anna: Person) -> None:
    created = anna.create(a_case("tuin", events=[*AS_SENT, AS_SENT[1]]))

    problems = created.json["_draft"]["problems"]
    assert [(each["pointer"], each["code"]) for each in problems] == [("/events/3", "duplicate")]


def test_versions_differ_in_their_events(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"))
    kb.publish(a_case("tuin", events=IN_ORDER[:1]))
    kb.publish(a_case("tuin", events=IN_ORDER[:2]))

    first, last = (
        kb.client.get(f"/v1/cases/tuin/versions/{number}/changes?from=1").json for number in (2, 3)
    )

    assert first == [{"op": "add", "path": "/events/0", "value": IN_ORDER[0]}]
    assert [each["path"] for each in last] == ["/events/0", "/events/1"]
    assert kb.client.get("/v1/cases/tuin/versions/1").json["events"] == []


def test_a_table_of_cases_has_their_events_and_sent_again_changes_nothing(
    any_kb: KnowledgeBase,
) -> None:
    same = [*IN_ORDER, {"year": 2020, "month": None, "what": IN_ORDER[1]["what"]}]
    any_kb.publish(a_case("tuin", events=same), a_case("straat"))

    sheet = "".join(csv_export.table(any_kb.database))
    [(_, straat), (_, tuin)] = csv_import.read_csv(sheet.encode()).rows

    assert "event5.what" in sheet.partition("\n")[0]
    assert "events" not in straat
    assert tuin["events"][1:2] == [IN_ORDER[1]]
    assert tuin["events"][4] == {"year": 2020, "what": IN_ORDER[1]["what"]}


@pytest.mark.parametrize("media", ["text/csv", "application/x-ndjson"])
def test_what_was_exported_and_comes_back_changes_nothing(
    media: str, kb: KnowledgeBase, anna: Person
) -> None:
    same = [*IN_ORDER, {"year": 2020, "month": None, "what": IN_ORDER[1]["what"]}]
    kb.publish(a_case("tuin", events=same))
    form = {"text/csv": "csv", "application/x-ndjson": "ndjson"}[media]
    body = kb.client.get(f"/v1/cases?format={form}&fields=all").data

    answer = send(anna, body, "?dryRun=true", media=media)

    assert answer.json["totals"]["unchanged"] == 1, answer.text


def test_a_row_may_add_an_event_or_date_one_better(kb: KnowledgeBase, anna: Person) -> None:
    kb.publish(a_case("tuin", events=IN_ORDER))
    sheet = (
        "id;Jaar van de gebeurtenis 1;Maand van de gebeurtenis 1;Gebeurtenis 1;"
        "event2.year;event2.what\r\n"
        f"tuin;2014;2;{IN_ORDER[0]['what']};2015;De sloop begint.\r\n"
    )

    send(anna, sheet.encode(), media="text/csv")

    draft: Any = anna.ask("GET", "/cases/tuin/draft").json
    assert [(each["year"], each["month"]) for each in draft["events"]] == [
        *((2014, 2), (2014, 3), (2014, 3)),
        *((2015, None), (2016, None)),
    ]


def test_words_of_an_event_find_its_case_less_than_words_of_a_title(kb: KnowledgeBase) -> None:
    event = {"year": 2014, "what": "De gemeente koopt een zwembad."}
    kb.publish(a_case("tuin", events=[event]), a_case("zwembad"))

    answer: Any = kb.client.get("/v1/cases?q=zwembad").json

    assert [each["id"] for each in answer["items"]] == ["zwembad", "tuin"]
    assert answer["items"][1]["match"]["fields"] == ["events"]
    assert "<mark>zwembad</mark>" in answer["items"][1]["match"]["snippets"][0]["html"]


def test_the_table_of_one_case_and_its_linked_data_have_its_events(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", events=IN_ORDER[:2]))

    line = kb.client.get("/v1/cases/tuin?format=csv").text
    node: Any = kb.client.get("/v1/cases/tuin?format=jsonld").get_json(force=True)

    assert "2014 De gemeente besluit te slopen.; 2014-03 Bewoners maken bezwaar." in line
    assert [(each["@type"], each["startDate"]) for each in node["mentions"]] == [
        ("Event", "2014"),
        ("Event", "2014-03"),
    ]
