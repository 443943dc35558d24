"""Effects: the query string, and what findings say of them together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from .base import Schema
from .filters import CASE_FILTERS, RANGE_PARAMETERS, CaseFilters, OwnFindingFilters, term_filter
from .findings import Finding
from .links import Link, ThingLinks
from .lists import LanguageQuery
from .terms import TermShape


def includes_studies(parameters: Mapping[str, Any]) -> bool:
    """Whether findings of studies are among those that these parameters leave.

    A filter on cases leaves them out: of a study nobody recorded where, for whom and how.
    """
    return not {*CASE_FILTERS, *RANGE_PARAMETERS} & parameters.keys()


class EvidenceFilters(CaseFilters, OwnFindingFilters):
    """Which findings are counted: those of these cases, of this level and kind of evidence.

    Not their direction, nor the outcome of their case: a verdict on one side alone would be none.
    """

    class Meta(CaseFilters.Meta):
        exclude = ("outcome",)

    effect_level = term_filter("effectLevel", "wijk")
    lane = term_filter("lane", "oorzakelijk")
    evidence = term_filter("evidence", "quasi-experimenteel")


class EffectsQuery(LanguageQuery, EvidenceFilters):
    """The query string of effects."""


class FindingsLinks(Schema):
    """The findings behind a number."""

    findings = fields.Nested(Link, required=True)


class DirectionCount(Schema):
    """How many clusters say one thing."""

    direction = fields.Nested(TermShape, required=True)
    clusters = fields.Integer(required=True)
    links = fields.Nested(FindingsLinks, required=True, data_key="_links")


class Lane(Schema):
    """What one lane of evidence says."""

    lane = fields.Nested(TermShape, required=True)
    verdict = fields.Nested(TermShape, required=True)
    clusters = fields.Integer(required=True)
    findings = fields.Integer(required=True)
    leading = fields.List(
        fields.Nested(TermShape),
        required=True,
        metadata={"description": "What most clusters say; several directions when they are level."},
    )
    directions = fields.List(fields.Nested(DirectionCount), required=True)
    links = fields.Nested(FindingsLinks, required=True, data_key="_links")


class SummaryShape(Schema):
    """A verdict with the numbers behind it; nothing is added or averaged over lanes."""

    verdict = fields.Nested(
        TermShape, required=True, metadata={"description": "A term of `verdicts`."}
    )
    basis = fields.Nested(
        TermShape,
        required=True,
        allow_none=True,
        metadata={
            "description": "The lane that the verdict is of; null when lanes diverge, or none has "
            "enough."
        },
    )
    clusters = fields.Integer(
        required=True,
        metadata={"description": "Publications and programmes with a voice of their own."},
    )
    findings = fields.Integer(required=True)
    newest_year = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Of the sources."}
    )
    lanes = fields.List(
        fields.Nested(Lane),
        required=True,
        metadata={"description": "The strongest first; those that the filters leave."},
    )


class EffectLinks(ThingLinks):
    """Where an effect can be read, and its findings."""

    findings = fields.Nested(Link, required=True)


class EffectItem(SummaryShape):
    """What all findings say of one effect."""

    id = fields.String(required=True)
    label = fields.String(required=True)
    type = fields.Constant("effect", required=True)
    definition = fields.String(required=True)
    sentence = fields.String(
        required=True, metadata={"description": "The verdict and all counts, for people."}
    )
    links = fields.Nested(EffectLinks, required=True, data_key="_links")


class Level(SummaryShape):
    """What they say of it at one level: residents may fare otherwise than their neighbourhood."""

    level = fields.Nested(TermShape, required=True)


class Strongest(Schema):
    """The finding that tells most for an effect, and the one that tells most against it."""

    for_ = fields.Nested(Finding, required=True, allow_none=True, data_key="for")
    against = fields.Nested(Finding, required=True, allow_none=True)


class SideCounts(Schema):
    """Clusters that point for an effect, and those that point against it."""

    for_ = fields.Integer(required=True, data_key="for")
    against = fields.Integer(required=True)


class SideValue(SideCounts):
    """How often a value stands on each side, in clusters."""

    value = fields.String(required=True)
    label = fields.String(required=True)
    differs = fields.Boolean(
        required=True,
        metadata={
            "description": "Whether at least three clusters have it on one side, and its share "
            "there is twice that on the other side and at least 0.2 larger."
        },
    )


class SideField(Schema):
    """A property of findings, by which the sides are compared."""

    field = fields.String(required=True)
    label = fields.String(required=True)
    known = fields.Nested(SideCounts, required=True)
    values = fields.List(fields.Nested(SideValue), required=True)


class Differences(Schema):
    """What differs between both sides, where each has at least three clusters."""

    clusters = fields.Nested(SideCounts, required=True)
    fields_ = fields.List(fields.Nested(SideField), required=True, data_key="fields")


class Gap(Schema):
    """Something that would change the verdict."""

    code = fields.String(required=True)
    text = fields.String(required=True)


class PageLink(Schema):
    """The page for people."""

    html = fields.Nested(Link, required=True)


class Method(Schema):
    """By which rules verdicts are made."""

    version = fields.String(required=True)
    links = fields.Nested(PageLink, required=True, data_key="_links")


class EvidenceAnswer(Schema):
    """What every answer about evidence says of itself."""

    change = fields.Integer(
        required=True, metadata={"description": "The number of the newest change in it."}
    )
    filters = fields.Dict(required=True, metadata={"description": "As in `query` of lists."})
    includes_studies = fields.Boolean(
        required=True,
        metadata={
            "description": "Whether findings of studies are counted. A filter on cases leaves them "
            "out: of a study nobody knows where, for whom and how."
        },
    )
    method = fields.Nested(Method, required=True)


class Effect(EffectItem, EvidenceAnswer):
    """One effect: what is known, on which sides, and what would change that."""

    levels = fields.List(fields.Nested(Level), required=True)
    strongest = fields.Nested(Strongest, required=True)
    differences = fields.Nested(Differences, required=True)
    would_change = fields.List(fields.Nested(Gap), required=True)


class Effects(EvidenceAnswer):
    """All effects in the order of the vocabulary, those without findings among them."""

    items = fields.List(fields.Nested(EffectItem), required=True)
