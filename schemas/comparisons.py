"""Cases side by side: the query string, and what readers get."""

from __future__ import annotations

from marshmallow import fields

from .base import Schema
from .json_fields import KEBAB, Identifier
from .links import Link, SelfLinks, ThingLinks
from .list_parameters import csv_separator_field, representation_field
from .lists import LanguageQuery
from .parts import Place
from .query_fields import DelimitedList
from .similar import Reason
from .terms import TermField
from .validators import Distinct, Length

FEWEST, MOST = 2, 5  # cases in a comparison
GROUPS = (
    *("context", "targetGroups", "strategies", "ingredients", "pitfalls", "findings", "parties"),
)
GAPS = ("not-recorded", "not-researched", "unverified")
REPRESENTATIONS = ("json", "csv")
COLUMN_KEYS = ("id", "type", "title", "summary", "kind", "place", "_links")  # of each case


class ComparisonQuery(LanguageQuery):
    """Which cases to compare."""

    cases = DelimitedList(
        Identifier(80, metadata={"pattern": f"^{KEBAB.pattern}$"}),
        required=True,
        data_key="case",
        validate=[Length(FEWEST, MOST), Distinct()],
        metadata={
            "uniqueItems": True,
            "description": "The ids of two to five published cases, in the order of the columns. "
            "Repeat it, or put commas between.",
            "example": ["place2bu-utrecht", "stek-oost-amsterdam"],
        },
    )
    representation = representation_field(*REPRESENTATIONS)
    csv_separator = csv_separator_field()


class ComparedCase(Schema):
    """A case that is compared: a column."""

    slug = fields.String(data_key="id", required=True)
    type = fields.Constant("case", required=True)
    title = fields.String(required=True)
    summary = fields.String(required=True)
    kind = TermField("kinds", required=True)
    place = fields.Nested(Place, required=True)
    links = fields.Nested(ThingLinks, data_key="_links", required=True)


class ComparedValue(Schema):
    """One thing in a cell; which keys it has beside `label` depends on the group of its row."""

    slug = fields.String(
        data_key="id", metadata={"description": "Of a term, an ingredient, a pitfall or a finding."}
    )
    label = fields.String(required=True, metadata={"description": "What to show."})
    is_shared = fields.Boolean(
        metadata={"description": "Of a target group or strategy: whether all cases have it."}
    )
    how = fields.String(allow_none=True, metadata={"description": "Of an ingredient."})
    phase = TermField("phases", metadata={"description": "Of a pitfall."})
    description = fields.String(metadata={"description": "Of a pitfall."})
    avoidance = fields.String(
        allow_none=True, metadata={"description": "Of a pitfall: advice, not evidence."}
    )
    direction = TermField("effect-directions", metadata={"description": "Of a finding."})
    level = TermField("effect-levels", metadata={"description": "Of a finding."})
    evidence = TermField("evidence-levels", metadata={"description": "Of a finding."})
    lane = TermField("evidence-lanes", metadata={"description": "Of a finding."})
    conditions = fields.String(allow_none=True, metadata={"description": "Of a finding."})


class ComparisonCell(Schema):
    """What one case has in one row."""

    values = fields.List(fields.Nested(ComparedValue), required=True)
    gap = fields.String(
        allow_none=True,
        required=True,
        metadata={
            "enum": [*GAPS, None],
            "description": "Why there are no values. `not-recorded`: the case does not say. "
            "`not-researched`: no finding about this effect. `unverified`: nobody has looked in "
            "a source yet. None of these means that it was not there.",
        },
    )
    unverified = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Keys of the case in this row that nobody has checked yet."},
    )


class ComparisonRow(Schema):
    """One question, and the answer of each case, in the order of `cases`."""

    group = fields.String(required=True, metadata={"enum": list(GROUPS)})
    slug = fields.String(
        data_key="id",
        required=True,
        metadata={"description": "Unique in its group: a key of a case, or a term."},
    )
    label = fields.String(required=True)
    is_equal = fields.Boolean(
        required=True, metadata={"description": "Whether all cells say the same."}
    )
    cells = fields.List(fields.Nested(ComparisonCell), required=True)


class Similarity(Schema):
    """What some of the cases have in common, by which they can be compared."""

    cases = fields.List(fields.String(), required=True)
    reasons = fields.List(fields.Nested(Reason), required=True)


class Limit(Schema):
    """Something that this comparison cannot say."""

    code = fields.String(required=True)
    cases = fields.List(
        fields.String(), required=True, metadata={"description": "The cases that it is about."}
    )
    detail = fields.String(required=True, metadata={"description": "In words."})


class ComparisonLinks(SelfLinks):
    """This answer, and the page that shows it."""

    html = fields.Nested(Link, required=True, metadata={"description": "Its page, for people."})


class Comparison(Schema):
    """Cases side by side; in each group what differs comes first."""

    cases = fields.List(fields.Nested(ComparedCase), required=True)
    similarities = fields.List(
        fields.Nested(Similarity),
        required=True,
        metadata={"description": "Of all cases together, then of each two."},
    )
    limits = fields.List(fields.Nested(Limit), required=True)
    rows = fields.List(fields.Nested(ComparisonRow), required=True)
    links = fields.Nested(ComparisonLinks, data_key="_links", required=True)
