"""What a comparison of cases cannot say: by a table of rules, each with its words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from babel.lists import format_list
from babel.numbers import format_decimal

from kb.evidence.comparisons import UNFINISHED, Case, lane_of, similarities
from kb.translation import N_
from kb.vocabulary.terms import language, schemes
from kb.web.translation import gettext

Cases = Sequence[Case]
MAX_YEARS_APART = 10  # between the first years of the oldest and the newest
MAX_SIZE_FACTOR = 5  # between the fewest and the most dwellings
MAX_SCALE_STEPS = 1  # between the smallest and the largest scale, as their scheme has them
WEAKEST_LANE = "ervaring"  # what those involved say; nobody measured
TELLING_FIELDS = {"ingredients", "strategies", "targetGroups", "archetype"}  # by which to compare
CHECKED_KEYS = ("results", "findings", "ingredients")  # whose doubts touch what is compared


class Reach(NamedTuple):
    """What a rule is about: these cases, and what its text says of them."""

    cases: Cases
    values: Mapping[str, str] = {}


class Rule(NamedTuple):
    """Something that is not to be read from a comparison when `applies` gives a reach."""

    code: str
    applies: Callable[[Cases], Reach | None]
    text: str  # may name the cases as `%(names)s`


def limits(cases: Cases) -> Iterator[dict[str, Any]]:
    """What these cases side by side cannot say, as `schemas.comparisons.Limit` describes it."""
    for rule in RULES:
        reach = rule.applies(cases)
        if reach and reach.cases:
            titles = [f"“{case['title']}”" for case in reach.cases]
            yield {
                "code": rule.code,
                "cases": [case["id"] for case in reach.cases],
                "detail": gettext(
                    rule.text, names=format_list(titles, locale=language()), **reach.values
                ),
            }


def _differ(key: str) -> Callable[[Cases], Reach | None]:
    """When the cases have different terms under a key."""

    def applies(cases: Cases) -> Reach | None:
        return Reach(cases) if len({case[key]["id"] for case in cases}) > 1 else None

    return applies


def _countries(cases: Cases) -> Reach | None:
    countries = {case["place"]["country"] for case in cases} - {None}
    return Reach(cases) if len(countries) > 1 else None


def _years_apart(cases: Cases) -> Reach | None:
    years = sorted(case["startYear"] for case in cases if case["startYear"])
    if not years or years[-1] - years[0] < MAX_YEARS_APART:
        return None
    ends = [case for case in cases if case["startYear"] in (years[0], years[-1])]
    return Reach(ends, {"first": str(years[0]), "last": str(years[-1])})


def _without(key: str) -> Callable[[Cases], Reach | None]:
    """Those that have nothing under a key."""
    return lambda cases: Reach([case for case in cases if not case[key]])


def _size_apart(cases: Cases) -> Reach | None:
    sized = sorted((case for case in cases if case["dwellings"]), key=lambda it: it["dwellings"])
    if not sized or sized[-1]["dwellings"] <= MAX_SIZE_FACTOR * sized[0]["dwellings"]:
        return None
    fewest, most = (format_decimal(sized[end]["dwellings"], locale=language()) for end in (0, -1))
    return Reach([sized[0], sized[-1]], {"fewest": fewest, "most": most})


def _scale_apart(cases: Cases) -> Reach | None:
    """Of cases of which the dwellings do not say it already."""
    order = list(schemes()["scales"].terms)
    steps = [order.index(case["scale"]["id"]) for case in cases if case["scale"]["id"] in order]
    is_apart = steps and max(steps) - min(steps) > MAX_SCALE_STEPS
    return Reach(cases) if is_apart and not _size_apart(cases) else None


def _experience_only(cases: Cases) -> Reach:
    return Reach([case for case in cases if {lane for _, lane in _lanes(case)} == {WEAKEST_LANE}])


def _lanes(case: Case) -> list[tuple[str, str]]:
    """The effect and the lane of each finding."""
    return [(each["domain"]["label"], lane_of(each)) for each in case["findings"]]


def _shared_effects(cases: Cases) -> list[str]:
    first, *others = ([domain for domain, _ in _lanes(case)] for case in cases)
    return [each for each in dict.fromkeys(first) if all(each in other for other in others)]


def _no_shared_effect(cases: Cases) -> Reach | None:
    return None if _shared_effects(cases) else Reach(cases)


def _other_evidence(cases: Cases) -> Reach | None:
    """When an effect was studied in all, but in different lanes."""
    apart = [
        domain
        for domain in _shared_effects(cases)
        if len({frozenset(lane for it, lane in _lanes(case) if it == domain) for case in cases}) > 1
    ]
    return Reach(cases, {"effects": ", ".join(apart)}) if apart else None


def _unfinished(cases: Cases) -> Reach:
    return Reach([case for case in cases if case["status"]["id"] in UNFINISHED])


def _unchecked(cases: Cases) -> Reach:
    return Reach(
        [
            case
            for case in cases
            if any(key.partition(".")[0] in CHECKED_KEYS for key in case["unverified"])
        ]
    )


def _nothing_shared(cases: Cases) -> Reach | None:
    if len(cases) < 2:
        return None
    fields = {reason["field"] for reason in similarities(cases)[0]["reasons"]}
    return None if fields & TELLING_FIELDS else Reach(cases)


RULES = (
    Rule(
        "kinds-differ",
        _differ("kind"),
        N_(
            "A type of intervention sums up what was done in many places; it is no local project, "
            "and what holds for it need not hold for one."
        ),
    ),
    Rule(
        "nothing-shared",
        _nothing_shared,
        N_("They share no ingredient, strategy or target group: what differs may be anything."),
    ),
    Rule(
        "countries-differ",
        _countries,
        N_("They lie in countries with other laws, another housing market and other social care."),
    ),
    Rule(
        "years-apart",
        _years_apart,
        N_("They began in %(first)s and %(last)s: policy, rules and the market were different."),
    ),
    Rule("years-unknown", _without("startYear"), N_("When %(names)s began is not recorded.")),
    Rule(
        "sizes-apart",
        _size_apart,
        N_(
            "%(fewest)s dwellings and %(most)s dwellings: what works at one size need not work at "
            "the other."
        ),
    ),
    Rule(
        "scales-apart",
        _scale_apart,
        N_("Their scales lie far apart: what works at one need not work at the other."),
    ),
    Rule(
        "no-findings",
        _without("findings"),
        N_("Of %(names)s no finding is recorded: whether it worked there, we do not know."),
    ),
    Rule(
        "experience-only",
        _experience_only,
        N_("All that was found in %(names)s is experience of those involved: nobody measured."),
    ),
    Rule(
        "no-shared-effect",
        _no_shared_effect,
        N_("No effect was studied in all of them, so which of them did better cannot be said."),
    ),
    Rule(
        "other-evidence",
        _other_evidence,
        N_("On these effects they have other kinds of evidence, which do not add up: %(effects)s."),
    ),
    Rule(
        "unfinished",
        _unfinished,
        N_("%(names)s: not finished, so what was found may still change."),
    ),
    Rule(
        "unchecked",
        _unchecked,
        N_("Not all that is compared here of %(names)s has been checked against a source."),
    ),
    Rule(
        "no-cause",
        Reach,
        N_(
            "This shows side by side what is recorded. It does not show what caused a difference; "
            "and what is not recorded may have been there all the same."
        ),
    ),
)
