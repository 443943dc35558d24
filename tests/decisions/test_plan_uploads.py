"""Files of plans: their text, and a clear answer to what cannot be read."""

from __future__ import annotations

import contextlib
import zipfile
from io import BytesIO
from typing import Any

import docx
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfWriter

from kb.decisions.plan_checks.upload import ODT, text_of
from kb.problems import InvalidInput, Problem, TooLarge, UnsupportedMediaType
from tests.conftest import KnowledgeBase

TEXT = "Er komt geen huismeester in het gebouw."


def a_word_file(*paragraphs: str) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.add_table(1, 1).rows[0].cells[0].text = "In een tabel."
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def an_archive(members: dict[str, bytes]) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def an_open_document(body: str) -> bytes:
    names = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    names += 'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    xml = f"<office:document-content {names}>{body}</office:document-content>"
    return an_archive({"mimetype": ODT.encode(), "content.xml": xml.encode()})


def a_pdf(line: str = "") -> bytes:
    """One page, with a line of text or none."""
    content = f"BT /F1 12 Tf 72 720 Td ({line}) Tj ET".encode("latin-1")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R"
        b"/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
    ]
    file, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(file))
        file += b"%d 0 obj%s endobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(file)
    size = len(objects) + 1
    return (
        file
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
        + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, start)
    )


def encrypted(pdf: bytes, password: str = "geheim", algorithm: str = "RC4-128") -> bytes:
    writer = PdfWriter(clone_from=BytesIO(pdf))
    writer.encrypt(password, "van de eigenaar", algorithm=algorithm)
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        b"\xff\xfe" + TEXT.encode("utf-16-le"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        a_word_file(TEXT),
        an_open_document(f"<text:h>Kop</text:h><text:p>{TEXT}</text:p>"),
        a_pdf(TEXT),
        encrypted(a_pdf(TEXT), ""),
        encrypted(a_pdf(TEXT), "", "AES-256"),
    ],
    ids=[
        "text",
        "text with a mark",
        "utf-16",
        "utf-16, big end first",
        "word",
        "open document",
        "pdf",
        "pdf that may be read and not changed",
        "the same of a newer program",
    ],
)
def test_the_text_of_a_file_is_read(content: bytes) -> None:
    assert TEXT in text_of(content)


def test_text_of_old_windows_is_read() -> None:
    assert text_of("één plan".encode("windows-1252")) == "één plan"


def test_tables_of_word_and_spaces_of_open_document_are_read() -> None:
    assert "In een tabel." in text_of(a_word_file(TEXT))
    assert "a b\tc" in text_of(an_open_document("<text:p>a<text:s/>b<text:tab/>c</text:p>"))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", InvalidInput),
        (b" \n ", InvalidInput),
        (a_pdf(), InvalidInput),  # scanned
        (encrypted(a_pdf(TEXT)), InvalidInput),
        (b"%PDF-1.7 nothing more", InvalidInput),
        (a_word_file(TEXT)[:200], InvalidInput),
        (an_archive({"word/document.xml": b"<x"}), InvalidInput),
        (an_open_document("<text:p>"), InvalidInput),
        (an_archive({"a.txt": b"a"}), UnsupportedMediaType),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 100, UnsupportedMediaType),
        (b"{\\rtf1 a}", UnsupportedMediaType),
        (b"MZ\0\0", UnsupportedMediaType),
        (b"\xff\xfe", InvalidInput),
        (TEXT.encode("utf-32"), UnsupportedMediaType),
        (b"woord " * 20_000, TooLarge),
        (an_archive({"word/document.xml": b" " * 9_000_000}), TooLarge),
        (an_archive({f"{place}.txt": b"" for place in range(2_001)}), TooLarge),
        (an_archive({"mimetype": ODT.encode(), "a": b"0" * 40_000_000}), TooLarge),
    ],
)
def test_what_cannot_be_read_is_refused(content: bytes, problem: type[Problem]) -> None:
    with pytest.raises(problem):
        text_of(content)


def test_entities_of_xml_are_not_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
    with pytest.raises(InvalidInput):
        text_of(an_archive({"mimetype": ODT.encode(), "content.xml": bomb}))


@given(
    st.sampled_from([a_word_file(TEXT), a_pdf(TEXT), an_open_document("<text:p>a</text:p>")]),
    st.integers(0, 3_000),
    st.binary(min_size=1, max_size=20),
)
def test_a_damaged_file_is_read_or_refused(content: bytes, place: int, damage: bytes) -> None:
    damaged = content[:place] + damage + content[place + len(damage) :]
    with contextlib.suppress(Problem):
        assert text_of(damaged).strip()


def upload(client: FlaskClient, content: bytes, **form: Any) -> Any:
    data = {"file": (BytesIO(content), "plan.bin"), **form}
    return client.post("/v1/plan-checks", data=data, content_type="multipart/form-data")


def test_a_file_is_checked_over_http(seeded: KnowledgeBase) -> None:
    answer = upload(seeded.client, a_word_file(TEXT), strategy="gemengd-wonencomplex")

    assert answer.status_code == 200
    assert [each["id"] for each in answer.json["context"]["strategies"]] == ["gemengd-wonencomplex"]
    kinds = {each["kind"] for each in answer.json["remarks"]}
    assert {"valkuil", "lijkt-op"} <= kinds


def test_an_empty_field_of_a_form_stands_for_nothing(seeded: KnowledgeBase) -> None:
    text = b"Een complex met studio's, waar jongeren en statushouders gemengd wonen."
    whole = upload(seeded.client, text).json["context"]
    emptied = upload(seeded.client, text, scale="", targetGroup="").json["context"]

    assert whole["scale"]
    assert whole["targetGroups"]
    assert whole["strategies"]
    assert emptied == {**whole, "scale": None, "targetGroups": []}


def test_mistakes_in_a_form_are_reported(seeded: KnowledgeBase) -> None:
    client = seeded.client
    none = client.post("/v1/plan-checks", data={"x": "1"}, content_type="multipart/form-data")
    scanned = upload(client, a_pdf())
    unknown = upload(client, TEXT.encode(), strategy="x")
    huge = client.post(  # as bytes: the client itself writes large forms into a file
        "/v1/plan-checks",
        data=b"--x\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\n"
        + b"a" * 6 * 2**20,
        content_type="multipart/form-data; boundary=x",
    )

    assert {each["pointer"] for each in none.json["errors"]} == {"/x", "/file"}
    assert (scanned.status_code, scanned.json["errors"][0]["pointer"]) == (400, "/file")
    assert "een scan" in scanned.json["detail"]
    assert unknown.json["errors"][0]["pointer"] == "/context/strategies/0"
    assert huge.status_code == 413


def test_a_file_becomes_the_text_of_the_page(seeded: KnowledgeBase) -> None:
    data = {"file": (BytesIO(a_word_file(TEXT)), "plan.docx"), "text": ""}
    page = seeded.client.post("/plan-toets", data=data)

    assert page.status_code == 200
    assert TEXT in page.text


def test_names_in_a_damaged_pdf_stay_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    itself = b"/XObject<</GeheimPlan 4 0 R>>"
    pdf = a_pdf(f"{TEXT}) Tj /GeheimPlan Do (").replace(b"/Font<<", itself + b"/Font<<")
    pdf = pdf.replace(b"<</Length", b"<</Subtype/Form/Resources<<" + itself + b">>/Length")

    assert TEXT in text_of(pdf)
    assert "Geheim" not in caplog.text


def test_a_pdf_has_only_so_much_time() -> None:
    assert TEXT in text_of(a_pdf(TEXT))

    with pytest.raises(TooLarge):
        text_of(a_pdf(TEXT), pdf_seconds=0)
