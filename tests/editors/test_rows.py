"""Files with many cases are read row by row; what cannot be read is told with its number."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from kb.editors.codebook import codebook
from kb.editors.rows import LARGEST, Unreadable, from_json, from_lines
from kb.editors.spreadsheet import BETWEEN, columns, from_table
from kb.problems import REASONS
from schemas.case_words import EXAMPLE
from schemas.cases import SentCase, as_document
from tests import strategies
from tests.cases.mistakes import told_mistakes
from tests.conftest import KnowledgeBase

CODEBOOK = Path(__file__).parents[2] / "docs" / "codebook.md"


def wrong(told: Any) -> list[tuple[str, str, str | None]]:
    """Pointer, code and suggestion of what is wrong with an unreadable row."""
    assert isinstance(told, Unreadable)
    return [(at, mistake.code, mistake.suggestion) for at, mistake in told.errors]


def reason(told: Any) -> str:
    [(_, mistake)] = told.errors
    return str(mistake.values["reason"])


def test_an_array_has_a_case_in_each_item() -> None:
    assert list(from_json(b'\xef\xbb\xbf[{"id": "a"}, 3]')) == [(1, {"id": "a"}), (2, 3)]
    assert list(from_json(b'{"id": "a"}')) == [(1, {"id": "a"})]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"[{]", "Expecting"),
        (b'[{"id": "a", "id": "b"}]', "'id'"),
        (b"[NaN]", "NaN"),
        (b"\xff", "encoding"),
        (b"[" * 100 + b"]" * 100, "depth"),
        (b"[" * 100_000, "deep"),
        (b"", "Expecting"),
    ],
)
def test_what_is_no_json_is_one_row_that_says_why(text: bytes, expected: str) -> None:
    [(number, told)] = from_json(text)

    assert number == 1
    assert expected in reason(told)


def test_lines_are_read_one_by_one_and_one_that_is_broken_harms_no_other() -> None:
    lines = [b'\xef\xbb\xbf{"id": "a"}\r\n', b"\n", b"{\n", b"\xff\n", b'{"id": "b"}']

    (_, first), (third, broken), (fourth, _), last = list(from_lines(lines))

    assert first == {"id": "a"}
    assert (third, fourth) == (3, 4)
    assert wrong(broken) == [("", "invalid-json", None)]
    assert last == (5, {"id": "b"})


def test_a_line_that_is_far_too_long_is_told() -> None:
    [(_, told)] = from_lines([b'"' + b"x" * LARGEST + b'"'])

    assert wrong(told) == [("", "too-long", None)]


def table(*rows: list[str], delimiter: str = ";", end: str = "\r\n", mark: str = "\ufeff") -> bytes:
    """A table as a spreadsheet writes it."""
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator=end).writerows(rows)
    return (mark + written.getvalue()).encode()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(("end", "mark"), [("\r\n", "\ufeff"), ("\n", "")])
def test_a_table_is_read_as_spreadsheets_write_it(delimiter: str, end: str, mark: str) -> None:
    told = table(
        ["id", "title", "startYear", "strategies", "pitfall2.title", "place.country"],
        ["tuin", 'Een "tuin",\r\nof; twee', "2016,0", "a | b |", " Geld ", "NL"],
        ["", "", "", "", "", ""],
        ["leeg", "", "later"],
        delimiter=delimiter, end=end, mark=mark,
    )  # fmt: skip

    assert list(from_table(told)) == [
        (2, {"id": "tuin", "title": 'Een "tuin",\r\nof; twee', "startYear": 2016,
             "strategies": ["a", "b"], "place": {"country": "NL"},
             "pitfalls": [{"title": "Geld"}]}),
        (4, {"id": "leeg", "startYear": "later"}),
    ]  # fmt: skip


def test_wrong_columns_are_told_with_the_nearest_and_nothing_is_read() -> None:
    names = ["id", "titel", "pitfall2.titel", "pitfall.title", "source0.url", "id", "x" * 200, ""]

    [(number, told)] = from_table(table(names, ["tuin"]))

    assert number == 1
    assert wrong(told) == [
        ("/titel", "unknown-key", "title"),
        ("/pitfall2.titel", "unknown-key", "pitfall2.title"),
        ("/pitfall.title", "unknown-key", "pitfall1.title"),
        ("/source0.url", "unknown-key", "source1.url"),
        ("/id", "duplicate", None),
        ("/" + "x" * 200, "unknown-key", None),
        ("/", "unknown-key", None),
    ]


@pytest.mark.parametrize(
    ("text", "number", "expected"),
    [
        (b"id,title\na,b,c\n", 2, "cells"),
        (b'id,title\na,"b', 2, "quotes"),
        (b"id,title\na,\xff", 1, "encoding"),
        (b"id,title\na," + b"x" * 200_000, 2, "quotes"),
    ],
)
def test_a_table_that_cannot_be_read_says_where(text: bytes, number: int, expected: str) -> None:
    *_, (found, told) = from_table(text)

    assert (found, reason(told)) == (number, expected)
    assert expected in REASONS


def as_row(document: dict[str, Any]) -> dict[str, str]:
    """A document as a row of a table."""
    row: dict[str, str] = {}
    for column in columns().values():
        held = document[column.key]
        items = held if column.numbered else [held]
        for number, item in enumerate(items, start=1):
            value = item if column.part is None else item[column.part]
            name = column.name.replace("1.", f"{number}.")
            if value is not None:
                row[name] = BETWEEN.join(value) if isinstance(value, list) else str(value)
    return row


def plain(value: Any) -> Any:
    """Texts as cells can have them: without spaces around and bars in them."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return "x" + value.replace(BETWEEN, "/").strip() if isinstance(value, str) and value else value


def test_the_example_comes_through_a_table_unchanged() -> None:
    row = as_row(dict(EXAMPLE))

    [(_, told)] = from_table(table(list(row), list(row.values())))

    assert as_document(SentCase().load(told)) == as_document(SentCase().load(dict(EXAMPLE)))


@strategies.PATIENT
@given(strategies.cases())
def test_every_case_comes_through_a_table_unchanged(document: dict[str, Any]) -> None:
    texts = ("title", "summary", "context", "approach", "results", "collaboration")
    document |= {key: plain(document[key]) for key in texts}
    for key in ("parties", "ingredients", "pitfalls", "findings", "sources"):
        document[key] = [
            {name: plain(each) if name in TEXTS_OF_ITEMS else each for name, each in item.items()}
            for item in document[key]
        ]
    document["place"] = {
        key: each if key == "country" else plain(each) for key, each in document["place"].items()
    }
    row = as_row(document)

    [(_, told)] = from_table(table(list(row), list(row.values())))

    assert told_mistakes(told, SentCase()) == []
    assert as_document(SentCase().load(told)) == as_document(SentCase().load(document))


TEXTS_OF_ITEMS = {
    *("name", "how", "title", "description", "avoidance", "claim", "conditions"),
    *("authors", "publisher"),
}


def test_the_codebook_is_that_of_the_schema(kb: KnowledgeBase) -> None:
    with kb.app.app_context():
        made = codebook("nl")

    assert CODEBOOK.read_text("utf-8") == made, "run `make docs`"
    assert all(f"| `{name}` |" in made for name in columns())
    assert "- `buddy-systeem`: Buddy's en maatjes" in made


def test_columns_follow_the_schema() -> None:
    keys = {column.key for column in columns().values()}

    assert keys == {field.data_key for field in SentCase().fields.values()} - {"type"}
    assert json.dumps(list(columns()))  # every name is a text
