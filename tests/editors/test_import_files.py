"""Files are uploaded, tried and then imported by their id."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from kb.database import now
from kb.editors.imports.body import XLSX
from kb.editors.model import ImportFile
from tests.builders import a_case, a_finding
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person, codes, somebody

TABLE = "Titel;Soort casus;Omschrijving van het project\nTuin;praktijk;Buren tuinieren.\n"
TO_SUMMARY = "Omschrijving van het project:summary"


def upload(who: Person, content: bytes | str, name: str = "") -> Any:
    headers = {"Authorization": f"Bearer {who.token}"}
    body = content.encode() if isinstance(content, str) else content
    return who.kb.client.post(
        "/v1/import-files",
        query_string={"name": name, "lang": "en"},
        data=body,
        content_type="application/octet-stream",
        headers=headers,
    )


def post(who: Person, **query: Any) -> Any:
    headers = {"Authorization": f"Bearer {who.token}"}
    return who.kb.client.post("/v1/imports", query_string={**query, "lang": "en"}, headers=headers)


def workbook(*rows: list[Any]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def archive(**files: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name, text in files.items():
            packed.writestr(name, text)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (TABLE.encode(), ("csv", "utf-8", ";")),
        (("\ufeff" + TABLE).encode(), ("csv", "utf-8", ";")),
        (TABLE.replace(";", ",").encode(), ("csv", "utf-8", ",")),
        (TABLE.replace(";", "\t").encode("utf-16"), ("csv", "utf-16-le", "\t")),
        (TABLE.encode("utf-16-be"), ("csv", "utf-16-be", ";")),
        (TABLE.replace("Buren", "Café").encode("windows-1252"), ("csv", "windows-1252", ";")),
        (workbook(["title"], ["Tuin"]), ("xlsx", None, None)),
        (json.dumps([a_case("tuin")]).encode(), ("json", None, None)),
        (json.dumps(a_case("tuin"), indent=2).encode("utf-16"), ("json", None, None)),
        (b'{"id": "a", "title": "A"}\n{"id": "b"}\n', ("ndjson", None, None)),
    ],
)
def test_what_a_file_is_its_content_says(
    anna: Person, content: bytes, expected: tuple[str, str | None, str | None]
) -> None:
    response = upload(anna, content, "foto.png")

    table = response.json["table"] or {"encoding": None, "delimiter": None}
    assert response.status_code == 201
    assert (response.json["format"], table["encoding"], table["delimiter"]) == expected


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "nothing in this file"),
        (b"\xef\xbb\xbf \r\n", "nothing in this file"),
        (b"title\n\n", "nothing below"),
        (b"[]", "nothing below"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"), "password"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"Workbook", "old Excel"),
        (archive(**{"word/document.xml": "<a/>"}), "not an Excel workbook"),
        (archive(**{"xl/workbook.xml": "<a"}), "cannot be read|can be read"),
        (b"PK\x03\x04 broken", "can be read"),
        (b"%PDF-1.7 title", "no table"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "no table"),
        (b"<!DOCTYPE html><table></table>", "no table"),
        (b"\0" * 100, "no table"),
    ],
)
def test_what_is_no_import_is_refused_with_what_to_do(
    anna: Person, content: bytes, words: str
) -> None:
    response = upload(anna, content)

    assert response.status_code == 400
    assert any(word in response.json["errors"][0]["detail"] for word in words.split("|"))


def test_columns_are_recognised_or_guessed_and_the_request_says_which_they_are(
    kb: KnowledgeBase, anna: Person
) -> None:
    file = upload(anna, TABLE + "Plein;praktijk;Buren spelen.\n").json

    assert [(each["header"], each["name"]) for each in file["columns"]] == [
        ("Titel", "title"),
        ("Soort casus", "kind"),
        ("Omschrijving van het project", None),
    ]
    refused = post(anna, file=file["id"], dryRun="true").json
    tried = post(anna, file=file["id"], dryRun="true", column=TO_SUMMARY).json
    assert refused["totals"]["rejected"] == 1
    assert tried["totals"]["created"] == 2

    done = post(anna, fromDryRun=tried["id"])
    assert done.status_code == 201
    assert done.json["totals"]["created"] == 2
    assert done.json["columns"] == [TO_SUMMARY]
    draft = anna.ask("GET", f"/cases/{done.json['rows'][0]['id']}/draft").json
    assert draft["summary"] == "Buren tuinieren."
    assert [each["id"] for each in anna.ask("GET", "/imports").json["items"]] == [done.json["id"]]


def test_a_column_can_be_left_out(anna: Person) -> None:
    file = upload(anna, TABLE).json

    tried = post(anna, file=file["id"], dryRun="true", column="omschrijving VAN het project:")

    assert tried.json["totals"]["created"] == 1


@pytest.mark.parametrize(
    "column", ["zonder", ":title", "Iets:bestaat-niet", ["Iets:title", "iets:summary"], "x" * 401]
)
def test_slips_in_columns_are_reported(anna: Person, column: Any) -> None:
    response = post(anna, file=upload(anna, TABLE).json["id"], column=column)

    assert response.status_code == 400
    assert response.json["errors"][0]["name"] == "column"


def test_a_body_takes_columns_too(anna: Person) -> None:
    headers = {"Authorization": f"Bearer {anna.token}"}
    response = anna.kb.client.post(
        "/v1/imports",
        query_string={"dryRun": "true", "column": TO_SUMMARY},
        data=TABLE,
        content_type="text/csv",
        headers=headers,
    )

    assert response.json["totals"]["created"] == 1
    assert response.json["id"] is None


def test_what_changed_since_the_dry_run_is_left_alone_and_reported(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    kb.publish(a_case("tuin", title="Tuin"))
    kb.publish(a_case("plein", title="Plein"))
    file = upload(anna, "id,summary\ntuin,Nieuw.\nplein,Ook nieuw.\nhof,Niets\n").json
    tried = post(anna, file=file["id"], dryRun="true").json
    anna.ask("POST", "/cases/plein/draft", {})
    anna.patch("plein", {"summary": "Intussen."})

    done = post(anna, fromDryRun=tried["id"]).json

    outcomes = {row["id"]: row["outcome"] for row in done["rows"]}
    assert outcomes["tuin"] == "updated"
    assert outcomes["plein"] == "rejected"
    assert "changed since" in done["rows"][1]["errors"][0]["detail"]
    assert anna.ask("GET", "/cases/plein/draft").json["summary"] == "Intussen."


def test_a_file_is_of_one_editor_and_of_an_hour(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    file = upload(anna, TABLE).json
    tried = post(anna, file=file["id"], dryRun="true", column=TO_SUMMARY).json

    assert post(piet, file=file["id"]).status_code == 404
    assert post(piet, fromDryRun=tried["id"]).status_code == 404
    assert piet.ask("GET", f"/import-files/{file['id']}").status_code == 404
    with kb.database.transaction() as session:
        stored = session.get(ImportFile, file["id"])
        assert stored
        stored.expires_at = now() - timedelta(seconds=1)
    assert anna.ask("GET", f"/import-files/{file['id']}").status_code == 404
    assert post(anna, fromDryRun=tried["id"]).status_code == 404


def test_a_file_is_forgotten_with_its_dry_runs(anna: Person) -> None:
    file = upload(anna, TABLE).json
    tried = post(anna, file=file["id"], dryRun="true").json

    assert anna.ask("GET", f"/imports/{tried['id']}").status_code == 200
    assert anna.ask("DELETE", f"/import-files/{file['id']}").status_code == 204
    assert anna.ask("GET", f"/imports/{tried['id']}").status_code == 404


def test_of_more_than_ten_files_the_oldest_goes(anna: Person) -> None:
    files = [upload(anna, TABLE).json["id"] for _ in range(11)]

    states = [anna.ask("GET", f"/import-files/{each}").status_code for each in files]

    assert states == [404, *[200] * 10]


@pytest.mark.parametrize(
    "query", [{"dryRun": "true"}, {"publish": "true"}, {"file": "a1"}, {"column": "a:title"}]
)
def test_a_dry_run_is_done_as_it_was(anna: Person, query: dict[str, str]) -> None:
    response = post(anna, fromDryRun="abc", **query)

    assert [*codes(response).values()] == ["inconsistent"]


def test_more_than_a_thousand_rows_are_too_many_already_when_uploaded(anna: Person) -> None:
    assert upload(anna, "title\n" + "Tuin\n" * 1001).status_code == 413


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_first_cases_go_out_as_a_workbook_and_in_again_unchanged(
    seeded: KnowledgeBase, language: str
) -> None:
    signed = somebody(seeded, "Anna", "editor")
    read = signed.ask("GET", f"/case-workbook?lang={language}")
    headers = {"Authorization": f"Bearer {signed.token}"}

    response = seeded.client.post(
        "/v1/imports?dryRun=true", data=read.data, content_type=XLSX, headers=headers
    )

    assert read.content_type == XLSX
    assert response.json["totals"]["unchanged"] == len(response.json["rows"]) > 50


def test_a_workbook_has_chosen_cases_and_what_its_columns_mean(
    kb: KnowledgeBase, anna: Person
) -> None:
    cases = [a_case("tuin", title="=1+1", findings=[a_finding("tuin")]), a_case("plein")]
    kb.take(cases=cases)
    kb.catch_up()

    book = load_workbook(io.BytesIO(anna.ask("GET", "/case-workbook?lang=nl").data))
    empty = load_workbook(io.BytesIO(anna.ask("GET", "/case-workbook?empty=true&lang=nl").data))

    assert book.sheetnames == ["Casussen", "Kolommen", "Begrippen"]
    headers = [cell.value for cell in book.worksheets[0][1]]
    assert {"Kenmerk", "Titel", "Valkuil 1"} <= set(headers)
    titles = {row[headers.index("Titel")].value for row in book.worksheets[0].iter_rows(2)}
    assert "'=1+1" in titles
    assert empty.worksheets[0].max_row == 1
