"""Directions of findings: what those of a case say together, and those of an effect side by side.

What contradicts is shown, never averaged away; and nobody reads “active” as “it worked”.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from kb.cases.queries import FindingOfCase
from kb.translation import N_
from kb.vocabulary.outcomes import outcome_of
from kb.vocabulary.terms import Term, lane_of, lane_rank, schemes
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
OF_OUTCOME: Mapping[str, OverallDirection] = {  # by term of `outcomes`
    "positief": "positive",
    "gemengd": "divided",
    "geen-effect": "not-positive",
    "negatief": "not-positive",
    "onduidelijk": "unclear",
    "verdeeld": "divided",
    "niet-onderzocht": "none",
}
HEADINGS: Mapping[OverallDirection, str] = {  # above cases of this overall direction
    "positive": N_("Cases with positive findings"),
    "divided": N_("Cases with divided findings"),
    "not-positive": N_("Cases without a positive finding"),
    "unclear": N_("Cases whose effect is unclear"),
    "none": N_("Cases without findings"),
}


def overall_direction(directions: Iterable[str]) -> OverallDirection:
    """What the findings of a case say together, as its page has it in words."""
    return OF_OUTCOME[outcome_of(directions)]


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
    cases: Mapping[str, Sequence[FindingOfCase]],
) -> list[tuple[OverallDirection, list[str]]]:
    """The ids of cases by overall direction, each id in one group; no group is empty.

    `cases` has the findings of each case by its id. In a group the cases with the strongest
    evidence come first, and so do the groups that begin with it: not the positive ones.
    """
    ranks = {slug: _strongest(findings) for slug, findings in cases.items()}
    groups: dict[OverallDirection, list[str]] = {}
    for slug in sorted(cases, key=ranks.__getitem__):
        overall = overall_direction(finding.direction for finding in cases[slug])
        groups.setdefault(overall, []).append(slug)
    return list(groups.items())


def _strongest(findings: Iterable[FindingOfCase]) -> int:
    """The place of the strongest lane of some findings; after all lanes when there are none."""
    lanes = len(schemes()["evidence-lanes"].terms)
    return min((lane_rank(each.evidence) for each in findings), default=lanes)


@dataclass
class DomainFindings:
    """All findings about one effect domain."""

    domain: Mapping[str, str]  # a term as JSON has it: `id` and `label`
    findings: list[Finding] = field(default_factory=list)

    @property
    def disagree(self) -> bool:
        """Whether the findings point in more than one direction."""
        return len({finding["direction"]["id"] for finding in self.findings}) > 1


def group_by_domain(
    findings: Iterable[Finding], source_years: Mapping[str, int | None] | None = None
) -> list[DomainFindings]:
    """The findings by effect domain, in their own order; within a domain the strongest lane first.

    In a lane the newest source comes first: `source_years` has the year of each by its id, unless
    findings have it themselves.
    """
    groups: dict[str, DomainFindings] = {}
    for finding in findings:
        domain = finding["domain"]
        groups.setdefault(domain["id"], DomainFindings(domain)).findings.append(finding)
    years = source_years or {}

    def strength(finding: Finding) -> tuple[int, int]:
        source = finding["source"]
        year = source.get("year") or years.get(source["id"]) or 0
        return lane_rank(finding["evidence"]["id"]), -year

    for group in groups.values():
        group.findings.sort(key=strength)
    return list(groups.values())
