"""Documents in bulk, through the same schema and workflow as those of editors, row by row.

A row that is wrong is told and left out, and harms no other. Taking the same rows again changes
nothing. A dry run goes the very same way, and then takes everything back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, Literal, NamedTuple, TypeVar

from marshmallow import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kb.cases import aliases
from kb.cases.model import Case, Study, Tombstone
from kb.database import Database, now
from kb.editors import workflow
from kb.editors.drafting import Publications, publications_of
from kb.editors.model import Revision
from kb.editors.rows import Told, Unreadable
from kb.editors.texts import texts_of
from kb.problems import Mistake
from schemas.base import mistakes
from schemas.cases import SentCase, as_document, open_problems
from schemas.drafts import changed_ours
from schemas.ids import case_id, keep_ids, renamed

Outcome = Literal["created", "updated", "unchanged", "rejected"]
OUTCOMES: tuple[Outcome, ...] = ("created", "updated", "unchanged", "rejected")
Found = tuple[tuple[str, Mistake], ...]  # JSON Pointers and what is wrong there
Advance = Callable[[int], None]  # hears how many rows are done
Written = tuple[list["Row"], list["_Sent"]]  # what was done, and what waits for an archetype
Piece = Callable[[Callable[[Session], Written]], Written]  # does something whole or not at all
T = TypeVar("T")
AT_ONCE = 250  # rows in a transaction


@dataclass(frozen=True)
class Row:
    """What became of a row; `errors` is all that is wrong with a rejected one."""

    number: int
    id: str | None  # of the case, when that could be read
    outcome: Outcome
    errors: Found = ()


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


class _Sent(NamedTuple):
    """A document that could be read."""

    number: int
    told: Mapping[str, Any]
    case: dict[str, Any]  # the same, loaded; not all ids are there yet
    slug: str

    def rejected(self, *errors: tuple[str, Mistake]) -> Row:
        """The row, with all that is wrong."""
        return Row(self.number, self.slug, "rejected", errors)


class _Right(NamedTuple):
    """A case that can be saved: loaded, with all ids, and as its document."""

    case: dict[str, Any]
    document: dict[str, Any]


class _There(NamedTuple):
    """What there is of a case already."""

    draft: Revision | None
    public: Revision | None
    told: Mapping[str, Any]  # of its publications, as answers tell it
    withdrawn: bool
    is_study: bool  # it is a study that has this id

    @property
    def before(self) -> Mapping[str, Any] | None:
        """The text that a new one comes after."""
        newest = self.draft or self.public
        return newest.document if newest else None


class _Intake:
    """One import: by whom, what for, and which ids it has met."""

    def __init__(self, author: str, publish: bool) -> None:
        self.author, self.publish = author, publish
        self.schema = SentCase()
        self.met: set[str] = set()
        self.at = now()

    def take(self, rows: Iterable[Told], piece: Piece, progress: Advance) -> Iterator[Row]:
        """Take all rows over, some in each piece; last those that waited for an archetype."""
        done = 0
        waiting: list[_Sent] = []
        rest = iter(rows)
        while some := list(islice(rest, AT_ONCE)):
            read = [self._read(number, told) for number, told in some]
            yield from (each for each in read if isinstance(each, Row))
            sent = [each for each in read if isinstance(each, _Sent)]
            taken, later = self._take_some(sent, piece, patient=True)
            yield from taken
            waiting += later
            done += len(some)
            progress(done)
        for first in range(0, len(waiting), AT_ONCE):
            some_sent = waiting[first : first + AT_ONCE]
            yield from self._take_some(some_sent, piece, patient=False)[0]

    def _read(self, number: int, told: Any) -> _Sent | Row:
        """The document of a row, loaded; or the row, when that cannot be."""
        if isinstance(told, Unreadable):
            return Row(number, None, "rejected", told.errors)
        try:
            case = self.schema.load(told)
        except ValidationError as error:
            named = told.get("id") if isinstance(told, Mapping) else None
            slug = named if isinstance(named, str) else None
            return Row(number, slug, "rejected", tuple(mistakes(error.messages, self.schema)))
        slug = case["slug"] or case_id(case["title"])
        sent = _Sent(number, told, case, slug)
        if slug in self.met:
            return sent.rejected(("/id", Mistake("duplicate", {"value": slug})))
        self.met.add(slug)
        return sent

    def _take_some(self, some: list[_Sent], piece: Piece, *, patient: bool) -> Written:
        """Take some over in one piece or, when others are in the way of that, one by one."""
        try:
            return piece(lambda session: self._write(session, some, patient))
        except IntegrityError:
            if len(some) == 1:
                meanwhile = Mistake("inconsistent", {"reason": "meanwhile"})
                return [some[0].rejected(("/id", meanwhile))], []
        parts = [self._take_some([each], piece, patient=patient) for each in some]
        return [row for rows, _ in parts for row in rows], [
            one for _, late in parts for one in late
        ]

    def _write(self, session: Session, some: list[_Sent], patient: bool) -> Written:
        """Take over documents of a case each; archetypes by themselves and before their cases."""
        rows: list[Row] = []
        later: list[_Sent] = []
        some = _under_current_ids(session, some)
        there = _there(session, some)
        alone = [each for each in some if self.publish and _of_archetype(each, there[each.slug])]
        for group in (*([each] for each in alone), [each for each in some if each not in alone]):
            known = _archetypes(session, group)
            right = []
            for sent in group:
                judged = self._judge(session, sent, there[sent.slug], known, patient)
                if isinstance(judged, Row):
                    rows.append(judged)
                elif judged is None:
                    later.append(sent)
                else:
                    right.append((sent, judged, there[sent.slug]))
            rows += self._save(session, right)
        return rows, later

    def _judge(
        self, session: Session, sent: _Sent, there: _There, archetypes: set[str], patient: bool
    ) -> Row | _Right | None:
        """The case that is to be saved, the row when it is not, or None when it has to wait."""
        told = {**sent.case, "slug": sent.slug}
        if "unverified" not in sent.told and there.before:
            told["unverified"] = there.before["unverified"]
        case = keep_ids(told, there.before, texts_of(session, sent.slug))
        document = as_document(case)
        same = there.public if self.publish else there.draft or there.public
        if same and same.document == document:
            return Row(sent.number, sent.slug, "unchanged")
        errors = list(changed_ours(sent.told, None, there.told))
        if there.is_study:
            errors.append(("/id", Mistake("duplicate", {"value": sent.slug})))
        if there.draft and there.draft.author != self.author:
            errors.append(("/id", Mistake("inconsistent", {"reason": "other-draft"})))
        if self.publish:
            if there.withdrawn:
                errors.append(("/id", Mistake("inconsistent", {"reason": "withdrawn"})))
            errors += open_problems(case)
            wanted = case["archetype"]
            is_named = wanted != sent.slug and wanted in archetypes
            if wanted and not is_named and not workflow.is_remembered(session, sent.slug, wanted):
                if patient and not errors:
                    return None
                values = {"value": wanted, "expected": "archetype"}
                errors.append(("/archetype", Mistake("unknown-reference", values)))
        return sent.rejected(*errors) if errors else _Right(case, document)

    def _save(self, session: Session, right: list[tuple[_Sent, _Right, _There]]) -> list[Row]:
        """Make drafts of right cases, and public texts of these."""
        texts, new = [], []
        for _, (case, document), there in right:
            draft = there.draft
            if draft is None:
                draft = workflow.new_draft(
                    document, author=self.author, at=self.at, based_on=there.told["version"]
                )
                session.add(draft)
                new.append(draft)
            elif draft.document != document:
                workflow.rewrite(session, draft, document, who=self.author, at=self.at)
            texts.append((draft, case))
        session.flush()
        workflow.keep_steps(session, new, "saved", who=self.author, at=self.at)
        if self.publish and texts:
            workflow.make_public(session, texts, at=self.at, by=self.author)
        session.flush()
        return [
            Row(sent.number, sent.slug, "updated" if there.before else "created")
            for sent, _, there in right
        ]


def _under_current_ids(session: Session, some: list[_Sent]) -> list[_Sent]:
    """The same documents; cases that they name by a former id, they name by the id of now."""
    named = {each.slug for each in some} | {each.case["archetype"] for each in some}
    now_at = aliases.current(session, named - {None})
    if not now_at:
        return some
    found = []
    for each in some:
        slug, archetype = (now_at.get(name, name) for name in (each.slug, each.case["archetype"]))
        case = renamed({**each.case, "archetype": archetype}, each.slug, slug)
        found.append(each._replace(case=case, slug=slug))
    return found


def _of_archetype(sent: _Sent, there: _There) -> bool:
    """Whether other cases may name this one, or do so already."""
    public = there.public and there.public.document["kind"]
    return "archetype" in {sent.case["kind"], public}


def _archetypes(session: Session, some: list[_Sent]) -> set[str]:
    """Which of the archetypes that these name are public."""
    wanted = {sent.case["archetype"] for sent in some} - {None}
    asked = select(Case.slug).where(Case.slug.in_(wanted), Case.kind == "archetype")
    return set(session.scalars(asked)) if wanted else set()


def _there(session: Session, some: list[_Sent]) -> dict[str, _There]:
    """What there is of these cases, by id; others who write them wait for us."""
    slugs = [sent.slug for sent in some]
    states = (*workflow.OPEN, "published")
    held = select(Revision).where(Revision.slug.in_(slugs), Revision.state.in_(states))
    held = held.order_by(Revision.id).with_for_update()
    found = list(session.scalars(held.execution_options(populate_existing=True)))
    drafts = {each.slug: each for each in found if each.state != "published"}
    public = {each.slug: each for each in found if each.state == "published"}
    told = {slug: each.told() for slug, each in publications_of(session, slugs).items()}
    never = Publications(None, None, None).told()
    gone = set(session.scalars(select(Tombstone.slug).where(Tombstone.slug.in_(slugs))))
    of_studies = set(session.scalars(select(Study.slug).where(Study.slug.in_(slugs))))
    return {
        slug: _There(
            drafts.get(slug),
            public.get(slug),
            told.get(slug, never),
            slug in gone,
            slug in of_studies,
        )
        for slug in slugs
    }
