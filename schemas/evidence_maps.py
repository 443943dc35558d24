"""The map of the evidence: the query string, and its rows, columns and cells."""

from __future__ import annotations

from marshmallow import fields

from .base import Schema
from .effects import EvidenceAnswer, EvidenceFilters, FindingsLinks
from .filters import term_filter
from .list_parameters import csv_separator_field, representation_field
from .lists import LanguageQuery
from .query_fields import EnumString
from .terms import TermShape

ROWS = ("ingredient", "strategy", "targetGroup", "pitfallCategory")
COLUMNS = ("effectDomain", "effectLevel")
REPRESENTATIONS = ("json", "csv")


class EvidenceMapQuery(LanguageQuery, EvidenceFilters):
    """The query string of the map."""

    representation = representation_field(*REPRESENTATIONS)
    csv_separator = csv_separator_field()
    rows = EnumString(
        ROWS,
        load_default="ingredient",
        metadata={"description": "What the rows are of."},
    )
    columns = EnumString(
        COLUMNS,
        load_default="effectDomain",
        metadata={"description": "What the columns are of."},
    )
    order = EnumString(
        ("vocabulary", "contradicted", "gap"),
        load_default="vocabulary",
        metadata={
            "description": "Rows as in their vocabulary, or those first that hold most "
            "contradictions, or most cells where nothing was found."
        },
    )
    effect_domain = term_filter("effectDomain", "leefbaarheid")


class MapAxis(Schema):
    """One side of the map, with all its terms in their order."""

    field = fields.String(required=True)
    label = fields.String(required=True)
    terms = fields.List(fields.Nested(TermShape), required=True)


class CellDirection(Schema):
    """How many clusters say one thing."""

    direction = fields.Nested(TermShape, required=True)
    clusters = fields.Integer(required=True)


class CellLane(Schema):
    """What one lane of evidence says."""

    lane = fields.Nested(TermShape, required=True)
    clusters = fields.Integer(required=True)
    directions = fields.List(fields.Nested(CellDirection), required=True)


class CellPart(Schema):
    """What some findings say together; lanes without any are left out."""

    verdict = fields.Nested(TermShape, required=True)
    basis = fields.Nested(
        TermShape,
        required=True,
        allow_none=True,
        metadata={"description": "The lane that the verdict is of."},
    )
    clusters = fields.Integer(required=True)
    findings = fields.Integer(required=True)
    newest_year = fields.Integer(required=True, allow_none=True)
    lanes = fields.List(fields.Nested(CellLane), required=True)
    links = fields.Nested(FindingsLinks, required=True, data_key="_links")


class MapCell(Schema):
    """Where a row and a column meet."""

    row = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "A term of the rows; null: findings without any of them."},
    )
    column = fields.String(required=True)
    together = fields.Nested(
        CellPart,
        required=True,
        allow_none=True,
        metadata={
            "description": "What was found in cases that have the term; no proof of a cause."
        },
    )
    credited = fields.Nested(
        CellPart,
        required=True,
        allow_none=True,
        metadata={"description": "What sources credit the term with."},
    )


class EvidenceMap(EvidenceAnswer):
    """What was found of each effect, by what was done or for whom."""

    rows = fields.Nested(MapAxis, required=True)
    columns = fields.Nested(MapAxis, required=True)
    cells = fields.List(
        fields.Nested(MapCell),
        required=True,
        metadata={"description": "Those with any finding; what is not here was not studied."},
    )
