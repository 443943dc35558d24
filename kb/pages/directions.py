"""What findings say, in words: those of a case together, those of an effect side by side.

What contradicts is shown, never averaged away; and nobody reads “active” as “it worked”.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kb.cases.queries import FindingOfCase
from kb.translation import N_
from kb.vocabulary.outcomes import outcome_of
from kb.vocabulary.terms import lane_rank, schemes

Finding = Mapping[str, Any]  # as the API has it in JSON
SENTENCES: Mapping[str, str] = {  # by outcome of a case
    "positief": N_("The findings are positive. Whether these ingredients did it, they do not say."),
    "gemengd": N_("The findings show a mixed picture."),
    "geen-effect": N_("Not one finding is positive."),
    "negatief": N_("Not one finding is positive."),
    "onduidelijk": N_("Whether it had an effect is unclear."),
    "verdeeld": N_("The findings do not all point the same way."),
    "niet-onderzocht": N_("No findings are recorded: whether it worked, we do not know."),
}
HEADINGS: Mapping[str, str] = {  # above the cases with this outcome
    "positief": N_("Cases with positive findings"),
    "gemengd": N_("Cases with a mixed picture"),
    "geen-effect": N_("Cases where no effect was found"),
    "negatief": N_("Cases with negative findings"),
    "onduidelijk": N_("Cases whose effect is unclear"),
    "verdeeld": N_("Cases with divided findings"),
    "niet-onderzocht": N_("Cases without findings"),
}


def group_by_outcome(
    cases: Mapping[str, Sequence[FindingOfCase]],
) -> list[tuple[str, list[str]]]:
    """The ids of cases by outcome, each id in one group; no group is empty.

    `cases` has the findings of each case by its id. In a group the cases with the strongest
    evidence come first, and so do the groups that begin with it: not the positive ones.
    """
    ranks = {slug: _strongest(findings) for slug, findings in cases.items()}
    groups: dict[str, list[str]] = {}
    for slug in sorted(cases, key=ranks.__getitem__):
        outcome = outcome_of(finding.direction for finding in cases[slug])
        groups.setdefault(outcome, []).append(slug)
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
        source, evidence = finding["source"], finding["evidence"]["id"]
        year = source.get("year") or years.get(source["id"]) or 0
        is_known = evidence in schemes()["evidence-levels"].terms  # a draft may have none yet
        return lane_rank(evidence) if is_known else len(schemes()["evidence-lanes"].terms), -year

    for group in groups.values():
        group.findings.sort(key=strength)
    return list(groups.values())
