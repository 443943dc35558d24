"""Taking times: every question to each system in turn, so that noise meets all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

Question = TypeVar("Question")
Times = list[float]  # milliseconds, in the order of the questions


def interleaved(
    systems: Mapping[str, Callable[[Question], object]],
    questions: Sequence[Question],
    budget: float,
) -> dict[str, Times]:
    """Ask them all; a system that has used its `budget` of seconds is asked no more."""
    times: dict[str, Times] = {name: [] for name in systems}
    for question in questions:
        for name, ask in systems.items():
            if sum(times[name]) < budget * 1000:
                times[name].append(milliseconds(partial(ask, question)))
    return times


def milliseconds(act: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def percentile(times: Sequence[float], share: float) -> float:
    """The time within which that share of the questions was answered."""
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def summary(times: Times, of: Times | None = None) -> dict[str, Any]:
    """p50, p95 and most in milliseconds.

    With `of` the ratios to it over the same questions: of p50, of p95, and of all times together.
    """
    figures: dict[str, Any] = {
        "n": len(times),
        "p50": percentile(times, 0.5),
        "p95": percentile(times, 0.95),
        "max": max(times),
    }
    if of is not None:
        same = of[: len(times)]
        figures["ratio"] = percentile(times, 0.5) / percentile(same, 0.5)
        figures["p95 ratio"] = percentile(times, 0.95) / percentile(same, 0.95)
        figures["whole ratio"] = sum(times) / sum(same)
    return figures


def compared(times: Mapping[str, Times], base: str) -> dict[str, Any]:
    """The summary of each system that was asked anything, with ratios to one of them."""
    return {name: summary(each, times[base]) for name, each in times.items() if each}
