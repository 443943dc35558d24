"""Findings about one effect beside each other: what contradicts is shown, never averaged away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

ORDER = ("positief", "gemengd", "geen-effect", "negatief", "onduidelijk")
Told = Mapping[str, Any]  # a finding as the API tells it


@dataclass
class Debate:
    """All findings about one effect domain."""

    domain: Told
    findings: list[Told] = field(default_factory=list)

    @property
    def disagrees(self) -> bool:
        """Whether the findings point in more than one direction."""
        return len({finding["direction"]["id"] for finding in self.findings}) > 1


def debates(findings: Iterable[Told]) -> list[Debate]:
    """The findings by domain, in their own order; within a domain by direction."""
    found: dict[str, Debate] = {}
    for finding in findings:
        domain = finding["domain"]
        found.setdefault(domain["id"], Debate(domain)).findings.append(finding)
    for debate in found.values():
        debate.findings.sort(key=lambda each: ORDER.index(each["direction"]["id"]))
    return list(found.values())
