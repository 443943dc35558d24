"""A draft as its editors see it, and the list of drafts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validates_schema

from kb.kinds import EDITABLE_KINDS

from .advice import Advice
from .base import Schema
from .cases import Case
from .errors import input_error
from .filters import name_filter, term_filter
from .history import HistoryStep, Step
from .json_fields import JsonInteger, UtcDateTime
from .links import Links, PageLinks, ThingLinks
from .list_pages import PageNumber
from .lists import LanguageQuery, PaginationQuery
from .problems import ErrorItem
from .publications import WithdrawnCase
from .query_fields import EnumString, QueryIdentifier, SearchText
from .questions import QuestionText
from .studies import SHOWN_FIELDS, StudyText
from .validators import OneOf

LISTABLE_STATES = ("draft", "submitted", "returned", "discarded")
DRAFT_ORDERS = ("-savedAt", "savedAt", "-stateSince", "stateSince")
CHANGES = ("new", "change", "reinstatement")
ACTIONS = ("edit", "submit", "retract", "return", "publish", "discard", "restore")
MAX_SAVED_TEXT_NUMBER = 2**31 - 1  # the last number that a saved text can have


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
    writers = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "Who wrote in this text, and in those that it was restored from; with "
            "`fourEyes` somebody else must publish it."
        },
    )
    four_eyes = fields.Boolean(
        required=True, metadata={"description": "Whether nobody publishes what they wrote."}
    )
    open_comments = fields.Integer(
        required=True, metadata={"description": "How many comments on it are not resolved."}
    )
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

    class Meta(Case.Meta):
        """All of a case but what readers wrote."""

        exclude: tuple[str, ...] = ("practice_notes",)

    version = fields.Integer(dump_only=True, allow_none=True)
    published_at = UtcDateTime(dump_only=True, allow_none=True)
    updated_at = UtcDateTime(dump_only=True, allow_none=True)
    draft = fields.Nested(DraftState, dump_only=True, data_key="_draft")
    links = Links("cases", "/draft")


class SavedText(DraftCase):
    """A case as it was saved at some moment; `_revision` tells by whom."""

    class Meta(DraftCase.Meta):
        """All of a draft but who works at it."""

        exclude = ("practice_notes", "draft")

    revision = fields.Nested(HistoryStep, dump_only=True, data_key="_revision")
    links = Links("cases", "/revisions/{number}")


class DraftStudy(StudyText):
    """A study as its draft has it; `version` and the moments are of what was published."""

    class Meta(StudyText.Meta):
        """All of a text, and how far it is."""

        fields: tuple[str, ...] = (*SHOWN_FIELDS, "draft")

    version = fields.Integer(dump_only=True, allow_none=True)
    published_at = UtcDateTime(dump_only=True, allow_none=True)
    updated_at = UtcDateTime(dump_only=True, allow_none=True)
    draft = fields.Nested(DraftState, dump_only=True, data_key="_draft")
    links = Links("studies", "/draft")


class SavedStudy(DraftStudy):
    """A study as it was saved at some moment; `_revision` tells by whom."""

    class Meta(StudyText.Meta):
        """All of a text, and who saved it."""

        fields: tuple[str, ...] = (*SHOWN_FIELDS, "revision")

    revision = fields.Nested(HistoryStep, dump_only=True, data_key="_revision")
    links = Links("studies", "/revisions/{number}")


class DraftQuestion(QuestionText):
    """A question as its draft has it; `version` and the moments are of what was published."""

    version = fields.Integer(dump_only=True, allow_none=True)
    published_at = UtcDateTime(dump_only=True, allow_none=True)
    updated_at = UtcDateTime(dump_only=True, allow_none=True)
    draft = fields.Nested(DraftState, dump_only=True, data_key="_draft")
    links = Links("questions", "/draft")


class SavedQuestion(DraftQuestion):
    """A question as it was saved at some moment; `_revision` tells by whom."""

    class Meta(DraftQuestion.Meta):
        """All of a draft but who works at it."""

        exclude = ("draft",)

    revision = fields.Nested(HistoryStep, dump_only=True, data_key="_revision")
    links = Links("questions", "/revisions/{number}")


class DraftItem(Schema):
    """A draft in the list of drafts."""

    type = fields.String(required=True, metadata={"example": "case"})
    slug = fields.String(required=True, data_key="id")
    title = fields.String(required=True, allow_none=True)
    kind = fields.String(
        required=True, allow_none=True, metadata={"description": "A term of `kinds`, its id."}
    )
    change = fields.String(
        required=True,
        validate=OneOf(CHANGES),
        metadata={
            "description": "What publishing it is: `new` of what was never public, `change` "
            "of the public text, or `reinstatement` of what was withdrawn."
        },
    )
    state = fields.String(required=True)
    state_since = UtcDateTime(
        required=True, metadata={"description": "When it was saved, submitted or returned last."}
    )
    note = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What was said when it came into this state, for editors only."},
    )
    started_by = fields.String(required=True, metadata={"description": "Who began the draft."})
    author = fields.String(required=True, metadata={"description": "Who saved it last."})
    saved_at = UtcDateTime(required=True)
    based_on = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The version that the draft was begun from."},
    )
    problem_count = fields.Integer(required=True)
    open_comments = fields.Integer(
        required=True, metadata={"description": "How many comments on it are not resolved."}
    )
    actions = fields.List(
        fields.String(validate=OneOf(ACTIONS)),
        required=True,
        metadata={
            "description": "What you may do with it now: by your role, its state and, where drafts "
            "are approved by another, by who wrote in it."
        },
    )
    batch = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The number of the batch that it is part of, if any."},
    )
    revision = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The number of its newest text, to bring it back with."},
    )
    discarded_at = UtcDateTime(required=True, allow_none=True)
    discarded_by = fields.String(required=True, allow_none=True)
    links = fields.Nested(ThingLinks, required=True, data_key="_links")


class DraftPage(Schema):
    """A page of drafts."""

    items = fields.List(fields.Nested(DraftItem), required=True)
    page = fields.Nested(PageNumber, required=True)
    links = fields.Nested(PageLinks, required=True, data_key="_links")


class DraftListQuery(PaginationQuery):
    """The query string of the list of drafts."""

    type = fields.List(
        EnumString(tuple(kind.name for kind in EDITABLE_KINDS)),
        metadata={
            "description": "What kind of thing. Repeat it for one of several.",
            "example": ["case"],
        },
    )
    state = fields.List(
        EnumString(LISTABLE_STATES),
        metadata={
            "description": "How far the draft is. Repeat it for one of several. A discarded one is "
            "listed for 90 days, and only when this asks for it.",
            "example": ["submitted"],
        },
    )
    author = name_filter("Sanne de Wit", "Who saved the draft last.")
    writer = name_filter("Sanne de Wit", "Who saved a text of the draft at any time.")
    kind = term_filter("kind", "praktijk")
    slug = QueryIdentifier(
        80, data_key="id", metadata={"description": "The draft of this case alone."}
    )
    q = SearchText(
        metadata={
            "description": "Words that the title or the id has, all of them, or parts of words.",
            "example": "place2bu",
        }
    )
    sort = EnumString(
        DRAFT_ORDERS,
        load_default=DRAFT_ORDERS[0],
        metadata={"description": "`stateSince` begins with what waits longest."},
    )


class PatchQuery(LanguageQuery):
    """How to save a change."""

    autosave = EnumString(
        ("true", "false"),
        load_default="false",
        metadata={
            "description": "Saved while somebody types: in the history it joins your own last "
            "step of this draft, when that was in the last ten minutes."
        },
    )


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
