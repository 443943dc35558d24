"""What speed was asked for, and whether the numbers meet it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

THIS_SYSTEM = "this system"
WORDS_ALONE = f"{THIS_SYSTEM}, words alone"  # doing what its peers do
CONSTANT = "constant answer"
LARGE_SIZE, MIDDLE_SIZE = "100000", "10000"
NOISE_FACTOR = 1.15  # by which seconds per case may differ between two sizes and still be the same
RATIOS = ("ratio", "p95 ratio", "whole ratio")
NDJSON_ROWS = "1,000 rows of NDJSON"
FIRST_MAP = "first map of the evidence after a change"
NEW_WORDS = "list of 20 with three facets, words that nobody asked for before"
REQUEST_BARS = {  # ms of the processor; by the kind of request, as in `requests.py`
    "list of 20 with three facets": 4,
    NEW_WORDS: 4,
    "page of results": 8,
    "case page": 6,
    "front page": 8,
    "case": 1.5,
    "similar cases": 3,
    NDJSON_ROWS: 100,
    "map of the evidence, page": 10,
    "map of the evidence": 10,
    "effects, page": 10,
    "effect, page": 10,
    "effects": 10,
    "effect": 10,
    "comparison, page": 10,
    "comparison": 10,
    FIRST_MAP: 50,
}
AT_EVERY_SIZE = (  # the others were asked for with as many findings as the first content has
    *(
        "list of 20 with three facets",
        NEW_WORDS,
        "page of results",
        "case page",
        "front page",
        "case",
    ),
    *("similar cases", NDJSON_ROWS, FIRST_MAP),
)
Numbers = Mapping[str, Any]


class Bar(NamedTuple):
    """Something that was asked for, what was measured, and whether that will do."""

    requirement: str
    measured: str
    met: bool


def bars(numbers: Numbers) -> Iterator[Bar]:
    """Those for which there are numbers."""
    yield from request_bars(numbers.get("seed", {}), "first content")
    for size, figures in numbers["sizes"].items():
        costs = figures.get("requests", {})
        if size in {MIDDLE_SIZE, LARGE_SIZE}:
            costs = {name: cost for name, cost in costs.items() if name in AT_EVERY_SIZE}
        yield from request_bars(costs, f"{int(size):,} cases")
    for size, least in ((MIDDLE_SIZE, 8), (LARGE_SIZE, 20)):
        if figures := numbers["sizes"].get(size):
            yield from _beside_peers(figures, f"{int(size):,} cases")
            yield from http_bars(figures.get("http"), f"{int(size):,} cases", least)
    if figures := numbers["sizes"].get(MIDDLE_SIZE):
        measured = figures["build"][THIS_SYSTEM]
        requirement = f"{int(MIDDLE_SIZE):,} cases: indexing, 80 s of the processor or less"
        yield Bar(requirement, f"{measured:.0f} s", measured <= 80)
    if figures := numbers["sizes"].get(LARGE_SIZE):
        yield from _at_large(figures)
    if len(numbers["sizes"]) > 1:
        yield _growth(numbers["sizes"])


def request_bars(requests: Numbers, at: str) -> Iterator[Bar]:
    """What requests cost the processor; as times the constant answer it can be compared."""
    for name, cost in requests.items():
        most = REQUEST_BARS[name]
        measured = f"{cost['ms']:.1f} ms ({cost['ratio']:.1f}x)"
        yield Bar(f"{at}: {name}, {most:g} ms or less", measured, cost["ms"] <= most)


def http_bars(http: Numbers | None, at: str, least: float) -> Iterator[Bar]:
    """Over HTTP: as parts of the constant answer, and `least` times Datasette."""
    if http is None:
        return
    if "Datasette" in http["uncached"]:
        requirement = f"{at}: over HTTP, {least}x Datasette or more"
        yield _times(requirement, http["uncached"]["Datasette"], least)
    shares = {"asked before": (1 / http["cached"][THIS_SYSTEM]["ratio"], 0.9)}
    if CONSTANT in http["uncached"]:
        shares["asked first"] = (http["uncached"][CONSTANT]["ratio"], 0.12)
    for name, (share, lowest) in shares.items():
        requirement = f"{at}: {name}, {lowest} of the constant answer or more"
        yield Bar(requirement, f"{share:.2f}", share >= lowest)


def _beside_peers(figures: Numbers, at: str) -> Iterator[Bar]:
    page = figures["page"]
    for name, least in (
        ("tantivy", 1),
        ("tantivy, two fields", 1.3),
        ("SQLite FTS5", 10),
        ("PostgreSQL", 10),
    ):
        if name in page:
            yield _times(f"{at}: a page, {least}x {name} or more", page[name], least)


def _times(requirement: str, figures: Numbers, least: float) -> Bar:
    """Met when the p50 is; the other ratios are told beside it."""
    ratios = [f"{figures[key]:.{0 if figures[key] >= 10 else 1}f}x" for key in RATIOS]
    return Bar(
        requirement,
        f"{ratios[0]} (p95 {ratios[1]}, whole log {ratios[2]})",
        figures["ratio"] >= least,
    )


def _at_large(figures: Numbers) -> Iterator[Bar]:
    bars: list[tuple[str, float, float, str]] = [
        ("words never asked before, p95 under 20 ms", figures["cold"]["p95"], 20, "ms"),
        ("the worst queries, every one under 40 ms", figures["worst"]["all"]["max"], 40, "ms"),
        ("from publishing to found, p95 under 150 ms", figures["publishing"]["p95"], 150, "ms"),
        ("first answer of a new process under 5 s", figures["starting"]["seconds"], 5, "s"),
    ]
    if "peak memory" in figures:
        gigabytes = figures["peak memory"] / 1e9
        bars.append(("indexing, under 1.5 GB of memory", gigabytes, 1.5, "GB"))
    for requirement, measured, most, unit in bars:
        yield Bar(
            f"{int(LARGE_SIZE):,} cases: {requirement}", f"{measured:,.1f} {unit}", measured < most
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
