"""The map of the evidence: what was found of each effect, by what was done or for whom.

A finding of a case stands in the row of each term of its case: they went together, which is no
proof that the one did the other. Where its source credits an ingredient it stands there apart. In
rows that readers take for a cause, only what is credited gets a verdict beyond “too few”.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kb.evidence.evidence import Evidence
from kb.evidence.summaries import Summary, summaries
from kb.evidence.summary_writer import TOGETHER_FILTERS, Document, SummaryWriter
from kb.evidence.table import EvidenceTable
from kb.evidence.verdicts import Verdict
from kb.evidence.voices import Numbers
from kb.search.labels import FACET_LABELS
from kb.translation import N_
from kb.vocabulary.outcomes import NOT_STUDIED
from kb.vocabulary.terms import scheme_of, schemes
from kb.web.translation import gettext

FIELD_OF_ROWS = {"pitfallCategory": "ownerPitfallCategory"}  # where findings name it otherwise
CREDITED = {"ingredient": "creditedIngredient"}  # the field of what the source credits
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

    def place(self, cell: int) -> tuple[str | None, str]:
        """The terms that a cell is of; None: that of the row without any."""
        row, column = divmod(cell, len(self.columns.terms))
        term = self.rows.terms[row] if row < len(self.rows.terms) else None
        return term, self.columns.terms[column]


def evidence_map(evidence: Evidence) -> Document:
    """The map that a request is about, as `schemas.evidence_maps` describes it."""
    parameters = evidence.list_request.parameters
    row_field = FIELD_OF_ROWS.get(parameters["rows"], parameters["rows"])
    grid = Grid(Axis.of(row_field, parameters), Axis.of(parameters["columns"], parameters))
    cells = grid.cells(evidence, row_field)
    credited: Mapping[int, Summary] = {}
    if row_field in CREDITED:
        credited = grid.cells(evidence, CREDITED[row_field])
    writer = MapWriter(SummaryWriter(evidence.list_request), grid)
    return {
        "rows": writer.axis(_ordered(grid, cells, parameters["order"])),
        "columns": writer.axis(grid.columns),
        "cells": [
            writer.cell(cell, cells.get(cell), credited.get(cell))
            for cell in sorted({*cells, *credited})
        ],
    }


def _ordered(grid: Grid, cells: Mapping[int, Summary], order: str) -> Axis:
    """The rows with those first that hold most contradictions, or most cells without findings."""
    if order == "vocabulary":
        return grid.rows
    numbers = dict.fromkeys(grid.rows.terms, 0)
    for cell, summary in cells.items():
        row, _ = grid.place(cell)
        if row is not None and (order == "gap" or summary.verdict.is_contradictory):
            numbers[row] += 1
    sign = 1 if order == "gap" else -1
    terms = tuple(sorted(grid.rows.terms, key=lambda term: sign * numbers[term]))
    return Axis(grid.rows.field, terms)


class MapWriter:
    """Writes down a map."""

    def __init__(self, writer: SummaryWriter, grid: Grid) -> None:
        self._writer, self._grid = writer, grid
        self._lanes: dict[Verdict, list[Document]] = {}

    def axis(self, axis: Axis) -> Document:
        """One side of the map."""
        return {
            "field": axis.field,
            "label": FACET_LABELS[axis.field][self._writer.language],
            "terms": [self._writer.term(scheme_of(axis.field).id, each) for each in axis.terms],
        }

    def cell(self, cell: int, together: Summary | None, credited: Summary | None) -> Document:
        """One cell: what went together, and what its sources credit."""
        row, column = self._grid.place(cell)
        row_field, column_field = self._grid.rows.field, self._grid.columns.field
        chosen = {column_field: column}
        own = {row_field: row} if row else {"missing": row_field}
        return {
            "row": row,
            "column": column,
            "together": together
            and self._part(together, chosen | own, is_proof=row_field not in TOGETHER_FILTERS),
            "credited": credited
            and self._part(credited, chosen | {CREDITED[row_field]: row or ""}, is_proof=True),
        }

    def _part(self, summary: Summary, chosen: Mapping[str, str], *, is_proof: bool) -> Document:
        return {
            **self._writer.verdict(summary.verdict, is_proof=is_proof),
            "clusters": summary.clusters,
            "findings": summary.total_findings,
            "newestYear": summary.newest_year,
            "lanes": self._lanes_of(summary.verdict),
            "_links": {"findings": self._writer.findings_link(**chosen)},
        }

    def _lanes_of(self, verdict: Verdict) -> list[Document]:
        """What each lane says that has any clusters; many cells say the same."""
        if verdict not in self._lanes:
            self._lanes[verdict] = [
                {
                    "lane": self._writer.term("evidence-lanes", lane.lane),
                    "clusters": lane.clusters,
                    "directions": self._writer.directions(lane),
                }
                for lane in verdict.lanes
                if lane.clusters
            ]
        return self._lanes[verdict]


def label_without_term(rows: str) -> str:
    """What the row of findings without any term is called, on a map with these rows."""
    return gettext(NO_TERM[rows])


def table(evidence_map: Document, without_term: str) -> Iterator[list[Any]]:
    """The map as lines of cells, the header first: a line for each lane of each part of a cell.

    `without_term` is what the row of findings without any term is called.
    """
    row_labels = {each["id"]: each["label"] for each in evidence_map["rows"]["terms"]}
    column_labels = {each["id"]: each["label"] for each in evidence_map["columns"]["terms"]}
    directions = [each for each in schemes()["outcomes"].terms if each != NOT_STUDIED]
    yield [
        *("row", "rowLabel", "column", "columnLabel", "part", "verdict", "basis"),
        *("clusters", "findings", "newestYear", "lane", "laneClusters", *directions, "url"),
    ]
    for cell in evidence_map["cells"]:
        for name in ("together", "credited"):
            part = cell[name]
            for lane in part["lanes"] if part else ():
                counts = {each["direction"]["id"]: each["clusters"] for each in lane["directions"]}
                yield [
                    *(cell["row"] or "", row_labels.get(cell["row"], without_term)),
                    *(cell["column"], column_labels[cell["column"]], name),
                    *(part["verdict"]["id"], part["basis"]["id"] if part["basis"] else ""),
                    *(part["clusters"], part["findings"]),
                    *(part["newestYear"] or "", lane["lane"]["id"], lane["clusters"]),
                    *(counts.get(direction, 0) for direction in directions),
                    part["_links"]["findings"]["href"],
                ]
