"""Whether a case fits another place: the query string, and the answer."""

from __future__ import annotations

from marshmallow import fields

from .base import Schema
from .filters import INHABITANTS, PERCENT, term_filter
from .json_fields import KEBAB, Line
from .links import ThingLinks
from .lists import LanguageQuery
from .query_fields import EnumString, QueryIdentifier, QueryInteger
from .terms import TermField, TermShape

ANSWERS = ("equal", "different", "unknown")


def own_term(scheme: str, about: str) -> TermField:
    """A term of a scheme that somebody says of their own place."""
    return TermField(scheme, metadata={"description": f"{about} A term of `{scheme}`."})


def own_answer(about: str) -> EnumString:
    """What somebody says of their own place, where no figure can."""
    return EnumString(ANSWERS, metadata={"description": about})


class OwnPlaceQuery(LanguageQuery):
    """What somebody says of their own place."""

    municipality = Line(
        200,
        metadata={
            "description": "Your Dutch municipality: it gives the three figures, as far as you do "
            "not give them yourself.",
            "example": "Roosendaal",
        },
    )
    urbanity = own_term("urbanity-levels", "How urban your municipality is.")
    population = QueryInteger(
        *INHABITANTS,
        metadata={"description": "Inhabitants of your municipality.", "example": 77_559},
    )
    social_rent = QueryInteger(
        *PERCENT,
        metadata={"description": "Percent of its dwellings that associations own.", "example": 27},
    )
    target_group = term_filter("targetGroup", "jongeren")
    strategy = term_filter("strategy", "gemengd-wonencomplex")
    scale = own_term("scales", "The scale at which you work.")
    party_role = term_filter("partyRole", "woningcorporatie")
    phase = own_term("phases", "The phase that you are in: it gives the pitfalls of that phase.")
    need = own_answer("Whether your problem is that of the case.")
    motivation = own_answer("Whether people are willing and able to do what the case needs.")
    ingredients = own_answer("Whether you can take over the active ingredients.")
    funding = own_answer("Whether money, time and management are arranged alike.")
    evidence = own_answer("Whether what you want to achieve was found in the case.")


class TransferQuery(OwnPlaceQuery):
    """A case, and what somebody says of their own place."""

    slug = QueryIdentifier(
        80,
        required=True,
        data_key="case",
        metadata={
            "description": "The id of a published case.",
            "pattern": f"^{KEBAB.pattern}$",
            "example": "place2bu-utrecht",
        },
    )


class TransferValue(Schema):
    """One thing on a side: a term, an ingredient or finding, a number, or a text of the case."""

    id = fields.String(allow_none=True, required=True)
    label = fields.String(required=True)
    number = fields.Integer(allow_none=True, required=True)


class OtherCase(Schema):
    """Another case, under your condition."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    links = fields.Nested(ThingLinks, data_key="_links", required=True)


class OtherCases(Schema):
    """The cases that did the same under your condition; the list of all in `_links`."""

    total = fields.Integer(
        required=True, metadata={"description": "As the list in `_links` counts them."}
    )
    counts_this_case = fields.Boolean(
        required=True, metadata={"description": "Whether the case itself is one of the total."}
    )
    items = fields.List(
        fields.Nested(OtherCase),
        required=True,
        metadata={"description": "Three others at most, the strongest evidence first."},
    )
    links = fields.Nested(ThingLinks, data_key="_links", required=True)


class Overlap(Schema):
    """The terms of both sides, by who has them."""

    shared = fields.List(fields.Nested(TermShape), required=True)
    only_case = fields.List(fields.Nested(TermShape), required=True)
    only_own = fields.List(fields.Nested(TermShape), required=True)


class TransferQuestion(Schema):
    """One of the twelve questions."""

    id = fields.String(required=True)
    group = fields.Nested(TermShape, required=True)
    question = fields.String(required=True)
    case = fields.List(fields.Nested(TransferValue), required=True)
    own = fields.List(fields.Nested(TransferValue), required=True)
    answer = fields.String(required=True, metadata={"enum": list(ANSWERS)})
    overlap = fields.Nested(
        Overlap,
        allow_none=True,
        required=True,
        metadata={
            "description": "What you share with the case, and what only one of you has; null but "
            "for terms that both sides name."
        },
    )
    follows = fields.String(required=True)
    other_cases = fields.Nested(
        OtherCases,
        allow_none=True,
        required=True,
        metadata={"description": "Null where no list can tell, or your side is unknown."},
    )


class TransferContext(Schema):
    """Your own place, as it was compared."""

    municipality = fields.String(allow_none=True, required=True)
    suggestions = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Municipalities that may be meant by a name that none has."},
    )
    urbanity = fields.Nested(TermShape, allow_none=True, required=True)
    population = fields.Integer(allow_none=True, required=True)
    social_rent = fields.Integer(allow_none=True, required=True)
    figures_year = fields.Integer(
        allow_none=True,
        required=True,
        metadata={"description": "Of the figures of your municipality; null without any."},
    )
    phase = fields.Nested(TermShape, allow_none=True, required=True)


class FirstStep(Schema):
    """What to find out first."""

    question = fields.String(required=True, metadata={"description": "The id of a question."})
    detail = fields.String(required=True)


class Capacity(Schema):
    """What to have in your own house."""

    id = fields.String(required=True)
    label = fields.String(required=True)
    question = fields.String(required=True)


class TransferPitfall(Schema):
    """A pitfall of the case, in the phase that you are in."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    avoidance = fields.String(allow_none=True, required=True)


class CheckedCase(Schema):
    """The case that was checked."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    links = fields.Nested(ThingLinks, data_key="_links", required=True)


class TransferCheck(Schema):
    """Twelve questions about a case and your own place; no score."""

    version = fields.String(required=True, metadata={"description": "Of the questions."})
    case = fields.Nested(CheckedCase, required=True)
    context = fields.Nested(TransferContext, required=True)
    questions = fields.List(fields.Nested(TransferQuestion), required=True)
    pitfalls = fields.List(fields.Nested(TransferPitfall), required=True)
    find_out_first = fields.List(fields.Nested(FirstStep), required=True)
    capacities = fields.List(fields.Nested(Capacity), required=True)
    links = fields.Nested(ThingLinks, data_key="_links", required=True)
