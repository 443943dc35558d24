"""A case: the document that editors and files give, and what readers get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import fields

from kb.input_errors import Mistake

from . import checks
from .base import PUBLICATION_KEYS, Document, Schema, cached_schema
from .ids import IdOrTitle
from .images import CoverImage, Images
from .json_fields import (
    Identifier,
    JsonInteger,
    Line,
    ReadOnlyConstant,
    Text,
    UtcDateTime,
)
from .links import Links
from .match import ListItem
from .parts import (
    FIRST_YEAR,
    LAST_YEAR,
    FindingInCase,
    FindingInput,
    IngredientInCase,
    PartyInCase,
    PitfallInOwner,
    PitfallInput,
    Place,
    Programme,
    SearchTerms,
    SourceInCase,
    SourceInput,
    Timeline,
)
from .published_notes import PracticeNotes
from .terms import FindingsByLane, OutcomeField, Reference, TermField, TermList, bare_ids
from .validators import Distinct

MAX_TEXT_LENGTH = 20_000  # characters of a running text
REQUIRED_KEYS = ("kind", "title", "summary", "context", "approach", "results", "status", "scale")
PLACE_KEYS = ("country", "province", "municipality", "neighbourhood")
REQUIRED_LISTS = ("strategies", "target_groups", "ingredients", "sources")


class CaseDocument(Document):
    """The whole text of a case, also while it is a draft: what is there must be right.

    Whether read-only keys were changed, `schemas.loading.read_only_errors` checks.
    """

    READ_ONLY = (*PUBLICATION_KEYS, "outcome", "findingsByLane", "practiceNotes")
    IGNORED = ("$schema",)  # by which editing tools know what to check a file against

    slug = Identifier(80, required=True, data_key="id", metadata={"example": "place2bu-utrecht"})
    type: fields.Field[Any] = ReadOnlyConstant("case")
    kind = TermField("kinds", load_default=None, allow_none=True)
    archetype = Reference(load_default=None, allow_none=True)
    title = Line(200, load_default=None, allow_none=True, metadata={"example": "Place2BU"})
    summary = Text(600, load_default=None, allow_none=True)
    context = Text(MAX_TEXT_LENGTH, load_default=None, allow_none=True)
    approach = Text(MAX_TEXT_LENGTH, load_default=None, allow_none=True)
    results = Text(MAX_TEXT_LENGTH, load_default=None, allow_none=True)
    collaboration = Text(MAX_TEXT_LENGTH, load_default=None, allow_none=True)
    place = fields.Nested(Place, load_default=lambda: dict.fromkeys(PLACE_KEYS))
    start_year = JsonInteger(
        FIRST_YEAR, LAST_YEAR, load_default=None, allow_none=True, metadata={"example": 2016}
    )
    end_year = JsonInteger(FIRST_YEAR, LAST_YEAR, load_default=None, allow_none=True)
    status = TermField("statuses", load_default=None, allow_none=True)
    scale = TermField("scales", load_default=None, allow_none=True)
    dwellings = JsonInteger(1, 10_000_000, load_default=None, allow_none=True)
    strategies = TermList("strategies")
    target_groups = TermList("target-groups")
    parties = fields.List(fields.Nested(PartyInCase), load_default=list)
    ingredients = fields.List(fields.Nested(IngredientInCase), load_default=list)
    pitfalls = fields.List(fields.Nested(PitfallInOwner), load_default=list)
    findings = fields.List(fields.Nested(FindingInCase), load_default=list)
    sources = fields.List(fields.Nested(SourceInCase), load_default=list)
    events = Timeline()
    images = Images()
    search_terms = SearchTerms()
    programme = Programme()
    unverified = fields.List(
        Line(100),
        load_default=list,
        validate=Distinct(),
        metadata={"description": "Keys that nobody has checked against a source yet."},
    )


class CaseInput(IdOrTitle, CaseDocument):
    """A case as an editor sends it; `schemas.ids.assign_ids` gives the ids that are missing."""

    slug = Identifier(
        80,
        load_default=None,
        allow_none=False,
        data_key="id",
        metadata={"example": "place2bu-utrecht"},
    )
    pitfalls = fields.List(fields.Nested(PitfallInput), load_default=list)
    findings = fields.List(fields.Nested(FindingInput), load_default=list)
    sources = fields.List(fields.Nested(SourceInput), load_default=list)


class CaseItem(ListItem):
    """A case in a list."""

    slug = fields.String(data_key="id", metadata={"example": "place2bu-utrecht"})
    type = fields.Constant("case")
    title = fields.String()
    summary = fields.String()
    kind = TermField("kinds")
    place = fields.Nested(Place)
    start_year = fields.Integer(allow_none=True)
    end_year = fields.Integer(allow_none=True)
    status = TermField("statuses")
    scale = TermField("scales")
    strategies = fields.List(TermField("strategies"))
    target_groups = fields.List(TermField("target-groups"))
    ingredients = fields.List(TermField("ingredients"), attribute="ingredient_ids")
    outcome = OutcomeField()
    findings_by_lane = FindingsByLane()
    image = CoverImage()
    updated_at = UtcDateTime()
    links = Links("cases")


class Case(CaseDocument):
    """A published case with everything it owns."""

    type = fields.Constant("case", dump_only=True)
    outcome = OutcomeField()
    findings_by_lane = FindingsByLane()
    practice_notes = PracticeNotes()
    version = fields.Integer(dump_only=True)
    published_at = UtcDateTime(dump_only=True)
    updated_at = UtcDateTime(dump_only=True)
    links = Links("cases")


def as_document(case: Any, schema: type[Schema] = CaseDocument) -> dict[str, Any]:
    """The canonical document of what was loaded or of published rows: bare ids, keys in order."""
    with bare_ids():
        document: dict[str, Any] = cached_schema(schema).dump(case)
    return document


def publication_errors(case: Mapping[str, Any]) -> Iterator[tuple[str, Mistake]]:
    """What must still be mended before a loaded case can be published, each with its pointer."""
    yield from checks.check_required(case, REQUIRED_KEYS, REQUIRED_LISTS)
    yield from checks.check_year_order(case)
    yield from checks.check_owned_ids(case)
    yield from checks.check_sources(case)
    yield from checks.check_credited_ingredients(case)
    yield from checks.check_events(case)
    yield from impossible_values(case)
    if case["kind"] == "archetype" and case["archetype"]:
        yield "/archetype", Mistake("inconsistent", {"reason": "archetype"})


def impossible_values(case: Mapping[str, Any]) -> Iterator[tuple[str, Mistake]]:
    """What no loaded case can mean, so that a draft cannot take it in either."""
    yield from checks.check_province(case["place"])
    yield from checks.check_year_range(case)
    yield from checks.check_unverified(case, cached_schema(CaseDocument))
