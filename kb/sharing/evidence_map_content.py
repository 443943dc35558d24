"""The map of the evidence as people see it, on our page and in other websites."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kb.evidence.evidence import evidence_of
from kb.evidence.evidence_map import CREDITED, FIELD_OF_ROWS, evidence_map, label_without_term
from kb.evidence.evidence_picture import Anchor, anchor_of, draw, with_words
from kb.evidence.summary_writer import TOGETHER_FILTERS
from kb.evidence.verdicts import Word
from kb.search.labels import FACET_LABELS, FILTERS, NAME_FILTERS
from kb.translation import N_
from kb.vocabulary.terms import language, scheme_of, schemes, term
from kb.web.addresses import local_address, public_address
from kb.web.translation import gettext

ORDERS = {
    "vocabulary": N_("By group"),
    "contradicted": N_("Most contradicted first"),
    "gap": N_("Largest gaps first"),
}
YEARS = {"startYearFrom": N_("Began in or after"), "startYearTo": N_("Began in or before")}


def map_content(parameters: Mapping[str, Any], anchor: Anchor | None = None) -> dict[str, Any]:
    """What the macros of the map show, for parsed parameters; `anchor` makes links to findings."""
    anchor = anchor or anchor_of(local_address("/bevindingen"))
    document = with_words(evidence_map(evidence_of(parameters)), anchor)
    lanes = schemes()["evidence-lanes"]
    row_field = parameters["rows"]
    no_term = label_without_term(row_field)
    return {
        "map": document,
        "picture": draw(document, tuple(lanes.terms), no_term),
        "table": _table(document, no_term, has_credited=row_field in CREDITED),
        "has_credited": row_field in CREDITED,
        "is_causal": FIELD_OF_ROWS.get(row_field, row_field) in TOGETHER_FILTERS,
        "lanes": [each.label(language()) for each in lanes.in_order],
        "directions": [
            (each, term("outcomes", each).label(language()))
            for each in schemes()["outcomes"].terms
            if each != Word.NOT_STUDIED
        ],
    }


def axis_choices(rows: Iterable[str], columns: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """What the rows, columns and order of the map can be, each with what it is called."""
    return {
        "row_choices": [(each, FACET_LABELS[each][language()]) for each in rows],
        "column_choices": [(each, FACET_LABELS[each][language()]) for each in columns],
        "order_choices": [(each, gettext(label)) for each, label in ORDERS.items()],
    }


def embed_anchor(language_code: str | None, *, new_tab: bool) -> Anchor:
    """A link from another website to findings on ours, in this language where one was chosen."""
    lang = f"&lang={language_code}" if language_code else ""
    more = ' target="_blank" rel="noopener"' if new_tab else ""
    return anchor_of(public_address("/bevindingen"), lang, more)


def chosen_filters(parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each filter that narrows the map: what it is called, and the labels of its values."""
    code = language()
    chosen = []
    for name in FILTERS:
        if values := parameters.get(name):
            terms = {} if name in NAME_FILTERS else scheme_of(name).terms
            labels = [terms[each].label(code) if each in terms else each for each in values]
            chosen.append((FACET_LABELS[name][code], ", ".join(labels)))
    years = [(gettext(label), parameters.get(name)) for name, label in YEARS.items()]
    return chosen + [(label, str(year)) for label, year in years if year]


def _table(
    evidence_map: Mapping[str, Any], no_term: str, *, has_credited: bool
) -> list[dict[str, Any]]:
    """The rows of the map with the cells of each: the label of their column, and their parts."""
    columns = {each["id"]: each["label"] for each in evidence_map["columns"]["terms"]}
    names = ("together", "credited") if has_credited else ("together",)
    cells: dict[str | None, list[tuple[str, list[Mapping[str, Any]]]]] = {}
    for cell in evidence_map["cells"]:
        parts = [cell[name] for name in names]
        cells.setdefault(cell["row"], []).append((columns[cell["column"]], parts))
    rows = [(each["id"], each["label"]) for each in evidence_map["rows"]["terms"]]
    return [
        {
            "label": label,
            "cells": cells.get(row, []),
            "gaps": _gaps(columns.values(), cells.get(row, [])),
            "contradictory": sum(map(_is_contradictory, cells.get(row, []))),
        }
        for row, label in [*rows, *([(None, no_term)] if None in cells else [])]
    ]


def _gaps(labels: Iterable[str], cells: list[tuple[str, list[Mapping[str, Any]]]]) -> str:
    """The columns of which a row has nothing."""
    studied = {label for label, _ in cells}
    return "; ".join(label for label in labels if label not in studied)


def _is_contradictory(cell: tuple[str, list[Mapping[str, Any]]]) -> bool:
    words = {Word.CONTRADICTORY, Word.DIVERGENT}
    return any(part and part["verdict"]["id"] in words for part in cell[1])
