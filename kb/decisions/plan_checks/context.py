"""What kind of plan a text is: its strategies, target groups, scale and phase, by its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

from kb.decisions.plan_checks.reading import Mention, Reading, Status, by_sentence

MAX_STRATEGIES = 3
MAX_GROUPS = 4
TITLE_WEIGHT, OPENING_WEIGHT = 2.0, 1.5
MORE_WORDS = 0.5  # for each other thing that a sentence says of the same term, …
MOST_MORE_WORDS = 2  # … of so many
OPENING_SENTENCES = 6  # in which a plan says what it is about
WEIGHTS = {Status.AFFIRMED: 1.0, Status.INTENDED: 0.8, Status.DOUBTED: 0.3, Status.DENIED: 0.0}
MEANT = (Status.AFFIRMED, Status.INTENDED)
NEAR = 4  # words between a group and what says that it will live there
FEWEST_POINTS = 1.5  # of a term, and …
SMALLEST_SHARE = 0.45  # … of the points of the best one
STRATEGY_SHARE = 0.5  # the same of strategies, of which a wrong one brings wrong cases


@dataclass(frozen=True)
class Context:
    """What is known of a plan; ids of terms, None and none when nobody knows."""

    strategies: tuple[str, ...] = ()
    target_groups: tuple[str, ...] = ()
    scale: str | None = None
    phase: str | None = None


class Corrections(TypedDict, total=False):
    """What somebody says of a plan, in place of what is recognised; a key that is absent stays."""

    strategies: tuple[str, ...]
    target_groups: tuple[str, ...]
    scale: str | None
    phase: str | None


def corrected(context: Context, corrections: Corrections) -> Context:
    """A context, with what is said in place of what was recognised."""
    return replace(context, **corrections)


def recognise_context(reading: Reading) -> Context:
    """What the words of a plan say of it."""
    scales = _points(reading, "scales")
    phases = _points(reading, "phases")
    return Context(
        _best(_points(reading, "strategies"), MAX_STRATEGIES, STRATEGY_SHARE),
        _best(_points(reading, "target-groups"), MAX_GROUPS, SMALLEST_SHARE, _settling(reading)),
        next(iter(_best(scales, 1)), None),
        next(iter(_best(phases, 1)), None),
    )


def _points(reading: Reading, scheme: str) -> Mapping[str, float]:
    """How much of a plan is about each term of a scheme; its first sentences count for more."""
    points: dict[str, float] = {}
    for key, mentions in reading.mentions.items():
        if key.role == scheme:
            points[key.about] = sum(map(_points_of, by_sentence(mentions).values()))
    return points


def _points_of(mentions: Sequence[Mention]) -> float:
    """How much one sentence says of a term."""
    weight = max(WEIGHTS[each.status] for each in mentions)
    more = min(len({each.first for each in mentions}) - 1, MOST_MORE_WORDS)
    number = mentions[0].sentence
    place = TITLE_WEIGHT if number == 0 else OPENING_WEIGHT if number < OPENING_SENTENCES else 1.0
    return weight * place * (1 + MORE_WORDS * more)


def _settling(reading: Reading) -> frozenset[str]:
    """The target groups that stand near words of who will live there, be it once."""
    places = by_sentence(reading.of("settling", "", *MEANT))
    return frozenset(
        key.about
        for key, mentions in reading.mentions.items()
        if key.role == "target-groups"
        for each in mentions
        if each.status in MEANT
        and any(_is_near(each, place) for place in places.get(each.sentence, ()))
    )


def _is_near(one: Mention, other: Mention) -> bool:
    """Whether few words of their sentence stand between them."""
    return max(one.first, other.first) - min(one.last, other.last) <= NEAR


def _best(
    points: Mapping[str, float],
    most: int,
    smallest_share: float = SMALLEST_SHARE,
    certain: frozenset[str] = frozenset(),
) -> tuple[str, ...]:
    """The terms with most points, as far as they have enough or are certain; equals by id."""
    ranked = sorted(points, key=lambda each: (-points[each], each))
    best = points[ranked[0]] if ranked else 0.0
    enough = max(FEWEST_POINTS, best * smallest_share)
    return tuple(each for each in ranked[:most] if points[each] >= enough or each in certain)
