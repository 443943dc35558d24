"""What the pages of a study and of a question show beside their text; of drafts too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kb.cases.model import Study
from kb.pages.content import document, read_effects
from kb.pages.directions import group_by_domain
from kb.pages.unverified import unverified
from schemas import findings, studies


def study_content(
    shown: Mapping[str, Any], its_findings: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """What the template of a study takes, from its document and its findings in JSON."""
    return {"document": shown, "domains": group_by_domain(its_findings)}


def question_content(shown: Mapping[str, Any], public: Sequence[Study]) -> dict[str, Any]:
    """What the template of a question takes, from its document in JSON and its public studies."""
    domains = [domain["id"] for domain in shown["effectDomains"]]
    return {
        "document": shown,
        "studies": [document(studies.StudyItem, study) for study in public],
        "effects": read_effects({}, domains),
        "domains": group_by_domain(_findings_about(domains, public)),
        "unverified_studies": [
            study for study in public if unverified(study.unverified, "findings")
        ],
    }


def _findings_about(domains: Sequence[str], of_studies: Iterable[Study]) -> list[dict[str, Any]]:
    """The findings of studies about these effect domains."""
    return [
        document(findings.Finding, finding)
        for study in of_studies
        for finding in study.findings
        if finding.domain in domains
    ]
