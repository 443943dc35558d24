"""What speed was asked for, and whether the numbers meet it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

THIS_SYSTEM = "this system"
WORDS_ALONE = f"{THIS_SYSTEM}, words alone"  # doing what its peers do
LARGE_SIZE, MIDDLE_SIZE = "100000", "10000"
NOISE_FACTOR = 1.15  # by which seconds per case may differ between two sizes and still be the same
RATIOS = ("ratio", "p95 ratio", "whole ratio")
Numbers = Mapping[str, Any]


class Bar(NamedTuple):
    """Something that was asked for, what was measured, and whether that will do."""

    requirement: str
    measured: str
    met: bool


def bars(numbers: Numbers) -> Iterator[Bar]:
    """Those for which there are numbers."""
    for size in (MIDDLE_SIZE, LARGE_SIZE):
        if figures := numbers["sizes"].get(size):
            yield from _beside_peers(figures, f"{int(size):,} cases")
    if figures := numbers["sizes"].get(LARGE_SIZE):
        yield from _at_large(figures)
    speeds = numbers["indexing"]["per second"]
    ratio = speeds[THIS_SYSTEM] / speeds["plain Whoosh"]
    measured = f"{ratio:.1f}x ({speeds[THIS_SYSTEM]:,.0f} documents per second)"
    yield Bar("indexing, 4x plain Whoosh or more", measured, ratio >= 4)
    if len(numbers["sizes"]) > 1:
        yield _growth(numbers["sizes"])


def _beside_peers(figures: Numbers, at: str) -> Iterator[Bar]:
    page = figures["page"]
    for name, least in (
        ("tantivy", 1),
        ("tantivy, two fields", 1),
        ("SQLite FTS5", 10),
        ("PostgreSQL", 10),
    ):
        if name in page:
            yield _times(f"{at}: a page, {least}x {name} or more", page[name], least)
    if "http" not in figures:
        return
    http = figures["http"]
    yield _times(f"{at}: over HTTP, 10x Datasette or more", http["uncached"]["Datasette"], 10)
    share = 1 / http["cached"][f"{THIS_SYSTEM}, asked before"]["ratio"]
    requirement = f"{at}: asked before, 0.6 of the constant answer or more"
    yield Bar(requirement, f"{share:.2f}", share >= 0.6)


def _times(requirement: str, figures: Numbers, least: float) -> Bar:
    """Met when the p50 is; the other ratios are told beside it."""
    ratios = [f"{figures[key]:.{0 if figures[key] >= 10 else 1}f}x" for key in RATIOS]
    return Bar(
        requirement,
        f"{ratios[0]} (p95 {ratios[1]}, whole log {ratios[2]})",
        figures["ratio"] >= least,
    )


def _at_large(figures: Numbers) -> Iterator[Bar]:
    for requirement, measured, most in (
        ("words never asked before, p95 under 20 ms", figures["cold"]["p95"], 20),
        ("the worst queries, every one under 50 ms", figures["worst"]["all"]["max"], 50),
        ("from publishing to found, p95 under 500 ms", figures["publishing"]["p95"], 500),
        (
            "first answer of a new process under 5,000 ms",
            figures["starting"]["seconds"] * 1000,
            5000,
        ),
    ):
        yield Bar(
            f"{int(LARGE_SIZE):,} cases: {requirement}", f"{measured:,.1f} ms", measured < most
        )


def per_thousand(sizes: Numbers) -> dict[str, float]:
    """Seconds of indexing per 1,000 cases, by size, the smallest first."""
    return {
        size: sizes[size]["build"][THIS_SYSTEM] / int(size) * 1000
        for size in sorted(sizes, key=int)
    }


def _growth(sizes: Numbers) -> Bar:
    costs = list(per_thousand(sizes).values())
    measured = " → ".join(f"{cost:.1f} s" for cost in costs)
    requirement = "indexing 1,000 cases takes no longer in a larger index"
    return Bar(requirement, measured, costs[-1] <= min(costs[:-1]) * NOISE_FACTOR)
