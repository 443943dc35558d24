"""A row on its way: parsed, merged with the text that exists, and loaded by the schema."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from kb.cases import aliases
from kb.editors.imports.existing import Existing
from kb.editors.imports.merging import is_list_item, merge, with_new_owner
from kb.editors.imports.report import Errors, RowResult
from kb.editors.imports.rows import UnreadableRow, cell_of
from kb.input_errors import MAX_ERRORS, Mistake
from schemas.base import cached_schema
from schemas.cases import CaseDocument, CaseInput, impossible_values
from schemas.json_fields import KEBAB
from schemas.loading import load_with_errors, only_new
from schemas.terms import refusing_deprecated

Document = Mapping[str, Any]
MAX_TITLE = 200  # characters of the title of a row that is rejected
NO_ORIGINS: Mapping[str, str] = MappingProxyType({})


class ParsedRow(NamedTuple):
    """A document that says which case it is about: by its id, or else by its title."""

    number: int
    document: Document
    id: str | None

    def rejected(
        self,
        slug: str | None,
        *errors: tuple[str, Mistake],
        origins: Mapping[str, str] = NO_ORIGINS,
    ) -> RowResult:
        """The result with all errors; `origins` as `merge` makes them."""
        cells = {
            pointer: cell
            for pointer, _ in errors[:MAX_ERRORS]
            if (cell := cell_of(self.document, pointer, origins))
        }
        title = self.document.get("title") if isinstance(self.document, Mapping) else None
        shown = title[:MAX_TITLE] if isinstance(title, str) else None
        return RowResult.rejected(self.number, slug, errors, cells, shown)


class MergedRow(NamedTuple):
    """The whole document that a row asks for."""

    row: ParsedRow
    slug: str
    case: dict[str, Any]  # loaded; ids of new items are missing
    origins: Mapping[str, str]  # pointers of items in `case` → those in the row
    merged: Document  # the keys of the row, with their values after merging

    def rejected(self, *errors: tuple[str, Mistake]) -> RowResult:
        """The result with all errors."""
        return self.row.rejected(self.slug, *errors, origins=self.origins)


def parse(number: int, document: Any, *, publish: bool) -> ParsedRow | RowResult:
    """A row that says which case it is about; or the result, when it does not."""
    if isinstance(document, UnreadableRow):
        title = document.title and document.title[:MAX_TITLE]
        return RowResult.rejected(number, None, document.errors, document.cells, title)
    sent_id = document.get("id") if isinstance(document, Mapping) else None
    row = ParsedRow(number, document, sent_id if isinstance(sent_id, str) else None)
    if isinstance(document, Mapping) and is_list_item(document):
        return row.rejected(row.id, ("", Mistake("inconsistent", {"reason": "list-item"})))
    if row.id is None or len(row.id) > 80 or not KEBAB.fullmatch(row.id):
        result = load(document, publish=publish)
        if isinstance(result, tuple) and (
            sent_id is not None or any(pointer in {"", "/id", "/title"} for pointer, _ in result)
        ):
            return row.rejected(row.id, *result)
    return row


def load(
    document: Any, before: Document | None = None, *, publish: bool
) -> dict[str, Any] | Errors:
    """The loaded case, or all that is wrong with it; `before` is its saved document.

    To be published, it may still be incomplete: that is checked beside other cases.
    """
    check = only_new(impossible_values, cached_schema(CaseDocument), before)
    with refusing_deprecated(before):
        result = load_with_errors(cached_schema(CaseInput), document, check)
    is_right = result.is_whole and (publish or not result.errors)
    return result.document if is_right else tuple(result.errors)


def merge_with(
    session: Session, row: ParsedRow, slug: str, existing: Existing, *, publish: bool
) -> MergedRow | RowResult:
    """The whole document that a row asks for, loaded; or the result, when that is wrong."""
    part = with_new_owner(row.document, row.id or slug, slug)
    document, origins = merge(part, existing.base)
    case = load({**document, "id": slug}, existing.base, publish=publish)
    if isinstance(case, tuple):
        return row.rejected(slug, *case, origins=origins)
    case = aliases.with_current_archetype(session, case)
    merged = {key: document[key] for key in row.document if key in document}
    return MergedRow(row, slug, case, origins, merged)
