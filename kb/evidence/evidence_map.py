"""The map of the evidence: what was found of each effect, by what was done or for whom.

A finding of a case stands in the row of each term of its case: they went together, which is no
proof that the one did the other. Where its source credits an ingredient it stands there apart. In
rows that readers take for a cause, only what is credited gets a verdict beyond “too few”.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from kb.evidence.evidence import Evidence
from kb.evidence.summaries import Summary, summaries
from kb.evidence.summary_writer import TOGETHER_FILTERS, SummaryWriter
from kb.evidence.table import EvidenceTable
from kb.evidence.verdicts import Word
from kb.evidence.voices import Numbers
from kb.search.filters import FACET_LABELS
from kb.translation import N_
from kb.vocabulary.terms import Language, scheme_of, term
from kb.web.translation import gettext

FIELD_OF_ROWS = {"pitfallCategory": "ownerPitfallCategory"}  # where findings name it otherwise
CREDITED = {"ingredient": "creditedIngredient"}  # the field of what the source credits
CONTRADICTIONS = {Word.CONTRADICTORY, Word.DIVERGENT}
NO_TERM = {  # what the row of findings without any term is called
    "ingredient": N_("No ingredient named"),
    "strategy": N_("No strategy named"),
    "targetGroup": N_("No target group named"),
    "pitfallCategory": N_("No pitfall named"),
}


@dataclass(frozen=True)
class Axis:
    """The terms along one side of the map, in the order of their vocabulary."""

    field: str
    terms: tuple[str, ...]

    @classmethod
    def of(cls, field: str, parameters: Mapping[str, Any]) -> Axis:
        """The terms that a filter takes: all of them, or those that the request chose.

        So no cell is of a term and another one besides, for which there would be no list.
        """
        chosen = parameters.get(field)
        return cls(field, tuple(e for e in scheme_of(field).terms if not chosen or e in chosen))

    def label(self, language: Language) -> str:
        """What its terms are of."""
        return FACET_LABELS[self.field][language]

    def labels(self, language: Language) -> dict[str, str]:
        """What each term is called, by its id."""
        scheme = scheme_of(self.field).id
        return {each: term(scheme, each).label(language) for each in self.terms}

    def places(
        self, table: EvidenceTable, field: str, rows: Numbers, chosen: Collection[str] = ()
    ) -> tuple[Numbers, Numbers]:
        """Findings with the place of each of their values along the axis.

        With `chosen` only of these values.
        """
        pairs = table.pairs(field, rows)
        place = {
            value: number
            for number, value in enumerate(self.terms)
            if not chosen or value in chosen
        }
        places = np.array([place.get(value, -1) for value in pairs.values], np.int64)
        of_pairs = places[pairs.ordinals]
        return pairs.rows[of_pairs >= 0], of_pairs[of_pairs >= 0]


@dataclass(frozen=True)
class Grid:
    """The rows and columns of a map; after the rows of terms comes that of findings without any."""

    rows: Axis
    columns: Axis

    def cells(self, evidence: Evidence, field: str) -> Mapping[int, Summary]:
        """What the findings say in each cell that has any, by row · number of columns + column."""
        table, parameters = evidence.table, evidence.list_request.parameters
        chosen = parameters.get(field, ())
        by_row, row_places = self.rows.places(table, field, evidence.rows, chosen)
        if field == self.rows.field:
            has_term = np.zeros(len(table), bool)
            has_term[by_row] = True
            rest = evidence.rows[~has_term[evidence.rows]]
            by_row = np.concatenate([by_row, rest])
            row_places = np.append(row_places, np.full(len(rest), len(self.rows.terms)))
        column_of = np.full(len(table), -1, np.int64)
        by_column, places = self.columns.places(table, self.columns.field, evidence.rows)
        column_of[by_column] = places  # a finding has one effect, at one level
        return summaries(table, by_row, row_places * len(self.columns.terms) + column_of[by_row])


class Part(NamedTuple):
    """What some findings say together in a cell."""

    summary: Summary
    word: Word  # of the verdict, no better than “too few” where it is no proof
    query: str  # of the list of its findings, quoted


class Cell(NamedTuple):
    """A row and a column that any findings are of: what went together, what a source credits."""

    row: str | None  # a term; None: the row of findings without any
    column: str
    together: Part | None
    credited: Part | None

    @property
    def is_contradictory(self) -> bool:
        """Whether a verdict in it says so."""
        return _is_contradictory(self.together) or _is_contradictory(self.credited)


def _is_contradictory(part: Part | None) -> bool:
    return part is not None and part.word in CONTRADICTIONS


class EvidenceMap(NamedTuple):
    """The map that a request is about."""

    rows: Axis
    columns: Axis
    cells: Sequence[Cell]
    without_term: str  # what the row of findings without any term is called
    language: Language

    @property
    def row_labels(self) -> dict[str | None, str]:
        """What each row is called, the one of findings without a term too, if there are any."""
        labels: dict[str | None, str] = {}
        labels.update(self.rows.labels(self.language))
        if any(cell.row is None for cell in self.cells):
            labels[None] = self.without_term
        return labels

    @property
    def column_labels(self) -> dict[str, str]:
        """What each column is called."""
        return self.columns.labels(self.language)


def evidence_map(evidence: Evidence) -> EvidenceMap:
    """The map that a request is about."""
    parameters = evidence.list_request.parameters
    rows = parameters["rows"]
    row_field = FIELD_OF_ROWS.get(rows, rows)
    grid = Grid(Axis.of(row_field, parameters), Axis.of(parameters["columns"], parameters))
    together = grid.cells(evidence, row_field)
    credited: Mapping[int, Summary] = {}
    if row_field in CREDITED:
        credited = grid.cells(evidence, CREDITED[row_field])
    cells = list(_cells(grid, SummaryWriter(evidence.list_request), together, credited))
    return EvidenceMap(
        rows=_ordered(grid.rows, cells, parameters["order"]),
        columns=grid.columns,
        cells=cells,
        without_term=gettext(NO_TERM[rows]),
        language=evidence.list_request.language,
    )


def _cells(
    grid: Grid,
    writer: SummaryWriter,
    together: Mapping[int, Summary],
    credited: Mapping[int, Summary],
) -> Iterator[Cell]:
    """The cells in the order of the vocabulary."""
    row_field, column_field = grid.rows.field, grid.columns.field
    is_proof = row_field not in TOGETHER_FILTERS
    credited_field = CREDITED.get(row_field, "")
    before = {each: writer.filters_before(column_field, each) for each in (row_field, "missing")}
    before_credited = writer.filters_before(column_field, credited_field)
    rows = [*grid.rows.terms, None]
    for number in sorted({*together, *credited}):
        place, column_place = divmod(number, len(grid.columns.terms))
        row, column = rows[place], grid.columns.terms[column_place]
        name, value = (row_field, row) if row else ("missing", row_field)
        of_column = f"{column_field}={column}&"
        parts: list[Part | None] = [None, None]
        if summary := together.get(number):
            word = writer.word(summary.verdict.word, is_proof=is_proof)
            parts[0] = Part(summary, word, f"{before[name]}{of_column}{name}={value}")
        if summary := credited.get(number):
            query = f"{before_credited}{of_column}{credited_field}={row}"
            parts[1] = Part(summary, writer.word(summary.verdict.word), query)
        yield Cell(row, column, *parts)


def _ordered(rows: Axis, cells: Iterable[Cell], order: str) -> Axis:
    """The rows with those first that hold most contradictions, or most cells without findings."""
    if order == "vocabulary":
        return rows
    numbers = dict.fromkeys(rows.terms, 0)
    for cell in cells:
        if cell.row is None or cell.together is None:
            continue
        if order == "gap" or cell.together.summary.verdict.is_contradictory:
            numbers[cell.row] += 1
    sign = 1 if order == "gap" else -1
    return Axis(rows.field, tuple(sorted(rows.terms, key=lambda term: sign * numbers[term])))
