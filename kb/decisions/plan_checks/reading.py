"""A plan as it is read: where it mentions what, and whether it does it, will, may or will not."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from kb.decisions.plan_checks.patterns import Match
from kb.decisions.plan_checks.rules import Key, Rules
from kb.decisions.plan_checks.text import Sentence, read_sentences

_CLAUSE_SIGN = re.compile(r"[,;:()\[\]–—]|\s-\s")
MAX_INSERTION = 6  # words between commas that do not end what was being told
DOUBLED_WORDS = 2  # after “without”, in “without … we do not begin”
NEITHER_SIDE = frozenset({"geen", "zonder", "noch", "nooit"})  # they deny what follows alone


class Status(StrEnum):
    """How something is mentioned."""

    AFFIRMED = "affirmed"
    INTENDED = "intended"
    DENIED = "denied"
    DOUBTED = "doubted"


class Mention(NamedTuple):
    """Where a plan has words for something, and how."""

    key: Key
    sentence: int  # its number
    first: int  # of its words in the sentence
    last: int  # excluded
    status: Status


@dataclass(frozen=True)
class Reading:
    """A plan with all its mentions."""

    text: str
    sentences: Sequence[Sentence]
    mentions: Mapping[Key, Sequence[Mention]]
    doubting: frozenset[int]  # headings above open questions
    expecting: frozenset[int]  # sentences about what is to come of it

    def of(self, role: str, about: str, *statuses: Status) -> Sequence[Mention]:
        """The mentions of something, of these statuses or of any."""
        every = self.mentions.get(Key(role, about), ())
        return [each for each in every if each.status in statuses] if statuses else every

    def words(self, mention: Mention) -> str:
        """The words of a mention, as they are written."""
        words = self.sentences[mention.sentence].words[mention.first : mention.last]
        return " ".join(self.text[words[0].start : words[-1].end].split())


def read_plan(text: str, rules: Rules) -> Reading:
    """Read a plan; the same text always gives the same reading."""
    sentences = read_sentences(text)
    cues = [_cues(sentence, rules) for sentence in sentences]
    mentions: dict[Key, dict[Mention, None]] = defaultdict(dict)
    for sentence, own, following in zip(
        sentences, cues, [*cues[1:], None][: len(cues)], strict=True
    ):
        is_withheld = following is not None and _takes_back(following)
        scope = Scope(text, sentence, own, withheld=is_withheld)
        for match in rules.book.matches(sentence):
            assert isinstance(match.key, Key)
            status = scope.status(match)
            mention = Mention(match.key, sentence.number, match.first, match.last, status)
            mentions[match.key][mention] = None
    headings = {
        name: frozenset(
            sentence.number
            for sentence, own in zip(sentences, cues, strict=True)
            if sentence.is_heading and own[name]
        )
        for name in ("doubtHeadings", "results")
    }
    expecting = frozenset(
        sentence.number
        for sentence, own in zip(sentences, cues, strict=True)
        if own["expects"] or sentence.heading in headings["results"]
    )
    return Reading(
        text,
        sentences,
        {key: tuple(places) for key, places in mentions.items()},
        headings["doubtHeadings"],
        expecting,
    )


def _cues(sentence: Sentence, rules: Rules) -> Mapping[str, Sequence[Match]]:
    """The small words of a sentence, by what they do."""
    by_name: dict[str, list[Match]] = defaultdict(list)
    for cue in rules.cues.matches(sentence):
        assert isinstance(cue.key, Key)
        by_name[cue.key.about].append(cue)
    return by_name


def by_sentence(mentions: Iterable[Mention]) -> Mapping[int, Sequence[Mention]]:
    """Mentions by the number of their sentence, so that only neighbours are compared."""
    parted: dict[int, list[Mention]] = defaultdict(list)
    for mention in mentions:
        parted[mention.sentence].append(mention)
    return parted


def _takes_back(cues: Mapping[str, Sequence[Match]]) -> bool:
    """Whether a sentence says of the one before it that there is no money, or no room, for it."""
    return bool(cues["withheld"]) and any(each.first == 0 for each in cues["anaphors"])


class Scope:
    """What the small words of a sentence do with its other words."""

    def __init__(
        self, text: str, sentence: Sentence, cues: Mapping[str, Sequence[Match]], *, withheld: bool
    ) -> None:
        """With `withheld` the next sentence says that this one is not to be."""
        self._sentence = sentence
        self._statuses: dict[tuple[int, int, tuple[int, ...]], Status] = {}
        self._clauses = _clauses(text, sentence, cues["boundaries"])
        self._doubts = cues["doubt"]
        self._intentions = cues["intention"]
        exempt = cues["notNegation"]
        self._denials = [
            cue for cue in cues["negation"] if not any(_overlap(cue, each) for each in exempt)
        ]
        self._doubled = cues["doubled"]
        self._withheld = cues["withheld"]
        self._is_withheld_later = withheld
        self._carried = {self._clauses[each.first] for each in cues["carried"]}

    def status(self, match: Match) -> Status:
        """How a match is meant; small words that are part of it count for nothing."""
        place = match.first, match.last, match.skipped  # which many patterns share
        if place not in self._statuses:
            self._statuses[place] = self._status(match)
        return self._statuses[place]

    def _status(self, match: Match) -> Status:
        if self._sentence.is_question or any(not _overlap(cue, match) for cue in self._doubts):
            return Status.DOUBTED
        if self._is_withheld_later or any(self._denies(cue, match) for cue in self._denials):
            return Status.DENIED
        if any(self._is_withheld(match, cue) for cue in self._withheld):
            return Status.DENIED
        if any(self._is_near(cue, match) and not _overlap(cue, match) for cue in self._intentions):
            return Status.INTENDED
        return Status.AFFIRMED

    def _is_near(self, cue: Match, match: Match) -> bool:
        """Whether they have a clause in common."""
        near = set(self._clauses[cue.first : cue.last])
        return not near.isdisjoint(self._clauses[match.first : match.last])

    def _denies(self, cue: Match, match: Match) -> bool:
        if _overlap(cue, match):
            return cue.first in match.skipped
        if self._is_doubled(cue, match):
            return False
        form = self._sentence.words[cue.first].form
        is_one_sided = form in NEITHER_SIDE or self._is_not_only_later(cue)
        if self._is_near(cue, match):
            return not is_one_sided or match.first >= cue.first
        clause = self._clauses[cue.first]
        if clause in self._carried:  # “…, but is not needed”: said of the clause before
            return clause - 1 in self._clauses[match.first : match.last]
        return not is_one_sided and self._is_before_insertion(clause, match)

    def _is_doubled(self, cue: Match, match: Match) -> bool:
        """Whether a denial is denied: “not less help”, “without a caretaker we do not begin”."""
        for each in self._doubled:
            if not _overlap(each, cue):
                continue
            if each.last - each.first == 2:  # “niet minder”: what is less is denied, not the rest
                return match.first >= each.last
            if each.first < match.first <= each.first + DOUBLED_WORDS:
                return match.last < each.last
        return False

    def _is_not_only_later(self, cue: Match) -> bool:
        """Whether it is “niet pas”, which says of what stands before it that it is done."""
        following = self._sentence.words[cue.last : cue.last + 1]
        return bool(following) and following[0].form == "pas"

    def _is_before_insertion(self, clause: int, match: Match) -> bool:
        """Whether a match stands before a few words between commas that end where a denial is."""
        if clause < 2 or self._clauses[match.last - 1] != clause - 2:
            return False
        return self._clauses.count(clause - 1) <= MAX_INSERTION

    def _is_withheld(self, match: Match, cue: Match) -> bool:
        """Whether a match is what there is no money or room for: it stands just before that."""
        distance = self._clauses[cue.first] - self._clauses[match.last - 1]
        return match.last <= cue.first and distance <= 1


def _overlap(one: Match, other: Match) -> bool:
    return one.first < other.last and other.first < one.last


def _clauses(text: str, sentence: Sentence, boundaries: Iterable[Match]) -> list[int]:
    """The clause of each word, counted from 0: signs and some words part them."""
    begins = {each.first for each in boundaries}
    clauses = [0]
    for place, (word, following) in enumerate(pairwise(sentence.words), start=1):
        is_new = place in begins or _CLAUSE_SIGN.search(text[word.end : following.start])
        clauses.append(clauses[-1] + bool(is_new))
    return clauses
