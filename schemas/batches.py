"""Batches: an operation over a selection, and what it made of each thing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from kb.input_errors import Mistake
from kb.kinds import EDITABLE_KINDS
from kb.suggestions import closest_match
from kb.vocabulary.terms import schemes

from .base import Schema
from .errors import input_error, printable
from .json_fields import Identifier, JsonBoolean, Line, Text, UtcDateTime
from .links import PageLinks
from .list_pages import PageNumber
from .lists import LanguageQuery, PaginationQuery
from .problems import ErrorItem
from .query_fields import EnumString
from .text import is_invalid_text
from .validators import Distinct, Length, OneOf

OPERATIONS = ("replace-text", "add-term", "replace-term", "remove-term")
MERGE = "merge-term"  # is made of a term, not of a selection
STATES = ("draft", "submitted", "returned", "published", "discarded")
ACTIONS = ("submit", "retract", "return", "publish", "discard", "extend")
SKIPPED = ("has-draft", "invalid")
MAX_THINGS = 500  # of a batch
MIN_FIND = 2  # characters: one letter stands everywhere
MAX_FIND = 1000  # characters
KINDS = tuple(kind.name for kind in EDITABLE_KINDS)
NEEDS: Mapping[str, tuple[str, ...]] = {
    "replace-text": ("find", "replace"),
    "add-term": ("scheme", "term"),
    "replace-term": ("scheme", "term", "successor"),
    "remove-term": ("scheme", "term"),
}
TAKES: Mapping[str, tuple[str, ...]] = {
    **NEEDS,
    "replace-text": ("find", "replace", "paths", "case_sensitive", "whole_words"),
    "add-term": ("scheme", "term", "how"),
}
KEYS = {
    "successor": "with",
    "paths": "fields",
    "case_sensitive": "caseSensitive",
    "whole_words": "wholeWords",
}


class LiteralText(fields.String):
    """A text that is looked for as it is, with its spaces."""

    def __init__(self, minimum: int, **options: Any) -> None:
        super().__init__(validate=[Length(minimum=minimum, maximum=MAX_FIND)], **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **options)
        if is_invalid_text(text):
            raise input_error("bad-format", value=printable(text), expected="characters")
        return text.replace("\r\n", "\n")


class BatchOperation(Schema):
    """What is done to each thing of a selection."""

    name = fields.String(
        required=True, validate=OneOf(OPERATIONS), metadata={"example": "replace-text"}
    )
    find = LiteralText(
        MIN_FIND, metadata={"description": "Literal text, no pattern.", "example": "bewoners"}
    )
    replace = LiteralText(0, metadata={"example": "huurders"})
    paths = fields.List(
        fields.String(),
        data_key="fields",
        validate=[Length(minimum=1, maximum=40), Distinct()],
        metadata={
            "description": "Keys of texts, such as `summary` or `pitfalls.description`. Without "
            "them every text but names of places and what is cited: titles, authors and "
            "publishers of publications, makers and licences of images.",
            "example": ["summary", "pitfalls.description"],
        },
    )
    case_sensitive = JsonBoolean(metadata={"description": "True when left out."})
    whole_words = JsonBoolean(metadata={"description": "False when left out."})
    scheme = fields.String(validate=OneOf(tuple(schemes())), metadata={"example": "ingredients"})
    term = fields.String(metadata={"example": "buddy-systeem"})
    successor = fields.String(data_key="with", metadata={"description": "The id of a term."})
    how = Text(
        2000,
        metadata={
            "description": "Of an active ingredient that is added: how it worked. Without it each "
            "draft has that to be filled in, since one text is seldom true of many cases."
        },
    )

    @validates_schema
    def has_what_it_needs(self, operation: dict[str, Any], **_options: Any) -> None:
        """Each operation has its own keys."""
        name = operation["name"]
        for key in NEEDS[name]:
            if key not in operation:
                raise input_error("required", at=KEYS.get(key, key))
        for key in operation:
            if key != "name" and key not in TAKES[name]:
                at = KEYS.get(key, key)
                raise input_error("unknown-key", at=at, value=at)

    @validates_schema
    def changes_something(self, operation: dict[str, Any], **_options: Any) -> None:
        """What is replaced by itself stays as it is."""
        for old, new in (("find", "replace"), ("term", "successor")):
            if old in operation and operation[old] == operation.get(new):
                raise input_error("inconsistent", at=KEYS.get(new, new), reason="same-text")

    @validates_schema
    def names_terms(self, operation: dict[str, Any], **_options: Any) -> None:
        """Terms are of the scheme; no text gets a deprecated one."""
        scheme = schemes().get(operation.get("scheme", ""))
        if scheme is None:
            return
        added = {"add-term": "term", "replace-term": "successor"}.get(operation["name"])
        errors: dict[str, Any] = {}
        for key in ("term", "successor"):
            if key in operation and operation[key] not in scheme.terms:
                value, allowed = operation[key], f"/v1/vocabularies/{scheme.id}"
                near = closest_match(value, scheme.terms)
                mistake = Mistake("not-in-vocabulary", {"value": value[:80]}, near, allowed)
                errors[KEYS.get(key, key)] = [mistake]
            elif key == added and key in operation and scheme.terms[operation[key]].is_deprecated:
                mistake = Mistake("inconsistent", {"reason": "deprecated-term"})
                errors[KEYS.get(key, key)] = [mistake]
        if errors:
            raise ValidationError(errors)


class BatchSelection(Schema):
    """Which public things: those of a list with these filters, or these ids."""

    type = fields.String(required=True, validate=OneOf(KINDS), metadata={"example": "case"})
    ids = fields.List(
        Identifier(80),
        validate=[Length(1, MAX_THINGS), Distinct()],
        metadata={"example": ["place2bu-utrecht"]},
    )
    filters = fields.Dict(
        keys=fields.String(),
        metadata={
            "description": "The parameters `q`, `missing` and the filters of the list of these "
            "things, each with a value or a list of values. `{}` takes all.",
            "example": {"scale": ["wijk"]},
        },
    )

    @validates_schema
    def has_one_of_both(self, selection: dict[str, Any], **_options: Any) -> None:
        """Ids or filters."""
        if ("ids" in selection) == ("filters" in selection):
            raise input_error("inconsistent", at="filters", reason="ids-or-filters")


class NewBatch(Schema):
    """What to do, and to what."""

    title = Line(200, load_default=None, allow_none=True)
    operation = fields.Nested(BatchOperation, required=True)
    selection = fields.Nested(BatchSelection, required=True)


class BatchQuery(LanguageQuery):
    """Whether to make the batch."""

    dry_run = EnumString(
        ("true", "false"),
        load_default="false",
        metadata={"description": "Say what would become of each thing, and write nothing."},
    )


class BatchListQuery(PaginationQuery):
    """The query string of the list of batches."""

    state = fields.List(
        EnumString(STATES),
        metadata={
            "description": "How far it is. Repeat it for one of several; without it all.",
            "example": ["submitted"],
        },
    )


class SavedOperation(Schema):
    """What was done to each thing; keys that it does not have are left out."""

    name = fields.String(required=True, validate=OneOf((*OPERATIONS, MERGE)))
    find = fields.String()
    replace = fields.String()
    paths = fields.List(fields.String(), data_key="fields")
    case_sensitive = fields.Boolean()
    whole_words = fields.Boolean()
    scheme = fields.String()
    term = fields.String()
    successor = fields.String(data_key="with")
    how = fields.String()


class BatchItem(Schema):
    """A thing of a batch: what becomes of it, and how far its draft is."""

    type = fields.String(required=True, metadata={"example": "case"})
    id = fields.String(
        required=True, metadata={"description": "Of a term its scheme, a slash and its id."}
    )
    title = fields.String(required=True, allow_none=True)
    state = fields.String(
        required=True,
        metadata={
            "description": "Of its draft; `alongside` of a thing that had an open draft of its "
            "own: a merge changes that and the public text when it is published; `gone` when the "
            "draft is no more."
        },
    )
    author = fields.String(
        required=True, allow_none=True, metadata={"description": "Who saved the draft last."}
    )
    before = fields.Dict(
        required=True,
        metadata={"description": "The keys that change, as they are public; {} when it is not."},
    )
    after = fields.Dict(required=True, metadata={"description": "The same keys, changed."})
    joined = fields.Boolean(
        required=True,
        metadata={"description": "Whether two ingredients become one, with both their texts."},
    )
    problems = fields.List(
        fields.Nested(ErrorItem),
        required=True,
        metadata={"description": "What must be mended before it can be published."},
    )


class SkippedThing(Schema):
    """A thing of the selection that was left alone, and why."""

    type = fields.String(required=True, metadata={"example": "case"})
    id = fields.String(required=True)
    title = fields.String(required=True, allow_none=True)
    reason = fields.String(
        required=True,
        validate=OneOf(SKIPPED),
        metadata={
            "description": "`has-draft`: somebody is writing in it; `invalid`: it would become "
            "what no text may be, and `detail` says how."
        },
    )
    author = fields.String(
        required=True, allow_none=True, metadata={"description": "Whose draft it has."}
    )
    detail = fields.String(
        required=True, allow_none=True, metadata={"description": "What it would be wrong with."}
    )


class BatchTotals(Schema):
    """How many things there were of each sort."""

    changed = fields.Integer(required=True)
    unchanged = fields.Integer(
        required=True, metadata={"description": "Of the selection; they are not listed."}
    )
    skipped = fields.Integer(required=True)


class BatchSummary(Schema):
    """A batch in the list of batches."""

    id = fields.Integer(required=True)
    title = fields.String(required=True, allow_none=True)
    operation = fields.Nested(SavedOperation, required=True)
    state = fields.String(required=True, validate=OneOf(STATES))
    author = fields.String(required=True)
    created_at = UtcDateTime(required=True)
    state_since = UtcDateTime(required=True)
    state_by = fields.String(required=True)
    note = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What was said when it came into this state."},
    )
    item_count = fields.Integer(required=True)


class BatchList(Schema):
    """A page of batches, the newest first."""

    items = fields.List(fields.Nested(BatchSummary), required=True)
    page = fields.Nested(PageNumber, required=True)
    links = fields.Nested(PageLinks, required=True, data_key="_links")


class Batch(Schema):
    """A batch with all its things; what a dry run has no more of than a plan is null."""

    id = fields.Integer(required=True, allow_none=True)
    dry_run = fields.Boolean(required=True)
    title = fields.String(required=True, allow_none=True)
    operation = fields.Nested(SavedOperation, required=True)
    selection = fields.Dict(required=True, allow_none=True)
    state = fields.String(required=True, allow_none=True)
    author = fields.String(required=True)
    created_at = UtcDateTime(required=True, allow_none=True)
    state_since = UtcDateTime(required=True, allow_none=True)
    state_by = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    totals = fields.Nested(BatchTotals, required=True)
    items = fields.List(fields.Nested(BatchItem), required=True)
    skipped = fields.List(fields.Nested(SkippedThing), required=True)
    actions = fields.List(
        fields.String(validate=OneOf(ACTIONS)),
        required=True,
        metadata={"description": "What you may do with it now."},
    )


class BatchPublication(Schema):
    """What is said of each version that a batch publishes."""

    note = Text(
        2000,
        load_default=None,
        allow_none=True,
        metadata={"description": "What changed, for readers of the lists of versions."},
    )


class BatchPublished(Schema):
    """What publishing a batch did."""

    change = fields.Integer(
        required=True, metadata={"description": "The number of the last change."}
    )
    published = fields.Integer(required=True, metadata={"description": "How many texts."})
    searchable = fields.Boolean(
        required=True, metadata={"description": "Whether lists and search know of it already."}
    )
