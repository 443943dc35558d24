"""What an import and a trial of one document answer."""

from __future__ import annotations

from marshmallow import fields

from .advice import Advice
from .base import Schema
from .lists import LanguageQuery
from .problems import ErrorItem
from .query_fields import EnumString

BOOLEANS = ("true", "false")


class ImportQuery(LanguageQuery):
    """How to import."""

    dry_run = EnumString(
        BOOLEANS,
        load_default="false",
        metadata={"description": "Do everything, and then take it back."},
    )
    publish = EnumString(
        BOOLEANS,
        load_default="false",
        metadata={
            "description": "Publish at once; for publishers, where four eyes are not asked for. "
            "Otherwise the documents become drafts."
        },
    )


class Totals(Schema):
    """How many documents had each outcome."""

    created = fields.Integer(required=True)
    updated = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    rejected = fields.Integer(required=True)


class SheetCell(Schema):
    """A cell of a sheet."""

    row = fields.Integer(required=True, metadata={"description": "From 1, the headers included."})
    column = fields.String(required=True, metadata={"example": "C"})
    header = fields.String(required=True, metadata={"description": "What stands above it."})
    value = fields.String(required=True, metadata={"description": "Its beginning."})


class RowError(ErrorItem):
    """One thing that is wrong with a document, and in which cell of a sheet it stands."""

    cell = fields.Nested(SheetCell)


class KeyChange(Schema):
    """What a document made of a key; long texts are cut to where they differ."""

    key = fields.String(required=True, metadata={"example": "summary"})
    before = fields.Raw(required=True, allow_none=True)
    after = fields.Raw(required=True, allow_none=True)


class SheetTable(Schema):
    """How a table was read."""

    format = fields.String(required=True, metadata={"example": "csv"})
    encoding = fields.String(required=True, allow_none=True, metadata={"example": "windows-1252"})
    delimiter = fields.String(required=True, allow_none=True, metadata={"example": ";"})
    sheet = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The name of the sheet in a workbook."},
    )


class ImportRow(Schema):
    """What became of a document; pointers of `errors` are into what it asks for."""

    row = fields.Integer(
        required=True, metadata={"description": "Its place, line or row in the sheet, from 1."}
    )
    id = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True, metadata={"example": "created"})
    errors = fields.List(
        fields.Nested(RowError),
        required=True,
        metadata={"description": "The first 100 at most; of many rows with many, fewer."},
    )
    error_count = fields.Integer(
        required=True, metadata={"description": "How many mistakes there are in all."}
    )
    changes = fields.List(
        fields.Nested(KeyChange),
        required=True,
        metadata={"description": "Of a case that was there already: which keys changed."},
    )
    advice = fields.List(
        fields.Nested(Advice),
        required=True,
        metadata={
            "description": "Texts that were saved in another spelling than they were sent, where "
            "that can be seen; the first 100 of the import."
        },
    )


class Import(Schema):
    """What an import did, or would do, with each document."""

    id = fields.String(
        required=True, allow_none=True, metadata={"description": "Null for a dry run."}
    )
    dry_run = fields.Boolean(required=True)
    table = fields.Nested(
        SheetTable,
        required=True,
        allow_none=True,
        metadata={"description": "How a table (CSV, .xlsx) was read; null for JSON."},
    )
    totals = fields.Nested(Totals, required=True)
    rows = fields.List(fields.Nested(ImportRow), required=True)


class Validation(Schema):
    """What would stand in the way of publishing a document, and advice about the rest."""

    valid = fields.Boolean(required=True)
    errors = fields.List(
        fields.Nested(ErrorItem),
        required=True,
        metadata={"description": "The first 100 of what is wrong."},
    )
    error_count = fields.Integer(
        required=True, metadata={"description": "How many mistakes there are in all."}
    )
    advice = fields.List(
        fields.Nested(Advice), required=True, metadata={"description": "The first 100."}
    )
    advice_count = fields.Integer(
        required=True, metadata={"description": "How many pieces of advice there are in all."}
    )
