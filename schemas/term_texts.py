"""A term as editors write it: its text, what is proposed, how often it is used, its versions."""

from __future__ import annotations

from marshmallow import fields

from .base import Document, Schema
from .json_fields import Identifier, JsonInteger, Text, UtcDateTime
from .vocabularies import Labels, Synonyms

LAST_POSITION = 9999


class TermText(Document):
    """The whole text of a term: as it is saved, and as an editor sends it."""

    READ_ONLY = ("id", "scheme", "version", "uses", "deprecated", "replacedBy")

    labels = fields.Nested(Labels, required=True)
    definition = Text(2000, required=True)
    synonyms = fields.Nested(Synonyms, load_default=lambda: {"nl": [], "en": []})
    broader = Identifier(80, load_default=None, allow_none=True)
    position = JsonInteger(
        0,
        LAST_POSITION,
        load_default=None,
        allow_none=True,
        metadata={"description": "Its place in the scheme, from 0; as it is when left out."},
    )


class Deprecation(Schema):
    """That new texts are refused a term, and what they are to have instead."""

    replaced_by = Identifier(
        80,
        load_default=None,
        allow_none=True,
        metadata={
            "description": "The id of a term of the same scheme.",
            "example": "buddy-systeem",
        },
    )


class TermMerge(Schema):
    """Into which term another is merged."""

    into = Identifier(80, required=True, metadata={"example": "buddy-systeem"})
    note = Text(2000, load_default=None, allow_none=True)


class TermUses(Schema):
    """How many public things have a term."""

    case = fields.Integer(required=True)
    study = fields.Integer(required=True)
    question = fields.Integer(required=True)


class TermEvent(Schema):
    """Who did what to the text of a term."""

    what = fields.String(required=True, metadata={"example": "saved"})
    who = fields.String(required=True)
    note = fields.String(required=True, allow_none=True)
    at = UtcDateTime(required=True)


class TermDraftState(Schema):
    """How far a proposal for a term is."""

    state = fields.String(required=True, metadata={"example": "submitted"})
    author = fields.String(required=True)
    saved_at = UtcDateTime(required=True)
    changed = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "The keys that differ from the public text; all of a new term."},
    )
    public = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "The text that is public meanwhile; null of a new term."},
    )
    history = fields.List(fields.Nested(TermEvent), required=True)


class TermState(Schema):
    """A term as editors see it: what is proposed when something is, else what is public."""

    id = fields.String(required=True, metadata={"example": "buddy-systeem"})
    scheme = fields.String(required=True, metadata={"example": "ingredients"})
    labels = fields.Nested(Labels, required=True)
    definition = fields.String(required=True)
    synonyms = fields.Nested(Synonyms, required=True)
    broader = fields.String(required=True, allow_none=True)
    position = fields.Integer(required=True, allow_none=True)
    deprecated = fields.Boolean(required=True)
    replaced_by = fields.String(required=True, allow_none=True)
    version = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Of the public text; null when no editor has published one."},
    )
    uses = fields.Nested(TermUses, required=True)
    draft = fields.Nested(TermDraftState, required=True, allow_none=True, data_key="_draft")


class ListedTerm(Schema):
    """A term in the list that editors see."""

    id = fields.String(required=True, metadata={"example": "buddy-systeem"})
    labels = fields.Nested(Labels, required=True)
    deprecated = fields.Boolean(required=True)
    replaced_by = fields.String(required=True, allow_none=True)
    uses = fields.Nested(TermUses, required=True)
    state = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Of what is proposed, if anything."},
    )
    author = fields.String(required=True, allow_none=True)


class TermList(Schema):
    """The terms of a vocabulary, in their order; those that are only proposed come last."""

    items = fields.List(fields.Nested(ListedTerm), required=True)


class TermProposal(Schema):
    """What is proposed for a term, and how far it is."""

    scheme = fields.String(required=True, metadata={"example": "ingredients"})
    id = fields.String(required=True, metadata={"example": "buddy-systeem"})
    labels = fields.Nested(Labels, required=True)
    state = fields.String(required=True, metadata={"example": "submitted"})
    author = fields.String(required=True)
    saved_at = UtcDateTime(required=True)
    note = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What was said when it came into this state."},
    )


class TermProposalList(Schema):
    """The open proposals for terms of every vocabulary, the one saved longest ago first."""

    items = fields.List(fields.Nested(TermProposal), required=True)


class TermVersion(Schema):
    """A text of a term that was public, or is."""

    version = fields.Integer(required=True)
    state = fields.String(required=True, metadata={"example": "published"})
    author = fields.String(required=True)
    published_at = UtcDateTime(required=True)
    note = fields.String(required=True, allow_none=True)
    text = fields.Dict(required=True, metadata={"description": "As PUT takes it."})
    history = fields.List(fields.Nested(TermEvent), required=True)


class TermVersions(Schema):
    """The texts of a term that were public, the newest first."""

    items = fields.List(fields.Nested(TermVersion), required=True)
