"""The model of capacity keeps to what can be said without it."""

from __future__ import annotations

import json
import math
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import scaling_page
from bench.capacity import (
    SHARED_CACHE_SECONDS,
    Growth,
    Measured,
    Node,
    Service,
    Traffic,
    load,
    plan,
    response_times,
)
from bench.rehearsal import LISTS, Answer
from bench.storm import Storm

DOCS = Path(__file__).parents[2] / "docs"
SMALL = 1_000.0  # bytes of a response, so that a process keeps all of them


@pytest.fixture(scope="module")
def measured() -> Measured:
    performance = json.loads((DOCS / "performance.json").read_text("utf-8"))
    numbers = json.loads((DOCS / "scaling.json").read_text("utf-8"))
    return Measured(performance, numbers["cluster"])


def simulated_misses(traffic: Traffic, processes: int, seconds: float) -> float:
    """Requests a second that are made anew, by playing them one by one."""
    chance = random.Random(1)
    weights = [n**-traffic.skew for n in range(1, traffic.queries + 1)]
    shared: dict[int, float] = defaultdict(lambda: -math.inf)
    stored: dict[tuple[int, int], int] = {}
    at, made = 0.0, 0
    while at < seconds:
        at += chance.expovariate(traffic.rate)
        [query] = chance.choices(range(traffic.queries), weights)
        if traffic.shared_cache and at - shared[query] < SHARED_CACHE_SECONDS:
            continue
        shared[query] = at
        place = (chance.randrange(processes), query)
        version = int(at * traffic.publications / 3600)
        made += stored.get(place) != version
        stored[place] = version
    return made / seconds


@pytest.mark.parametrize("shared_cache", [True, False])
def test_what_is_made_anew_is_what_playing_it_shows(shared_cache: bool) -> None:
    traffic = Traffic(20, queries=50, publications=30, shared_cache=shared_cache)

    foreseen = load(traffic, 2, SMALL).misses

    assert foreseen == pytest.approx(simulated_misses(traffic, 2, 3_000), rel=0.25)


def test_what_does_not_fit_a_process_is_made_anew() -> None:
    traffic = Traffic(20, queries=1_000, publications=0.001, shared_cache=False)

    assert load(traffic, 1, SMALL).misses < 0.1
    assert load(traffic, 1, 2.0**25).misses == pytest.approx(20)


def test_who_comes_to_a_busy_node_waits() -> None:
    work = Service(0.05, 0.05000001)  # as good as constant

    calm = response_times(2, 1.0, work, work, 1)
    busy = response_times(18, 1.0, work, work, 1)

    assert calm[0] == pytest.approx(0.05, rel=0.01)
    assert busy[0] > 2 * calm[0]
    assert response_times(21, 1.0, work, work, 1) == (math.inf, math.inf)


@given(st.integers(1_000, 10_000_000), st.integers(1_000, 10_000_000))
def test_a_growth_grows_and_keeps_to_what_was_measured(one: int, other: int) -> None:
    growth = Growth(((1_000, 2.0), (10_000, 3.0), (100_000, 9.0)))
    less, more = sorted((one, other))

    assert growth.expected(1_000) == pytest.approx(2)
    assert growth.linear(100_000) == pytest.approx(9)
    assert growth.expected(less) <= growth.expected(more) * (1 + 1e-9)
    assert growth.linear(less) <= growth.linear(more) * (1 + 1e-9)


@pytest.mark.parametrize("cases", [1_000, 100_000, 10_000_000])
def test_more_visitors_never_need_fewer_nodes(cases: int, measured: Measured) -> None:
    node = Node()
    costs = measured.own_index(cases, node, steep=False)

    needed = [plan(Traffic(rate), costs, node).nodes for rate in (1, 30, 1_000)]

    assert needed == sorted(needed)


def test_the_page_is_of_its_numbers(measured: Measured) -> None:
    numbers = json.loads((DOCS / "scaling.json").read_text("utf-8"))

    assert (DOCS / "scaling.md").read_text("utf-8") == scaling_page.page(numbers, measured)


def a_list(total: int, *ids: str) -> dict[str, Any]:
    items = [{"id": each} for each in ids]
    return {"page": {"totalItems": total}, "items": items, "facets": {}}


NONE: Answer = (0, (), "[]")
ONE: Answer = (1, ("a",), "[]")
STATES = [[NONE] * len(LISTS), [ONE] * len(LISTS)]


def test_a_list_of_two_moments_is_wrong() -> None:
    storm = Storm([], "", STATES)
    storm.story.begun.append(0.0)

    outcomes = [
        storm._judge(0, 1.0, 200, body, None)
        for body in (a_list(0), a_list(1, "a"), a_list(1), a_list(2, "a", "b"))
    ]

    assert outcomes == ["right", "right", "of no state", "of no state"]
    assert storm._judge(0, 1.0, 503, None, "5") == "503 with Retry-After"
    assert storm._judge(0, 1.0, 503, None, None) == "503 without Retry-After"


def test_a_list_that_is_behind_says_for_how_long() -> None:
    storm = Storm([], "", STATES)
    storm.story.begun.append(1.0)
    storm.story.done.append(2.0)

    assert storm._judge(0, 5.0, 200, a_list(0), None) == "right"
    assert storm.log.behind == [3.0]
