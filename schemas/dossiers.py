"""A dossier: the query string that names its things, and what readers get of them."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from marshmallow import fields

from kb.kinds import DOWNLOADS, KIND_NAMES, KINDS
from kb.suggestions import closest_match

from .base import Schema
from .errors import input_error, printable
from .json_fields import KEBAB, OwnedIdentifier, UtcDateTime
from .links import Link, SelfLinks
from .list_parameters import csv_separator_field, representation_field
from .lists import LanguageQuery
from .query_fields import DelimitedList
from .validators import Distinct, Length

REPRESENTATIONS = ("json", *DOWNLOADS)
MOST = 50  # things in a dossier
MAX_ITEM_LENGTH = 181  # characters
ITEM_PATTERN = f"^({'|'.join(KIND_NAMES)}):({KEBAB.pattern}--)?{KEBAB.pattern}$"


class DossierItem(NamedTuple):
    """One thing of a dossier, written as `case:place2bu-utrecht`."""

    kind: str
    slug: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.slug}"


class DossierItemField(fields.String):
    """A kind and an id with a colon between them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **options)
        if not text:
            raise input_error("empty")
        if len(text) > MAX_ITEM_LENGTH:
            raise input_error("too-long", maximum=MAX_ITEM_LENGTH, actual=len(text))
        kind, colon, slug = text.partition(":")
        if not colon:
            raise input_error("bad-format", value=printable(text), expected="dossier-item")
        if kind not in KINDS:
            near = partial(_with_known_kind, kind, slug)
            choices = ", ".join(KIND_NAMES)
            raise input_error(
                "not-in-vocabulary", suggestion=near, value=printable(kind), choices=choices
            )
        if not OwnedIdentifier.pattern.fullmatch(slug):
            raise input_error("bad-format", value=printable(slug), expected="id")
        return DossierItem(kind, slug)


def _with_known_kind(kind: str, slug: str) -> str | None:
    """The same thing with the kind that comes nearest."""
    near = closest_match(kind, KIND_NAMES)
    return f"{near}:{printable(slug)}" if near else None


class ChoiceQuery(LanguageQuery):
    """Which things are chosen."""

    items = DelimitedList(
        DossierItemField(metadata={"pattern": ITEM_PATTERN, "maxLength": MAX_ITEM_LENGTH}),
        required=True,
        data_key="item",
        validate=[Length(1, MOST), Distinct()],
        metadata={
            "uniqueItems": True,
            "description": "The things, in the order of the dossier: a kind, a colon, an id. "
            "Repeat it, or put commas between.",
            "example": ["case:place2bu-utrecht", "question:leidt-mengen-tot-contact"],
        },
    )


class DossierQuery(ChoiceQuery):
    """Which things a dossier has, and in which form."""

    representation = representation_field(*REPRESENTATIONS)
    csv_separator = csv_separator_field()


class WholeThing(fields.Dict):
    """A thing of any kind, as its own address has it."""


class AbsentThing(Schema):
    """A thing of the dossier that cannot be read, and why."""

    item = fields.String(required=True, metadata={"example": "case:weggehaald"})
    status = fields.Integer(
        required=True,
        metadata={"description": "As its own address answers: 404 unknown, 410 withdrawn."},
    )
    detail = fields.String(required=True, metadata={"description": "In words."})
    suggestions = fields.List(
        fields.String(), required=True, metadata={"description": "Things that come near."}
    )
    reason = fields.String(
        required=True, allow_none=True, metadata={"description": "Why it was withdrawn."}
    )
    withdrawn_at = UtcDateTime(required=True, allow_none=True)
    replaced_by = fields.String(
        required=True, allow_none=True, metadata={"description": "The thing to read instead."}
    )


class MovedThing(Schema):
    """A thing that was named by a former id, and what it is called now."""

    item = fields.String(required=True)
    now = fields.String(required=True)


class DossierLinks(SelfLinks):
    """This dossier, with the ids that its things have now, and the page that shows it."""

    html = fields.Nested(Link, required=True, metadata={"description": "Its page, for people."})


class Dossier(Schema):
    """Things of several kinds in full, in the order in which they were named."""

    items = fields.List(WholeThing(), required=True)
    absent = fields.List(
        fields.Nested(AbsentThing),
        required=True,
        metadata={"description": "What cannot be read any more, so that nothing is lost."},
    )
    moved = fields.List(fields.Nested(MovedThing), required=True)
    links = fields.Nested(DossierLinks, data_key="_links", required=True)
