"""A draft as its editors see it, and what they ask about drafts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import fields, validates_schema

from kb.input_errors import Mistake

from .advice import Advice
from .base import Schema
from .cases import Case
from .errors import input_error
from .filters import name_filter
from .json_fields import Identifier, JsonBoolean, JsonInteger, Text, UtcDateTime
from .links import Links, PageLinks, SelfLinks, ThingLinks
from .list_pages import PageNumber
from .lists import PaginationQuery
from .problems import ErrorItem
from .query_fields import EnumString
from .validators import OneOf

OPEN_STATES = ("draft", "submitted", "returned")


LISTABLE_STATES = (*OPEN_STATES, "discarded")
MAX_SAVED_TEXT_NUMBER = 2**31 - 1  # the last number that a saved text can have


class Step(Schema):
    """Who did what to a text, and when."""

    revision = fields.Integer(
        required=True,
        attribute="id",
        metadata={
            "description": "The number of the text as it was after this step, to read it at "
            "`/revisions/{revision}` or to make it current again.",
            "example": 12,
        },
    )
    what = fields.String(required=True, metadata={"example": "submitted"})
    who = fields.String(required=True, metadata={"example": "Sanne de Wit"})
    at = UtcDateTime(required=True)
    note = fields.String(required=True, allow_none=True)
    restored_from = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The number of the saved text that this step made current."},
    )


class HistoryStep(Step):
    """A step of a case, and where its text can be read."""

    version = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The version that this text belongs to, once it was published."},
    )
    links = fields.Nested(SelfLinks, required=True, data_key="_links")


class HistoryPage(Schema):
    """A page of the steps of a case, the last first."""

    items = fields.List(fields.Nested(HistoryStep), required=True)
    page = fields.Nested(PageNumber, required=True)
    links = fields.Nested(PageLinks, required=True, data_key="_links")


class HistoryQuery(PaginationQuery):
    """Which part of a history to give."""


class WithdrawnCase(Schema):
    """Why a case is not public any more."""

    reason = fields.String(required=True)
    withdrawn_at = UtcDateTime(required=True)
    replaced_by = fields.String(required=True, allow_none=True)


class DraftState(Schema):
    """How far a draft is."""

    state = fields.String(required=True, metadata={"example": "draft"})
    author = fields.String(required=True, metadata={"description": "Who saved it last."})
    saved_at = UtcDateTime(required=True)
    based_on = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The version that the draft was begun from."},
    )
    withdrawn = fields.Nested(
        WithdrawnCase,
        required=True,
        allow_none=True,
        metadata={
            "description": "Set when the case was withdrawn: publishing brings it back, and asks "
            "for `reinstate`."
        },
    )
    history = fields.List(fields.Nested(Step), required=True)
    problems = fields.List(
        fields.Nested(ErrorItem),
        required=True,
        metadata={
            "description": "What must be mended before this can be published; the first 100."
        },
    )
    problem_count = fields.Integer(
        required=True, metadata={"description": "How many problems there are in all."}
    )
    advice = fields.List(
        fields.Nested(Advice),
        required=True,
        metadata={
            "description": "In the answer to who saves a text: what was saved in another spelling "
            "than it was sent, where that can be seen. The first 100."
        },
    )


class DraftCase(Case):
    """A case as its draft has it; `version` and the moments are of what was published."""

    version = fields.Integer(dump_only=True, allow_none=True)
    published_at = UtcDateTime(dump_only=True, allow_none=True)
    updated_at = UtcDateTime(dump_only=True, allow_none=True)
    draft = fields.Nested(DraftState, dump_only=True, data_key="_draft")
    links = Links("cases", "/draft")


class SavedText(DraftCase):
    """A case as it was saved at some moment; `_revision` tells by whom."""

    class Meta(DraftCase.Meta):
        """All of a draft but who works at it."""

        exclude = ("draft",)

    revision = fields.Nested(HistoryStep, dump_only=True, data_key="_revision")
    links = Links("cases", "/revisions/{number}")


class DraftItem(Schema):
    """A draft in the list of drafts."""

    slug = fields.String(required=True, data_key="id")
    title = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
    author = fields.String(required=True)
    saved_at = UtcDateTime(required=True)
    problem_count = fields.Integer(required=True)
    revision = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The number of its newest text, to bring it back with."},
    )
    discarded_at = UtcDateTime(required=True, allow_none=True)
    discarded_by = fields.String(required=True, allow_none=True)
    links = fields.Nested(ThingLinks, required=True, data_key="_links")


class DraftPage(Schema):
    """A page of drafts, the last saved first."""

    items = fields.List(fields.Nested(DraftItem), required=True)
    page = fields.Nested(PageNumber, required=True)
    links = fields.Nested(PageLinks, required=True, data_key="_links")


class DraftListQuery(PaginationQuery):
    """The query string of the list of drafts."""

    state = fields.List(
        EnumString(LISTABLE_STATES),
        metadata={
            "description": "How far the draft is. Repeat it for one of several. A discarded one is "
            "listed for 90 days, and only when this asks for it.",
            "example": ["submitted"],
        },
    )
    author = name_filter("Sanne de Wit", "Who saved the draft last.")


class NextDraft(Schema):
    """From which text to begin a draft."""

    from_version = JsonInteger(
        1,
        2**31 - 1,
        load_default=None,
        metadata={"description": "A version; without it the newest.", "example": 1},
    )
    from_revision = JsonInteger(
        1,
        MAX_SAVED_TEXT_NUMBER,
        load_default=None,
        metadata={
            "description": "The number of any saved text of the case, also of a discarded draft. "
            "With If-Match it takes the place of the open draft's text."
        },
    )

    @validates_schema
    def from_one_text(self, loaded: Mapping[str, Any], **_options: Any) -> None:
        """A draft begins from one text."""
        if loaded["from_version"] and loaded["from_revision"]:
            raise input_error("inconsistent", at="fromRevision", reason="two-texts")


class Review(Schema):
    """What becomes of a draft."""

    decision = fields.String(
        required=True, validate=OneOf(("submit", "return")), metadata={"example": "submit"}
    )
    note = Text(
        2000,
        load_default=None,
        allow_none=True,
        metadata={"description": "For editors only; needed to return a draft."},
    )


class Publication(Schema):
    """What is said of a version when it is published."""

    note = Text(
        2000,
        load_default=None,
        allow_none=True,
        metadata={"description": "What changed, for readers of the list of versions."},
    )
    reinstate = JsonBoolean(
        load_default=False,
        metadata={"description": "Bring a withdrawn case back; without it that is a conflict."},
    )


class Published(Schema):
    """What publishing did."""

    version = fields.Integer(required=True, metadata={"example": 2})
    change = fields.Integer(required=True, metadata={"description": "The number of the change."})
    searchable = fields.Boolean(
        required=True, metadata={"description": "Whether lists and search know of it already."}
    )


class Withdrawal(Schema):
    """Why a case is taken away, and what took its place."""

    reason = Text(2000, required=True, metadata={"example": "Opgegaan in een andere casus."})
    replaced_by = Identifier(80, load_default=None, allow_none=True)


class Erasure(Schema):
    """Why a version is erased, and what becomes of an open draft."""

    reason = Text(
        2000, required=True, metadata={"description": "Readers see it.", "example": "Privacy."}
    )
    draft = fields.String(
        load_default=None,
        validate=OneOf(("erase", "keep")),
        metadata={"description": "Needed when there is an open draft, which may repeat the text."},
    )


class ErasedVersion(Schema):
    """What was erased."""

    version = fields.Integer(required=True)
    reason = fields.String(required=True)
    erased_at = UtcDateTime(required=True)
    change = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The number of the change, when the case is public."},
    )


class Withdrawn(Schema):
    """What withdrawing did."""

    change = fields.Integer(required=True)
    searchable = fields.Boolean(
        required=True, metadata={"description": "Whether lists and search know of it already."}
    )


class Me(Schema):
    """Whose token this is."""

    owner = fields.String(required=True, metadata={"example": "Sanne de Wit"})
    role = fields.String(required=True, metadata={"example": "editor"})
    expires_at = UtcDateTime(required=True)


def read_only_errors(
    document: Mapping[str, Any], slug: str | None, current: Mapping[str, Any]
) -> Iterator[tuple[str, Mistake]]:
    """Read-only keys of a document with another value than the `current` one.

    Without `slug` any `id` will do. Yields JSON Pointers and mistakes.
    """
    expected = {key: current.get(key) for key in Case.READ_ONLY} | ({"id": slug} if slug else {})
    for key, value in expected.items():
        if key in document and (type(document[key]), document[key]) != (type(value), value):
            yield f"/{key}", Mistake("read-only")
