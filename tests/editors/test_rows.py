"""Files with many cases are read row by row; what cannot be read is told with its number."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from kb.editors.imports.rows import MAX_DOCUMENT_BYTES, UnreadableRow, from_json, from_lines
from kb.editors.tables.cells import (
    CLEAR_MARKERS,
    FORMULA_PREFIXES,
    is_clear_marker,
    join_list,
    split_list,
    text_of,
    write_cell,
)
from kb.editors.tables.codebook import codebook
from kb.editors.tables.columns import SYNONYMS, columns, find_column, titles
from kb.editors.tables.csv_export import as_row
from kb.editors.tables.csv_import import read_csv
from kb.editors.tables.xlsx_import import read_xlsx
from kb.input_errors import REASONS
from kb.vocabulary.terms import schemes
from schemas.case_annotations import EXAMPLE
from schemas.cases import CaseInput, as_document
from tests import strategies
from tests.cases.mistakes import mistakes_of
from tests.conftest import KnowledgeBase

CODEBOOK = Path(__file__).parents[2] / "docs" / "codebook.md"


def wrong(document: Any) -> list[tuple[str, str, str | None]]:
    """Pointer, code and suggestion of what is wrong with an unreadable row."""
    assert isinstance(document, UnreadableRow)
    return [(at, mistake.code, mistake.suggestion) for at, mistake in document.errors]


def reason(document: Any) -> str:
    [(_, mistake)] = document.errors
    return str(mistake.values["reason"])


def test_an_array_has_a_case_in_each_item() -> None:
    assert list(from_json(b'\xef\xbb\xbf[{"id": "a"}, 3]')) == [(1, {"id": "a"}), (2, 3)]
    assert list(from_json(b'{"id": "a"}')) == [(1, {"id": "a"})]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"[{]", "json-syntax"),
        (b'[{"id": "a", "id": "b"}]', "json-twice"),
        (b"[NaN]", "json-constant"),
        (b"[" + b"9" * 5_000 + b"]", "json-number"),
        (b"\xff", "encoding"),
        (b"[" * 100 + b"]" * 100, "depth"),
        (b"[" * 100_000, "depth"),
        (b"", "json-syntax"),
    ],
)
def test_what_is_no_json_is_one_row_that_says_why(text: bytes, expected: str) -> None:
    [(number, document)] = from_json(text)

    assert number == 1
    assert expected in reason(document)


def test_lines_are_read_one_by_one_and_one_that_is_broken_harms_no_other() -> None:
    lines = [b'\xef\xbb\xbf{"id": "a"}\r\n', b"\n", b"{\n", b"\xff\n", b'{"id": "b"}']

    (_, first), (third, broken), (fourth, _), last = list(from_lines(lines))

    assert first == {"id": "a"}
    assert (third, fourth) == (3, 4)
    assert wrong(broken) == [("", "invalid-json", None)]
    assert last == (5, {"id": "b"})


def test_a_line_that_is_far_too_long_is_reported() -> None:
    [(_, document)] = from_lines([b'"' + b"x" * MAX_DOCUMENT_BYTES + b'"'])

    assert wrong(document) == [("", "too-long", None)]


def table(*rows: list[str], delimiter: str = ";", end: str = "\r\n", mark: str = "\ufeff") -> bytes:
    """A table as a spreadsheet writes it."""
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator=end).writerows(rows)
    return (mark + written.getvalue()).encode()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(("end", "mark"), [("\r\n", "\ufeff"), ("\n", "")])
def test_a_table_is_read_as_spreadsheets_write_it(delimiter: str, end: str, mark: str) -> None:
    content = table(
        ["id", "title", "startYear", "strategies", "pitfall2.title", "place.country"],
        ["tuin", 'Een "tuin",\r\nof; twee', "2016,0", "a | b |", " Geld ", "NL"],
        ["", "", "", "", "", ""],
        ["leeg", "", "later"],
        delimiter=delimiter, end=end, mark=mark,
    )  # fmt: skip

    assert list(read_csv(content).rows) == [
        (2, {"id": "tuin", "title": 'Een "tuin",\r\nof; twee', "startYear": 2016,
             "strategies": ["a", "b"], "place": {"country": "NL"},
             "pitfalls": [{"title": "Geld"}]}),
        (4, {"id": "leeg", "startYear": "later"}),
    ]  # fmt: skip


def test_wrong_columns_are_reported_with_the_nearest_and_nothing_is_read() -> None:
    names = ["id", "titels", "pitfall2.titel", "pitfall.title", "source0.url", "id", "x" * 200, ""]

    [(number, document)] = read_csv(table(names, ["tuin"])).rows

    assert number == 1
    assert wrong(document) == [
        ("/titels", "unknown-key", "Titel"),
        ("/pitfall2.titel", "unknown-key", "pitfall2.title"),
        ("/pitfall.title", "unknown-key", "pitfall1.title"),
        ("/source0.url", "unknown-key", "source1.url"),
        ("/id", "duplicate", None),
        ("/" + "x" * 200, "unknown-key", None),
    ]


@pytest.mark.parametrize(
    ("text", "number", "expected"),
    [
        (b"id,title\na,b,c\n", 2, "cells"),
        (b'id,title\na,"b', 2, "quotes"),
        ("id,title\na,ë".encode() + b"\xff", 1, "charset"),
        (b"id,title\na," + b"x" * 200_000, 2, "quotes"),
    ],
)
def test_a_table_that_cannot_be_read_says_where(text: bytes, number: int, expected: str) -> None:
    *_, (row, document) = read_csv(text).rows

    assert (row, reason(document)) == (number, expected)
    assert expected in REASONS


def test_the_example_comes_through_a_table_unchanged() -> None:
    row = as_row(dict(EXAMPLE))

    [(_, document)] = read_csv(table(list(row), list(row.values()))).rows

    assert as_document(CaseInput().load(document)) == as_document(CaseInput().load(dict(EXAMPLE)))


def trimmed(value: Any) -> Any:
    """Texts as they are kept: without spaces around them."""
    if isinstance(value, dict):
        return {key: trimmed(each) for key, each in value.items()}
    if isinstance(value, list):
        return [trimmed(each) for each in value]
    return value.strip() if isinstance(value, str) else value


@given(strategies.cases())
def test_every_case_comes_through_a_table_unchanged(document: dict[str, Any]) -> None:
    document = trimmed(document)
    row = as_row(as_document(CaseInput().load(document)))

    [(_, result)] = read_csv(table(list(row), list(row.values()))).rows

    assert mistakes_of(result, CaseInput()) == []
    assert as_document(CaseInput().load(result)) == as_document(CaseInput().load(document))


@given(st.lists(st.text("ab|\\ ", min_size=1).map(str.strip).filter(bool)))
def test_every_list_comes_through_a_cell_unchanged(items: list[str]) -> None:
    assert split_list(join_list(items)) == items


@given(
    st.text("='@ -[leg]", min_size=1).map(str.strip).filter(bool) | st.sampled_from(CLEAR_MARKERS)
)
def test_every_text_comes_through_a_cell_unchanged_and_is_no_formula(text: str) -> None:
    cell = write_cell(text)

    assert text_of(cell) == text
    assert not cell.startswith(FORMULA_PREFIXES)
    assert not is_clear_marker(cell)


def only(content: bytes) -> Any:
    [(_, document)] = read_csv(content).rows
    return document


@pytest.mark.parametrize(
    ("content", "encoding", "delimiter"),
    [
        ("id;title\r\na;Café “Ü” €\r\n".encode("windows-1252"), "windows-1252", ";"),
        ("\ufeffid;title\r\na;Café “Ü” €\r\n".encode("utf-16-le"), "utf-16-le", ";"),
        ("\ufeffid\ttitle\r\na\tCafé “Ü” €\r\n".encode("utf-16-be"), "utf-16-be", "\t"),
        ("id\ttitle\r\na\tCafé “Ü” €\r\n".encode("utf-16-le"), "utf-16-le", "\t"),
        ("\ufeffsep=;\r\nid;title\r\na;Café “Ü” €".encode(), "utf-8", ";"),
        ('"sep=|"\nid|title\na|Café “Ü” €'.encode(), "utf-8", "|"),
        ("Kenmerk,Titel\na,Café “Ü” €\n".encode(), "utf-8", ","),
        ("\n;;\n ID ;TITLE;;\r\na;Café “Ü” €;;\r\n;;;\r\n\r\n".encode(), "utf-8", ";"),
    ],
)
def test_what_spreadsheets_write_is_read_and_reported(
    content: bytes, encoding: str, delimiter: str
) -> None:
    read = read_csv(content)

    assert [item for _, item in read.rows] == [{"id": "a", "title": "Café “Ü” €"}]
    assert (read.encoding, read.delimiter) == (encoding, delimiter)


def test_headers_and_labels_may_be_dutch_or_english() -> None:
    content = table(
        ["Titel", "Beginjaar", "status", "Schaal", "Target groups", "Land", "Valkuil 2",
         "soort valkuil 2", "Kind of source 1", "pitfall2.PHASE"],
        ["Tuin", "2016,0", "Lopend", "NEIGHBOURHOOD", "Jongeren", "Nederland", "Geld",
         "Korte adem", "rapport", "Uitvoering"],
    )  # fmt: skip
    labels = {term.label("en") for term in schemes()["scales"].terms.values()}

    document = only(content)

    assert document["startYear"] == 2016
    assert (document["status"], document["place"]) == ("lopend", {"country": "NL"})
    assert document["targetGroups"] == ["jongeren"]
    assert document["pitfalls"][0]["phase"] == "uitvoering"
    assert document["sources"] == [{"sourceType": "rapport"}]
    assert document["scale"] in {"buurt", "wijk"}, labels


def test_no_header_stands_for_two_columns() -> None:
    for column in columns().values():
        assert find_column(column.name) == (column, 1)
        for title in titles(column):
            assert find_column(f"{title} 1" if column.numbered else title) == (column, 1)


def test_headers_may_be_what_people_in_the_field_write() -> None:
    content = table(
        ["Titel", "Startjaar", "Aantal woningen", "Bron 2"], ["Tuin", "2016", "1.200", "A"]
    )

    assert only(content) == {
        "title": "Tuin",
        "startYear": 2016,
        "dwellings": 1200,
        "sources": [{"title": "A"}],
    }
    for path, names in SYNONYMS.items():
        for name in names:
            assert find_column(name) == (next(c for c in columns().values() if c.path == path), 1)


def test_an_empty_cell_says_nothing_and_a_marker_makes_empty() -> None:
    content = table(
        ["id", "title", "summary", "strategies", "place.province", "pitfalls", "source1.year"],
        ["a", "", "[Leeg]", "[empty]", "[leeg]", "[leeg]", "[leeg]"],
    )

    assert only(content) == {
        "id": "a",
        "summary": None,
        "strategies": [],
        "place": {"province": None},
        "pitfalls": [],
        "sources": [{"year": None}],
    }
    assert only(table(["id", "title"], ["a", "'[leeg]"]))["title"] == "[leeg]"


@pytest.mark.parametrize(
    ("header", "cell", "reason_"),
    [("pitfalls", "Geld", "item-list"), ("", "iets", "cells")],
)
def test_a_cell_that_cannot_be_read_is_reported_with_its_place(
    header: str, cell: str, reason_: str
) -> None:
    document = only(table(["id", header], ["a", cell]))

    assert reason(document) == reason_
    [(at, _)] = document.errors
    assert document.cells[at] == (2, "B", header, cell)


@pytest.mark.parametrize(
    ("number", "expected"),
    [("1.200", 1200), ("12 000", 12000), ("240,00", 240), ("1,200", "1,200"), ("12-3", "12-3")],
)
def test_numbers_are_read_as_dutch_spreadsheets_write_them(number: str, expected: Any) -> None:
    assert only(table(["id", "dwellings"], ["a", number]))["dwellings"] == expected


def test_an_item_of_our_lists_is_refused() -> None:
    document = only(
        table(["id", "type", "title", "updatedAt", "self"], ["a", "case", "A", "x", "y"])
    )

    assert reason(document) == "list-item"


def workbook(*rows: list[Any], **sheets: list[Any]) -> bytes:
    """A workbook with these rows in its first sheet."""
    made = Workbook()
    made.active.title = "Casussen"
    for row in rows:
        made.active.append(row)
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def test_a_workbook_is_read_as_a_table() -> None:
    content = workbook(
        [],
        ["Titel", "Beginjaar", "Woningen", "Jaar 1", "Samenvatting", None],
        ["2016", 2016.0, 240, date(2016, 1, 1), "Twee\nregels", None],
        [None, None],
    )

    read = read_xlsx(content)

    assert (read.format, read.sheet) == ("xlsx", "Casussen")
    assert list(read.rows) == [
        (3, {"title": "2016", "startYear": 2016, "dwellings": 240, "summary": "Twee\nregels",
             "sources": [{"year": 2016}]}),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "expected"),
    [(date(2016, 5, 1), "date-cell"), (True, "boolean-cell"), ("=1+1", "formula-cell")],
)
def test_what_a_spreadsheet_made_of_a_text_is_reported(cell: Any, expected: str) -> None:
    [(number, document)] = read_xlsx(workbook(["id", "title"], ["a", cell])).rows

    assert (number, reason(document)) == (2, expected)
    assert document.cells["/title"].column == "B"


def bomb() -> bytes:
    """A small file that unpacks to a large one."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5):
            archive.writestr(f"xl/{number}.xml", b"0" * 2**24)
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "workbook"),
        (b"\xd0\xcf\x11\xe0 an old one", "workbook"),
        (workbook(["id"])[:-40], "workbook"),
        (workbook(), "no-sheet"),
        (bomb(), "sheet-size"),
        (workbook([*[None] * 6000, "x"]), "sheet-size"),
    ],
)
def test_a_workbook_that_cannot_be_read_says_why(content: bytes, expected: str) -> None:
    [(_, document)] = read_xlsx(content).rows

    assert reason(document) == expected
    assert expected in REASONS


def test_the_codebook_is_that_of_the_schema(kb: KnowledgeBase) -> None:
    with kb.app.app_context():
        made = codebook("nl")

    assert CODEBOOK.read_text("utf-8") == made, "run `make docs`"
    assert all(f"| `{name}` |" in made for name in columns())
    assert "- `buddy-systeem`: Buddy's en maatjes" in made


def test_columns_follow_the_schema() -> None:
    keys = {column.key for column in columns().values()}

    assert keys == {field.data_key for field in CaseInput().fields.values()} - {"type"}
    assert json.dumps(list(columns()))  # every name is a text
