"""Pictures of evidence, drawn on the server: the bar of a lane, and the map. Sizes are in pixels.

Colour never says anything alone: a direction has a pattern or a place too, and all numbers stand in
words beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any, Literal, NamedTuple

from markupsafe import Markup, escape

from kb.web.addresses import public_address
from kb.web.translation import ngettext

Document = Mapping[str, Any]  # JSON
Anchor = Callable[[str], Markup]  # attributes of a link to findings, by their address in the API
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
    total = sum(each[unit] for each in directions)
    parts, x = [], 0.0
    for each in directions:
        own = width * each[unit] / total
        parts.append((each["direction"]["id"], round(x, 1), round(own, 1)))
        x += own
    return parts


def counts(directions: Sequence[Document], unit: Unit = "clusters") -> str:
    """How many clusters or findings say what, in words."""
    return ", ".join(f"{each[unit]} {each['direction']['label'].lower()}" for each in directions)


def cell_words(part: Document) -> str:
    """A cell of the map in words: the verdict, and what each lane says."""
    lanes = (f"{lane['lane']['label']}: {counts(lane['directions'])}" for lane in part["lanes"])
    basis = f" ({part['basis']['label']})" if part["basis"] else ""
    return f"{part['verdict']['label']}{basis}. {'; '.join(lanes)}."


def anchor_of(page: str, more_query: str = "", attributes: str = "") -> Anchor:
    """Links to findings at this address of ours, all with the same parameters and attributes."""
    api = public_address("/v1/findings")

    def anchor(href: str) -> Markup:
        address = escape(href.replace(api, page, 1) + more_query)
        return Markup(f'href="{address}"{attributes}')  # noqa: S704  # the address is escaped

    return anchor


def with_words(evidence_map: Document, anchor: Anchor) -> Document:
    """The map, in which each part of a cell has its texts, and the `anchor` of its findings."""
    number = cache(partial(ngettext, "%(num)s cluster", "%(num)s clusters"))
    for cell in evidence_map["cells"]:
        for part in filter(None, (cell["together"], cell["credited"])):
            part["number"], part["words"] = number(part["clusters"]), cell_words(part)
            part["anchor"] = anchor(part["_links"]["findings"]["href"])
    return evidence_map


def draw(evidence_map: Document, lane_ids: Sequence[str], no_term: str) -> Picture:
    """The map with words as a picture; `no_term` is what the row without a term is called."""
    rows = {each["id"]: each["label"] for each in evidence_map["rows"]["terms"]}
    if any(cell["row"] is None for cell in evidence_map["cells"]):
        rows[None] = no_term
    columns = {each["id"]: each["label"] for each in evidence_map["columns"]["terms"]}
    x_of = {each: ROW_LABELS + place * CELL_WIDTH for place, each in enumerate(columns)}
    y_of = {each: COLUMN_LABELS + place * CELL_HEIGHT for place, each in enumerate(rows)}
    lane_y = {lane: 3 + place * (LANE_HEIGHT + 1) for place, lane in enumerate(lane_ids)}
    cells = [
        _cell(
            cell,
            (x_of[cell["column"]], y_of[cell["row"]]),
            lane_y,
            f"{rows[cell['row']]} – {columns[cell['column']]}",
        )
        for cell in evidence_map["cells"]
    ]
    return Picture(
        width=ROW_LABELS + len(columns) * CELL_WIDTH + OVERHANG,
        height=COLUMN_LABELS + len(rows) * CELL_HEIGHT + 4,
        columns=[(x, _shortened(columns[each], MAX_COLUMN_LABEL)) for each, x in x_of.items()],
        rows=[(y, _shortened(rows[each])) for each, y in y_of.items()],
        cells=Markup("".join(cells)),  # noqa: S704  # texts in it are escaped
    )


def _shortened(label: str, length: int = MAX_LABEL) -> str:
    return label if len(label) <= length else f"{label[: length - 1].rstrip()}…"


def _cell(cell: Document, at: tuple[int, int], lane_y: Mapping[str, int], name: str) -> str:
    """A cell: a link to its findings, with a bar for each lane and the number of clusters."""
    x, y = at
    part = cell["credited"] or cell["together"]
    background = "credited" if cell["credited"] else "together"
    bars = "".join(
        f'<rect class="{direction}" x="{x + 3 + start:g}" y="{y + lane_y[lane["lane"]["id"]]}" '
        f'width="{width:g}" height="{LANE_HEIGHT}"/>'
        for lane in part["lanes"]
        for direction, start, width in segments(
            lane["directions"], min(MAX_LANE_WIDTH, lane["clusters"] * PIXELS_PER_CLUSTER)
        )
    )
    return (
        f'<a {part["anchor"]} tabindex="-1">'
        f"<title>{escape(name + ': ' + part['words'])}</title>"
        f'<rect class="{background}" x="{x + 1}" y="{y + 1}" width="{CELL_WIDTH - 2}" '
        f'height="{CELL_HEIGHT - 2}"/>{bars}'
        f'<text class="clusters" x="{x + CELL_WIDTH - 4}" y="{y + 19}">{part["clusters"]}</text>'
        "</a>"
    )
