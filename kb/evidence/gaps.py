"""What would change our mind: what is missing for another verdict, by a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from kb.evidence.summaries import Summary
from kb.evidence.summary_writer import chosen_lanes, is_together
from kb.evidence.verdicts import LaneVerdict, Word
from kb.translation import N_
from kb.vocabulary.terms import Language, schemes, term
from kb.web.translation import gettext

ENOUGH = 3  # clusters that a lane needs for a verdict
NEED_CLUSTERS = {"no-lane", "few-in-lane"}


class Gap(NamedTuple):
    """One thing that would change the verdict."""

    code: str
    text: str  # a sentence for people


TEXTS = {
    "no-lane": N_("%(lanes)s: nothing yet. Three independent studies or programmes would give a "
                  "lane a verdict of its own."),
    "few-in-lane": N_("%(lanes)s: too little for a verdict. Independent clusters that are still "
                      "needed: %(number)s."),
    "level-not-studied": N_("Nothing has been found at these levels: %(levels)s."),
    "one-opposite": N_("%(lanes)s: a single independent finding of the opposite makes the verdict "
                       "on this lane contradictory."),
    "not-credited": N_("What was found went together with what was chosen. Only findings of which "
                       "the source says that it did it can give a verdict."),
    "both-sides": N_("%(lanes)s: what was found contradicts itself. More of the same will not "
                     "change that; knowing under which conditions each occurs will."),
    "lanes-diverge": N_("The verdict stays so until the lanes with two or more clusters lead the "
                        "same way."),
}  # fmt: skip


def gaps(
    summary: Summary,
    by_level: Mapping[str, Summary],
    parameters: Mapping[str, Any],
    language: Language,
) -> list[Gap]:
    """What would change the verdict on an effect, the strongest lane first.

    Lanes of which the same is to be said stand in one sentence. Of lanes and levels that the
    `parameters` leave out nothing is said, and where they choose what merely went together no
    number of clusters would give a verdict.
    """
    lanes: dict[tuple[str, str], list[str]] = {}
    chosen = chosen_lanes(parameters)
    for lane in summary.verdict.lanes:
        key = _gap_of_lane(lane) if lane.lane in chosen else None
        if key and not (is_together(parameters) and key[0] in NEED_CLUSTERS):
            lanes.setdefault(key, []).append(term("evidence-lanes", lane.lane).label(language))
    missing = [
        each.label(language)
        for each in schemes()["effect-levels"].in_order
        if each.id not in by_level and each.id in (parameters.get("effectLevel") or [each.id])
    ]
    if parameters.get("lane") or parameters.get("evidence"):
        missing = []  # other lanes may have something at these levels
    texts: list[tuple[str, dict[str, str]]] = []
    texts += [("not-credited", {})] if is_together(parameters) else []
    texts += [("lanes-diverge", {})] if summary.verdict.word == Word.DIVERGENT else []
    texts += [
        (code, {"lanes": ", ".join(labels), "number": number})
        for (code, number), labels in lanes.items()
    ]
    texts += [("level-not-studied", {"levels": "; ".join(missing)})] if missing else []
    return [Gap(code, gettext(TEXTS[code], **values)) for code, values in texts]


def _gap_of_lane(lane: LaneVerdict) -> tuple[str, str] | None:
    """What a lane lacks: a key of `TEXTS`, and the number of clusters in it, where it has one."""
    if lane.word == Word.CONTRADICTORY:
        return "both-sides", ""
    if lane.word in {Word.UNANIMOUS, Word.MOSTLY} and lane.leading <= {"positief", "negatief"}:
        return "one-opposite", ""
    if not lane.clusters:
        return "no-lane", ""
    return ("few-in-lane", str(ENOUGH - lane.weight)) if lane.word == Word.TOO_FEW else None
