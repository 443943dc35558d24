"""A finding across cases and studies."""

from __future__ import annotations

from marshmallow import fields

from .base import Schema
from .links import Links
from .match import Excerpt, ListItem
from .terms import LaneField, Reference, TermField


class SourceOfFinding(Schema):
    """The publication that bears a claim out: a source of the case, or the study itself."""

    slug = fields.String(data_key="id")
    title = fields.String()
    authors = fields.List(fields.String())
    year = fields.Integer(allow_none=True)
    publisher = fields.String(allow_none=True)
    url = fields.String(allow_none=True)
    source_type = TermField("source-types")


class Finding(ListItem):
    """A claim about one effect, with its evidence and its source."""

    slug = fields.String(data_key="id")
    type = fields.Constant("finding")
    title = fields.String(attribute="claim", dump_only=True)
    summary = Excerpt("claim")
    claim = fields.String()
    domain = TermField("effect-domains")
    level = TermField("effect-levels")
    direction = TermField("effect-directions")
    evidence = TermField("evidence-levels")
    lane = LaneField()
    conditions = fields.String(allow_none=True)
    ingredients = fields.List(TermField("ingredients"))
    programme = fields.String(allow_none=True)
    source = fields.Nested(SourceOfFinding)
    case = Reference(allow_none=True)
    study = Reference(allow_none=True)
    links = Links("findings")
