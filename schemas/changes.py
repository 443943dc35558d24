"""What changed: what can be asked, and what followers get."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from marshmallow import fields, missing

from kb.kinds import CHANGED_KINDS, KINDS
from kb.web.addresses import public_address

from .base import Schema
from .errors import input_error
from .json_fields import UtcDateTime
from .links import PageLinks, self_link
from .lists import LanguageQuery
from .query_fields import QueryInteger

CURSOR = r"([0-9]{1,18})(?:-([0-9a-f]{16}))?"


class Cursor(NamedTuple):
    """How far a follower has come: the number of a change, and its nonce if they know it."""

    number: int
    nonce: str | None = None

    def __str__(self) -> str:
        return f"{self.number}-{self.nonce}" if self.nonce else str(self.number)


class CursorString(fields.String):
    """How far a follower has come, as `nextCursor` told it; release 1.0.0 told numbers alone."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if value == "":
            raise input_error("empty")
        reached = re.fullmatch(CURSOR, str(value))
        if not reached:
            raise input_error("bad-format", value=str(value)[:80], expected="cursor")
        return Cursor(int(reached[1]), reached[2])


class ChangesQuery(LanguageQuery):
    """From where to follow, and how much at a time."""

    cursor = CursorString(
        load_default=Cursor(0),
        metadata={
            "description": "The “nextCursor” of the last answer; leave it out to begin with the "
            "first change. It never expires. When the database was restored to a moment before it, "
            "the answer is 400 with the code “other-history” (or “out-of-range”, for a number "
            "alone): then begin anew, without it.",
            "pattern": "^[0-9]{1,18}(-[0-9a-f]{16})?$",
            "example": "0",
        },
    )
    page_size = QueryInteger(
        1, 1000, load_default=100, metadata={"description": "How many changes at most."}
    )


class ChangeLinks(fields.Field[Any]):
    """Where what changed can be read; what was withdrawn answers 410 or 404 there."""

    def serialize(self, attr: str, obj: Any, accessor: Any = None, **options: Any) -> Any:
        collection = "vocabularies" if obj.kind == "vocabulary" else KINDS[obj.kind].collection
        return self_link(collection, obj.slug)


class ChangedTerm(Schema):
    """A term that came, became another or went; one that went is in its vocabulary no more."""

    id = fields.String(required=True, metadata={"example": "buddy-systeem"})
    links = fields.Raw(
        required=True,
        data_key="_links",
        metadata={
            "type": "object",
            "description": "Where it can be read; ingredients have an address of their own.",
        },
    )


class ChangedTerms(fields.List[Any]):
    """The terms of a vocabulary that changed."""

    def serialize(self, attr: str, obj: Any, accessor: Any = None, **options: Any) -> Any:
        if obj.kind != "vocabulary":
            return missing
        if obj.terms is None:  # this change was made by a release that did not note them
            return None
        return [{"id": term, "_links": _links_of(obj.slug, term)} for term in obj.terms]


def _links_of(scheme: str, term: str) -> dict[str, dict[str, str]]:
    if scheme == "ingredients":
        return self_link(scheme, term)
    return {"self": {"href": public_address(f"/v1/vocabularies/{scheme}#{term}")}}


class Change(Schema):
    """Something public became another thing, or went."""

    number = fields.Integer(required=True)
    event = fields.String(
        required=True, metadata={"enum": ["created", "updated", "withdrawn"], "example": "updated"}
    )
    type = fields.String(
        required=True,
        attribute="kind",
        metadata={"enum": list(CHANGED_KINDS), "example": "case"},
    )
    id = fields.String(required=True, attribute="slug")
    terms = ChangedTerms(
        fields.Nested(ChangedTerm),
        allow_none=True,
        metadata={
            "description": "Of a vocabulary alone: which of its terms changed. `null` when that is "
            "not known, as of changes before 1.1.0: any of them may have."
        },
    )
    changed_at = UtcDateTime(required=True)
    links = ChangeLinks(required=True, data_key="_links")


class Changes(Schema):
    """Changes, oldest first, and where to go on."""

    items = fields.List(fields.Nested(Change), required=True)
    next_cursor = fields.String(
        required=True,
        metadata={
            "description": "Ask with it again, now or later; without newer changes it stays.",
            "example": "100-5f2c81d09e3ab764",
        },
    )
    links = fields.Nested(PageLinks, required=True, data_key="_links")
