"""What a website that shows our search results can ask for."""

from __future__ import annotations

from marshmallow import fields

from .base import Schema
from .evidence_maps import EvidenceMapQuery
from .json_fields import Line
from .lists import CaseListQuery, LanguageQuery
from .query_fields import DelimitedList, EnumString, QueryInteger

EMBED_PARTS = ("search", "count", "facts", "summary", "why", "more")  # the source always shows
EMBED_LOOKS = ("light", "dark", "auto")
EMBED_KINDS = ("component", "iframe", "fragment")
MAX_PIXELS = 1_000_000  # pixels that somebody may offer; no frame of ours is that large


class EmbedLookQuery(LanguageQuery):
    """How an embed looks; it fits a light page unless something else is asked."""

    look = EnumString(EMBED_LOOKS, load_default="light")


class EmbedQuery(CaseListQuery, EmbedLookQuery):
    """An embedded search: the query string of the list of cases, and which parts to show.

    It has one representation and shows no facets, so what chooses those is passed over.
    """

    class Meta:
        """What a list of the API takes and an embed does not."""

        exclude = ("representation", "csv_separator", "keys", "facets")

    page_size = QueryInteger(1, 100, load_default=5)
    show = DelimitedList(EnumString(EMBED_PARTS), load_default=list)  # all when empty
    heading_level = QueryInteger(1, 6, load_default=3)
    fragment = EnumString(("0", "1"), load_default="0")


class EmbedMapQuery(EvidenceMapQuery, EmbedLookQuery):
    """An embedded map of the evidence: the query string of the map, and how to show it."""

    class Meta:
        """What the map of the API takes and an embed does not."""

        exclude = ("representation", "csv_separator")

    picture = EnumString(("0", "1"))  # left out: in frames, not in fragments, which have no style
    heading_level = QueryInteger(1, 6, load_default=3)
    fragment = EnumString(("0", "1"), load_default="0")


class WizardQuery(EmbedQuery):
    """An embedded search as somebody is choosing it."""

    embed = EnumString(EMBED_KINDS, load_default="component")


class MapWizardQuery(EmbedMapQuery):
    """An embedded map of the evidence as somebody is choosing it."""

    embed = EnumString(EMBED_KINDS, load_default="component")


class OembedQuery(LanguageQuery):
    """The standard's parameters, by the names they have there."""

    url = Line(
        4000,
        required=True,
        metadata={
            "description": "The address of a page of ours, with or without our own name before it.",
            "example": "/casussen/place2bu-utrecht",
        },
    )
    maxwidth = QueryInteger(
        1, MAX_PIXELS, metadata={"description": "The embed is no wider, in pixels.", "example": 600}
    )
    maxheight = QueryInteger(
        1,
        MAX_PIXELS,
        metadata={"description": "The embed is no higher, in pixels.", "example": 400},
    )
    format = EnumString(
        ("json",),
        load_default="json",
        metadata={"description": "Only `json`; for `xml` the standard's answer is 501."},
    )


class Oembed(Schema):
    """An answer of the standard, of its type “rich”; its names are those of the standard."""

    version = fields.Constant("1.0")
    type = fields.Constant("rich")
    provider_name = fields.String(required=True, data_key="provider_name")
    provider_url = fields.String(required=True, data_key="provider_url")
    title = fields.String(required=True)
    html = fields.String(
        required=True,
        metadata={
            "description": "One iframe, after a hidden quotation with a link, for WordPress."
        },
    )
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    cache_age = fields.Integer(
        required=True, data_key="cache_age", metadata={"description": "In seconds."}
    )
