"""Documents in bulk, through the same schema and workflow as those of editors, row by row.

A row that is wrong is told and left out, and harms no other. What a row leaves out stays as it is.
Taking the same rows again changes nothing. A dry run goes the very same way, and then takes
everything back.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kb.cases import aliases
from kb.cases.model import Case
from kb.database import Database, now
from kb.editors import workflow
from kb.editors.archetypes import names_withdrawn_archetype
from kb.editors.case_ids import free_slug
from kb.editors.imports.existing import Existing, existing
from kb.editors.imports.matching import KnownCases
from kb.editors.imports.merging import Change, changes, is_list_item, merge, move_items
from kb.editors.imports.rows import Cell, Told, Unreadable, cell_of
from kb.editors.publishing import publish_all
from kb.editors.revisions import documents_of, record_events
from kb.input_errors import MAX_ERRORS, Mistake
from schemas.cases import CaseInput, as_document, new_impossible_values, publication_errors
from schemas.drafts import read_only_errors
from schemas.ids import assign_ids, slug_from_title
from schemas.json_fields import KEBAB
from schemas.loading import load_with_errors
from schemas.text import visible_changes

Outcome = Literal["created", "updated", "unchanged", "rejected"]
OUTCOMES: tuple[Outcome, ...] = ("created", "updated", "unchanged", "rejected")
Found = tuple[tuple[str, Mistake], ...]  # JSON Pointers and what is wrong there
Advance = Callable[[int], None]  # hears how many rows are done
Written = tuple[list["Row"], list["ParsedRow"]]  # what was done, and what waits for an archetype
InTransaction = Callable[[Callable[[Session], Written]], Written]  # work done whole or not at all
T = TypeVar("T")
AT_ONCE = 250  # rows in a transaction


@dataclass(frozen=True)
class Row:
    """What became of a row; `errors` is what is wrong with a rejected one, as far as it is told."""

    number: int
    id: str | None  # of the case, when that could be read
    outcome: Outcome
    errors: Found = ()
    error_count: int = 0  # in all
    changes: tuple[Change, ...] = ()  # of a case that was there already
    cells: Mapping[str, Cell] = field(default_factory=dict)  # of a sheet, by pointers of `errors`
    respelt: tuple[tuple[str, str], ...] = ()  # pointers, and what was saved in another spelling


@dataclass
class ImportReport:
    """What an import did, or would do, with each row."""

    dry_run: bool
    rows: list[Row] = field(default_factory=list)

    @property
    def totals(self) -> dict[Outcome, int]:
        """How many rows had each outcome."""
        counted = Counter(row.outcome for row in self.rows)
        return {outcome: counted[outcome] for outcome in OUTCOMES}


def take(
    database: Database,
    rows: Iterable[Told],
    *,
    author: str,
    publish: bool = False,
    dry_run: bool = False,
    progress: Advance = lambda done: None,
) -> ImportReport:
    """Take over the documents of rows: as drafts of `author`, or with `publish` as public texts.

    Whether the author may publish, the caller has looked at. Rows are taken over some hundreds at
    a time; whoever stops halfway can begin again. With `dry_run` nothing is, and nobody else can
    write meanwhile.
    """
    intake = _Intake(author, publish)
    if dry_run:
        with database.transaction() as session:
            done = list(intake.take(rows, partial(_inside, session), progress))
            session.rollback()
    else:
        done = list(intake.take(rows, database.write, progress))
    return ImportReport(dry_run, sorted(done, key=lambda row: row.number))


def _inside(session: Session, work: Callable[[Session], T]) -> T:
    """Do this in a part of the transaction that a dry run takes back."""
    with session.begin_nested():
        made = work(session)
    session.expunge_all()  # it need not be kept in mind
    return made


class ParsedRow(NamedTuple):
    """A document that tells which case it is about: by its id, or else by its title."""

    number: int
    told: Mapping[str, Any]
    id: str | None

    def rejected(
        self, slug: str | None, errors: Found, origins: Mapping[str, str] = MappingProxyType({})
    ) -> Row:
        """The row, with all that is wrong; `origins` as `merge` tells them."""
        first = errors[:MAX_ERRORS]
        found = {at: cell_of(self.told, at, origins) for at, _ in first}
        cells = {at: cell for at, cell in found.items() if cell}
        return Row(self.number, slug, "rejected", first, len(errors), cells=cells)


class _Loaded(NamedTuple):
    """The whole document that a row asks for."""

    sent: ParsedRow
    slug: str
    case: dict[str, Any]  # loaded; not all ids are there yet
    origins: Mapping[str, str]
    merged: Mapping[str, Any]  # what the row and the text before say together of the row's keys

    def rejected(self, *errors: tuple[str, Mistake]) -> Row:
        """The row, with all that is wrong."""
        return self.sent.rejected(self.slug, errors, self.origins)


class Accepted(NamedTuple):
    """A case that can be saved: loaded, with all ids, and as its document."""

    case: dict[str, Any]
    document: dict[str, Any]


class _Intake:
    """One import: by whom, what for, and which ids it has met."""

    def __init__(self, author: str, publish: bool) -> None:
        self.author, self.publish = author, publish
        self.schema = CaseInput()
        self.met: set[str] = set()  # the ids of rows
        self.slugs: dict[int, str] = {}  # of rows without an id, by their numbers
        self.nameless: set[str] = set()  # digests of these rows
        self.known: KnownCases | None = None  # when a row without an id came by
        self.at = now()

    def take(
        self, rows: Iterable[Told], in_transaction: InTransaction, progress: Advance
    ) -> Iterator[Row]:
        """Take all rows over, some in each piece; last those that waited for an archetype."""
        done = 0
        waiting: list[ParsedRow] = []
        rest = iter(rows)
        while some := list(islice(rest, AT_ONCE)):
            read = [self._read(number, told) for number, told in some]
            yield from (each for each in read if isinstance(each, Row))
            sent = [each for each in read if isinstance(each, ParsedRow)]
            taken, later = self._take_some(sent, in_transaction, patient=True)
            yield from taken
            waiting += later
            done += len(some)
            progress(done)
        for first in range(0, len(waiting), AT_ONCE):
            some_sent = waiting[first : first + AT_ONCE]
            yield from self._take_some(some_sent, in_transaction, patient=False)[0]

    def _read(self, number: int, told: Any) -> ParsedRow | Row:
        """A row that tells which case it is about; or the row, when it does not."""
        if isinstance(told, Unreadable):
            first = told.errors[:MAX_ERRORS]
            return Row(number, None, "rejected", first, len(told.errors), cells=told.cells)
        named = told.get("id") if isinstance(told, Mapping) else None
        sent = ParsedRow(number, told, named if isinstance(named, str) else None)
        if isinstance(told, Mapping) and is_list_item(told):
            return sent.rejected(sent.id, (("", Mistake("inconsistent", {"reason": "list-item"})),))
        if sent.id is None or len(sent.id) > 80 or not KEBAB.fullmatch(sent.id):
            wrong = self._load(told)
            at_id = isinstance(wrong, tuple) and any(at in {"", "/id", "/title"} for at, _ in wrong)
            if isinstance(wrong, tuple) and (named is not None or at_id):
                return sent.rejected(sent.id, wrong)
            return sent
        if sent.id in self.met:
            return sent.rejected(sent.id, (("/id", Mistake("duplicate", {"value": sent.id})),))
        self.met.add(sent.id)
        return sent

    def _load(self, told: Any, before: Mapping[str, Any] | None = None) -> dict[str, Any] | Found:
        """The loaded case, or all that is wrong with it; `before` is its document of now.

        What keeps it from being published, `_judge` looks at.
        """
        check = partial(new_impossible_values, before=before)
        loaded = load_with_errors(self.schema, told, check)
        is_right = loaded.is_whole and (self.publish or not loaded.errors)
        return loaded.document if is_right else tuple(loaded.errors)

    def _take_some(
        self, some: list[ParsedRow], in_transaction: InTransaction, *, patient: bool
    ) -> Written:
        """Take some over in one piece or, when others are in the way of that, one by one."""
        try:
            return in_transaction(lambda session: self._write(session, some, patient))
        except IntegrityError:
            self.known = None  # another wrote meanwhile
            self.met -= {self.slugs.pop(each.number, "") for each in some}
            self.nameless -= {_digest(each.told) for each in some}
            if len(some) == 1:
                meanwhile = Mistake("inconsistent", {"reason": "meanwhile"})
                return [some[0].rejected(some[0].id, (("/id", meanwhile),))], []
        parts = [self._take_some([each], in_transaction, patient=patient) for each in some]
        return [row for rows, _ in parts for row in rows], [
            one for _, late in parts for one in late
        ]

    def _write(self, session: Session, some: list[ParsedRow], patient: bool) -> Written:
        """Take over documents of a case each."""
        rows: list[Row] = []
        later: list[ParsedRow] = []
        slugs = {sent.number: self._slug(session, sent) for sent in some}
        there = existing(session, [slug for slug in slugs.values() if isinstance(slug, str)])
        whole = []
        for sent in some:
            slug = slugs[sent.number]
            loaded = (
                slug if isinstance(slug, Row) else self._whole(session, sent, slug, there[slug])
            )
            if isinstance(loaded, Row):
                rows.append(loaded)
            else:
                whole.append(loaded)
        for group in _by_archetype(whole, there, self.publish):
            known = _archetypes(session, group)
            right = []
            for loaded in group:
                judged = self._judge(session, loaded, there[loaded.slug], known, patient)
                if isinstance(judged, Row):
                    rows.append(judged)
                elif judged is None:
                    later.append(loaded.sent)
                else:
                    right.append((loaded, judged, there[loaded.slug]))
            rows += self._save(session, right)
        return rows, later

    def _slug(self, session: Session, sent: ParsedRow) -> str | Row:
        """The id of the case that a row is about: its own, that of the same case, or a new one."""
        if sent.number in self.slugs:
            return self.slugs[sent.number]
        if sent.id is not None:
            now_at = aliases.current(session, [sent.id]).get(sent.id, sent.id)
            if now_at == sent.id:
                return sent.id
            if now_at in self.met:
                return sent.rejected(now_at, (("/id", Mistake("duplicate", {"value": now_at})),))
            self.met.add(now_at)
            self.slugs[sent.number] = now_at
            return now_at
        self.known = self.known or KnownCases(session)
        slug: str | Row | None = self.known.same(sent.told)
        if slug in self.met or _digest(sent.told) in self.nameless:
            return sent.rejected(None, (("", Mistake("duplicate", {"value": sent.told["title"]})),))
        slug = slug or self._unchanged(session, sent) or self._new_slug(session, sent)
        if isinstance(slug, str):
            self.met.add(slug)
            self.nameless.add(_digest(sent.told))
            self.slugs[sent.number] = slug
            self.known.add(slug, sent.told)
        return slug

    def _unchanged(self, session: Session, sent: ParsedRow) -> str | None:
        """The case that has this title and all that the row says of it."""
        assert self.known is not None
        slugs = [slug for slug in self.known.namesakes(sent.told) if slug not in self.met]
        for slug, there in existing(session, slugs).items() if slugs else ():
            whole = self._whole(session, sent, slug, there)
            if isinstance(whole, _Loaded):
                document = as_document(
                    assign_ids(whole.case, there.base, documents_of(session, slug))
                )
                if there.has(document, public=False) or there.has(document, public=True):
                    return slug
        return None

    def _new_slug(self, session: Session, sent: ParsedRow) -> str | Row:
        """An id that nothing has, made from the title; the row when its document is not right."""
        case = self._load(merge(sent.told, None).document)
        if isinstance(case, tuple):
            return sent.rejected(None, case)
        return free_slug(session, slug_from_title(case["title"]), self.met)

    def _whole(
        self, session: Session, sent: ParsedRow, slug: str, there: Existing
    ) -> _Loaded | Row:
        """The document that a row asks for, loaded; or the row, when that is not right."""
        row = move_items(sent.told, sent.id or slug, slug)
        document, origins = merge(row, there.base)
        case = self._load({**document, "id": slug}, there.base)
        if isinstance(case, tuple):
            return sent.rejected(slug, case, origins)
        if case["archetype"]:
            named = aliases.current(session, [case["archetype"]])
            case["archetype"] = named.get(case["archetype"], case["archetype"])
        asked = {key: document[key] for key in sent.told if key in document}
        return _Loaded(sent, slug, case, origins, asked)

    def _judge(
        self,
        session: Session,
        loaded: _Loaded,
        there: Existing,
        archetypes: set[str],
        patient: bool,
    ) -> Row | Accepted | None:
        """The case that is to be saved, the row when it is not, or None when it has to wait."""
        case = assign_ids(loaded.case, there.base, documents_of(session, loaded.slug))
        document = as_document(case)
        sent = loaded.sent
        if there.has(document, public=self.publish):
            return Row(sent.number, loaded.slug, "unchanged")
        errors = list(read_only_errors(sent.told, None, there.facts))
        if there.is_study:
            errors.append(("/id", Mistake("duplicate", {"value": loaded.slug})))
        if there.unseen_by(self.author, sent.told):
            errors.append(("/id", Mistake("inconsistent", {"reason": "other-draft"})))
        if self.publish:
            if there.has_tombstone:
                errors.append(("/id", Mistake("inconsistent", {"reason": "withdrawn"})))
            errors += publication_errors(case)
            wanted = case["archetype"]
            is_named = wanted != loaded.slug and wanted in archetypes
            if (
                wanted
                and not is_named
                and not names_withdrawn_archetype(session, loaded.slug, wanted)
            ):
                if patient and not errors:
                    return None
                values = {"value": wanted, "expected": "archetype"}
                errors.append(("/archetype", Mistake("unknown-reference", values)))
        return loaded.rejected(*errors) if errors else Accepted(case, document)

    def _save(self, session: Session, right: list[tuple[_Loaded, Accepted, Existing]]) -> list[Row]:
        """Make drafts of right cases, and public texts of these."""
        texts, new = [], []
        rows = [_saved(*each) for each in right]  # told before a draft gets another text
        for _, (case, document), there in right:
            draft = there.draft
            if draft is None:
                draft = workflow.new_draft(
                    document, author=self.author, at=self.at, based_on=there.facts["version"]
                )
                session.add(draft)
                new.append(draft)
            elif draft.document != document:
                workflow.rewrite(session, draft, document, who=self.author, at=self.at)
            texts.append((draft, case))
        session.flush()
        record_events(session, new, "saved", who=self.author, at=self.at)
        if self.publish and texts:
            publish_all(session, texts, at=self.at, by=self.author)
        session.flush()
        return rows


def _digest(row: Mapping[str, Any]) -> str:
    """What only the very same row has."""
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()


def _saved(loaded: _Loaded, right: Accepted, there: Existing) -> Row:
    """What a row did to a case: all of it, or what differs from the text before."""
    differs = changes(there.before, right.document) if there.before else ()
    outcome: Outcome = "updated" if there.before else "created"
    respelt = tuple(visible_changes(loaded.merged, right.document))
    changed = tuple(differs)
    return Row(loaded.sent.number, loaded.slug, outcome, changes=changed, respelt=respelt)


def _of_archetype(loaded: _Loaded, there: Existing) -> bool:
    """Whether other cases may name this one, or do so already."""
    public = there.public and there.public.document["kind"]
    return "archetype" in {loaded.case["kind"], public}


def _archetypes(session: Session, some: list[_Loaded]) -> set[str]:
    """Which of the archetypes that these name are public."""
    wanted = {each.case["archetype"] for each in some} - {None}
    asked = select(Case.slug).where(Case.slug.in_(wanted), Case.kind == "archetype")
    return set(session.scalars(asked)) if wanted else set()


def _by_archetype(
    some: list[_Loaded], there: Mapping[str, Existing], publish: bool
) -> Iterator[list[_Loaded]]:
    """Documents that can be written together; archetypes by themselves and before their cases."""
    alone = [each for each in some if publish and _of_archetype(each, there[each.slug])]
    yield from ([each] for each in alone)
    yield [each for each in some if each not in alone]
