"""Documents in bulk, through the same schema and workflow as those of editors, row by row.

A row that is wrong is rejected and harms no other. What a row leaves out stays as it is. Importing
the same rows again changes nothing. A dry run does the same work, and rolls it back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kb.cases.aliases import Thing
from kb.database import Database, now
from kb.editors import workflow
from kb.editors.archetypes import names_withdrawn_archetype, public_archetypes
from kb.editors.imports.existing import Existing, load_existing
from kb.editors.imports.key_changes import key_changes
from kb.editors.imports.matching import Matcher
from kb.editors.imports.parsed_rows import MergedRow, ParsedRow, merge_with, parse
from kb.editors.imports.report import ImportReport, RowResult
from kb.editors.imports.rows import NumberedRow
from kb.editors.publishing import publish_all
from kb.editors.revisions import documents_of, record_events
from kb.input_errors import Mistake
from schemas.cases import as_document, publication_errors
from schemas.ids import assign_ids
from schemas.loading import read_only_errors
from schemas.text import visible_changes

BATCH_SIZE = 250  # rows in a transaction
T = TypeVar("T")
Progress = Callable[[int], None]  # is called with the number of rows that are done


class BatchResult(NamedTuple):
    """What became of the rows of a batch."""

    rows: list[RowResult]
    deferred: list[ParsedRow]  # they name an archetype that a later row may publish


class Accepted(NamedTuple):
    """A row that can be saved."""

    merged: MergedRow
    existing: Existing
    case: dict[str, Any]  # loaded, with all ids
    document: dict[str, Any]

    def result(self) -> RowResult:
        """What saving does to the case; ask before, as it compares with the text of now."""
        before = self.existing.before
        return RowResult(
            self.merged.row.number,
            self.merged.slug,
            "updated" if before else "created",
            changes=tuple(key_changes(before, self.document)) if before else (),
            respelt=tuple(visible_changes(self.merged.merged, self.document)),
            title=self.document["title"],
            basis=self.existing.basis,
        )


Bases = Mapping[int, str | None]  # what a dry run compared its rows with, by their numbers
InTransaction = Callable[[Callable[[Session], BatchResult]], BatchResult]  # all work, or none


def import_rows(
    database: Database,
    rows: Iterable[NumberedRow],
    *,
    author: str,
    publish: bool = False,
    dry_run: bool = False,
    bases: Bases | None = None,
    progress: Progress = lambda done: None,
) -> ImportReport:
    """Import the documents of rows: as drafts of `author`, or with `publish` as public texts.

    The caller has checked whether the author may publish. Each batch is a transaction: after an
    interruption, import the same rows again. A dry run is one transaction, so nobody else can
    write meanwhile. With the `bases` of a dry run, a row is rejected when its case has changed
    since then, or when the dry run rejected it.
    """
    intake = _Intake(author, publish, bases)
    if dry_run:
        with database.transaction() as session:
            results = list(intake.run(rows, partial(_in_savepoint, session), progress))
            session.rollback()
    else:
        results = list(intake.run(rows, database.write, progress))
    return ImportReport(dry_run, sorted(results, key=lambda row: row.number))


def _in_savepoint(session: Session, work: Callable[[Session], T]) -> T:
    """Do work in a part of the transaction that a dry run rolls back."""
    with session.begin_nested():
        result = work(session)
    session.expunge_all()  # frees memory
    return result


class _Intake:
    """One import: parse → match → merge → check → save, a batch at a time."""

    def __init__(self, author: str, publish: bool, bases: Bases | None = None) -> None:
        self.author, self.publish, self.at, self.bases = author, publish, now(), bases
        self.matcher = Matcher(publish=publish)

    def run(
        self, rows: Iterable[NumberedRow], in_transaction: InTransaction, progress: Progress
    ) -> Iterator[RowResult]:
        """Import all rows; last those that were deferred."""
        done = 0
        deferred: list[ParsedRow] = []
        for numbered in _batches(rows):
            parsed = [self._parse(number, document) for number, document in numbered]
            yield from (each for each in parsed if isinstance(each, RowResult))
            batch = [each for each in parsed if isinstance(each, ParsedRow)]
            result = self._import_batch(batch, in_transaction, may_defer=True)
            yield from result.rows
            deferred += result.deferred
            done += len(numbered)
            progress(done)
        for batch in _batches(deferred):
            yield from self._import_batch(batch, in_transaction, may_defer=False).rows

    def _parse(self, number: int, document: Any) -> ParsedRow | RowResult:
        row = parse(number, document, publish=self.publish)
        return self.matcher.claim(row) if isinstance(row, ParsedRow) else row

    def _import_batch(
        self, batch: list[ParsedRow], in_transaction: InTransaction, *, may_defer: bool
    ) -> BatchResult:
        """Import rows in one transaction or, when others wrote meanwhile, in one each."""
        try:
            return in_transaction(lambda session: self._write(session, batch, may_defer))
        except IntegrityError:
            self.matcher.release(batch)
            if len(batch) == 1:
                mistake = Mistake("inconsistent", {"reason": "meanwhile"})
                return BatchResult([batch[0].rejected(batch[0].id, ("/id", mistake))], [])
        singles = [self._import_batch([row], in_transaction, may_defer=may_defer) for row in batch]
        return BatchResult(
            [row for single in singles for row in single.rows],
            [row for single in singles for row in single.deferred],
        )

    def _write(self, session: Session, batch: list[ParsedRow], may_defer: bool) -> BatchResult:
        """Import rows in the transaction of this session."""
        slugs = {row.number: self.matcher.slug_of(session, row) for row in batch}
        existing = load_existing(
            session, [each for each in slugs.values() if isinstance(each, str)]
        )
        merged = [self._merge(session, row, slugs[row.number], existing) for row in batch]
        results = [each for each in merged if isinstance(each, RowResult)]
        deferred: list[ParsedRow] = []
        rows = [each for each in merged if isinstance(each, MergedRow)]
        for group in _groups(rows, existing, self.publish):
            archetypes = public_archetypes(session, [each.case["archetype"] for each in group])
            accepted = []
            for each in group:
                checked = self._check(session, each, existing[each.slug], archetypes, may_defer)
                if isinstance(checked, RowResult):
                    results.append(checked)
                elif checked is None:
                    deferred.append(each.row)
                else:
                    accepted.append(checked)
            results += self._save(session, accepted)
        return BatchResult(results, deferred)

    def _merge(
        self,
        session: Session,
        row: ParsedRow,
        slug: str | RowResult,
        existing: Mapping[str, Existing],
    ) -> MergedRow | RowResult:
        if isinstance(slug, RowResult):
            return slug
        if existing[slug].draft and not self.publish:
            public = merge_with(session, row, slug, existing[slug].without_draft, publish=False)
            if isinstance(public, MergedRow) and self._is_public(session, public, existing[slug]):
                return self._unchanged(public, existing[slug])  # and the draft is left alone
        return merge_with(session, row, slug, existing[slug], publish=self.publish)

    def _is_public(self, session: Session, merged: MergedRow, existing: Existing) -> bool:
        """Whether a row says nothing but what is public."""
        case = _with_ids(session, merged, existing.without_draft)
        return existing.has(as_document(case), public=True)

    @staticmethod
    def _unchanged(merged: MergedRow, existing: Existing) -> RowResult:
        title, basis = merged.case["title"], existing.basis
        return RowResult(merged.row.number, merged.slug, "unchanged", title=title, basis=basis)

    def _check(
        self,
        session: Session,
        merged: MergedRow,
        existing: Existing,
        archetypes: Collection[str],
        may_defer: bool,
    ) -> Accepted | RowResult | None:
        """The row when it can be saved, its result when it cannot, or None when it has to wait."""
        case = _with_ids(session, merged, existing)
        document = as_document(case)
        if existing.has(document, public=self.publish):
            return self._unchanged(merged, existing)
        errors = self._errors(merged, existing, case)
        archetype = case["archetype"]
        if self.publish and archetype and not _may_name(session, merged, archetype, archetypes):
            if may_defer and not errors:
                return None
            values = {"value": archetype, "expected": "archetype"}
            errors.append(("/archetype", Mistake("unknown-reference", values)))
        return merged.rejected(*errors) if errors else Accepted(merged, existing, case, document)

    def _errors(
        self, merged: MergedRow, existing: Existing, case: Mapping[str, Any]
    ) -> list[tuple[str, Mistake]]:
        """What keeps a row from being saved, and from being published if that is wanted."""
        errors = list(read_only_errors(merged.row.document, None, existing.read_only))
        if existing.is_study:
            errors.append(("/id", Mistake("duplicate", {"value": merged.slug})))
        if existing.has_unread_edits(self.author, merged.row.document):
            errors.append(("/id", Mistake("inconsistent", {"reason": "other-draft"})))
        elif self.bases is not None and not self._is_as_tried(merged.row.number, existing):
            errors.append(("/id", Mistake("inconsistent", {"reason": "changed-since"})))
        if self.publish:
            if existing.has_tombstone:
                errors.append(("/id", Mistake("inconsistent", {"reason": "withdrawn"})))
            errors += publication_errors(case)
        return errors

    def _is_as_tried(self, number: int, existing: Existing) -> bool:
        """Whether the dry run accepted a row, and its case is as it was then."""
        assert self.bases is not None
        return number in self.bases and self.bases[number] == existing.basis

    def _save(self, session: Session, accepted: list[Accepted]) -> list[RowResult]:
        """Save rows as drafts, and publish these if that is wanted."""
        results = [row.result() for row in accepted]
        texts, new = [], []
        for row in accepted:
            draft = row.existing.draft
            if draft is None:
                based_on = row.existing.read_only["version"]
                draft = workflow.unsaved_draft(
                    "case", row.document, author=self.author, at=self.at, based_on=based_on
                )
                session.add(draft)
                new.append(draft)
            elif draft.document != row.document:
                workflow.rewrite(session, draft, row.document, who=self.author, at=self.at)
            texts.append((draft, row.case))
        session.flush()
        record_events(session, new, "saved", who=self.author, at=self.at)
        if self.publish and texts:
            publish_all(session, "case", texts, at=self.at, by=self.author)
        session.flush()
        return results


def _with_ids(session: Session, merged: MergedRow, existing: Existing) -> dict[str, Any]:
    """The text of a row as it would be saved, with all ids."""
    documents = documents_of(session, Thing("case", merged.slug))
    return existing.as_stored(assign_ids(merged.case, existing.base, documents))


def _batches(rows: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(rows)
    while batch := list(islice(rest, BATCH_SIZE)):
        yield batch


def _may_name(session: Session, merged: MergedRow, archetype: str, public: Collection[str]) -> bool:
    """Whether a case can be an example of this archetype: a public one, or its own, withdrawn."""
    if archetype != merged.slug and archetype in public:
        return True
    return names_withdrawn_archetype(session, merged.slug, archetype)


def _groups(
    rows: list[MergedRow], existing: Mapping[str, Existing], publish: bool
) -> Iterator[list[MergedRow]]:
    """Rows that can be saved together; to publish, archetypes alone and before their examples."""
    alone = {row.slug for row in rows if publish and _is_archetype(row, existing[row.slug])}
    yield from ([row] for row in rows if row.slug in alone)
    yield [row for row in rows if row.slug not in alone]


def _is_archetype(row: MergedRow, existing: Existing) -> bool:
    """Whether other cases may name this one, or do so already."""
    public_kind = existing.public and existing.public.document["kind"]
    return "archetype" in {row.case["kind"], public_kind}
