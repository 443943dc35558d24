"""Pictures of evidence, drawn on the server: the bar of a lane, and the map. Sizes are in pixels.

Colour never says anything alone: a direction has a pattern or a place too, and all numbers stand in
words beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from markupsafe import Markup, escape

from kb.evidence.evidence_map import Cell, EvidenceMap, Part
from kb.evidence.summary_writer import verdict_in_words
from kb.evidence.verdicts import CACHED_VERDICTS, Verdict, Word
from kb.vocabulary.terms import Language, per_vocabulary, term

Document = Mapping[str, Any]  # JSON
Anchor = Callable[[str], str]  # attributes of a link to findings, by their query
Unit = Literal["clusters", "findings", "cases"]  # that a bar counts
BAR_WIDTH = 240
CELL_WIDTH, CELL_HEIGHT, LANE_HEIGHT = 66, 30, 5
ROW_LABELS, COLUMN_LABELS = 290, 190  # room for labels: beside the rows, above the columns
PIXELS_PER_CLUSTER, MAX_LANE_WIDTH = 4, 46
MAX_LABEL, MAX_COLUMN_LABEL = 42, 28  # characters of the label of a row, of a column
OVERHANG = 60  # by which the label of the last column leans out


class Picture(NamedTuple):
    """The map as it is drawn."""

    width: int
    height: int
    columns: list[tuple[int, str]]  # x and label
    rows: list[tuple[int, str]]  # y and label
    cells: Markup


def segments(
    directions: Sequence[Document], width: float, unit: Unit = "clusters"
) -> list[tuple[str, float, float]]:
    """The parts of a bar of this width, one for each direction: it, where it begins, its width."""
    return _segments([(each["direction"]["id"], each[unit]) for each in directions], width)


def _segments(counts: Sequence[tuple[str, int]], width: float) -> list[tuple[str, float, float]]:
    """The same for pairs of a direction and how often it is there."""
    total = sum(number for _, number in counts)
    parts, x = [], 0.0
    for direction, number in counts:
        own = width * number / total
        parts.append((direction, round(x, 1), round(own, 1)))
        x += own
    return parts


def counts(directions: Sequence[Document], unit: Unit = "clusters") -> str:
    """How many clusters or findings say what, in words."""
    return ", ".join(f"{each[unit]} {each['direction']['label'].lower()}" for each in directions)


@per_vocabulary(CACHED_VERDICTS)
def verdict_words(verdict: Verdict, word: Word, language: Language) -> str:
    """What stands in a cell of the map, escaped: the verdict, and what each lane says."""
    lanes = "; ".join(
        f"{term('evidence-lanes', lane.lane).label(language)}: "
        + ", ".join(
            f"{number} {term('outcomes', direction).label(language).lower()}"
            for direction, number in lane.ordered_counts
        )
        for lane in verdict.lanes
        if lane.clusters
    )
    return str(escape(f"{verdict_in_words(verdict, word, language)}. {lanes}."))


def anchor_of(page: str, more_query: str = "", attributes: str = "") -> Anchor:
    """Links to findings at this address of ours, all with the same parameters and attributes."""
    begin, end = str(escape(f"{page}?")), str(escape(more_query))

    def anchor(query: str) -> str:
        return f'href="{begin}{query.replace("&", "&amp;")}{end}"{attributes}'

    return anchor


class ShownPart(NamedTuple):
    """What people see of a part of a cell: HTML."""

    anchor: str  # attributes of a link to its findings
    words: str
    clusters: int


class ShownCell(NamedTuple):
    """What people see of a cell."""

    cell: Cell
    together: ShownPart | None
    credited: ShownPart | None


def shown_cells(evidence_map: EvidenceMap, anchor: Anchor) -> list[ShownCell]:
    """The cells as people see them."""
    language = evidence_map.language

    def shown(part: Part | None) -> ShownPart | None:
        if part is None:
            return None
        words = verdict_words(part.summary.verdict, part.word, language)
        return ShownPart(anchor(part.query), words, part.summary.clusters)

    return [
        ShownCell(cell, shown(cell.together), shown(cell.credited)) for cell in evidence_map.cells
    ]


def draw(evidence_map: EvidenceMap, cells: Sequence[ShownCell]) -> Picture:
    """The map as a picture."""
    rows, columns = evidence_map.row_labels, evidence_map.column_labels
    x_of = {each: ROW_LABELS + place * CELL_WIDTH for place, each in enumerate(columns)}
    y_of = {each: COLUMN_LABELS + place * CELL_HEIGHT for place, each in enumerate(rows)}
    row_names = {each: str(escape(f"{label} – ")) for each, label in rows.items()}
    column_names = {each: str(escape(f"{label}: ")) for each, label in columns.items()}
    drawn = [
        _cell(
            each,
            (x_of[each.cell.column], y_of[each.cell.row]),
            f"{row_names[each.cell.row]}{column_names[each.cell.column]}",
        )
        for each in cells
    ]
    return Picture(
        width=ROW_LABELS + len(columns) * CELL_WIDTH + OVERHANG,
        height=COLUMN_LABELS + len(rows) * CELL_HEIGHT + 4,
        columns=[(x, _shortened(columns[each], MAX_COLUMN_LABEL)) for each, x in x_of.items()],
        rows=[(y, _shortened(rows[each])) for each, y in y_of.items()],
        cells=Markup("".join(drawn)),  # noqa: S704  # texts in it are escaped
    )


def _shortened(label: str, length: int = MAX_LABEL) -> str:
    return label if len(label) <= length else f"{label[: length - 1].rstrip()}…"


def _cell(each: ShownCell, at: tuple[int, int], name: str) -> str:
    """A cell: a link to its findings, with a bar for each lane and the number of clusters.

    `name` is escaped.
    """
    x, y = at
    shown, part = each.credited or each.together, each.cell.credited or each.cell.together
    assert shown
    assert part
    background = "credited" if each.credited else "together"
    return (
        f'<a {shown.anchor} tabindex="-1"><title>{name}{shown.words}</title>'
        f'<rect class="{background}" x="{x + 1}" y="{y + 1}" width="{CELL_WIDTH - 2}" '
        f'height="{CELL_HEIGHT - 2}"/>{_bars(part.summary.verdict, x, y)}<text class="clusters" '
        f'x="{x + CELL_WIDTH - 4}" y="{y + 19}">{shown.clusters}</text></a>'
    )


@lru_cache(maxsize=CACHED_VERDICTS)
def _bars(verdict: Verdict, x: int, y: int) -> str:
    """The bars of the lanes of a cell; a cell says the same on most maps, and stands there too."""
    return "".join(
        f'<rect class="{direction}" x="{x + 3 + start:g}" y="{y + 3 + place * (LANE_HEIGHT + 1)}" '
        f'width="{own:g}" height="{LANE_HEIGHT}"/>'
        for place, lane in enumerate(verdict.lanes)
        for direction, start, own in _segments(
            lane.ordered_counts, min(MAX_LANE_WIDTH, lane.clusters * PIXELS_PER_CLUSTER)
        )
    )
