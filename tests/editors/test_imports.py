"""Imports and trials over HTTP: each document by itself, the same the second time."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from kb.app import create_app
from kb.editors.imports.body import XLSX
from kb.editors.imports.intake import import_rows
from kb.editors.model import Import, Revision
from kb.editors.tables import csv_export, csv_import
from tests.builders import a_case, a_finding
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person, codes, somebody
from tests.editors.in_a_process import at_once
from tests.editors.test_idempotency import refused_for_now
from tests.editors.test_lost_updates import request, two_people

LINES = "application/x-ndjson"


def count(kb: KnowledgeBase, table: Any) -> int:
    with kb.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def send(who: Person, body: str | bytes, query: str = "", media: str = LINES) -> Any:
    headers = {"Authorization": f"Bearer {who.token}"}
    path = f"/v1/imports{query}"
    return who.kb.client.post(path, data=body, content_type=media, headers=headers)


def test_each_document_is_reported_and_a_wrong_one_harms_no_other(
    kb: KnowledgeBase, anna: Person
) -> None:
    documents = [a_case("tuin"), a_case("plein", scale="dorp", titel="x"), a_case("tuin"), 7]

    response = anna.ask("POST", "/imports", documents)

    assert response.status_code == 201
    assert response.json["totals"] == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 3}
    assert [
        (
            each["row"],
            each["id"],
            each["outcome"],
            {e["pointer"]: e["code"] for e in each["errors"]},
        )
        for each in response.json["rows"]
    ] == [
        (1, "tuin", "created", {}),
        (2, "plein", "rejected", {"/scale": "not-in-vocabulary", "/titel": "unknown-key"}),
        (3, "tuin", "rejected", {"/id": "duplicate"}),
        (4, None, "rejected", {"": "wrong-type"}),
    ]
    near = {each["pointer"]: each.get("suggestion") for each in response.json["rows"][1]["errors"]}
    assert near["/titel"] == "title"
    address = response.headers["Location"].removeprefix("http://kennisbank.test/v1")
    assert anna.ask("GET", address).json == response.json
    assert anna.ask("GET", "/imports/niets").status_code == 404
    assert kb.client.get(f"/v1{address}").status_code == 401
    assert anna.ask("GET", "/cases/tuin/draft").json["_draft"]["author"] == "Anna"
    assert kb.client.get("/v1/cases/tuin").status_code == 404


def test_sending_it_again_changes_nothing(kb: KnowledgeBase, anna: Person) -> None:
    documents = [a_case("tuin"), a_case("plein")]

    first, second = (anna.ask("POST", "/imports", documents).json for _ in range(2))

    assert first["totals"]["created"] == second["totals"]["unchanged"] == 2
    assert first["id"] != second["id"]
    assert count(kb, Revision) == 2


def test_a_dry_run_says_the_same_and_leaves_nothing(kb: KnowledgeBase, anna: Person) -> None:
    documents = [a_case("tuin"), a_case("plein", scale="dorp")]

    tried = anna.ask("POST", "/imports?dryRun=true", documents)

    assert (tried.status_code, tried.json["id"], tried.json["dryRun"]) == (200, None, True)
    assert "Location" not in tried.headers
    assert count(kb, Revision) == count(kb, Import) == 0
    real = anna.ask("POST", "/imports", documents).json
    assert (real["rows"], real["totals"]) == (tried.json["rows"], tried.json["totals"])


def test_documents_may_come_line_by_line(anna: Person) -> None:
    lines = [json.dumps(a_case("tuin")), "", "{", '{"id": "a", "id": "b"}', json.dumps({"id": "x"})]

    response = send(anna, "\n".join(lines))

    assert [(each["row"], each["outcome"]) for each in response.json["rows"]] == [
        (1, "created"),
        (3, "rejected"),
        (4, "rejected"),
        (5, "created"),
    ]
    assert response.json["rows"][1]["errors"][0]["code"] == "invalid-json"


@pytest.fixture
def alone(kb: KnowledgeBase, tmp_path: Path) -> Iterator[Person]:
    """A publisher where one pair of eyes is enough."""
    settings = replace(kb.app.extensions["kb"].settings, four_eyes=False)
    app = create_app(settings, serving=False)
    small = KnowledgeBase(app, app.extensions["kb"].database, app.extensions["kb"].search)
    yield somebody(small, "Piet", "publisher")
    small.close()


def test_publishing_at_once_is_for_publishers_without_four_eyes(
    anna: Person, piet: Person, alone: Person
) -> None:
    documents = [a_case("tuin"), a_case("plein", sources=[])]

    assert anna.ask("POST", "/imports?publish=true", documents).status_code == 403
    assert piet.ask("POST", "/imports?publish=true", documents).status_code == 403
    response = alone.ask("POST", "/imports?publish=true", documents)

    assert response.json["totals"] == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 1}
    client = alone.kb.client
    assert client.get("/v1/cases/tuin").json["version"] == 1
    assert [each["id"] for each in client.get("/v1/cases?q=tuin").json["items"]] == ["tuin"]


def test_more_than_a_thousand_documents_are_too_many(kb: KnowledgeBase, anna: Person) -> None:
    for response in (
        anna.ask("POST", "/imports", [{}] * 1001),
        send(anna, b"{}\n" * 1001),
    ):
        assert response.status_code == 413
        assert "1000" in response.json["detail"]
    assert anna.ask("POST", "/imports?dryRun=true", [{}] * 1000).status_code == 200


def test_documents_together_may_be_more_than_a_mebibyte(anna: Person) -> None:
    documents = [a_case(f"tuin-{n}", context="a" * 20_000) for n in range(80)]

    response = anna.ask("POST", "/imports?dryRun=true", documents)

    assert response.json["totals"]["created"] == 80
    assert send(anna, b"[" + b" " * 2**25 + b"]", media="application/json").status_code == 413


@pytest.mark.parametrize(
    ("body", "media", "expected"),
    [
        ("{}", "application/json", {"": "wrong-type"}),
        ("[", "application/json", {"": "invalid-json"}),
        ("[NaN]", "application/json", {"": "invalid-json"}),
        ("[" * 5000, "application/json", {"": "invalid-json"}),
    ],
)
def test_a_body_that_is_no_array_is_a_clear_error(
    anna: Person, body: str, media: str, expected: dict[str, str]
) -> None:
    assert codes(send(anna, body, media=media)) == expected


def test_a_table_is_reported_like_documents_with_its_cells(kb: KnowledgeBase, anna: Person) -> None:
    sheet = "Titel;Schaal;Beginjaar\r\nCafé;Buurt;2016\r\nTuin;wijkk;later\r\n"

    response = send(anna, sheet.encode("windows-1252"), media="text/csv")

    assert response.status_code == 201, response.text
    assert response.json["table"] == {
        "format": "csv",
        "encoding": "windows-1252",
        "delimiter": ";",
        "sheet": None,
    }
    assert [(each["row"], each["id"], each["outcome"]) for each in response.json["rows"]] == [
        (2, "cafe", "created"),
        (3, None, "rejected"),
    ]
    assert {each["pointer"]: each["cell"] for each in response.json["rows"][1]["errors"]} == {
        "/scale": {"row": 3, "column": "B", "header": "Schaal", "value": "wijkk"},
        "/startYear": {"row": 3, "column": "C", "header": "Beginjaar", "value": "later"},
    }
    address = response.headers["Location"].removeprefix("http://kennisbank.test/v1")
    assert anna.ask("GET", address).json == response.json


def test_a_workbook_is_reported_likewise(anna: Person) -> None:
    made = Workbook()
    made.active.append(["id", "Titel", "Beginjaar"])
    made.active.append(["tuin", "Tuin", 2016.0])
    written = io.BytesIO()
    made.save(written)

    response = send(anna, written.getvalue(), "?dryRun=true", media=XLSX)
    broken = send(anna, b"PK", "?dryRun=true", media=XLSX)

    assert response.json["table"]["format"] == "xlsx"
    assert response.json["totals"]["created"] == 1
    assert broken.json["totals"]["rejected"] == 1


def test_what_changed_is_reported_before_it_is_done(kb: KnowledgeBase, anna: Person) -> None:
    kb.publish(a_case("tuin"))

    tried = anna.ask("POST", "/imports?dryRun=true", [{"id": "tuin", "dwellings": 12}])

    assert tried.json["rows"][0]["changes"] == [{"key": "dwellings", "before": None, "after": 12}]


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_items_of_the_same_name_are_matched_by_their_other_parts(
    form: str, kb: KnowledgeBase, anna: Person
) -> None:
    parties = [{"name": "COA", "role": role} for role in ("coa", "gemeente")]
    kb.publish(a_case("tuin", parties=parties))
    body = kb.client.get(f"/v1/cases?format={form}&fields=all").data

    answer = send(anna, body, "?dryRun=true", media={"csv": "text/csv", "ndjson": LINES}[form])

    assert answer.json["totals"]["unchanged"] == 1, answer.text


@pytest.mark.parametrize("form", ["csv", "csv&csvSeparator=semicolon", "ndjson"])
def test_whole_cases_go_out_and_in_again_unchanged(
    kb: KnowledgeBase, anna: Person, form: str
) -> None:
    kb.take(cases=[a_case("tuin", title="=1+1", findings=[a_finding("tuin")]), a_case("plein")])
    kb.catch_up()

    read = kb.client.get(f"/v1/cases?format={form}&fields=all")
    media = {"csv": "text/csv; charset=utf-8", "ndjson": LINES}[form.partition("&")[0]]
    response = send(anna, read.data, "?dryRun=true", media=media)

    assert response.json["totals"] == {"created": 0, "updated": 0, "unchanged": 2, "rejected": 0}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("fields=all", "inconsistent"),
        ("format=atom&fields=all", "inconsistent"),
        ("format=csv&fields=all,title", "not-in-vocabulary"),
    ],
)
def test_whole_cases_have_two_forms(kb: KnowledgeBase, query: str, code: str) -> None:
    assert [*codes(kb.client.get(f"/v1/cases?{query}")).values()] == [code]


def test_the_first_cases_go_out_and_in_again_unchanged(seeded: KnowledgeBase) -> None:
    sheet = "".join(csv_export.table(seeded.database)).encode()

    report = import_rows(
        seeded.database, csv_import.read_csv(sheet).rows, author="Anna", dry_run=True
    )

    assert report.totals["unchanged"] == len(report.rows) > 50


@pytest.mark.parametrize(
    "media", ["text/csv; charset=koi8-r", "application/xml", f"{LINES}; charset=latin-1"]
)
def test_another_kind_of_body_is_not_read(anna: Person, media: str) -> None:
    assert send(anna, "x", media=media).status_code == 415


@pytest.mark.parametrize(
    "query", ["?dryRun=ja", "?publish=", "?dryrun=true", "?dryRun=true&dryRun=true"]
)
def test_slips_in_how_to_import_are_reported(anna: Person, query: str) -> None:
    assert send(anna, "{}", query).status_code == 400


def test_the_same_import_with_the_same_key_is_answered_the_same(
    kb: KnowledgeBase, anna: Person
) -> None:
    first, again = (
        anna.ask("POST", "/imports", [a_case("tuin")], Idempotency_Key="i") for _ in range(2)
    )

    assert first.data == again.data
    assert first.headers["Location"] == again.headers["Location"]
    assert count(kb, Import) == 1
    other = anna.ask("POST", "/imports", [a_case("plein")], Idempotency_Key="i")
    assert codes(other) == {"Idempotency-Key": "inconsistent"}


def test_two_who_import_the_same_at_once_in_two_processes_get_one_answer(
    any_kb: KnowledgeBase,
) -> None:
    anna, _ = two_people(any_kb)
    documents = [a_case(f"tuin-{n}") for n in range(60)]
    query = request(anna, "POST", "/imports", documents, Idempotency_Key="i")

    answers = at_once(any_kb, query, query)

    assert all(each["status"] == 201 or refused_for_now(each) for each in answers)
    [text] = {each["text"] for each in answers if each["status"] == 201}
    assert json.loads(text)["totals"]["created"] == 60
    assert anna.ask("POST", "/imports", documents, Idempotency_Key="i").text == text
    assert count(any_kb, Import) == 1


@pytest.mark.long
def test_two_who_import_the_same_at_once_without_a_key_meet_no_accident(
    any_kb: KnowledgeBase,
) -> None:
    people = two_people(any_kb)
    documents = [a_case(f"tuin-{n}") for n in range(30)]

    answers = at_once(any_kb, *(request(who, "POST", "/imports", documents) for who in people))

    assert [each["status"] for each in answers] == [201, 201]
    assert count(any_kb, Revision) == 30


def test_a_trial_tells_mistakes_and_advice_and_saves_nothing(
    kb: KnowledgeBase, anna: Person
) -> None:
    kb.publish(a_case("tuin", title="De tuin van de buurt"))

    wrong = anna.ask("POST", "/cases/_validate", a_case("x", scale="dorp", sources=[]))
    right = anna.ask(
        "POST",
        "/cases/_validate?lang=en",
        a_case("x", title="De tuin van de buurt", findings=[a_finding("x")]),
    )

    assert wrong.json["valid"] is False
    assert "/scale" in {each["pointer"] for each in wrong.json["errors"]}
    assert (right.status_code, right.json["valid"], right.json["errors"]) == (200, True, [])
    [advice] = [each for each in right.json["advice"] if each["code"] == "likely-duplicate"]
    assert advice["pointer"] == "/title"
    assert advice["related"] == [{"type": "case", "id": "tuin", "title": "De tuin van de buurt"}]
    assert advice["detail"].startswith("This may be")
    assert count(kb, Revision) == 1
    assert kb.client.post("/v1/cases/_validate", json={}).status_code == 401


def test_the_schema_of_a_case_is_public_and_speaks_both_languages(kb: KnowledgeBase) -> None:
    nl, en = (kb.client.get(f"/v1/schemas/case?lang={each}").json for each in ("nl", "en"))

    assert nl["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert nl["properties"].keys() == en["properties"].keys()
    assert nl["title"] != en["title"]


def exported(who: Person) -> bytes:
    """The public cases as a workbook."""
    answer = who.ask("GET", "/case-workbook")
    assert answer.status_code == 200, answer.text
    content: bytes = answer.data
    return content


def test_what_was_checked_does_not_change_an_untouched_workbook(
    kb: KnowledgeBase, anna: Person
) -> None:
    kb.publish(a_case("tuin", dwellings=40, unverified=["dwellings", "summary"]))
    check = {"key": "dwellings", "version": 1, "source": "bron-1"}
    assert anna.ask("POST", "/cases/tuin/verifications", check).status_code == 201

    answer = send(anna, exported(anna), media=XLSX)

    assert answer.json["totals"]["unchanged"] == 1, answer.text
    assert anna.ask("GET", "/cases/tuin/draft").status_code == 404


def test_a_row_that_is_as_public_leaves_drafts_alone(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    kb.publish(a_case("tuin", startYear=1990), a_case("plein"))
    workbook = exported(anna)
    anna.ask("POST", "/cases/tuin/draft", {})
    anna.patch("tuin", {"startYear": None})
    piet.ask("POST", "/cases/plein/draft", {})
    piet.patch("plein", {"title": "Half af"})

    answer = send(anna, workbook, media=XLSX)

    assert answer.json["totals"]["unchanged"] == 2, answer.text
    assert anna.ask("GET", "/cases/tuin/draft").json["startYear"] is None
    assert anna.ask("GET", "/cases/plein/draft").json["title"] == "Half af"
