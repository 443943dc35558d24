"""What an import and a trial of one document answer."""

from __future__ import annotations

from marshmallow import fields

from .advice import Advice
from .base import Schema
from .filters import CaseFilters
from .json_fields import UtcDateTime
from .lists import LanguageQuery
from .problems import ErrorItem
from .query_fields import EnumString, QueryIdentifier, SearchText
from .validators import Length, OneOf

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
    file = QueryIdentifier(
        32,
        metadata={
            "description": "The id of an uploaded file (POST /v1/import-files) that is read in "
            "place of a body. Its dry run is kept as long as the file is, and has an `id`."
        },
    )
    from_dry_run = QueryIdentifier(
        32,
        metadata={
            "description": "The id of the dry run of an uploaded file: do just that, for good. A "
            "case that has changed since is rejected in its row. Leave the rest out."
        },
    )
    column = fields.List(
        fields.String(validate=Length(1, 400)),
        load_default=list,
        metadata={
            "description": "Which column one of a table is: what stands above it, a colon, and a "
            "name of the codebook, or nothing there to leave it out. Repeat it for other columns; "
            "those whose header is such a name or title need none.",
            "example": ["Projectnaam:title", "Opmerkingen:"],
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
    title = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True, metadata={"example": "created"})
    basis = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "Names the text that it was compared with, and changes with that text; "
            "null for a new case and a rejected document."
        },
    )
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
        required=True,
        allow_none=True,
        metadata={"description": "Null for a dry run that was not of an uploaded file."},
    )
    at = UtcDateTime(required=True)
    file = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What the uploaded file is called; null without one."},
    )
    file_id = fields.String(required=True, allow_none=True)
    dry_run = fields.Boolean(required=True)
    publish = fields.Boolean(required=True)
    columns = fields.List(
        fields.String(), required=True, metadata={"description": "As the request had them."}
    )
    table = fields.Nested(
        SheetTable,
        required=True,
        allow_none=True,
        metadata={"description": "How a table (CSV, .xlsx) was read; null for JSON."},
    )
    totals = fields.Nested(Totals, required=True)
    rows = fields.List(fields.Nested(ImportRow), required=True)


class ImportItem(Schema):
    """An import, without its rows."""

    id = fields.String(required=True)
    at = UtcDateTime(required=True)
    file = fields.String(required=True, allow_none=True)
    publish = fields.Boolean(required=True)
    totals = fields.Nested(Totals, required=True)


class ImportList(Schema):
    """The last imports of an editor, the newest first."""

    items = fields.List(fields.Nested(ImportItem), required=True)


class ImportFileQuery(LanguageQuery):
    """What the file is called."""

    name = fields.String(
        load_default="",
        validate=Length(maximum=200),
        metadata={"description": "To know it by again; what the file is, its content says."},
    )


class FileColumn(Schema):
    """A column of an uploaded table."""

    column = fields.String(required=True, metadata={"example": "C"})
    header = fields.String(required=True, metadata={"description": "What stands above it."})
    name = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Of the column of the codebook that it is; null: of none."},
    )
    suggestion = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Of the column that it is probably meant to be."},
    )
    examples = fields.List(fields.String(), required=True)


class ColumnChoice(Schema):
    """A column of the codebook."""

    name = fields.String(required=True, metadata={"example": "pitfall1.title"})
    title = fields.String(required=True, metadata={"example": "Valkuil 1"})


class ImportFile(Schema):
    """A file that waits to be imported, and what is in it."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    at = UtcDateTime(required=True)
    expires_at = UtcDateTime(required=True, metadata={"description": "It is forgotten then."})
    format = fields.String(
        required=True,
        validate=OneOf(("xlsx", "csv", "json", "ndjson")),
        metadata={"example": "xlsx"},
    )
    table = fields.Nested(SheetTable, required=True, allow_none=True)
    rows = fields.Integer(required=True, metadata={"description": "How many documents it has."})
    columns = fields.List(fields.Nested(FileColumn), required=True)
    choices = fields.List(
        fields.Nested(ColumnChoice),
        required=True,
        metadata={"description": "The columns that one of the table can be taken over as."},
    )


class CaseWorkbookQuery(LanguageQuery, CaseFilters):
    """Which public cases are in a workbook."""

    q = SearchText(metadata={"description": "Words, as in the list of cases."})
    empty = EnumString(
        BOOLEANS,
        load_default="false",
        metadata={"description": "No cases at all: a workbook to be filled in."},
    )


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
