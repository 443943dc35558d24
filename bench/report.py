"""The numbers of a run → `docs/performance.md`, and a picture beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from bench.bars import RATIOS, THIS_SYSTEM, WORDS_ALONE, Bar, per_thousand

Numbers = Mapping[str, Any]
INTRODUCTION = """\
# How fast it is

For operators who want to know what to expect, and for developers who change the search. Written by
`make bench`; the numbers are in [performance.json](performance.json).

![p50 and p95 of a page by system and number of cases](performance.svg)

## What was measured

Generated Dutch cases (`bench/corpus.py`) of some 490 words each, with tags, two pitfalls and a
finding, and a generated query log: common, mixed, rare, compound and misspelt words and phrases,
four in ten with one or two filters. **A page** is the ten best cases, the exact total and six
facets (strategy, ingredient, target group, municipality, province, scale). All systems have the
same cases with the same weighted fields and tags and are asked for all of the words, without stop
words. The log repeats queries as people do: 2,000 lines, some 540 different ones. Each line goes
to each system in turn, so that noise meets all of them, after {warm} others; who is slow is stopped
in time, so `n` differs, and its ratios are over the lines that it was asked: of the p50s, of the
p95s, and of the time for all of these lines.

Over HTTP the times include making a connection and reading the answer. `kb serve` runs two
processes; before queries are asked again, four passes have brought nearly all of them to both.

**Requests** are asked in process, by Flask's test client, and never from the response cache: twenty
cases with the facets strategy, ingredient and scale; the page that shows results; a case as page
and as JSON; the front page; similar cases; a list in NDJSON; the map of the evidence, effects and
comparisons as pages and as JSON, and the first map after a change of the index. With the first
content the queries are the judged ones of `docs/relevance.md`, the same in each pass, but for the
list of words that nobody asked for before. Told is what a request costs the processor, and the same
as a multiple of 32 KiB that are always the same, asked in turn with it: such ratios hold on any
machine, also while others use it. `make bench-quick` tells them, with the first content and 1,000
cases, in a minute or two: run it before and after a change.

**Words alone** is this system asked for no more than the peers are: the typed words themselves, in
the order of BM25F. What was asked for in process is compared with that, as the same work. **This
system** is the same as people use it: it also looks for compounds and synonyms, and so finds far
more, and puts the best in another order by the meaning of words and by shared tags. Both relax what
too few things meet, count each facet without its own filter, and hold the pitfalls and findings as
things to be found too. FTS5 and Datasette do not stem. All texts are nonsense, so this says nothing
about how good answers are; `docs/relevance.md` does.

Measured on {date}: {cores} cores ({processor}), {memory:.0f} GiB of memory, Python {python}; every
server on the same machine. Ratios hold elsewhere, milliseconds do not. What was asked for, and
whether it is met, is in [quality](quality.md), with what requests cost."""


def write(numbers: Numbers, docs: Path) -> None:
    """Write the page and the picture."""
    docs.mkdir(parents=True, exist_ok=True)
    (docs / "performance.md").write_text("\n".join(_page(numbers)) + "\n", "utf-8")
    (docs / "performance.svg").write_text(picture(numbers["sizes"]), "utf-8")


def _page(numbers: Numbers) -> Iterator[str]:
    machine = {**numbers["machine"], "memory": numbers["machine"]["memory"] / 2**30}
    yield INTRODUCTION.format(**machine, warm=numbers["effort"]["warm_up"])
    for size, figures in numbers["sizes"].items():
        yield from ("", f"## {int(size):,} cases", "", "A page, in process:", "")
        yield from _times(figures["page"], "x words alone")
        if "http" in figures:
            yield from _over_http(figures["http"])
        yield from ("", "This system at the edges, in process:", "")
        yield from _times(dict(_edges(figures)))
        totals = ", ".join(f"{name} {total:,}" for name, total in figures["totals"].items())
        yield from ("", f"Cases found by ten of the common queries: {totals}.")
    yield from ("", "## Indexing, publishing, starting, memory", "")
    yield from _lifecycle(numbers)


def bar_table(bars: Iterable[Bar]) -> Iterator[str]:
    """What was asked for, what was measured, and whether that will do; a line each."""
    rows = ((bar.requirement, bar.measured, "yes" if bar.met else "**no**") for bar in bars)
    return _table(("asked", "measured", "met"), rows)


def _over_http(figures: Numbers) -> Iterator[str]:
    yield from ("", "A page over HTTP, a connection each, one at a time:", "")
    yield from _times(figures["uncached"], f"x {THIS_SYSTEM}")
    size = f"{figures['bytes'] / 1024:.0f} KiB"
    yield from ("", f"The same queries again, beside {size} that are always the same:", "")
    yield from _times(figures["cached"], "x constant answer")


def _edges(figures: Numbers) -> Iterator[tuple[str, Numbers]]:
    yield "words never asked before", figures["cold"]
    for kind, times in figures["worst"].items():
        yield f"worst queries, {kind}", times
    yield "suggestions", figures["suggestions"]
    yield "publishing until found", figures["publishing"]


def _times(systems: Mapping[str, Numbers], ratio: str | None = None) -> Iterator[str]:
    heads = ["", "p50 ms", "p95 ms", "most", "n"]
    keys = RATIOS if ratio else ()
    if ratio:
        heads += [f"{ratio}: p50", "p95", "whole log"]
    rows: list[Sequence[str]] = []
    for name, each in systems.items():
        times = [_short(each[key]) for key in ("p50", "p95", "max")]
        rows.append((name, *times, str(each["n"]), *(_short(each[key]) for key in keys)))
    return _table(heads, rows)


def _lifecycle(numbers: Numbers) -> Iterator[str]:
    costs = per_thousand(numbers["sizes"])
    rows = []
    for size, figures in numbers["sizes"].items():
        memory = figures["starting"]["memory"]
        rows.append(
            (
                f"{int(size):,}",
                f"{figures['build'][THIS_SYSTEM]:,.0f}",
                f"{costs[size]:.1f}",
                f"{figures['peak memory'] / 2**20:,.0f}" if "peak memory" in figures else "–",
                f"{figures['publishing']['p50']:.0f} / {figures['publishing']['p95']:.0f}",
                f"{figures['starting']['seconds']:.2f}",
                *(f"{memory[kind] / 2**20:,.0f}" for kind in ("rss", "pss", "private", "shared")),
                f"{figures['starting']['private per case'] / 1024:.1f}",
                f"{figures['starting']['pss per case'] / 1024:.1f}",
            )
        )
    heads = (
        *(
            "cases",
            "build s",
            "s per 1,000",
            "peak MiB",
            "publish → found ms (p50 / p95)",
            "first answer s",
        ),
        *("RSS MiB", "PSS", "private", "shared", "private KiB per case", "PSS per case"),
    )
    yield from _table(heads, rows)
    yield ""
    queries = next(iter(numbers["sizes"].values()))["starting"]["queries"]
    yield "First answer: of a new process, its imports included, with the files in the system's"
    yield "cache. Memory: of one of two processes that have opened the index and answered"
    yield f"{queries} distinct queries; per case what came on top of the imports, so a small index"
    yield "seems to cost more."
    yield ""
    yield "Seconds of the processor to build (PostgreSQL: of the clock), from the same documents;"
    yield "this system reads them from its database, and holds what cases own as well:"
    yield ""
    names = list(
        dict.fromkeys(name for each in numbers["sizes"].values() for name in each["build"])
    )
    built = [
        (name, *(_short(each["build"].get(name)) for each in numbers["sizes"].values()))
        for name in names
    ]
    yield from _table(("", *(f"{int(size):,}" for size in numbers["sizes"])), built)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield "|---" + "|---:" * (len(heads) - 1) + "|"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _short(number: float | None) -> str:
    """With three digits that tell something."""
    if number is None:
        return "–"
    return f"{number:,.0f}" if number >= 100 else f"{number:.{2 - (number >= 10)}f}"


LEFT, WIDTH, ROW = 250, 820, 22  # of the picture; legible on white and on black
GREY = "#6e7781"
COLOURS = dict.fromkeys((THIS_SYSTEM, WORDS_ALONE, f"{THIS_SYSTEM}, HTTP"), "#2da44e")
OTHER = "#4c8dd6"


def picture(sizes: Numbers) -> str:
    """For each system a line from p50 to p95, on a scale on which every step is ten times more."""
    groups = {
        f"{int(size):,} cases": {
            **figures["page"],
            **{f"{name}, HTTP": each for name, each in _uncached_over_http(figures).items()},
        }
        for size, figures in sizes.items()
    }
    every = [
        each[key] for group in groups.values() for each in group.values() for key in ("p50", "p95")
    ]
    low, high = math.floor(math.log10(min(every))), math.ceil(math.log10(max(every)))

    def across(time: float) -> float:
        return LEFT + (math.log10(time) - low) / (high - low) * (WIDTH - LEFT - 30)

    drawn: list[str] = []
    down = 40
    for title, group in groups.items():
        drawn.append(f'<text x="10" y="{down}" font-weight="bold">{title}</text>')
        for name, each in group.items():
            down += ROW
            drawn += _line(name, across(each["p50"]), across(each["p95"]), down)
        down += 2 * ROW
    scale = [_step(across(10.0**power), power, down) for power in range(low, high + 1)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {down + 14}" role="img"'
        f' font-family="sans-serif" font-size="13" fill="{GREY}">\n'
        "<title>Milliseconds for a page: p50 (dot) to p95 (end of the line)</title>\n"
        + "\n".join((*scale, *drawn))
        + f'\n<text x="{LEFT}" y="{down + 8}">milliseconds: p50 (dot) to p95, each step ten times'
        " more; less is better</text>\n</svg>\n"
    )


def _uncached_over_http(figures: Numbers) -> Mapping[str, Numbers]:
    uncached: Mapping[str, Numbers] = figures["http"]["uncached"] if "http" in figures else {}
    return uncached


def _line(name: str, start: float, end: float, down: int) -> list[str]:
    colour = COLOURS.get(name, OTHER)
    return [
        f'<text x="{LEFT - 12}" y="{down + 4}" text-anchor="end">{escape(name)}</text>',
        f'<path d="M{start:.1f} {down}H{end:.1f}m0 -5v10" stroke="{colour}" stroke-width="3"/>',
        f'<circle cx="{start:.1f}" cy="{down}" r="5" fill="{colour}"/>',
    ]


def _step(across: float, power: int, down: int) -> str:
    milliseconds = f"{10.0**power:g}"
    return (
        f'<path d="M{across:.1f} 22V{down - ROW}" stroke="{GREY}" stroke-opacity="0.35"/>'
        f'<text x="{across:.1f}" y="16" text-anchor="middle">{milliseconds}</text>'
    )
