"""The map of the evidence as the API tells it: JSON, and a table.

What it says of a verdict is written once: most cells of most maps say what others said before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kb.evidence.evidence_map import Axis, Cell, EvidenceMap, Part
from kb.evidence.summary_writer import Document
from kb.evidence.verdicts import CACHED_VERDICTS, LaneVerdict, Verdict, Word, basis_of
from kb.search.stored_items import to_json
from kb.vocabulary.outcomes import NOT_STUDIED
from kb.vocabulary.terms import Language, per_vocabulary, schemes, term
from kb.web.addresses import public_address

NO_CELLS = '"cells":[]'  # no text has this in it: quotes in texts are escaped


def map_json(evidence_map: EvidenceMap, about: Document) -> str:
    """The map as `schemas.evidence_maps` describes it, with what is to be said about it."""
    document = {
        "rows": _axis(evidence_map.rows, evidence_map.language),
        "columns": _axis(evidence_map.columns, evidence_map.language),
        "cells": [],
        **about,
    }
    findings = to_json(_findings_address())[:-1]  # without the quote that ends it
    cells = ",".join(_cell(each, findings, evidence_map.language) for each in evidence_map.cells)
    return to_json(document).replace(NO_CELLS, f"{NO_CELLS[:-1]}{cells}]", 1)


def _axis(axis: Axis, language: Language) -> Document:
    """One side of the map."""
    terms = [{"id": each, "label": label} for each, label in axis.labels(language).items()]
    return {"field": axis.field, "label": axis.label(language), "terms": terms}


def _cell(cell: Cell, findings: str, language: Language) -> str:
    """One cell: what went together, and what its sources credit; ids of terms need no escapes."""
    row = f'"{cell.row}"' if cell.row else "null"
    return (
        f'{{"row":{row},"column":"{cell.column}",'
        f'"together":{_part(cell.together, findings, language)},'
        f'"credited":{_part(cell.credited, findings, language)}}}'
    )


def _part(part: Part | None, findings: str, language: Language) -> str:
    if part is None:
        return "null"
    summary = part.summary
    verdict, lanes = _verdict(summary.verdict, part.word, language)
    return (
        f'{{{verdict},"clusters":{summary.clusters},"findings":{summary.total_findings},'
        f'"newestYear":{summary.newest_year or "null"},"lanes":{lanes},'
        f'"_links":{{"findings":{{"href":{findings}{part.query}"}}}}}}'
    )


@per_vocabulary(CACHED_VERDICTS)
def _verdict(verdict: Verdict, word: Word, language: Language) -> tuple[str, str]:
    """The word with the lane that it is of, and what each lane says that has any clusters."""
    basis = basis_of(verdict, word)
    lanes = [
        {
            "lane": _term("evidence-lanes", lane.lane, language),
            "clusters": lane.clusters,
            "directions": [
                {"direction": _term("outcomes", direction, language), "clusters": number}
                for direction, number in lane.ordered_counts
            ],
        }
        for lane in verdict.lanes
        if lane.clusters
    ]
    own = {
        "verdict": _term("verdicts", word, language),
        "basis": _term("evidence-lanes", basis.lane, language) if basis else None,
    }
    return to_json(own)[1:-1], to_json(lanes)


def _term(scheme: str, term_id: str, language: Language) -> Document:
    return {"id": term_id, "label": term(scheme, term_id).label(language)}


def _findings_address() -> str:
    """Where findings are listed, up to the query."""
    return public_address("/v1/findings?")


def table(evidence_map: EvidenceMap) -> Iterator[list[Any]]:
    """The map as lines of cells, the header first: a line for each lane of each part of a cell."""
    row_labels, column_labels = evidence_map.row_labels, evidence_map.column_labels
    directions = [each for each in schemes()["outcomes"].terms if each != NOT_STUDIED]
    findings = _findings_address()
    yield [
        *("row", "rowLabel", "column", "columnLabel", "part", "verdict", "basis"),
        *("clusters", "findings", "newestYear", "lane", "laneClusters", *directions, "url"),
    ]
    for cell in evidence_map.cells:
        of_cell = [cell.row or "", row_labels[cell.row], cell.column, column_labels[cell.column]]
        for name, part in (("together", cell.together), ("credited", cell.credited)):
            if part is None:
                continue
            summary, basis = part.summary, basis_of(part.summary.verdict, part.word)
            for lane in filter(_has_clusters, summary.verdict.lanes):
                yield [
                    *(*of_cell, name, part.word, basis.lane if basis else ""),
                    *(summary.clusters, summary.total_findings, summary.newest_year or ""),
                    *(lane.lane, lane.clusters),
                    *(lane.counts.get(direction, 0) for direction in directions),
                    f"{findings}{part.query}",
                ]


def _has_clusters(lane: LaneVerdict) -> bool:
    return lane.clusters > 0
