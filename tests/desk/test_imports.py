"""Importing at the desk, in a browser without script."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from openpyxl import load_workbook
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from kb.app import create_app
from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.desk.conftest import Desk, SignedIn

START = "/redactie/importeren"
TABLE = "Kenmerk;Titel;Korte tekst\ntuin;Tuin;Nieuw.\n;Hof;Buren delen.\nBAD ID;;x\n"


def upload(desk: Desk, content: bytes | str, name: str = "casussen.csv") -> Any:
    body = content.encode() if isinstance(content, str) else content
    return desk.post(START, {"file": (io.BytesIO(body), name)})


def tried(desk: Desk, content: bytes | str, **form: str) -> str:
    """The address of the dry run of a file."""
    sent = upload(desk, content)
    assert sent.status_code == 303, sent.text
    shown = desk.post(sent.headers["Location"], form)
    assert shown.status_code == 303, shown.text
    return str(shown.headers["Location"])


def draft(desk: Desk, slug: str) -> Any:
    return desk.call("GET", f"/cases/{slug}/draft").json


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ('[{"title" "Tuin"}]', "Het gaat mis op regel 1, teken 11."),
        ('[{"title": "a", "title": "b"}]', "De sleutel “title” staat twee keer in één object."),
        ('[{"startYear": NaN}]', "“NaN” is geen JSON."),
        ('[{"startYear": ' + "9" * 5_000 + "}]", "Er staat een getal van veel te veel cijfers in."),
    ],
)
def test_what_is_no_json_is_refused_at_once_in_plain_words(
    content: str, text: str, anna: Desk
) -> None:
    sent = upload(anna, content, "casussen.json")

    assert sent.status_code == 400
    assert text in sent.text


def test_a_table_goes_from_columns_by_a_dry_run_to_drafts(kb: KnowledgeBase, anna: Desk) -> None:
    kb.publish(a_case("tuin", title="Tuin"))
    sent = upload(anna, TABLE)
    columns = anna.get(sent.headers["Location"]).text

    assert "Korte tekst" in columns
    assert '<option value="">Niet overnemen</option>' in columns
    shown = anna.post(sent.headers["Location"], {"column-2": "summary"})
    page = anna.get(shown.headers["Location"]).text
    assert draft(anna, "tuin")["status"] == 404
    assert "Nieuw." in page
    assert "Geweigerd" in page
    assert "Neem over als concepten" in page

    done = anna.post(shown.headers["Location"])
    result = anna.get(done.headers["Location"])
    assert done.status_code == 303
    assert result.status_code == 200
    assert "/redactie/casussen/hof" in result.text
    assert draft(anna, "tuin")["summary"] == "Nieuw."
    assert "casussen.csv" in anna.get(START).text
    again = anna.post(shown.headers["Location"])
    assert again.headers["Location"] == done.headers["Location"]


def test_what_becomes_empty_stands_there_in_words(kb: KnowledgeBase, anna: Desk) -> None:
    kb.publish(a_case("tuin", title="Tuin"))

    page = anna.get(tried(anna, "id,summary,pitfalls\ntuin,[leeg],[leeg]\n")).text

    assert '<strong class="emptied">wordt leeg</strong>' in page
    assert '<strong class="emptied">Wordt leeg:</strong>' in page


def test_two_columns_for_one_field_are_refused_with_what_was_chosen(anna: Desk) -> None:
    sent = upload(anna, "title;Korte tekst;Lange tekst\nTuin;a;b\n")

    refused = anna.post(sent.headers["Location"], {"column-1": "summary", "column-2": "summary"})

    assert refused.status_code == 400
    assert 'role="alert"' in refused.text
    assert refused.text.count('value="summary" selected') == 2


@pytest.mark.parametrize("second", ["title", "titel"])  # another name of the field, the same one
def test_of_two_columns_for_one_field_one_is_chosen(
    kb: KnowledgeBase, anna: Desk, second: str
) -> None:
    kb.publish(a_case("tuin", title="Tuin"))
    sent = upload(anna, f"kenmerk;titel;{second}\ntuin;Hof;Erf\n")
    page = anna.get(sent.headers["Location"]).text
    columns = re.findall(r'<select id="(column-\d)".*?</select>', page, re.DOTALL)
    first = anna.post(sent.headers["Location"])

    chosen = anna.post(
        sent.headers["Location"], dict.fromkeys(columns, "") | {columns[-1]: "title"}
    )

    assert columns[-1] == "column-2"
    assert "Erf" in anna.get(chosen.headers["Location"]).text
    assert first.status_code == 303  # as it was chosen beforehand


def test_an_untouched_workbook_of_the_desk_is_the_same_in_each_row(
    kb: KnowledgeBase, anna: Desk
) -> None:
    kb.take(cases=[a_case("tuin"), a_case("plein")])
    kb.catch_up()
    chosen = anna.get(f"{START}/tabel?q=&kind=&status=&format=xlsx")
    as_csv = anna.get(f"{START}/tabel?q=&kind=praktijk&format=csv").headers["Location"]

    workbook = anna.get(chosen.headers["Location"]).data
    page = anna.get(tried(anna, workbook)).text

    assert re.search(r"<strong>2</strong> Gelijk", page)
    assert "Er is niets over te nemen." in page
    assert "fields=all" in as_csv
    assert anna.get(as_csv).status_code == 200


def test_a_template_that_was_filled_in_is_taken_over(anna: Desk) -> None:
    book = load_workbook(io.BytesIO(anna.get("/v1/case-workbook?empty=true&lang=nl").data))
    sheet = book.worksheets[0]
    headers = [cell.value for cell in sheet[1]]
    sheet.cell(2, headers.index("Titel") + 1, "Een nieuwe tuin")
    stream = io.BytesIO()
    book.save(stream)

    page = anna.get(tried(anna, stream.getvalue())).text

    assert re.search(r"<strong>1</strong> Nieuw", page)


def test_who_may_not_publish_at_once_reads_why(anna: Desk, signed_in: SignedIn) -> None:
    of_anna = anna.get(tried(anna, "title\nTuin\n")).text
    piet = signed_in("publisher", "Piet")
    of_piet = piet.get(tried(piet, "title\nTuin\n")).text

    assert "Meteen publiceren is voor eindredacteuren" in of_anna
    assert "vier ogen" in of_piet
    assert 'name="publish"' not in of_anna + of_piet


def test_where_four_eyes_are_off_a_publisher_publishes_what_was_shown(
    kb: KnowledgeBase, piet: Desk
) -> None:
    app = create_app(replace(kb.app.extensions["kb"].settings, four_eyes=False), serving=False)
    alone = Desk(app.test_client(), piet.token)
    alone.sign_in()
    body = "\n".join(json.dumps(each) for each in (a_case("tuin"), a_case("plein", sources=[])))
    shown = tried(alone, body, publish="1")

    page = alone.get(shown).text
    done = alone.get(alone.post(shown).headers["Location"]).text

    assert "Neem over en publiceer" in page
    assert "Bronnen" in page
    assert "is nu openbaar" in done
    assert alone.get("/v1/cases/tuin").json["version"] == 1


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "leeg.csv"),
        (b"\xef\xbb\xbf", "leeg.csv"),
        (b"title", "alleen-koppen.csv"),
        (b"title\n\n\n", "a.csv"),
        (b"[]", "a.json"),
        (b"PK\x03\x04", "a.xlsx"),
        (b"%PDF-1.4", "a.xlsx"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\0", "a.csv"),
        (b"<html><table></table></html>", "a.xls"),
        (b"<?xml version='1.0'?><a/>", "a.xml"),
        (b"{\\rtf1 title}", "a.csv"),
        (b"\0\0\0\0", "a.csv"),
        (bytes.fromhex("d0cf11e0a1b11ae1"), "oud.xls"),
        (
            bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"),
            "geheim.xlsx",
        ),
        (b"title\n" + b"Tuin\n" * 1001, "lang.csv"),
        ("\ufeff".encode("utf-16-le"), "a.csv"),
    ],
)
def test_what_cannot_be_imported_has_its_mistake_beside_the_field(
    anna: Desk, content: bytes, name: str
) -> None:
    refused = upload(anna, content, name)

    assert refused.status_code in {400, 413}
    assert 'aria-invalid="true"' in refused.text


@pytest.mark.parametrize(
    "content",
    [
        b'[7, null, {}, [], "x"]',
        b'{"a": ',
        b"{}\n{}\nx\n",
        b"[" * 5000,
        b'{"a":' * 3000,
        b"a;a;a\n1;2;3",
        b"title;title\nx;y",
        b";;\n;x;\n1;2;3",
        b'title\n"open',
        b'title,summary\n"<script>alert(1)</script>",\'=cmd',
        "title\n\ud83d".encode("utf-16-le", "surrogatepass"),
        b"\xff\xfe\x00\xd8",
        b"title\nCaf\xe9\n",
        b"title\n\x81\x8d\n",
        b"titel\r\rTuin\r",
        b"self,type,title\nx,y,z",
        ("h" * 5000 + "\nx").encode(),
        (";".join(f"kolom{n}" for n in range(300)) + "\n" + "x;" * 300).encode(),
        b"Valkuil 999;Valkuil 1000\na;b",
        b"title;[leeg]\n[leeg];x",
        b"id\n../../etc\n",
        b"id;title\n" + b"tuin;a\ntuin;b\n",
        b"title\nTuin" + b";x" * 20_000,
    ],
)
def test_odd_files_are_shown_row_by_row_and_break_nothing(anna: Desk, content: bytes) -> None:
    sent = upload(anna, content, "<b>.csv")
    if sent.status_code != 303:
        assert sent.status_code == 400
        return

    page = anna.get(sent.headers["Location"])
    shown = anna.post(sent.headers["Location"])

    assert page.status_code == 200
    assert "<b>.csv" not in page.text
    assert shown.status_code in {303, 400}
    if shown.status_code == 303:
        report = anna.get(shown.headers["Location"])
        assert report.status_code == 200
        assert "<script>alert" not in report.text
        assert anna.post(shown.headers["Location"]).status_code == 303


def test_a_form_without_a_file_is_refused(anna: Desk) -> None:
    assert anna.post(START, {"file": (io.BytesIO(b""), "")}).status_code == 400


def test_too_large_a_file_is_refused(anna: Desk) -> None:
    content = io.BytesIO(b"title\n" + b"x" * (2**25 + 2**17))
    fields = {"csrf": anna.csrf, "file": FileStorage(content, filename="groot.csv")}
    boundary, body = encode_multipart(fields)
    media = f"multipart/form-data; boundary={boundary}"

    answer = anna.client.post(START, data=body, content_type=media)

    assert answer.status_code == 413
    assert "Aanmelden" not in answer.text


def test_rows_come_in_pages_and_by_outcome(anna: Desk) -> None:
    shown = tried(anna, "title;scale\n" + "".join(f"Tuin {n};x\n" for n in range(120)))

    pages = [anna.get(f"{shown}?page={n}").text.count("<tr class=") for n in (1, 2, 3, 99)]

    assert pages == [50, 50, 20, 20]
    assert anna.get(f"{shown}?outcome=created").text.count("<tr class=") == 0
    assert anna.get(f"{shown}?outcome=onzin&page=-1").status_code == 200


def test_no_other_website_has_a_file_imported(anna: Desk) -> None:
    shown = tried(anna, "title\nTuin\n")
    secretless = anna.client.post(shown, data={})

    assert secretless.status_code == 403
    assert anna.client.post(START, data={"file": (io.BytesIO(b"title\nx"), "a")}).status_code == 403


def test_who_has_not_signed_in_is_led_to_where_that_is_done(kb: KnowledgeBase) -> None:
    for path in (START, f"{START}/abc", f"{START}/bestand/abc", f"{START}/tabel"):
        assert kb.client.get(path).status_code == 303
    assert kb.client.get("/v1/case-workbook").status_code == 401


def test_a_file_is_forgotten_when_that_is_wanted(anna: Desk) -> None:
    sent = upload(anna, "title\nTuin\n")

    forgotten = anna.post(sent.headers["Location"], {"do": "forget"})

    assert "done=file-forgotten" in forgotten.headers["Location"]
    assert anna.get(sent.headers["Location"]).status_code == 404


def test_another_editor_does_not_see_a_file(anna: Desk, signed_in: SignedIn) -> None:
    sent = upload(anna, "title\nTuin\n")

    bas = signed_in("editor", "Bas")

    assert bas.get(sent.headers["Location"]).status_code == 404


def test_a_report_opens_with_what_changes(kb: KnowledgeBase, anna: Desk) -> None:
    kb.publish(a_case("tuin", title="Tuin"))
    shown = tried(anna, "id;title\ntuin;Tuin\ntuin-2;Tuin van twee\n")

    assert anna.get(shown).text.count("<tr class=") == 1
    assert anna.get(f"{shown}?outcome=").text.count("<tr class=") == 2
    assert anna.get(f"{shown}?outcome=unchanged").text.count("<tr class=") == 1


def test_only_who_chose_a_file_is_offered_to_take_it_over(anna: Desk, piet: Desk) -> None:
    shown = tried(anna, "title\nTuin\n")

    assert "Neem over als concepten" in anna.get(shown).text
    assert "Neem over als concepten" not in piet.get(shown).text
    assert "Alleen wie dit bestand koos" in piet.get(shown).text


def test_a_row_with_another_s_draft_says_whose_it_is_and_leads_there(
    kb: KnowledgeBase, anna: Desk, piet: Desk
) -> None:
    kb.publish(a_case("tuin"))
    assert piet.call("POST", "/cases/tuin/draft", json={}).status_code == 201
    shown = anna.get(tried(anna, "id;title\ntuin;Andere tuin\n")).text

    assert "Piet schreef in het concept" in shown
    assert 'href="/redactie/casussen/tuin"' in shown
    assert "_draft" not in shown


def test_a_refused_row_is_called_by_its_title(anna: Desk) -> None:
    shown = anna.get(tried(anna, "title;summary\nTuin;Kort;te veel\n")).text

    assert "Geen titel" not in shown
    assert "Tuin" in shown
