"""Effects that a plan counts on: what it says will rise or fall, without a doubt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kb.decisions.plan_checks.reading import Mention, Reading, Status, by_sentence
from kb.decisions.plan_checks.rules import Rules

MEANT = (Status.AFFIRMED, Status.INTENDED)


FAR, NEAR = 12, 3  # words between a change and what changes: of clear words, of common ones


def claims(rules: Rules, reading: Reading) -> Mapping[str, Sequence[Mention]]:
    """By effect domain where a plan claims a favourable effect, in the order of the text."""
    changes = {
        direction: [
            (by_sentence(reading.of("claims", direction, *MEANT)), FAR),
            (by_sentence(reading.of("claims", common, *MEANT)), NEAR),
        ]
        for direction, common in (("up", "nearUp"), ("down", "nearDown"))
    }
    claimed: dict[str, list[Mention]] = {}
    for domain in rules.document["effects"]:
        mentions = list(reading.of("effect-direct", domain, *MEANT))
        for direction, candidates in changes.items():
            for topic in reading.of(f"effect-{direction}", domain, *MEANT):
                if any(
                    _is_near(change, topic, distance)
                    for changing, distance in candidates
                    for change in changing.get(topic.sentence, ())
                ):
                    mentions.append(topic)
        own = [each for each in mentions if _is_claim(reading, each)]
        if own:
            claimed[domain] = sorted(own, key=lambda each: (each.sentence, each.first))
    return claimed


def _is_near(change: Mention, topic: Mention, distance: int) -> bool:
    """Whether few words of their sentence stand between them."""
    return (
        change.first != topic.first
        and max(change.first, topic.first) - min(change.last, topic.last) <= distance
    )


def _is_claim(reading: Reading, mention: Mention) -> bool:
    """Whether a sentence is no heading, and stands under none that asks."""
    sentence = reading.sentences[mention.sentence]
    return not sentence.is_heading and sentence.heading not in reading.doubting
