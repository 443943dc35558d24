"""A comparison as a table of texts, for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kb.evidence.comparisons import GAPS, Case, Row, Value
from kb.web.translation import gettext

TERM_KEYS = ("direction", "lane", "level", "phase")  # of a value, each a term


def table(cases: Sequence[Case], rows: Sequence[Row]) -> Iterator[list[str]]:
    """A header, the titles, and the rows: a column for each case."""
    yield ["group", "id", "label", "isEqual", *(case["id"] for case in cases)]
    yield ["", "title", gettext("Title"), "", *(case["title"] for case in cases)]
    for row in rows:
        texts = map(_text_of_cell, row["cells"])
        yield [row["group"], row["id"], row["label"], str(row["isEqual"]).lower(), *texts]


def _text_of_cell(cell: Mapping[str, Any]) -> str:
    if cell["gap"]:
        return f"({gettext(GAPS[cell['gap']])})"
    text = "; ".join(map(_text_of_value, cell["values"]))
    doubt = gettext("Not checked against a source yet.")
    return f"{text} ({doubt})" if cell["unverified"] else text


def _text_of_value(value: Value) -> str:
    """A value in one line; of an ingredient how it was used, since its row says what it is."""
    if "how" in value:
        how: str = value["how"] or value["label"]
        return how
    terms = [value[key]["label"] for key in TERM_KEYS if value.get(key)]
    text: str = f"{value['label']} [{', '.join(terms)}]" if terms else value["label"]
    if value.get("avoidance"):
        advice = gettext("How to avoid it")
        text += f" {advice}: {value['avoidance']}"
    return f"{text} {value['conditions']}" if value.get("conditions") else text
