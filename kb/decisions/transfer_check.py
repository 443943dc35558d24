"""Does it fit here? Twelve questions about a case and another place, after PIET-T, without a score.

Pure functions over a case as readers get it. An answer is `equal` or `different` only where both
sides are known: what the case has, and what somebody says of their own place.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal, NamedTuple

from kb.search.filters import Range
from kb.vocabulary.places import municipalities_near, municipality_like, places
from kb.vocabulary.terms import language, term

Answer = Literal["equal", "different", "unknown"]
Case = Mapping[str, Any]  # as `schemas.cases.Case` describes it
UNKNOWN: Answer = "unknown"
SCHEMES = {  # of what is compared by terms
    "targetGroups": "target-groups",
    "strategies": "strategies",
    "scale": "scales",
    "urbanity": "urbanity-levels",
    "parties": "party-roles",
}
FILTER_OF = {  # by question: the filter of cases that holds one's own condition
    "targetGroups": "targetGroup",
    "strategies": "strategy",
    "scale": "scale",
    "urbanity": "urbanity",
    "parties": "partyRole",
}


@dataclass(frozen=True)
class Question:
    """One of the twelve, as `transfer_questions.json` has it."""

    id: str
    group: str
    compares: str  # same-terms, case-in-own, within-factor, within-points, or answer
    key: str  # of the case, in which its side stands
    question: Mapping[str, str]  # by language, as what follows
    equal: Mapping[str, str]
    different: Mapping[str, str]
    unknown: Mapping[str, str]
    within: int = 0
    fewer: Mapping[str, str] = field(default_factory=dict)  # different: a part of the case's, alone


class Listed(NamedTuple):
    """A group of questions, or a part of the list of capacities."""

    id: str
    label: str
    question: str = ""


@dataclass(frozen=True)
class Context:
    """What somebody says of their own place; what they leave out is unknown."""

    municipality: str | None = None
    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by question
    numbers: Mapping[str, int] = field(default_factory=dict)  # population and socialRent
    answers: Mapping[str, Answer] = field(default_factory=dict)  # to what no figure can answer
    phase: str | None = None


class Overlap(NamedTuple):
    """The terms of two sides, by who has them."""

    shared: tuple[str, ...]
    only_case: tuple[str, ...]
    only_own: tuple[str, ...]


class Checked(NamedTuple):
    """A question with both sides."""

    question: Question
    case: tuple[Any, ...]  # terms, or a number, or what is recorded; nothing when unknown
    own: tuple[Any, ...]
    answer: Answer

    @property
    def overlap(self) -> Overlap | None:
        """What both sides share, and what only one has; None but for terms that are known."""
        if self.question.id not in SCHEMES or self.answer == UNKNOWN:
            return None
        return Overlap(
            tuple(each for each in self.case if each in self.own),
            tuple(each for each in self.case if each not in self.own),
            tuple(each for each in self.own if each not in self.case),
        )

    @property
    def follows(self) -> str:
        """What the answer means for a plan."""
        texts: Mapping[str, str] = getattr(self.question, self.answer)
        if self.answer == "different" and self.overlap and not self.overlap.only_own:
            texts = self.question.fewer or texts
        return texts[language()]


@dataclass(frozen=True)
class Condition:
    """Under which other cases are looked for."""

    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ranges: Mapping[str, Range] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, Any]:
        """The same for the address of a list."""
        ends = {
            f"{name}{end}": str(number)
            for name, both in self.ranges.items()
            for end, number in zip(("From", "To"), both, strict=True)
            if number is not None
        }
        return {**self.filters, **ends}


@cache
def _document() -> Mapping[str, Any]:
    path = resources.files("kb.decisions") / "transfer_questions.json"
    document: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
    return document


@cache
def questions() -> tuple[Question, ...]:
    """The twelve, in their order."""
    return tuple(Question(**each) for each in _document()["questions"])


def version() -> str:
    """Of the questions: another one when any of them changed."""
    number: str = _document()["version"]
    return number


def groups() -> list[Listed]:
    """What the questions are about, in their order."""
    return [Listed(each["id"], each["label"][language()]) for each in _document()["groups"]]


def capacities() -> list[Listed]:
    """What to have in one's own house, after the Hexagon of the NIRN."""
    code = language()
    return [
        Listed(each["id"], each["label"][code], each["question"][code])
        for each in _document()["capacities"]
    ]


@cache
def answered_by_user() -> tuple[str, ...]:
    """The ids of the questions that no figure and no term can answer."""
    return tuple(each.id for each in questions() if each.compares == "answer")


def context_of(parameters: Mapping[str, Any]) -> Context:
    """What somebody says of their own place in parsed parameters, and the figures of it."""
    terms = {
        question: (chosen,) if isinstance(chosen, str) else tuple(chosen)
        for question, name in FILTER_OF.items()
        if (chosen := parameters.get(name))
    }
    numbers = {
        name: parameters[name]
        for name in ("population", "socialRent")
        if parameters.get(name) is not None
    }
    answers = {name: parameters.get(name, UNKNOWN) for name in answered_by_user()}
    municipality, phase = parameters.get("municipality"), parameters.get("phase")
    return with_figures(Context(municipality, terms, numbers, answers, phase))


def with_figures(context: Context) -> Context:
    """The context with the figures of its municipality, where it does not name its own."""
    known = municipality_like(context.municipality)
    if known is None:
        return context
    return Context(
        municipality=context.municipality,
        terms={"urbanity": (known.urbanity,), **context.terms},
        numbers={
            "population": known.population,
            "socialRent": known.social_rent,
            **context.numbers,
        },
        answers=context.answers,
        phase=context.phase,
    )


def figures_year(context: Context) -> int | None:
    """The year of the figures that the municipality of a context has; None without any."""
    return places().year if municipality_like(context.municipality) else None


def suggestions(context: Context) -> list[str]:
    """The municipalities that may be meant by a name that none has."""
    if not context.municipality or municipality_like(context.municipality):
        return []
    return municipalities_near(context.municipality)


def check(case: Case, context: Context) -> list[Checked]:
    """The twelve questions with their answers, in their order."""
    return [_checked(each, case, context) for each in questions()]


def _checked(question: Question, case: Case, context: Context) -> Checked:
    theirs = _side_of_case(question, case)
    if question.compares == "answer":
        answer = context.answers.get(question.id, UNKNOWN)
        own: tuple[Any, ...] = () if answer == UNKNOWN else (answer,)
        return Checked(question, theirs, own, answer if theirs else UNKNOWN)
    own = _own_side(question, context)
    return Checked(question, theirs, own, _compare(question, theirs, own))


def _compare(question: Question, theirs: tuple[Any, ...], own: tuple[Any, ...]) -> Answer:
    """Whether two sides are alike, as far as both are known."""
    if not theirs or not own:
        return UNKNOWN
    match question.compares:
        case "same-terms":
            is_equal = {*own} == {*theirs}
        case "case-in-own":
            is_equal = {*theirs} <= {*own}
        case "within-factor":
            low, high = sorted((theirs[0], own[0]))
            is_equal = high <= low * question.within
        case _:
            is_equal = abs(theirs[0] - own[0]) <= question.within
    return "equal" if is_equal else "different"


def _side_of_case(question: Question, case: Case) -> tuple[Any, ...]:
    """What the case has: ids of terms, a number, or the things and text that are recorded."""
    value: Any = case
    for key in question.key.split("."):
        value = value.get(key) if value else None
    if value is None or value in ("", []):
        return ()
    if question.id == "parties":
        return tuple(dict.fromkeys(each["role"]["id"] for each in value))
    if question.id in SCHEMES:
        return tuple(each["id"] for each in (value if isinstance(value, list) else [value]))
    return tuple(value) if isinstance(value, list) else (value,)


def _own_side(question: Question, context: Context) -> tuple[Any, ...]:
    if question.id in SCHEMES:
        return context.terms.get(question.id, ())
    number = context.numbers.get(question.id)
    return () if number is None else (number,)


def condition_of(checked: Checked, case: Case) -> Condition | None:
    """Under which others are looked for that did the same where it is as with you.

    None where no list can tell, or one's own side is unknown. “The same” is to share a strategy;
    with another strategy of one's own it is to have the same target group.
    """
    question, own = checked.question, checked.own
    if question.compares == "answer" or not own:
        return None
    same = {"strategy": _ids(case["strategies"])}
    if question.id == "strategies":
        same = {"targetGroup": _ids(case["targetGroups"])}
    filters = {name: ids for name, ids in same.items() if ids}
    if question.id in FILTER_OF:
        wanted = own
        if question.compares == "same-terms" and checked.overlap:
            wanted = checked.overlap.only_own or own
        return Condition({**filters, FILTER_OF[question.id]: wanted})
    return Condition(filters, {question.id: _around(question, own[0])})


def _around(question: Question, number: int) -> Range:
    """The numbers that count as equal to one's own."""
    if question.compares == "within-factor":
        return Range(-(-number // question.within), number * question.within)
    return Range(max(0, number - question.within), min(100, number + question.within))


def _ids(terms: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    return tuple(each["id"] for each in terms)


def first_steps(checked: Sequence[Checked]) -> Iterator[Checked]:
    """What to find out first: what one can say oneself, then what only the case can tell."""
    unknown = [each for each in checked if each.answer == UNKNOWN]
    yield from (each for each in unknown if each.case)
    yield from (each for each in unknown if not each.case)


def pitfalls_in_phase(case: Case, context: Context) -> list[Mapping[str, Any]]:
    """The pitfalls of the case in the phase that one is in; none while that is unknown."""
    return [each for each in case["pitfalls"] if each["phase"]["id"] == context.phase]


def term_values(question: Question, ids: Iterable[str]) -> list[dict[str, str]]:
    """Terms as answers have them."""
    scheme = SCHEMES[question.id]
    return [{"id": each, "label": term(scheme, each).label(language())} for each in ids]
