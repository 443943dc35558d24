"""What each column of a table of cases may have: made from the schema, for docs/codebook.md."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import force_locale, gettext

from kb.editors.spreadsheet import BETWEEN, Column, columns
from kb.problems import N_
from schemas.json_schema import case_schema

TITLE = N_("Columns of a table of cases")
ABOUT = N_(
    "A table (CSV, UTF-8; commas, semicolons or tabs) has a case in each row, and in its first row "
    "the names of columns below, in any order. A row is the whole text of a case: what has no "
    "column or an empty cell becomes empty, but without “unverified” that stays as it was. Lists "
    "stand in one cell, parted by “%(between)s”. For the second pitfall use “pitfall2.title” and "
    "so on, up to 99; likewise for parties, ingredients, findings and sources."
)
HEADINGS = (
    N_("column"), N_("title"), N_("what"), N_("value"), N_("to publish"), N_("example"),
)  # fmt: skip
YES = N_("needed")
LIST = N_("list")
NUMBER = N_("whole number, %(minimum)s to %(maximum)s")
LONGEST = N_("text, at most %(maximum)s characters")
TERMS = N_("terms")


def codebook(language: str) -> str:
    """The columns and the terms, in Markdown."""
    with force_locale(language):
        schema = case_schema(language)
        lines = [
            f"# {gettext(TITLE)}",
            "",
            gettext(ABOUT, between=BETWEEN),
            "",
            _row([gettext(each) for each in HEADINGS]),
            _row(["---"] * len(HEADINGS)),
            *(_row(_cells(each, schema)) for each in columns().values()),
            *_terms(schema),
        ]
    return "\n".join(lines) + "\n"


def _cells(column: Column, schema: Mapping[str, Any]) -> list[str]:
    told = schema["properties"][column.key]
    if column.part is not None:
        told = (told["items"] if column.numbered else told)["properties"][column.part]
    example = next(iter(told.get("examples", ())), None)
    if isinstance(example, list):
        example = f" {BETWEEN} ".join(example)
    return [
        f"`{column.name}`",
        told["title"],
        told["description"],
        _value(told),
        gettext(YES) if told.get("x-required-to-publish") else "",
        "" if example is None else str(example),
    ]


def _value(told: Mapping[str, Any]) -> str:
    """What may stand in a cell, in words."""
    if "items" in told:
        return f"{gettext(LIST)}: {_value(told['items'])}"
    if scheme := _scheme(told):
        return f"[{scheme}](#{scheme})"
    if "maximum" in told:
        return str(gettext(NUMBER, minimum=told["minimum"], maximum=told["maximum"]))
    if "enum" in told:
        return "[ingredients](#ingredients)"
    longest = told.get("maxLength")
    return str(gettext(LONGEST, maximum=longest)) if longest else ""


def _scheme(told: Mapping[str, Any]) -> str | None:
    """The vocabulary that a key refers to."""
    found = json.dumps(told).partition('"#/$defs/')[2].partition('"')[0]
    return found or None


def _terms(schema: Mapping[str, Any]) -> Iterator[str]:
    """The terms of each vocabulary, with their labels."""
    ingredients = schema["properties"]["ingredients"]["items"]["properties"]["id"]
    known = {scheme: told["anyOf"][0] | told for scheme, told in schema["$defs"].items()}
    known["ingredients"] = ingredients
    yield from ("", f"## {gettext(TERMS).capitalize()}")
    for scheme, told in sorted(known.items()):
        yield from ("", f"### {scheme}", "")
        for term, label in zip(told["enum"], told["enumDescriptions"], strict=True):
            yield f"- `{term}`: {label}"


def _row(cells: list[str]) -> str:
    escaped = (cell.replace("|", "\\|").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(escaped)} |"
