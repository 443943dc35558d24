"""What an import did, or would do, with each row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from kb.editors.imports.key_changes import KeyChange
from kb.editors.imports.rows import Cell
from kb.input_errors import MAX_ERRORS, Mistake

Outcome = Literal["created", "updated", "unchanged", "rejected"]
OUTCOMES: tuple[Outcome, ...] = ("created", "updated", "unchanged", "rejected")
Errors = tuple[tuple[str, Mistake], ...]  # with JSON Pointers


@dataclass(frozen=True)
class RowResult:
    """What became of a row."""

    number: int
    id: str | None  # of the case, when that could be read
    outcome: Outcome
    errors: Errors = ()  # of a rejected row: the first 100
    error_count: int = 0  # in all
    changes: tuple[KeyChange, ...] = ()  # of a case that existed
    cells: Mapping[str, Cell] = field(default_factory=dict)  # of a sheet, by pointers of `errors`
    respelt: tuple[tuple[str, str], ...] = ()  # pointers, and texts saved in another spelling
    title: str | None = None
    basis: str | None = None  # of the text that it was compared with; None when there was none

    @staticmethod
    def rejected(
        number: int,
        slug: str | None,
        errors: Errors,
        cells: Mapping[str, Cell],
        title: str | None = None,
    ) -> RowResult:
        """The result of a row with these errors; `cells` may have more pointers than those."""
        first = errors[:MAX_ERRORS]
        shown = {pointer: cells[pointer] for pointer, _ in first if pointer in cells}
        return RowResult(number, slug, "rejected", first, len(errors), cells=shown, title=title)


@dataclass
class ImportReport:
    """What an import did, or would do, with each row, by their numbers."""

    dry_run: bool
    rows: list[RowResult] = field(default_factory=list)

    @property
    def totals(self) -> dict[Outcome, int]:
        """How many rows had each outcome."""
        counted = Counter(row.outcome for row in self.rows)
        return {outcome: counted[outcome] for outcome in OUTCOMES}
