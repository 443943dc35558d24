"""The published cases of one snapshot of the index, to be counted by what they have."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from kb.decisions.plan_checks.context import Context
from kb.kinds import CASE
from kb.search.analysis.analyzer import DUTCH
from kb.search.analysis.vectors import Vector
from kb.search.engine import SearchEngine

FEWEST_COMPARABLE = 5
Basis = Literal["group-or-scale", "strategy", "none"]
Tagged = Literal["strategies", "target_groups", "ingredients", "pitfalls"]


@dataclass(frozen=True)
class CaseTags:
    """A case with what it is tagged with: ids of terms."""

    id: str
    title: str
    strategies: frozenset[str]
    target_groups: frozenset[str]
    scale: str | None
    ingredients: frozenset[str]
    pitfalls: frozenset[str]  # categories
    vector: Vector  # of its title and summary


@dataclass(frozen=True)
class Share:
    """How many of the comparable cases have something, and how many of the others do."""

    cases: Sequence[str]  # ids of the comparable ones that have it
    comparable: int
    others_with: int
    others: int

    @property
    def count(self) -> int:
        """The comparable cases that have it."""
        return len(self.cases)

    @property
    def share(self) -> float:
        """Of the comparable cases."""
        return self.count / self.comparable if self.comparable else 0.0

    @property
    def ratio(self) -> float:
        """How many times the share of the others; half a case is added, so that none is endless."""
        return self.share / ((self.others_with + 0.5) / (self.others + 1))


@dataclass(frozen=True)
class Comparable:
    """The cases that a plan is compared with, and all others."""

    basis: Basis
    cases: Sequence[CaseTags]
    others: Sequence[CaseTags]

    def shares(self, tagged: Tagged) -> Mapping[str, Share]:
        """Of each term that a comparable case has: how often it stands here and elsewhere."""
        here: dict[str, list[str]] = {}
        for case in self.cases:
            for value in getattr(case, tagged):
                here.setdefault(value, []).append(case.id)
        elsewhere = Counter(value for case in self.others for value in getattr(case, tagged))
        return {
            value: Share(here[value], len(self.cases), elsewhere[value], len(self.others))
            for value in sorted(here)
        }


class CaseTable:
    """All cases, by id."""

    def __init__(self, cases: Iterable[CaseTags]) -> None:
        self.cases = tuple(sorted(cases, key=lambda case: case.id))

    @cached_property
    def by_id(self) -> Mapping[str, CaseTags]:
        """Each case."""
        return {case.id: case for case in self.cases}

    def frequency(self, tagged: Tagged) -> Mapping[str, int]:
        """How many cases have each term."""
        return Counter(value for case in self.cases for value in getattr(case, tagged))

    def comparable(self, context: Context) -> Comparable:
        """Cases that share a strategy and a target group or the scale; with few, a strategy."""
        strategies = frozenset(context.strategies)
        sharing = [each for each in self.cases if not strategies.isdisjoint(each.strategies)]
        groups = frozenset(context.target_groups)
        near = [
            each for each in sharing
            if not groups.isdisjoint(each.target_groups)
            or (context.scale is not None and each.scale == context.scale)
        ]  # fmt: skip
        if len(near) >= FEWEST_COMPARABLE:
            return self._parted("group-or-scale", near)
        return self._parted("strategy" if sharing else "none", sharing)

    def _parted(self, basis: Basis, near: Sequence[CaseTags]) -> Comparable:
        ids = {case.id for case in near}
        return Comparable(basis, near, [case for case in self.cases if case.id not in ids])


class CaseTables:
    """The table of the snapshot that is answered with now, made once."""

    def __init__(self, engine: SearchEngine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._current: tuple[Hashable, CaseTable] | None = None

    def current(self) -> CaseTable:
        """Raises SearchUnavailable."""
        snapshot_id = self._engine.snapshot_id()
        with self._lock:
            if self._current is None or self._current[0] != snapshot_id:
                self._current = snapshot_id, read_case_table(self._engine)
            return self._current[1]


def read_case_table(engine: SearchEngine) -> CaseTable:
    """The published cases. Raises SearchUnavailable."""
    table = engine.table(CASE.name)
    names = ("strategy", "targetGroup", "scale", "ingredient", "pitfallCategory")
    values: list[dict[str, set[str]]] = [{name: set() for name in names} for _ in table.ids]
    for name in names:
        column = table.column(name)
        for row, ordinal in zip(column.rows.tolist(), column.ordinals.tolist(), strict=True):
            values[row][name].add(column.values[ordinal])
    items = engine.items([f"{CASE.name}:{each}" for each in table.ids], "nl")
    return CaseTable(
        _case(each, own, json.loads(item))
        for each, own in zip(table.ids, values, strict=True)
        if (item := items.get(f"{CASE.name}:{each}"))
    )


def _case(slug: str, values: Mapping[str, Collection[str]], item: Mapping[str, str]) -> CaseTags:
    strategies, groups, scales, ingredients, pitfalls = map(frozenset, values.values())
    text = (item["title"], item["summary"])
    return CaseTags(
        slug,
        item["title"],
        strategies,
        groups,
        next(iter(scales), None),
        ingredients,
        pitfalls,
        DUTCH.vector(text),
    )
