"""Experience and questions from practice: sent in by anybody, and shown once a publisher agreed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validates_schema

from .base import Schema
from .errors import input_error, printable
from .json_fields import JsonBoolean, Line, OwnedIdentifier, Text, UtcDateTime
from .links import PageLinks, SelfLinks
from .list_pages import PageNumber
from .lists import PaginationQuery
from .published_notes import NOTE_KINDS
from .query_fields import EnumString
from .validators import OneOf

SUBJECT_TYPES = ("case", "pitfall", "ingredient")
NOMINATION = "nomination"
STATES = ("new", "approved", "rejected", "drafted")
DECISIONS = ("approve", "reject", "answer", "draft")
MAX_NOTE_LENGTH = 2000  # characters
MAX_EMAIL_LENGTH = 254  # characters
EMAIL = re.compile(r"[^\s@<>(),;:\\\"\[\]]+@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,}")


class EmailAddress(Line):
    """An address to write to; whether anybody reads it, only a message would show."""

    def __init__(self, **options: Any) -> None:
        super().__init__(MAX_EMAIL_LENGTH, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **options)
        if len(text) <= MAX_EMAIL_LENGTH and not EMAIL.fullmatch(text):
            raise input_error("bad-format", value=printable(text), expected="email")
        return text


class Consent(JsonBoolean):
    """`true`: without consent nothing is stored."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if super()._deserialize(value, attr, data, **options) is not True:
            raise input_error("inconsistent", reason="consent")
        return True


class NoteSubject(Schema):
    """What a note is about."""

    type = fields.String(
        required=True, validate=OneOf(SUBJECT_TYPES), metadata={"example": SUBJECT_TYPES[0]}
    )
    slug = OwnedIdentifier(required=True, data_key="id", metadata={"example": "place2bu-utrecht"})


class NoteInput(Schema):
    """What somebody from practice tells, asks or nominates; a publisher reads it first."""

    kind = fields.String(
        required=True,
        validate=OneOf((*NOTE_KINDS, NOMINATION)),
        metadata={
            "description": "An experience or a question, about what `about` names; or "
            "the nomination of a project that is not here yet.",
            "example": NOTE_KINDS[0],
        },
    )
    about = fields.Nested(NoteSubject, load_default=None, allow_none=True)
    text = Text(
        MAX_NOTE_LENGTH,
        required=True,
        metadata={
            "description": "Plain text; it is shown as it was written, once a publisher agrees.",
            "example": "Bij ons werkte dit ook, maar pas nadat de beheerder vast in dienst was.",
        },
    )
    organisation = Line(
        200, load_default=None, allow_none=True, metadata={"description": "Never public."}
    )
    email = EmailAddress(
        load_default=None,
        allow_none=True,
        metadata={"description": "Never public, and deleted after 90 days."},
    )
    consent = Consent(
        required=True,
        metadata={
            "description": "`true`: the text may be kept, and published with the thing that it is "
            "about.",
            "example": True,
        },
    )
    leave_empty = fields.String(
        load_default="",
        metadata={"description": "For machines that fill in whatever they see: leave it out."},
    )

    @validates_schema(skip_on_field_errors=False)
    def check_subject(self, loaded: Mapping[str, Any], **_options: Any) -> None:
        """A nomination is about nothing that is here; anything else is."""
        kind, about = loaded.get("kind"), loaded.get("about")
        if loaded.get("leave_empty"):
            raise input_error("inconsistent", at="leaveEmpty", reason="leave-empty")
        if kind in NOTE_KINDS and about is None and "about" in loaded:
            raise input_error("required", at="about")
        if kind == NOMINATION and about is not None:
            raise input_error("inconsistent", at="about", reason="nomination")


class ReceivedNote(Schema):
    """That a note was received."""

    slug = fields.String(
        required=True,
        data_key="id",
        metadata={"description": "Name it when you want your note to be taken away."},
    )
    state = fields.String(required=True, metadata={"example": STATES[0]})
    received_at = UtcDateTime(required=True)


class NoteDecision(Schema):
    """What becomes of a note."""

    decision = fields.String(
        required=True,
        validate=OneOf(DECISIONS),
        metadata={
            "description": "`approve` shows it; `answer` shows it with `text` beside it; `reject` "
            "shows it to nobody (any more); `draft` begins a draft of a case with it.",
            "example": DECISIONS[0],
        },
    )
    text = Text(
        MAX_NOTE_LENGTH,
        load_default=None,
        allow_none=True,
        metadata={
            "description": "With `answer` the answer, which is public. With the `draft` of a "
            "nomination the title of the new case. Else a remark that only publishers see."
        },
    )

    @validates_schema
    def check_answer(self, loaded: Mapping[str, Any], **_options: Any) -> None:
        """An answer has a text."""
        if loaded["decision"] == "answer" and loaded["text"] is None:
            raise input_error("required", at="text")


class NoteStep(Schema):
    """Who decided what of a note, and when."""

    decision = fields.String(required=True, metadata={"example": DECISIONS[0]})
    who = fields.String(required=True, metadata={"example": "Sanne de Wit"})
    at = UtcDateTime(required=True)
    text = fields.String(required=True, allow_none=True)


class SubmittedNote(Schema):
    """A note as publishers see it."""

    slug = fields.String(required=True, data_key="id")
    kind = fields.String(required=True, metadata={"example": NOTE_KINDS[0]})
    about = fields.Nested(NoteSubject, required=True, allow_none=True)
    text = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "null when it was rejected, and erased 90 days after that."},
    )
    organisation = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)
    state = fields.String(required=True, metadata={"example": STATES[0]})
    answer = fields.String(required=True, allow_none=True)
    draft = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The id of the case whose draft was begun with it."},
    )
    received_at = UtcDateTime(required=True)
    history = fields.List(fields.Nested(NoteStep), required=True)
    links = fields.Nested(SelfLinks, required=True, data_key="_links")


class SubmittedNotePage(Schema):
    """A page of notes, those that wait longest first."""

    items = fields.List(fields.Nested(SubmittedNote), required=True)
    page = fields.Nested(PageNumber, required=True)
    links = fields.Nested(PageLinks, required=True, data_key="_links")


class NoteListQuery(PaginationQuery):
    """The query string of the list of notes."""

    state = fields.List(
        EnumString(STATES),
        metadata={
            "description": "What has become of it; without this all are listed. Repeat it for one "
            "of several.",
            "example": [STATES[0]],
        },
    )
