"""A case: the document that editors and files give, and what readers get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import fields, validates_schema

from kb.input_errors import Mistake

from . import checks
from .base import (
    Distinct,
    Document,
    Identifier,
    Instant,
    Line,
    Said,
    Schema,
    Text,
    WholeNumber,
    cached_schema,
    input_error,
    stored_texts,
)
from .links import Links
from .match import Listed
from .owned import (
    FIRST_YEAR,
    LAST_YEAR,
    FindingInCase,
    IngredientInCase,
    PartyInCase,
    PitfallInOwner,
    Place,
    SentFinding,
    SentPitfall,
    SentSource,
    SourceInCase,
)
from .terms import OneTerm, Reference, Terms, bare_ids

LONG = 20_000  # characters of a running text
ALWAYS = ("kind", "title", "summary", "context", "approach", "results", "status", "scale")
PLACE = ("country", "province", "municipality", "neighbourhood")
SOME = ("strategies", "target_groups", "ingredients", "sources")


class CaseDocument(Document):
    """The whole text of a case, also while it is a draft: what is there must be right.

    Whether what we tell was changed, only who holds the earlier text can see.
    """

    TOLD = ("version", "publishedAt", "updatedAt")
    IGNORED = ("$schema",)  # by which editing tools know what to check a file against

    slug = Identifier(80, required=True, data_key="id", metadata={"example": "place2bu-utrecht"})
    type: fields.Field[Any] = Said("case")
    kind = OneTerm("kinds", load_default=None, allow_none=True)
    archetype = Reference(load_default=None, allow_none=True)
    title = Line(200, load_default=None, allow_none=True, metadata={"example": "Place2BU"})
    summary = Text(600, load_default=None, allow_none=True)
    context = Text(LONG, load_default=None, allow_none=True)
    approach = Text(LONG, load_default=None, allow_none=True)
    results = Text(LONG, load_default=None, allow_none=True)
    collaboration = Text(LONG, load_default=None, allow_none=True)
    place = fields.Nested(Place, load_default=lambda: dict.fromkeys(PLACE))
    start_year = WholeNumber(
        FIRST_YEAR, LAST_YEAR, load_default=None, allow_none=True, metadata={"example": 2016}
    )
    end_year = WholeNumber(FIRST_YEAR, LAST_YEAR, load_default=None, allow_none=True)
    status = OneTerm("statuses", load_default=None, allow_none=True)
    scale = OneTerm("scales", load_default=None, allow_none=True)
    dwellings = WholeNumber(1, 10_000_000, load_default=None, allow_none=True)
    strategies = Terms("strategies")
    target_groups = Terms("target-groups")
    parties = fields.List(fields.Nested(PartyInCase), load_default=list)
    ingredients = fields.List(fields.Nested(IngredientInCase), load_default=list)
    pitfalls = fields.List(fields.Nested(PitfallInOwner), load_default=list)
    findings = fields.List(fields.Nested(FindingInCase), load_default=list)
    sources = fields.List(fields.Nested(SourceInCase), load_default=list)
    unverified = fields.List(
        Line(100),
        load_default=list,
        validate=Distinct(),
        metadata={"description": "Keys that nobody has checked against a source yet."},
    )


class CaseInput(CaseDocument):
    """A case as an editor sends it; `schemas.ids.keep_ids` gives the ids that are missing."""

    slug = Identifier(
        80,
        load_default=None,
        allow_none=False,
        data_key="id",
        metadata={"example": "place2bu-utrecht"},
    )
    pitfalls = fields.List(fields.Nested(SentPitfall), load_default=list)
    findings = fields.List(fields.Nested(SentFinding), load_default=list)
    sources = fields.List(fields.Nested(SentSource), load_default=list)

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def can_be_named(self, _loaded: Any, sent: Any, **_options: Any) -> None:
        """Without an id there is a title to make it from."""
        if isinstance(sent, Mapping) and "id" not in sent and sent.get("title") is None:
            raise input_error("required", at="id")


class CaseItem(Listed):
    """A case in a list."""

    slug = fields.String(data_key="id", metadata={"example": "place2bu-utrecht"})
    type = fields.Constant("case")
    title = fields.String()
    summary = fields.String()
    kind = OneTerm("kinds")
    place = fields.Nested(Place)
    start_year = fields.Integer(allow_none=True)
    end_year = fields.Integer(allow_none=True)
    status = OneTerm("statuses")
    scale = OneTerm("scales")
    strategies = fields.List(OneTerm("strategies"))
    target_groups = fields.List(OneTerm("target-groups"))
    ingredients = fields.List(OneTerm("ingredients"), attribute="ingredient_ids")
    updated_at = Instant()
    links = Links("cases")


class Case(CaseDocument):
    """A published case with everything it owns."""

    type = fields.Constant("case", dump_only=True)
    version = fields.Integer(dump_only=True)
    published_at = Instant(dump_only=True)
    updated_at = Instant(dump_only=True)
    links = Links("cases")


def as_document(case: Any, schema: type[Schema] = CaseDocument) -> dict[str, Any]:
    """The canonical document of what was loaded or of published rows: bare ids, keys in order."""
    with bare_ids():
        document: dict[str, Any] = cached_schema(schema).dump(case)
    return document


def open_problems(case: Mapping[str, Any]) -> Iterator[tuple[str, Mistake]]:
    """What must still be mended before a loaded case can be published, each with its pointer."""
    yield from checks.complete(case, ALWAYS, SOME)
    yield from checks.years_in_order(case)
    yield from checks.owned_ids(case)
    yield from checks.sources_known(case)
    yield from impossible_values(case)
    if case["kind"] == "archetype" and case["archetype"]:
        yield "/archetype", Mistake("inconsistent", {"reason": "archetype"})


def impossible_values(case: Mapping[str, Any]) -> Iterator[tuple[str, Mistake]]:
    """What no loaded case can mean, so that a draft cannot take it in either."""
    yield from checks.province_known(case["place"])
    yield from checks.years_possible(case)
    yield from checks.unverified_known(case, cached_schema(CaseDocument))


def new_impossible_values(
    case: Mapping[str, Any], before: Mapping[str, Any] | None
) -> Iterator[tuple[str, Mistake]]:
    """The same, but for values that its document `before` had already.

    An earlier release let these in; whoever edits another part of the text can still save it.
    """
    found = list(impossible_values(case))
    old = set()
    if found and before:
        with stored_texts():
            old = {_value_of(each) for _, each in impossible_values(CaseDocument().load(before))}
    yield from (each for each in found if _value_of(each[1]) not in old)


def _value_of(mistake: Mistake) -> tuple[str, Any]:
    return mistake.code, mistake.values["value"]
