"""Cases side by side: a row for each question, what differs first, and what is not known.

Pure functions over cases as readers get them. A cell without values says why: that nobody
recorded it, that nobody studied it, or that nobody has looked in a source yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import combinations
from typing import Any, NamedTuple

from babel import Locale
from babel.numbers import format_decimal

from kb.cases.years import year_range
from kb.search.more_like_this import FIELDS
from kb.translation import N_
from kb.vocabulary.terms import language, schemes
from kb.web.translation import gettext

Case = Mapping[str, Any]  # as `schemas.cases.Case` describes it
Value = dict[str, Any]  # as `schemas.comparisons.ComparedValue` does
Item = tuple[Mapping[str, str], Value]  # what a case has, after the term of its row
Row = dict[str, Any]  # as `schemas.comparisons.ComparisonRow` does
GAPS = {  # why a cell has no values, in words
    "not-recorded": N_("not recorded"),
    "not-researched": N_("not studied"),
    "unverified": N_("nobody has looked for it in a source yet"),
}
PITFALL_KEYS = ("phase", "description", "avoidance")
UNFINISHED = ("voorbereiding", "lopend")  # statuses in which what was found may still change
FINDING_KEYS = ("direction", "level", "evidence", "lane", "conditions")


class Question(NamedTuple):
    """What a row asks of each case."""

    group: str
    id: str
    label: str
    keys: tuple[str, ...]  # of the case, in which the answer stands
    values: Callable[[Case], list[Value]]
    gap: str = "not-recorded"  # what it means that there are none


def compare(cases: Sequence[Case]) -> list[Row]:
    """The rows, group by group: what differs first, and first of all what only some cases have."""
    rows: list[Row] = []
    for questions in GROUPS:
        of_group = [_row(question, cases) for question in questions(cases)]
        rows += sorted(of_group, key=lambda row: (row["isEqual"], not _has_gap(row)))
    return rows


def _row(question: Question, cases: Sequence[Case]) -> Row:
    cells = [_cell(question, case) for case in cases]
    contents = [(cell["gap"], cell["values"]) for cell in cells]
    if question.group in {"targetGroups", "strategies"}:
        _mark_shared(cells)
    return {
        "group": question.group,
        "id": question.id,
        "label": question.label,
        "isEqual": all(content == contents[0] for content in contents),
        "cells": cells,
    }


def _cell(question: Question, case: Case) -> dict[str, Any]:
    values = question.values(case)
    parts = question.keys
    doubts = [
        key
        for key in case["unverified"]
        if any(_covers(key, part) or _covers(part, key) for part in parts)
    ]
    is_unknown = any(_covers(key, part) for key in doubts for part in parts)
    gap = "unverified" if is_unknown else question.gap
    return {"values": values, "gap": None if values else gap, "unverified": doubts}


def _covers(key: str, part: str) -> bool:
    """Whether a key of a document is a part of it or has that part below it."""
    return f"{part}.".startswith(f"{key}.")


def _mark_shared(cells: Iterable[Mapping[str, Any]]) -> None:
    """Say of each term whether all cases have it; those that not all have come first."""
    ids = [{value["id"] for value in cell["values"]} for cell in cells]
    shared = set[str].intersection(*ids)
    for cell in cells:
        for value in cell["values"]:
            value["isShared"] = value["id"] in shared
        cell["values"].sort(key=lambda value: value["isShared"])


def _has_gap(row: Row) -> bool:
    return any(cell["gap"] for cell in row["cells"])


def _context(_cases: Sequence[Case]) -> Iterator[Question]:
    """Where, when, and how large."""
    for id_, label, keys, text in CONTEXT:
        yield Question("context", id_, gettext(label), keys, _labelled(text))


def _labelled(text: Callable[[Case], str | None]) -> Callable[[Case], list[Value]]:
    """A text as the one value of a cell; none when it is empty."""

    def values(case: Case) -> list[Value]:
        label = text(case)
        return [{"label": label}] if label else []

    return values


def _place(case: Case) -> str:
    place = case["place"]
    return ", ".join(filter(None, [place["neighbourhood"], place["municipality"]]))


def _country(case: Case) -> str | None:
    code: str | None = case["place"]["country"]
    return str(_territories(language()).get(code, code)) if code else None


@cache
def _territories(code: str) -> Mapping[str, str]:
    names: Mapping[str, str] = Locale(code).territories
    return names


def _years(case: Case) -> str:
    if case["startYear"] and not case["endYear"] and case["status"]["id"] not in UNFINISHED:
        return gettext("from %(year)s, end unknown", year=case["startYear"])
    return year_range(case["startYear"], case["endYear"])


def _dwellings(case: Case) -> str | None:
    number = case["dwellings"]
    return format_decimal(number, locale=language()) if number else None


def _archetype(case: Case) -> str | None:
    return case["archetype"]["title"] if case["archetype"] else None


def _terms(cases: Sequence[Case]) -> Iterator[Question]:
    """For whom, and in which way."""
    for key, scheme, label in TERMS:
        yield Question(key, key, gettext(label), (key,), partial(_terms_under, key, scheme))


def _terms_under(key: str, scheme: str, case: Case) -> list[Value]:
    terms = sorted(case[key], key=lambda term: _position(scheme, term["id"]))
    return [dict(term) for term in terms]


def _by_term(
    group: str, scheme: str, items: Callable[[Case], Iterable[Item]], gap: str = "not-recorded"
) -> Callable[[Sequence[Case]], Iterator[Question]]:
    """A row for each term that an item of any case has, in the order of its scheme."""

    def questions(cases: Sequence[Case]) -> Iterator[Question]:
        labels: dict[str, str] = {}
        values: dict[tuple[str, str], list[Value]] = {}  # by the ids of case and term
        for case in cases:
            for term, value in items(case):
                labels[term["id"]] = term["label"]
                values.setdefault((case["id"], term["id"]), []).append(value)
        for id_ in sorted(labels, key=partial(_position, scheme)):
            yield Question(group, id_, labels[id_], (group,), partial(_values_of, values, id_), gap)

    return questions


def _values_of(
    values: Mapping[tuple[str, str], list[Value]], term_id: str, case: Case
) -> list[Value]:
    return values.get((case["id"], term_id), [])


def _ingredients(case: Case) -> Iterator[Item]:
    """How each ingredient was used."""
    yield from ((each, dict(each)) for each in case["ingredients"])


def _pitfalls(case: Case) -> Iterator[Item]:
    """Pitfalls by category: in which phase, and how to avoid them."""
    for each in case["pitfalls"]:
        value = {"id": each["id"], "label": each["title"]}
        yield each["category"], value | {key: each[key] for key in PITFALL_KEYS}


def _findings(case: Case) -> Iterator[Item]:
    """Findings by effect, the strongest lane first."""
    for each in sorted(
        case["findings"], key=lambda finding: _position("evidence-lanes", lane_of(finding))
    ):
        value = {"id": each["id"], "label": each["claim"]}
        yield each["domain"], value | {key: each[key] for key in FINDING_KEYS}


def lane_of(finding: Mapping[str, Any]) -> str:
    """The id of the lane of a finding; empty when its kind of evidence is no more."""
    return finding["lane"]["id"] if finding["lane"] else ""


def _parties(case: Case) -> Iterator[Item]:
    """Who took part, by role."""
    yield from ((each["role"], {"label": each["name"]}) for each in case["parties"])


CONTEXT: tuple[tuple[str, str, tuple[str, ...], Callable[[Case], str | None]], ...] = (
    ("place", N_("Place"), ("place.municipality", "place.neighbourhood"), _place),
    ("province", N_("Province"), ("place.province",), lambda case: case["place"]["province"]),
    ("country", N_("Country"), ("place.country",), _country),
    ("years", N_("Years"), ("startYear", "endYear"), _years),
    ("status", N_("Status"), ("status",), lambda case: case["status"]["label"]),
    ("scale", N_("Scale"), ("scale",), lambda case: case["scale"]["label"]),
    ("dwellings", N_("Dwellings"), ("dwellings",), _dwellings),
    ("kind", N_("Kind"), ("kind",), lambda case: case["kind"]["label"]),
    ("archetype", N_("Type of intervention"), ("archetype",), _archetype),
)
TERMS = (
    ("targetGroups", "target-groups", N_("Target groups")),
    ("strategies", "strategies", N_("Strategies")),
)
GROUPS: tuple[Callable[[Sequence[Case]], Iterator[Question]], ...] = (  # in their order
    _context,
    _terms,
    _by_term("ingredients", "ingredients", _ingredients),
    _by_term("pitfalls", "pitfall-categories", _pitfalls),
    _by_term("findings", "effect-domains", _findings, "not-researched"),
    _by_term("parties", "party-roles", _parties),
)


def _position(scheme: str, id_: str) -> int:
    """The place of a term in its scheme; a term that is no more comes last."""
    terms = schemes()[scheme].terms
    return terms[id_].position if id_ in terms else len(terms)


def similarities(cases: Sequence[Case]) -> list[dict[str, Any]]:
    """What all cases have in common, then each two, by the keys that make cases similar.

    As `schemas.comparisons.Similarity` describes each; the key that says most of a case first.
    """
    sets = [tuple(cases)] if len(cases) > 2 else []
    sets += combinations(cases, 2)
    return [
        {"cases": [case["id"] for case in some], "reasons": list(_reasons(some))} for some in sets
    ]


def _reasons(cases: Sequence[Case]) -> Iterator[dict[str, Any]]:
    keys = sorted(FIELDS, key=lambda key: -FIELDS[key].importance)
    for key in keys:
        values = [_compared(case, key) for case in cases]
        shared = [id_ for id_ in values[0] if all(id_ in each for each in values)]
        if shared:
            labels = [{"id": id_, "label": values[0][id_]} for id_ in shared]
            yield {"field": key, "shared": labels}


def _compared(case: Case, key: str) -> dict[str, str]:
    """The labels of what a case has under a key, by id; a type of intervention is its own."""
    if key == "archetype":
        archetype = case["archetype"] or {"id": case["id"], "title": case["title"]}
        return {archetype["id"]: archetype["title"]}
    if key == "pitfalls":
        return {each["category"]["id"]: each["category"]["label"] for each in case["pitfalls"]}
    terms = case[key] if isinstance(case[key], list) else [case[key]]
    return {term["id"]: term["label"] for term in terms}
