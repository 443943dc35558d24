"""The versions of a thing: its published texts, and how they differ."""

from __future__ import annotations

from marshmallow import fields

from .base import Schema
from .cases import Case
from .json_fields import UtcDateTime
from .links import Links, SelfLinks, ThingLinks
from .lists import LanguageQuery
from .query_fields import QueryInteger
from .questions import QuestionText
from .studies import StudyText

JSON_PATCH = "application/json-patch+json"


class VersionItem(Schema):
    """One publication of a thing."""

    version = fields.Integer(required=True)
    published_at = UtcDateTime(required=True)
    note = fields.String(
        required=True, allow_none=True, metadata={"description": "What its publisher said of it."}
    )
    erased_at = UtcDateTime(
        required=True,
        allow_none=True,
        metadata={"description": "Since when its text is gone for good."},
    )
    reason = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why its text was erased."},
    )
    links = fields.Nested(SelfLinks, required=True, data_key="_links")


class VersionList(Schema):
    """Every version, the newest first."""

    items = fields.List(fields.Nested(VersionItem), required=True)
    links = fields.Nested(ThingLinks, required=True, data_key="_links")


class CaseVersion(Case):
    """A case as it was published: `updatedAt` is when."""

    class Meta(Case.Meta):
        """The text of its editors alone."""

        exclude = ("practice_notes",)

    links = Links("cases", "/versions/{version}")


class StudyVersion(StudyText):
    """A study as it was published: `updatedAt` is when."""

    links = Links("studies", "/versions/{version}")


class QuestionVersion(QuestionText):
    """A question as it was published: `updatedAt` is when."""

    links = Links("questions", "/versions/{version}")


class ChangesQuery(LanguageQuery):
    """With which version to compare."""

    from_ = QueryInteger(
        1,
        2**31 - 1,
        required=True,
        data_key="from",
        metadata={"description": "The version to begin from.", "example": 1},
    )


class Operation(Schema):
    """One operation of a JSON Patch (RFC 6902)."""

    op = fields.String(required=True, metadata={"example": "replace"})
    path = fields.String(required=True, metadata={"example": "/title"})
    from_ = fields.String(data_key="from", attribute="from")
    value = fields.Raw(allow_none=True)
