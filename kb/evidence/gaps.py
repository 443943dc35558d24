"""What would change our mind: what is missing for another verdict, by a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kb.evidence.summaries import Summary
from kb.evidence.verdicts import Word
from kb.translation import N_
from kb.vocabulary.terms import Language, schemes, term
from kb.web.translation import gettext

ENOUGH = 3  # clusters that a lane needs for a verdict


class Gap(NamedTuple):
    """One thing that would change the verdict."""

    code: str
    text: str  # a sentence for people


TEXTS = {
    "no-lane": N_("%(lane)s: nothing yet. Three independent studies or programmes would give this "
                  "lane a verdict of its own."),
    "few-in-lane": N_("%(lane)s: too little for a verdict; %(number)s more independent clusters "
                      "would give one."),
    "level-not-studied": N_("Nothing has been found at the level of %(levels)s."),
    "one-opposite": N_("%(lane)s: a single independent finding of the opposite makes this verdict "
                       "contradictory."),
    "both-sides": N_("%(lane)s holds both positive and negative outcomes. More of the same will "
                     "not change that; knowing under which conditions each occurs will."),
    "lanes-diverge": N_("The verdict stays so until the lanes with two or more clusters lead the "
                        "same way."),
}  # fmt: skip


def gaps(summary: Summary, by_level: Mapping[str, Summary], language: Language) -> list[Gap]:
    """What would change the verdict on an effect, the strongest lane first."""
    return [
        Gap(code, gettext(TEXTS[code], **values))
        for code, values in _gaps(summary, by_level, language)
    ]


def _gaps(
    summary: Summary, by_level: Mapping[str, Summary], language: Language
) -> Iterator[tuple[str, dict[str, str]]]:
    if summary.verdict.word == Word.DIVERGENT:
        yield "lanes-diverge", {}
    for lane in summary.verdict.lanes:
        label = {"lane": term("evidence-lanes", lane.lane).label(language)}
        if lane.word == Word.CONTRADICTORY:
            yield "both-sides", label
        elif lane.word in {Word.UNANIMOUS, Word.MOSTLY} and lane.leading <= {
            "positief",
            "negatief",
        }:
            yield "one-opposite", label
        elif not lane.weight:
            yield "no-lane", label
        elif lane.word == Word.TOO_FEW:
            yield "few-in-lane", {**label, "number": str(ENOUGH - lane.weight)}
    missing = [
        each.label(language)
        for each in schemes()["effect-levels"].in_order
        if each.id not in by_level
    ]
    if missing:
        yield "level-not-studied", {"levels": ", ".join(missing)}
