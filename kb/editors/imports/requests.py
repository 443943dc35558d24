"""What a request to import asks: which rows, read how, and whether it is for good."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import request

from kb.editors.blueprint import current_editor
from kb.editors.imports.body import first_rows, read_rows
from kb.editors.imports.file_formats import read_file
from kb.editors.imports.intake import Bases
from kb.editors.imports.queries import find_dry_run, find_file
from kb.editors.imports.rows import NumberedRow
from kb.editors.model import ImportFile
from kb.editors.tables.columns import map_columns
from kb.editors.tables.sheet import Mapped, Table
from kb.input_errors import InputError, Mistake
from kb.problems import InvalidInput
from kb.services import session


@dataclass(frozen=True)
class Order:
    """One import, or a dry run."""

    publish: bool
    dry_run: bool
    columns: tuple[str, ...]  # as the request has them: a header, a colon and a name
    mapped: Mapped
    file: ImportFile | None = None  # that is read in place of the body
    bases: Bases | None = None  # of the dry run that is done for good

    def facts(self) -> dict[str, Any]:
        """What the report tells of it."""
        return {
            "publish": self.publish,
            "columns": list(self.columns),
            "file": self.file and self.file.name,
            "file_id": self.file and self.file.id,
        }


def order_of(query: dict[str, Any]) -> Order:
    """What a request asks. Raises InvalidInput and, for a file that is gone, UnknownId."""
    is_dry_run, publish = query["dry_run"] == "true", query["publish"] == "true"
    has_body = bool(request.content_length) or "chunked" in request.headers.get(
        "Transfer-Encoding", ""
    )
    if dry_run_id := query.get("from_dry_run"):
        if is_dry_run or publish or query["column"] or query.get("file") or has_body:
            raise _inconsistent("fromDryRun", "dry-run-alone")
        return _repeat(dry_run_id)
    file = None
    if file_id := query.get("file"):
        if has_body:
            raise _inconsistent("file", "file-and-body")
        file = find_file(session(), file_id, current_editor().owner)
    columns = tuple(query["column"])
    return Order(publish, is_dry_run, columns, _mapped(columns), file)


def _repeat(dry_run_id: str) -> Order:
    """Do for good what a dry run showed. Raises UnknownId."""
    owner = current_editor().owner
    tried = find_dry_run(session(), dry_run_id, owner)
    assert tried.file_id
    report, file = tried.report, find_file(session(), tried.file_id, owner)
    columns = tuple(report["columns"])
    accepted = [row for row in report["rows"] if row["outcome"] != "rejected" and "basis" in row]
    bases = {row["row"]: row["basis"] for row in accepted}
    return Order(report["publish"], False, columns, _mapped(columns), file, bases)


def _mapped(columns: Iterable[str]) -> Mapped:
    """What the request says of columns. Raises InvalidInput."""
    mapped, mistakes = map_columns(columns)
    if mistakes:
        raise InvalidInput([InputError(each, "query", "column") for each in mistakes])
    return mapped


def read_order(order: Order) -> tuple[list[NumberedRow], Table | None]:
    """The rows to import, and how a table was read. Raises as `read_rows` does."""
    if order.file is None:
        return read_rows(order.mapped)
    rows, table = read_file(order.file.facts["format"], order.file.content, order.mapped)
    return first_rows(rows), table


def _inconsistent(parameter: str, reason: str) -> InvalidInput:
    mistake = Mistake("inconsistent", {"reason": reason})
    return InvalidInput([InputError(mistake, "query", parameter)])
