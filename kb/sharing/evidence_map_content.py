"""The map of the evidence as people see it, on our page and in other websites."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from markupsafe import Markup, escape

from kb.evidence.evidence import evidence_of
from kb.evidence.evidence_map import (
    CREDITED,
    FIELD_OF_ROWS,
    EvidenceMap,
    evidence_map,
)
from kb.evidence.evidence_picture import (
    Anchor,
    ShownCell,
    ShownPart,
    anchor_of,
    draw,
    shown_cells,
)
from kb.evidence.summary_writer import TOGETHER_FILTERS
from kb.evidence.verdicts import Word
from kb.search.filters import FACET_LABELS, FILTERS, NAME_FILTERS, RANGE_LABELS
from kb.translation import N_
from kb.vocabulary.terms import language, scheme_of, schemes, term
from kb.web.addresses import local_address, public_address
from kb.web.translation import gettext, ngettext

ORDERS = {
    "vocabulary": N_("By group"),
    "contradicted": N_("Most contradicted first"),
    "gap": N_("Largest gaps first"),
}
STUDIED = N_("%(found)s of %(total)s studied")  # columns


def map_content(parameters: Mapping[str, Any], anchor: Anchor | None = None) -> dict[str, Any]:
    """What the macros of the map show, for parsed parameters; `anchor` makes links to findings."""
    anchor = anchor or anchor_of(local_address("/bevindingen"))
    evidence = evidence_map(evidence_of(parameters))
    cells = shown_cells(evidence, anchor)
    row_field = parameters["rows"]
    return {
        "rows_label": evidence.rows.label(evidence.language),
        "columns_label": evidence.columns.label(evidence.language),
        "picture": draw(evidence, cells),
        "table": _table(evidence, cells, has_credited=row_field in CREDITED),
        "has_credited": row_field in CREDITED,
        "is_causal": FIELD_OF_ROWS.get(row_field, row_field) in TOGETHER_FILTERS,
        "lanes": [each.label(language()) for each in schemes()["evidence-lanes"].in_order],
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
    years = [(gettext(label), parameters.get(name)) for name, label in RANGE_LABELS.items()]
    return chosen + [(label, str(year)) for label, year in years if year is not None]


def _table(
    evidence_map: EvidenceMap, cells: Iterable[ShownCell], *, has_credited: bool
) -> list[dict[str, Any]]:
    """The rows of the map: label, cells as rows of a table, how many there are, what is missing."""
    columns, rows = evidence_map.column_labels, evidence_map.row_labels
    by_row: dict[str | None, list[ShownCell]] = {row: [] for row in rows}
    for each in cells:
        by_row[each.cell.row].append(each)
    headers = {each: f'<tr><th scope="row">{escape(label)}</th>' for each, label in columns.items()}
    number = cache(_number_of_clusters)
    return [
        {
            "label": label,
            "studied": gettext(STUDIED, **{"found": len(by_row[row]), "total": len(columns)}),
            "cells": Markup(  # noqa: S704  # texts in it are escaped
                "".join(
                    f"{headers[each.cell.column]}{_part(each.together, number)}"
                    f"{_part(each.credited, number) if has_credited else ''}</tr>"
                    for each in by_row[row]
                )
            ),
            "gaps": _gaps(columns, by_row[row]),
            "contradictory": _contradictory(by_row[row]),
        }
        for row, label in rows.items()
    ]


def _part(part: ShownPart | None, number: Callable[[int], str]) -> str:
    """What some findings say together, as a cell of a table."""
    if part is None:
        return "<td></td>"
    return (
        f"<td><p><a {part.anchor}>{number(part.clusters)}</a></p>"
        f'<p class="quiet">{part.words}</p></td>'
    )


def _number_of_clusters(number: int) -> str:
    return str(escape(ngettext("%(num)s cluster", "%(num)s clusters", number)))


def _contradictory(cells: Iterable[ShownCell]) -> str:
    """How many of these are, in words; empty when none is."""
    number = sum(each.cell.is_contradictory for each in cells)
    return ngettext("%(num)s contradictory", "%(num)s contradictory", number) if number else ""


def _gaps(columns: Mapping[str, str], cells: Iterable[ShownCell]) -> str:
    """The columns of which a row has nothing."""
    studied = {each.cell.column for each in cells}
    return "; ".join(label for column, label in columns.items() if column not in studied)
