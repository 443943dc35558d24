"""Counts that an overview begins with: what was found by term, and pitfalls by kind and phase."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from kb.kinds import KindName
from kb.pages.links import link
from kb.search.engine import SearchUnavailable
from kb.services import services
from kb.vocabulary.terms import Term, language, schemes

SHADES = 4  # of a table of counts


class TermRow(NamedTuple):
    """A term of an overview, with the cases that have it."""

    id: str
    label: str
    summary: str  # its definition, in Dutch
    case_count: int
    outcomes: list[dict[str, Any]]  # `direction` (a term of `outcomes`) and `cases`: its number


class CountCell(NamedTuple):
    """A number of a table, and the list that it counts."""

    number: int
    shade: int  # from 1, the lightest, to SHADES; 0 for nothing
    address: str


class CountRow(NamedTuple):
    """The pitfalls of one kind."""

    label: str
    total: int
    address: str
    cells: list[CountCell]


def term_rows(scheme: str, field: str) -> list[TermRow]:
    """The terms of a scheme in their order, each with the outcomes of the cases that have it.

    `field` is the filter of cases that takes them. Without an index no case is counted.
    """
    counts = _count_pairs("case", field, "outcome")
    return [_term_row(term, counts) for term in schemes()[scheme].current]


def _term_row(term: Term, counts: Mapping[tuple[str, str], int]) -> TermRow:
    outcomes = [
        {"direction": {"id": each.id, "label": each.label(language())}, "cases": number}
        for each in schemes()["outcomes"].in_order
        for number in [counts.get((term.id, each.id), 0)]
        if number > 0
    ]
    total = sum(number for (value, _), number in counts.items() if value == term.id)
    return TermRow(term.id, term.label(language()), term.definition, total, outcomes)


def pitfall_table() -> list[CountRow]:
    """How many pitfalls there are of each kind, by phase; the most frequent kind first."""
    counts = _count_pairs("pitfall", "pitfallCategory", "phase")
    totals: Counter[str] = Counter()
    for (category, _), number in counts.items():
        totals[category] += number
    most = max(counts.values(), default=1)
    categories = schemes()["pitfall-categories"].terms
    return [
        CountRow(
            categories[category].label(language()),
            total,
            link("/valkuilen", {"pitfallCategory": category}),
            [
                CountCell(
                    number,
                    -(-SHADES * number // most),
                    link("/valkuilen", {"pitfallCategory": category, "phase": phase}),
                )
                for phase in schemes()["phases"].terms
                for number in [counts.get((category, phase), 0)]
            ],
        )
        for category, total in sorted(totals.items(), key=lambda each: (-each[1], each[0]))
    ]


def _count_pairs(kind: KindName, field: str, single: str) -> Mapping[tuple[str, str], int]:
    """How many documents have each value of a field with each of another.

    A document has one value of the field `single` at most. Nothing is counted without an index.
    """
    try:
        table = services().search.table(kind)
    except SearchUnavailable:
        return {}
    several, one = table.column(field), table.column(single)
    value_by_row = dict(zip(one.rows.tolist(), one.ordinals.tolist(), strict=True))
    return Counter(
        (several.values[ordinal], one.values[value_by_row[row]])
        for row, ordinal in zip(several.rows.tolist(), several.ordinals.tolist(), strict=True)
        if row in value_by_row
    )
