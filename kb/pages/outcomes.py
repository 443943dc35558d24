"""What was found in a case, in one word: so that nobody reads “active” as “it worked”."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal

from flask_babel import gettext

from kb.translation import N_

Outcome = Literal["positive", "divided", "not-positive", "unclear", "none"]
DIRECTIONS = ("positief", "gemengd", "geen-effect", "negatief", "onduidelijk")
SENTENCES: Mapping[Outcome, str] = {
    "positive": N_("The findings are positive. Whether these ingredients did it, they do not say."),
    "divided": N_("The findings do not all point the same way."),
    "not-positive": N_("Not one finding is positive."),
    "unclear": N_("Whether it had an effect is unclear."),
    "none": N_("No findings are recorded: whether it worked, we do not know."),
}
HEADINGS: Mapping[Outcome, str] = {  # of the cases with this outcome, in the order of a page
    "positive": N_("Cases with positive findings"),
    "divided": N_("Cases with divided findings"),
    "not-positive": N_("Cases without a positive finding"),
    "unclear": N_("Cases whose effect is unclear"),
    "none": N_("Cases without findings"),
}


def outcome(directions: Iterable[str]) -> Outcome:
    """What the findings of a case say together; an unclear one is never counted for a side.

    A case without findings has not been studied, which is another thing than “no effect”.
    """
    every = set(directions)
    clear = every - {"onduidelijk"}
    if not clear:
        return "unclear" if every else "none"
    if clear == {"positief"}:
        return "positive"
    return "not-positive" if clear <= {"negatief", "geen-effect"} else "divided"


def sentence(directions: Iterable[str]) -> str:
    """The outcome of a case for people."""
    text: str = gettext(SENTENCES[outcome(directions)])
    return text


def counted(directions: Iterable[str]) -> list[tuple[str, int]]:
    """How many findings point in each direction, in the order in which pages show them."""
    number = Counter(directions)
    return [(direction, number[direction]) for direction in DIRECTIONS if number[direction]]


def grouped(cases: Mapping[str, Iterable[str]]) -> list[tuple[Outcome, list[str]]]:
    """The ids of cases by what was found in them, each id in one group; no group is empty.

    `cases` has the directions of the findings of each case by its id.
    """
    groups: dict[Outcome, list[str]] = {name: [] for name in HEADINGS}
    for slug, directions in cases.items():
        groups[outcome(directions)].append(slug)
    return [(name, slugs) for name, slugs in groups.items() if slugs]
