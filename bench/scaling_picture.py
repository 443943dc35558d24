"""Busy processors by number of cases, a band for each design; both scales are logarithms."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bench.capacity import Costs, Measured, Node, Traffic, load

STEPS = tuple(round(10 ** (power / 10)) for power in range(30, 71))  # 1,000 to 10,000,000 cases
NAMED = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
RATE = 200  # requests a second
LEFT, TOP, WIDTH, HEIGHT = 60, 30, 820, 380
RIGHT, BOTTOM = WIDTH - 50, HEIGHT - 40
GREY = "#6e7781"  # legible on white and on black
COLOURS = {"own index": "#2da44e", "OpenSearch": "#4c8dd6"}


def picture(measured: Measured, node: Node) -> str:
    """An SVG."""
    bands = {
        name: [
            [_busy(costs(size, node, steep=steep), node) for size in STEPS]
            for steep in (False, True)
        ]
        for name, costs in zip(COLOURS, (measured.own_index, measured.cluster), strict=True)
    }
    every = [busy for band in bands.values() for end in band for busy in end]
    low, high = math.floor(math.log10(min(every))), math.ceil(math.log10(max(every)))

    def down(busy: float) -> float:
        return BOTTOM - (math.log10(busy) - low) / (high - low) * (BOTTOM - TOP)

    drawn = [_height(down(10.0**power), f"{10.0**power:g}") for power in range(low, high + 1)]
    drawn += [
        f'<text x="{_across(size):.1f}" y="{BOTTOM + 20}" text-anchor="middle">{size:,}</text>'
        for size in NAMED
    ]
    for place, (name, (expected, steep)) in enumerate(bands.items()):
        ends = [
            [(_across(n), down(busy)) for n, busy in zip(STEPS, end, strict=True)]
            for end in (expected, steep)
        ]
        drawn += _design(name, place, *ends)
    caption = f"busy processors, of nodes and cluster, at {RATE} requests a second, by cases"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' font-family="sans-serif" font-size="13" fill="{GREY}">\n'
        f"<title>{caption.capitalize()}</title>\n"
        + "\n".join(drawn)
        + f'\n<text x="{LEFT}" y="{HEIGHT - 3}">{caption}; shaded: to growth like a line</text>\n'
        "</svg>\n"
    )


def _busy(costs: Costs, node: Node) -> float:
    """Processors."""
    todo = load(Traffic(RATE), node.workers, costs.response)
    answering = todo.misses * costs.miss.mean + (todo.origin - todo.misses) * costs.hit.mean
    return answering + todo.misses * costs.cluster_seconds


def _across(size: float) -> float:
    first, last = math.log10(STEPS[0]), math.log10(STEPS[-1])
    return LEFT + (math.log10(size) - first) / (last - first) * (RIGHT - LEFT)


def _height(down: float, text: str) -> str:
    line = f'<path d="M{LEFT} {down:.1f}H{RIGHT}" stroke="{GREY}" stroke-opacity="0.35"/>'
    return f'{line}<text x="{LEFT - 8}" y="{down + 4:.1f}" text-anchor="end">{text}</text>'


Line = Sequence[tuple[float, float]]


def _design(name: str, place: int, expected: Line, steep: Line) -> list[str]:
    colour, top = COLOURS[name], TOP + 10 + 20 * place
    return [
        f'<polygon points="{_points([*expected, *reversed(steep)])}" fill="{colour}"'
        ' fill-opacity="0.25"/>',
        f'<polyline points="{_points(expected)}" fill="none" stroke="{colour}" stroke-width="3"/>',
        f'<circle cx="{LEFT + 20}" cy="{top}" r="5" fill="{colour}"/>',
        f'<text x="{LEFT + 32}" y="{top + 4}">{name}</text>',
    ]


def _points(line: Line) -> str:
    return " ".join(f"{across:.1f},{down:.1f}" for across, down in line)
