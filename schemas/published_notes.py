"""What practice told or asked about a thing, as readers get it with that thing."""

from __future__ import annotations

from marshmallow import fields

from .base import Schema
from .json_fields import UtcDateTime

NOTE_KINDS = ("experience", "question")


class PracticeNote(Schema):
    """An experience or a question from practice, which a publisher approved; it is no evidence."""

    slug = fields.String(required=True, data_key="id")
    kind = fields.String(required=True, metadata={"example": NOTE_KINDS[0]})
    text = fields.String(required=True)
    answer = fields.String(
        required=True, allow_none=True, metadata={"description": "Of the editors."}
    )
    received_at = UtcDateTime(required=True)
    published_at = UtcDateTime(required=True)


class PracticeNotes(fields.List[PracticeNote]):
    """The notes about a thing, the newest first."""

    def __init__(self) -> None:
        super().__init__(
            fields.Nested(PracticeNote),
            dump_only=True,
            metadata={
                "description": "What people from practice told or asked, as publishers approved "
                "it: experience, not evidence. No count or verdict reads it."
            },
        )
