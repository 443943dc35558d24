"""Questions that a plan leaves open although its kind of plan must answer them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kb.decisions.plan_checks.claims import MEANT
from kb.decisions.plan_checks.context import Context
from kb.decisions.plan_checks.reading import Mention, Reading, Status
from kb.decisions.plan_checks.remarks import Remark, RemarkKind, Strength
from kb.decisions.plan_checks.rules import Rules

SERVICE_STRATEGIES = frozenset(  # that go on costing money when a project has ended
    """
    sociaal-beheer ontmoeting-en-placemaking bewonersinitiatief-en-zelfbeheer onderwijs-en-jeugd
    werk-en-inkomen integrale-wijkaanpak gemengd-wonencomplex doorstroming-en-wooncarriere
    mobiliteitsprogramma spreiding-kwetsbare-groepen
    """.split()
)
PAYS, MEASURES, LEVEL = "wie-betaalt-na-afloop", "wie-meet", "welk-niveau"


def question_remarks(
    rules: Rules,
    reading: Reading,
    context: Context,
    claimed: Mapping[str, Sequence[Mention]],
) -> Iterator[Remark]:
    """A remark for each of the three that is open; of a text that is no plan, none."""
    if not _is_plan(reading, context):
        return
    open_ones = {
        PAYS: _who_pays(reading, context),
        MEASURES: _who_measures(reading, claimed),
        LEVEL: _which_level(reading, claimed),
    }
    for question, mentions in open_ones.items():
        if mentions is not None:
            yield Remark(
                RemarkKind.QUESTION,
                question,
                rules.question(question),
                Strength.STRONG if mentions else Strength.FAIR,
                len({each.sentence for each in mentions}),
                mentions,
            )


def _is_plan(reading: Reading, context: Context) -> bool:
    """Whether a text is about a neighbourhood; one word that an ingredient has too is chance."""
    ingredients = sum(key.role == "ingredients" for key in reading.mentions)
    return bool(context.strategies) or ingredients > 1


def _who_pays(reading: Reading, context: Context) -> Sequence[Mention] | None:
    """Where money that ends is mentioned, or services without any word about money."""
    if reading.of("funding", "structural", Status.AFFIRMED):
        return None
    if temporary := reading.of("funding", "temporary", *MEANT):
        return temporary
    if SERVICE_STRATEGIES.isdisjoint(context.strategies):
        return None
    return reading.of("funding", "services", *MEANT) or None


def _who_measures(
    reading: Reading, claimed: Mapping[str, Sequence[Mention]]
) -> Sequence[Mention] | None:
    """Where nothing is arranged; what is merely counted answers nothing."""
    if reading.of("measuring", "arranged", Status.AFFIRMED):
        return None
    signs = [
        *reading.of("measuring", "open"),
        *reading.of("measuring", "arranged", Status.DENIED, Status.INTENDED),
        *reading.of("measuring", "counting"),
    ]
    return signs or [mentions[0] for mentions in claimed.values()]


def _which_level(
    reading: Reading, claimed: Mapping[str, Sequence[Mention]]
) -> Sequence[Mention] | None:
    """Where effects are promised to people and to the area in one breath."""
    sentences = {each.sentence for mentions in claimed.values() for each in mentions}
    people = [each for each in reading.of("levels", "residents") if each.sentence in sentences]
    area = [each for each in reading.of("levels", "area") if each.sentence in sentences]
    if len(claimed) < 2 or not people or not area:
        return None
    return [*area, *people]
