"""The codebook in Markdown: each column of a table of cases, made from the schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import force_locale, gettext

from kb.editors.tables.cells import LIST_SEPARATOR
from kb.editors.tables.columns import Column, columns
from kb.translation import N_
from schemas.json_schema import document_schema

TITLE = N_("Columns of a table of cases")
ABOUT = (  # paragraphs
    N_(
        "A table (CSV or .xlsx) has a case in each row, and in its first row headers: names of the "
        "columns below, or their titles in Dutch or English, in any order. Terms may be written by "
        "their id or by their label in Dutch or English. CSV may be UTF-8, UTF-16 or Windows-1252, "
        "with semicolons, commas or tabs; the report says how it was read."
    ),
    N_(
        "What has no column or an empty cell stays as it is. A cell with “[leeg]” or “[empty]” "
        "makes empty; a text that is just that gets an apostrophe before it: “'[leeg]”. A text "
        "that begins with =, +, - or @ may have an apostrophe before it, which is taken off."
    ),
    N_(
        "Lists stand in one cell, parted by “%(between)s” (“\\%(between)s” for a bar in a text), "
        "terms also by a semicolon, and take the place of the list that is there. For the second "
        "pitfall use “pitfall2.title” or “Pitfall 2” and so on, up to 999; likewise for parties, "
        "ingredients, findings, sources and events. "
        "These columns change the item with the same id, or else with the same title, claim, name "
        "or event, of which the parts without a cell stay; any other item is added at the end. No "
        "item goes away, unless “[leeg]” stands in the column of the whole list, such as "
        "“pitfalls”: then those that have cells in the row are all there is."
    ),
    N_(
        "A row without an id is about the case with the same title, municipality and first year, "
        "when it has all three; otherwise it is a new case."
    ),
)
HEADINGS = (
    N_("column"), N_("title"), N_("what"), N_("value"), N_("to publish"), N_("example"),
)  # fmt: skip
YES = N_("needed")
MARKER_ONLY = N_("“[leeg]” or nothing")
LIST = N_("list")
NUMBER = N_("whole number, %(minimum)s to %(maximum)s")
MAX_LENGTH = N_("text, at most %(maximum)s characters")
TERMS = N_("terms")


def codebook(language: str) -> str:
    """The columns and the terms, in Markdown."""
    with force_locale(language):
        schema = document_schema("case", language)
        lines = [
            f"# {gettext(TITLE)}",
            "",
            *(line for each in introduction() for line in (each, "")),
            _row([gettext(each) for each in HEADINGS]),
            _row(["---"] * len(HEADINGS)),
            *(_row([f"`{name}`", *texts]) for name, *texts in column_texts(schema)),
            *_terms(schema),
        ]
    return "\n".join(lines) + "\n"


def introduction() -> list[str]:
    """What holds for every column, in paragraphs."""
    return [gettext(each, between=LIST_SEPARATOR) for each in ABOUT]


def column_texts(schema: Mapping[str, Any]) -> Iterator[list[str]]:
    """What is told of each column, below HEADINGS."""
    return (_cells(each, schema) for each in columns().values())


def term_rows(schema: Mapping[str, Any]) -> Iterator[list[str]]:
    """The vocabulary, id and label of each term."""
    for name, terms in _schemes(schema).items():
        for term, label in zip(terms["enum"], terms["enumDescriptions"], strict=True):
            yield [name, term, label]


def _cells(column: Column, schema: Mapping[str, Any]) -> list[str]:
    property_ = schema["properties"][column.key]
    if column.part is not None:
        owner = property_["items"] if column.numbered else property_
        property_ = owner["properties"][column.part]
    example = None if column.is_item_list else next(iter(property_.get("examples", ())), None)
    if isinstance(example, list):
        example = f" {LIST_SEPARATOR} ".join(example)
    return [
        column.name,
        f"{property_['title']} 1" if column.numbered else property_["title"],
        property_["description"],
        gettext(MARKER_ONLY) if column.is_item_list else _value(property_),
        gettext(YES) if property_.get("x-required-to-publish") and not column.is_item_list else "",
        "" if example is None else str(example),
    ]


def _value(schema: Mapping[str, Any]) -> str:
    """What a cell may have, in words."""
    if "items" in schema:
        return f"{gettext(LIST)}: {_value(schema['items'])}"
    if scheme := _scheme(schema):
        return f"[{scheme}](#{scheme})"
    if "maximum" in schema:
        return str(gettext(NUMBER, minimum=schema["minimum"], maximum=schema["maximum"]))
    if "enum" in schema:
        return "[ingredients](#ingredients)"
    longest = schema.get("maxLength")
    return str(gettext(MAX_LENGTH, maximum=longest)) if longest else ""


def _scheme(schema: Mapping[str, Any]) -> str | None:
    """The vocabulary that a key refers to."""
    name = json.dumps(schema).partition('"#/$defs/')[2].partition('"')[0]
    return name or None


def _terms(schema: Mapping[str, Any]) -> Iterator[str]:
    """The terms of each vocabulary, with their labels."""
    yield from ("", f"## {gettext(TERMS).capitalize()}")
    for name, terms in _schemes(schema).items():
        yield from ("", f"### {name}", "")
        for term, label in zip(terms["enum"], terms["enumDescriptions"], strict=True):
            yield f"- `{term}`: {label}"


def _schemes(schema: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The terms of each vocabulary, by its name."""
    schemes = {name: terms["anyOf"][0] | terms for name, terms in schema["$defs"].items()}
    schemes["ingredients"] = schema["properties"]["ingredients"]["items"]["properties"]["id"]
    return dict(sorted(schemes.items()))


def _row(cells: list[str]) -> str:
    escaped = (cell.replace("|", "\\|").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(escaped)} |"
