"""What a case or a study owns: pitfalls, findings, ingredients, parties and sources."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import fields

from .base import Document
from .chronology import chronological
from .json_fields import Country, Identifier, JsonInteger, Line, OwnedIdentifier, Text
from .place_figures import FIGURE_KEYS, Figure, FiguresYear, Urbanity
from .provinces import Province
from .terms import LaneField, Reference, SavedWhenSet, TermField, TermId, TermLabel, TermList
from .urls import Url
from .validators import Distinct, Length

FIRST_YEAR, LAST_YEAR = 1800, 2100
MAX_EVENTS = 30  # of a case
MAX_SEARCH_TERMS = 40  # of one thing


class Place(Document):
    """Where a case is; what is unknown, or everywhere, is null.

    Its figures follow from the municipality: those of Statistics Netherlands (CBS, CC BY 4.0).
    """

    READ_ONLY = FIGURE_KEYS

    country = Country(load_default=None, allow_none=True, metadata={"example": "NL"})
    province = Province(200, load_default=None, allow_none=True, metadata={"example": "Utrecht"})
    municipality = Line(200, load_default=None, allow_none=True, metadata={"example": "Utrecht"})
    neighbourhood = Line(200, load_default=None, allow_none=True)
    urbanity = Urbanity()
    population = Figure("population", "Inhabitants of the municipality.", 374_238)
    social_rent = Figure(
        "social_rent", "Percent of its dwellings that housing associations own and let.", 31
    )
    figures_year = FiguresYear()


class PartyInCase(Document):
    """An organisation that took part, in one role."""

    name = Line(200, required=True, metadata={"example": "Portaal"})
    role = TermField("party-roles", required=True)


class IngredientInCase(Document):
    """An active ingredient, and how it worked here."""

    READ_ONLY = ("label",)

    ingredient = TermId("ingredients", required=True, data_key="id")
    label = TermLabel("ingredients", attribute="ingredient")
    how = Text(2000, load_default=None, allow_none=True)


class SearchTerms(SavedWhenSet, fields.List[str]):
    """Words by which people look for a thing, as its editors know; search has them, no page."""

    def __init__(self) -> None:
        example = {"example": ["wooncarrousel"]}
        rules = [Length(maximum=MAX_SEARCH_TERMS), Distinct()]
        super().__init__(Line(80), load_default=list, validate=rules, metadata=example)


class PitfallInOwner(Document):
    """What went wrong in the process, and how to avoid it; the avoidance is advice."""

    slug = OwnedIdentifier(required=True, data_key="id")
    title = Line(200, required=True)
    category = TermField("pitfall-categories", load_default=None, allow_none=True)
    phase = TermField("phases", load_default=None, allow_none=True)
    description = Text(5000, load_default=None, allow_none=True)
    avoidance = Text(5000, load_default=None, allow_none=True)
    search_terms = SearchTerms()


class PitfallInput(PitfallInOwner):
    """The same, as an editor sends it: without an id it keeps its old one, or gets one."""

    slug = OwnedIdentifier(load_default=None, allow_none=False, data_key="id")


class Programme(SavedWhenSet, Identifier):
    """The id of a programme that is told of in several documents, so that it counts once."""

    def __init__(self) -> None:
        example = {"example": "moving-to-opportunity"}
        super().__init__(80, load_default=None, allow_none=True, metadata=example)


class CreditedIngredients(SavedWhenSet, TermList):
    """The ingredients to which the source itself ascribes an effect."""


class FindingInStudy(Document):
    """A claim about one effect, with the strength of its evidence; its source is the study."""

    READ_ONLY: ClassVar[tuple[str, ...]] = ("lane",)

    slug = OwnedIdentifier(required=True, data_key="id")
    claim = Line(2000, required=True)
    domain = TermField("effect-domains", load_default=None, allow_none=True)
    level = TermField("effect-levels", load_default=None, allow_none=True)
    direction = TermField("effect-directions", load_default=None, allow_none=True)
    evidence = TermField("evidence-levels", load_default=None, allow_none=True)
    lane = LaneField()
    conditions = Text(2000, load_default=None, allow_none=True)
    ingredients = CreditedIngredients("ingredients")
    programme = Programme()


class FindingOfStudyInput(FindingInStudy):
    """The same, as an editor sends it: without an id it keeps its old one, or gets one."""

    READ_ONLY = ("lane", "source")

    slug = OwnedIdentifier(load_default=None, allow_none=False, data_key="id")


class FindingInCase(FindingInStudy):
    """A claim about one effect, with its evidence and the source that bears it out."""

    source = Reference(
        load_default=None, allow_none=True, metadata={"example": {"id": "bron-1", "title": "…"}}
    )


class FindingInput(FindingInCase):
    """The same, as an editor sends it: without an id it keeps its old one, or gets one."""

    slug = OwnedIdentifier(load_default=None, allow_none=False, data_key="id")


class PublishedWork(Document):
    """What a reader needs to find a publication."""

    title = Line(500, required=True)
    authors = fields.List(Line(200), load_default=list)
    year = JsonInteger(FIRST_YEAR, LAST_YEAR, load_default=None, allow_none=True)
    publisher = Line(200, load_default=None, allow_none=True)
    url = Url(load_default=None, allow_none=True)
    source_type = TermField("source-types", load_default=None, allow_none=True)


class SourceInCase(PublishedWork):
    """A publication that a case refers to."""

    class Meta(Document.Meta):
        fields = ("slug", "title", "authors", "year", "publisher", "url", "source_type")

    slug = Identifier(80, required=True, data_key="id", metadata={"example": "bron-1"})


class SourceInput(SourceInCase):
    """The same, as an editor sends it: without an id it keeps its old one, or gets one."""

    slug = Identifier(
        80, load_default=None, allow_none=False, data_key="id", metadata={"example": "bron-1"}
    )


class EventInCase(Document):
    """A turn in the course of a case, and when it was."""

    year = JsonInteger(FIRST_YEAR, LAST_YEAR, required=True, metadata={"example": 2014})
    month = JsonInteger(1, 12, load_default=None, allow_none=True, metadata={"example": 3})
    what = Line(300, required=True, metadata={"example": "De gemeente besluit te slopen."})


class Timeline(SavedWhenSet, fields.List[dict[str, Any]]):
    """The events of a case; documents have them in order, whichever they came in."""

    def __init__(self) -> None:
        events = fields.Nested(EventInCase)
        super().__init__(events, load_default=list, validate=Length(maximum=MAX_EVENTS))

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> Any:
        events = value or []
        in_order = [events[index] for index in chronological(events)]
        return super()._serialize(in_order, attr, obj, **options)
