"""A memo on chosen things: what can be asked for, and its text as a structure."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from .base import Schema
from .changes import Change
from .dossiers import (
    ITEM_PATTERN,
    MAX_ITEM_LENGTH,
    MOST,
    AbsentThing,
    ChoiceQuery,
    DossierItemField,
)
from .effects import Method
from .json_fields import JsonInteger, Line, UtcDateTime
from .links import Link, SelfLinks
from .list_parameters import representation_field
from .lists import LanguageQuery
from .query_fields import DelimitedList, EnumString, QueryInteger
from .validators import Distinct, Length

MAX_QUESTION_LENGTH = 300  # characters
MAX_CHANGE = 10**12 - 1  # that a parameter can name; beyond the last one is out of range too
REPRESENTATIONS = ("json", "html", "markdown", "docx")
QUESTION = {
    "description": "What is to be decided, in your own words.",
    "example": "Hoe mengen we jongeren en statushouders?",
}
CHANGE = {
    "description": "The number of the change up to which an earlier memo knew: this one then says "
    "what has changed since.",
    "example": 1,
}


class MemoQuestion(Line):
    """What is to be decided, as a form sends it: its empty field too, which is no mistake."""

    may_be_blank = True


class MemoQuery(ChoiceQuery):
    """The query string of a memo, which is its permanent address."""

    question = MemoQuestion(MAX_QUESTION_LENGTH, metadata=QUESTION)
    change = QueryInteger(0, MAX_CHANGE, metadata=CHANGE)
    representation = representation_field(*REPRESENTATIONS)


class MemoPageQuery(MemoQuery):
    """The query string of its page, which opens without any things too."""

    items = DelimitedList(
        DossierItemField(), load_default=list, data_key="item", validate=[Length(maximum=MOST)]
    )


class NewMemoQuery(LanguageQuery):
    """The query string of who sends a body."""

    representation = representation_field(*REPRESENTATIONS)


class MemoInput(Schema):
    """What a memo is to be about."""

    question = Line(MAX_QUESTION_LENGTH, metadata=QUESTION)
    items = fields.List(
        DossierItemField(metadata={"pattern": ITEM_PATTERN, "maxLength": MAX_ITEM_LENGTH}),
        required=True,
        validate=[Length(1, MOST), Distinct()],
        metadata={
            "uniqueItems": True,
            "description": "The chosen things, as a dossier names them.",
            "example": ["case:place2bu-utrecht", "ingredient:buddy-systeem"],
        },
    )
    change = JsonInteger(0, MAX_CHANGE, metadata=CHANGE)
    representation = EnumString(
        REPRESENTATIONS,
        data_key="format",
        metadata={"description": "In which form to answer; it wins from the parameter."},
    )


class RunShape(Schema):
    """Some words that look the same."""

    text = fields.String(required=True)
    href = fields.String(required=True, metadata={"description": "Empty when they lead nowhere."})
    is_strong = fields.Boolean(required=True)
    is_content = fields.Boolean(
        required=True,
        metadata={"description": "Whether they come from the knowledge base, and so are Dutch."},
    )


class TextField(fields.List[Any]):
    """A text as a row of runs."""

    def __init__(self, **options: Any) -> None:
        super().__init__(fields.Nested(RunShape), **options)


class BlockShape(Schema):
    """A paragraph, a subheading (`text`), a list (`items`) or a table (`header` and `rows`)."""

    type = fields.String(
        required=True, metadata={"enum": ["paragraph", "subheading", "list", "table"]}
    )
    text = TextField()
    items = fields.List(TextField())
    header = TextField()
    rows = fields.List(
        fields.List(TextField()), metadata={"description": "An empty cell is to be filled in."}
    )


class SectionShape(Schema):
    """A section of a memo, in the order of GRADE's evidence-to-decision framework."""

    id = fields.String(required=True)
    title = fields.Pluck(RunShape, "text", required=True)
    blocks = fields.List(
        fields.Nested(BlockShape),
        required=True,
        metadata={"description": "What stands on its two pages."},
    )
    annex = fields.List(
        fields.Nested(BlockShape),
        required=True,
        metadata={"description": "What there was no room for, and what bears it out."},
    )


class SinceShape(Schema):
    """What has changed since an earlier memo."""

    change = fields.Integer(required=True, attribute="number")
    changed_at = UtcDateTime(required=True, allow_none=True, attribute="at")
    is_unchanged = fields.Boolean(
        required=True,
        attribute="is_nothing",
        metadata={"description": "Whether nothing changed that the memo rests on."},
    )
    chosen = fields.List(
        fields.Nested(Change),
        required=True,
        metadata={"description": "Of the chosen things, the last first."},
    )
    basis = fields.List(
        fields.Nested(Change),
        required=True,
        metadata={
            "description": "Of other cases and studies with findings on the effects, the last 50."
        },
    )
    others = fields.Integer(required=True, metadata={"description": "How many other things."})


class MemoLinks(SelfLinks):
    """Where this memo can be read again."""

    html = fields.Nested(Link, required=True, metadata={"description": "Its page, for people."})
    markdown = fields.Nested(Link, required=True)
    docx = fields.Nested(Link, required=True)


class MemoText(Schema):
    """The text of a memo, and what has changed since an earlier one."""

    changed_at = UtcDateTime(
        required=True, metadata={"description": "When the newest change in it was made."}
    )
    since = fields.Nested(SinceShape, required=True, allow_none=True)
    sections = fields.List(fields.Nested(SectionShape), required=True)


class Memo(MemoText):
    """What is known of the chosen things, for who must decide."""

    question = fields.String(required=True, metadata={"description": "Empty when none was named."})
    items = fields.List(
        fields.String(), required=True, metadata={"description": "With the ids of now."}
    )
    absent = fields.List(fields.Nested(AbsentThing), required=True)
    change = fields.Integer(
        required=True, metadata={"description": "The number of the newest change in it."}
    )
    method = fields.Nested(Method, required=True)
    effects = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "The ids of the effects that it is about."},
    )
    links = fields.Nested(MemoLinks, required=True, data_key="_links")
