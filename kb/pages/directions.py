"""Directions of findings: what those of a case say together, and those of an effect side by side.

What contradicts is shown, never averaged away; and nobody reads “active” as “it worked”.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from kb.translation import N_
from kb.vocabulary.terms import Term, lane_of, schemes
from kb.web.translation import gettext

OverallDirection = Literal["positive", "divided", "not-positive", "unclear", "none"]
Finding = Mapping[str, Any]  # as the API has it in JSON
DIRECTIONS = ("positief", "gemengd", "geen-effect", "negatief", "onduidelijk")
LABELS: Mapping[OverallDirection, str] = {
    "positive": N_("Positive"),
    "divided": N_("Divided"),
    "not-positive": N_("Not positive"),
    "unclear": N_("Unclear"),
    "none": N_("Not studied"),
}
SENTENCES: Mapping[OverallDirection, str] = {
    "positive": N_("The findings are positive. Whether these ingredients did it, they do not say."),
    "divided": N_("The findings do not all point the same way."),
    "not-positive": N_("Not one finding is positive."),
    "unclear": N_("Whether it had an effect is unclear."),
    "none": N_("No findings are recorded: whether it worked, we do not know."),
}
HEADINGS: Mapping[
    OverallDirection, str
] = {  # above cases of this overall direction; their order on a page
    "positive": N_("Cases with positive findings"),
    "divided": N_("Cases with divided findings"),
    "not-positive": N_("Cases without a positive finding"),
    "unclear": N_("Cases whose effect is unclear"),
    "none": N_("Cases without findings"),
}


def overall_direction(directions: Iterable[str]) -> OverallDirection:
    """What the findings of a case say together; an unclear one is never counted for a side.

    A case without findings has not been studied, which is another thing than “no effect”.
    """
    distinct = set(directions)
    clear = distinct - {"onduidelijk"}
    if not clear:
        return "unclear" if distinct else "none"
    if clear == {"positief"}:
        return "positive"
    return "not-positive" if clear <= {"negatief", "geen-effect"} else "divided"


def overall_label(directions: Iterable[str]) -> str:
    """The overall direction of a case in a word or two."""
    text: str = gettext(LABELS[overall_direction(directions)])
    return text


def overall_sentence(directions: Iterable[str]) -> str:
    """The overall direction of a case, for people."""
    text: str = gettext(SENTENCES[overall_direction(directions)])
    return text


def count_directions(directions: Iterable[str]) -> list[tuple[str, int]]:
    """How many findings point in each direction, in the order in which pages show them."""
    counter = Counter(directions)
    return [(direction, counter[direction]) for direction in DIRECTIONS if counter[direction]]


def count_lanes(findings: Iterable[Finding]) -> list[tuple[Term, int]]:
    """How many findings each lane of evidence has, the strongest lane first."""
    counter = Counter(lane_of(finding["evidence"]["id"]) for finding in findings)
    lanes = schemes()["evidence-lanes"].in_order
    return [(lane, counter[lane.id]) for lane in lanes if counter[lane.id]]


def group_by_overall_direction(
    cases: Mapping[str, Iterable[str]],
) -> list[tuple[OverallDirection, list[str]]]:
    """The ids of cases by overall direction, each id in one group; no group is empty.

    `cases` has the directions of the findings of each case by its id.
    """
    groups: dict[OverallDirection, list[str]] = {name: [] for name in HEADINGS}
    for slug, directions in cases.items():
        groups[overall_direction(directions)].append(slug)
    return [(name, slugs) for name, slugs in groups.items() if slugs]


@dataclass
class DomainFindings:
    """All findings about one effect domain."""

    domain: Mapping[str, str]  # a term as JSON has it: `id` and `label`
    findings: list[Finding] = field(default_factory=list)

    @property
    def disagree(self) -> bool:
        """Whether the findings point in more than one direction."""
        return len({finding["direction"]["id"] for finding in self.findings}) > 1


def group_by_domain(findings: Iterable[Finding]) -> list[DomainFindings]:
    """The findings by effect domain, in their own order; within a domain by direction."""
    groups: dict[str, DomainFindings] = {}
    for finding in findings:
        domain = finding["domain"]
        groups.setdefault(domain["id"], DomainFindings(domain)).findings.append(finding)
    for group in groups.values():
        group.findings.sort(key=lambda finding: DIRECTIONS.index(finding["direction"]["id"]))
    return list(groups.values())
