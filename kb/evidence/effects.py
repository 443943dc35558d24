"""Effects as the API tells them: what all findings say of each, on both sides."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from babel import Locale

from kb.evidence.differences import Sides, compare_sides
from kb.evidence.evidence import Evidence
from kb.evidence.gaps import gaps
from kb.evidence.summaries import NOT_STUDIED, Summary, summaries
from kb.evidence.summary_writer import Document, SummaryWriter
from kb.evidence.table import EvidenceTable
from kb.evidence.voices import Numbers
from kb.kinds import FINDING
from kb.search.engine import SearchEngine
from kb.search.filters import FACET_LABELS
from kb.search.stored_items import with_addresses
from kb.translation import N_
from kb.vocabulary.terms import scheme_of, schemes, term
from kb.web.translation import gettext

PERIOD = N_("Period of the source")
AGAINST = ("negatief", "geen-effect")  # what tells most against an effect comes first


class EffectWriter(SummaryWriter):
    """Writes down what findings say of effects."""

    def effect(self, domain: str, summary: Summary) -> Document:
        """An effect: the verdict on it, and that of each lane."""
        return {
            **self.term("effect-domains", domain),
            "type": "effect",
            "definition": term("effect-domains", domain).definition,
            "sentence": self.sentence(summary),
            **self.summary(summary, effectDomain=domain),
            "_links": {
                "self": self.link(f"/v1/effects/{domain}"),
                "html": self.link(f"/effecten/{domain}"),
                "findings": self.findings_link(effectDomain=domain),
            },
        }

    def levels(self, domain: str, by_level: Mapping[str, Summary]) -> list[Document]:
        """The verdict on each level of an effect that anything was found about."""
        return [
            {
                "level": self.term("effect-levels", level),
                **self.summary(by_level[level], effectDomain=domain, effectLevel=level),
            }
            for level in schemes()["effect-levels"].terms
            if level in by_level
        ]

    def differences(self, sides: Sides) -> Document:
        """How often each value stands on either side."""
        return {
            "clusters": {"for": sides.clusters[0], "against": sides.clusters[1]},
            "fields": [
                {
                    "field": each.field,
                    "label": self._field_label(each.field),
                    "known": {"for": each.known[0], "against": each.known[1]},
                    "values": [
                        {
                            "value": value,
                            "label": self._value_label(each.field, value),
                            "for": counts[0],
                            "against": counts[1],
                            "differs": value in each.differing,
                        }
                        for value, counts in sorted(
                            each.counts.items(), key=lambda pair: (-sum(pair[1]), pair[0])
                        )
                    ],
                }
                for each in sides.differences
                if each.is_comparable
            ],
        }

    def _field_label(self, field: str) -> str:
        return gettext(PERIOD) if field == "period" else FACET_LABELS[field][self.language]

    def _value_label(self, field: str, value: str) -> str:
        if field == "period":
            return f"{value}–{int(value) + 9}"
        if field == "country":
            return str(Locale(self.language).territories.get(value, value))
        return str(self.term(scheme_of(field).id, value)["label"])


def every_effect(evidence: Evidence, domains: Collection[str] | None = None) -> list[Document]:
    """All effects (or these) in the order of the vocabulary, also those without findings."""
    writer = EffectWriter(evidence.list_request)
    by_domain = evidence.by_term("effectDomain", evidence.rows)
    return [
        writer.effect(domain, by_domain.get(domain, NOT_STUDIED))
        for domain in schemes()["effect-domains"].terms
        if domains is None or domain in domains
    ]


def one_effect(evidence: Evidence, engine: SearchEngine, domain: str) -> Document:
    """One effect with its levels, the strongest of both sides, and what is missing."""
    writer = EffectWriter(evidence.list_request)
    rows = evidence.rows_with("effectDomain", domain)
    summary = summaries(evidence.table, rows).get(0, NOT_STUDIED)
    by_level = evidence.by_term("effectLevel", rows)
    effect = writer.effect(domain, summary)
    links = effect.pop("_links")
    return {
        **effect,
        "levels": writer.levels(domain, by_level),
        "strongest": strongest(evidence, engine, rows),
        "differences": writer.differences(compare_sides(evidence.table, rows)),
        "wouldChange": [
            each._asdict()
            for each in gaps(
                summary,
                by_level,
                evidence.list_request.parameters,
                evidence.list_request.language,
            )
        ],
        "_links": links,
    }


def strongest(evidence: Evidence, engine: SearchEngine, rows: Numbers) -> Document:
    """The finding that tells most for an effect, and the one that tells most against it.

    The strongest lane first, then the newest source; null when no finding is on that side.
    """
    table, request = evidence.table, evidence.list_request
    ids = {
        "for": _strongest_id(table, rows, ("positief",)),
        "against": _strongest_id(table, rows, AGAINST),
    }
    keys = {side: f"{FINDING.name}:{slug}" for side, slug in ids.items() if slug}
    items = engine.items(keys.values(), request.language)
    return {
        side: json.loads(with_addresses(items[keys[side]], request.base))
        if keys.get(side) in items
        else None
        for side in ids
    }


def _strongest_id(table: EvidenceTable, rows: Numbers, directions: tuple[str, ...]) -> str | None:
    best = min(table.strengths(rows, directions), default=None)
    return best[-1] if best else None
