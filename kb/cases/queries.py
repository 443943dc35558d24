"""Reading published things: one, or many by id in the order asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    bindparam,
    cast,
    exists,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session, joinedload, selectinload

from kb.cases import aliases
from kb.cases.case_parts import CaseImage, Party, Source
from kb.cases.model import (
    Case,
    CaseIngredient,
    Finding,
    Pitfall,
    Published,
    Question,
    QuestionStudy,
    Study,
    StudyCover,
    Tombstone,
)
from kb.cases.near_ids import near_ids
from kb.cases.practice_note import PracticeNote
from kb.database import Base, format_utc
from kb.kinds import KINDS, Kind, kind_of
from kb.problems import Moved, Problem, UnknownId, Withdrawn
from kb.vocabulary.terms import Term, schemes

CASE_OPTIONS = (
    joinedload(Case.archetype),
    selectinload(Case.strategy_tags),
    selectinload(Case.target_group_tags),
    selectinload(Case.parties),
    selectinload(Case.ingredients),
    selectinload(Case.sources),
    selectinload(Case.images),
    selectinload(Case.pitfalls).selectinload(Pitfall.practice_notes),
    selectinload(Case.findings).joinedload(Finding.case_source),
    selectinload(Case.practice_notes),
)
STUDY_OPTIONS = (
    selectinload(Study.findings),
    selectinload(Study.pitfalls).selectinload(Pitfall.practice_notes),
    selectinload(Study.cover_links).joinedload(StudyCover.study),
)
QUESTION_OPTIONS = (
    selectinload(Question.study_links).joinedload(QuestionStudy.study),
    selectinload(Question.tags),
)
PITFALL_OPTIONS = (
    joinedload(Pitfall.case).selectinload(Case.strategy_tags),  # in which words may stand too
    joinedload(Pitfall.study),
    selectinload(Pitfall.practice_notes),
)
FINDING_OPTIONS = (
    joinedload(Finding.case).selectinload(Case.strategy_tags),
    joinedload(Finding.study),
    joinedload(Finding.case_source),
)
OWNERS = ("case", "study")  # of pitfalls and findings; no id is of both
BATCH_ROWS = 500  # that are read together
T = TypeVar("T", bound=Published)


def _reading(model: type[T]) -> Select[T]:
    """The rows of a model, each with what it owns."""
    options = kind_of(model).loader_options
    return select(model).options(*(options() if options else ()))


def one(session: Session, model: type[T], slug: str) -> T:
    """The published thing with this id, with what it owns.

    Raises Withdrawn for what was public and for what that owned, Moved for an id that
    something had before, and UnknownId (with near ids) otherwise.
    """
    row = session.scalar(_reading(model).where(model.slug == slug))
    if row is None:
        raise absence(session, kind_of(model).name, slug)
    return row


def check_published(session: Session, kind: str, slug: str) -> None:
    """Read nothing of the thing with this id, but raise as `one` does."""
    if not is_published(session, kind, slug):
        raise absence(session, kind, slug)


def is_published(session: Session, kind: str, slug: str) -> bool:
    """Whether there is a public thing of this kind with this id."""
    part = KINDS[kind].model
    assert part
    model: type[Published] = part()
    return session.connection().scalar(_slug_of(model), {"slug": slug}) is not None


@cache
def _slug_of(model: type[Published]) -> Select[str]:
    """The id of a thing, when it is published."""
    return select(model.slug).where(model.slug == bindparam("slug"))


def absence(session: Session, kind: str, slug: str) -> Problem | Moved:
    """Why nothing is published under this id: Withdrawn, Moved or UnknownId, to be raised."""
    is_owned = KINDS[kind].is_owned
    owner, kinds = (slug.rpartition("--")[0], OWNERS) if is_owned else (slug, (kind,))
    for each in kinds if owner else ():
        if tombstone := session.get(Tombstone, (each, owner)):
            return withdrawn_problem(tombstone)
    if moved := aliases.target_of(session, kind, slug):
        return Moved(kind, slug, *moved)
    model = KINDS[kind].model
    assert model
    return UnknownId(slug, near_ids(session, model(), slug))


def withdrawn_problem(tombstone: Tombstone) -> Withdrawn:
    """The problem of who asks for what was withdrawn."""
    problem = Withdrawn(None, id=tombstone.slug, reason=tombstone.reason)
    problem.extra = withdrawal_of(tombstone)
    if tombstone.replaced_by:
        problem.replacement = (tombstone.kind, tombstone.replaced_by)
    return problem


def withdrawal_reason(session: Session, kind: str, slug: str) -> str | None:
    """Why a thing is not public any more; None while it is, or when it never was."""
    tombstone = session.get(Tombstone, (kind, slug))
    return tombstone.reason if tombstone else None


def withdrawal_of(tombstone: Tombstone) -> dict[str, str | None]:
    """What everybody may know of a withdrawal."""
    return {
        "reason": tombstone.reason,
        "withdrawnAt": format_utc(tombstone.withdrawn_at),
        "replacedBy": tombstone.replaced_by,
    }


def replacement_of(session: Session, kind: str, slug: str) -> aliases.Thing:
    """What took the place of a thing, or of the owner of one, which was of the same kind."""
    kinds = OWNERS if KINDS[kind].is_owned else (kind,)
    public = (each for each in kinds if is_published(session, each, slug))
    return aliases.Thing(next(public, kinds[0]), slug)


def many(session: Session, model: type[T], slugs: Sequence[str]) -> dict[str, T]:
    """The things with these ids that are (still) published, by id."""
    rows = session.scalars(_reading(model).where(model.slug.in_(slugs)))
    return {row.slug: row for row in rows}


def many_of_kind(session: Session, kind: Kind, slugs: Sequence[str]) -> Mapping[str, Any]:
    """The same of a kind that is only known at run time; of terms, each with its count."""
    return many(session, kind.model(), slugs) if kind.model else ingredients(session, slugs)


def every(session: Session, model: type[T]) -> Iterator[T]:
    """All published things of one kind with what they own, by id; the session forgets each soon."""
    slugs = session.scalars(select(model.slug).order_by(model.slug)).all()
    for start in range(0, len(slugs), BATCH_ROWS):
        some = slugs[start : start + BATCH_ROWS]
        rows = many(session, model, some)
        yield from (rows[slug] for slug in some if slug in rows)
        session.expunge_all()


def dates_changed(session: Session, kind: Kind) -> Iterator[tuple[str, datetime]]:
    """The id of every published thing of a kind, and when it or its owner changed last."""
    assert kind.model
    model: Any = kind.model()
    if kind.is_owned:
        changed = func.coalesce(Case.updated_at, Study.updated_at, type_=Case.updated_at.type)
        rows = select(model.slug, changed).outerjoin(model.case).outerjoin(model.study)
    else:
        rows = select(model.slug, model.updated_at)
    yield from (tuple(row) for row in session.execute(rows.order_by(model.slug)))


def count(session: Session, model: type[Published]) -> int:
    """How many things of one kind are published."""
    return session.scalar(select(func.count()).select_from(model)) or 0


def most_owned(session: Session) -> dict[str, int]:
    """How many items the longest list of any case has, by the key of the list."""
    owned: Mapping[str, Any] = {
        "parties": Party,
        "ingredients": CaseIngredient,
        "pitfalls": Pitfall,
        "findings": Finding,
        "sources": Source,
        "images": CaseImage,
    }
    longest = {
        key: session.scalar(
            select(func.count())
            .where(model.case_id.is_not(None))
            .group_by(model.case_id)
            .order_by(func.count().desc())
            .limit(1)
        )
        for key, model in owned.items()
    }
    longest["events"] = session.scalar(select(func.max(func.json_array_length(Case.events))))
    return {key: number or 1 for key, number in longest.items()}


def is_public_image(session: Session, image: str) -> bool:
    """Whether a public case has this image."""
    return bool(session.scalar(select(exists().where(CaseImage.id == image))))


def public_images(session: Session) -> set[str]:
    """The ids of the images of public cases."""
    return set(session.scalars(select(CaseImage.id)))


_NOTES = (
    select(PracticeNote)
    .where(
        PracticeNote.about.in_(bindparam("slugs", expanding=True)),
        PracticeNote.about_kind == bindparam("kind"),
    )
    .order_by(PracticeNote.received_at.desc(), PracticeNote.slug)
)


def practice_notes(
    session: Session, kind: str, slugs: Sequence[str]
) -> defaultdict[str, list[PracticeNote]]:
    """What practice told or asked about things of a kind, by their ids; the newest first."""
    notes: defaultdict[str, list[PracticeNote]] = defaultdict(list)
    for note in session.scalars(_NOTES, {"kind": kind, "slugs": slugs}):
        notes[note.about].append(note)
    return notes


@dataclass(frozen=True)
class CountedIngredient:
    """An active ingredient, and in how many published cases it stands."""

    slug: str
    term: Term
    case_count: int
    practice_notes: Sequence[PracticeNote] = ()  # where one ingredient is read by itself

    def __getattr__(self, name: str) -> Any:
        return getattr(self.term, name)


def ingredients(session: Session, slugs: Iterable[str]) -> dict[str, CountedIngredient]:
    """The ingredients with these ids, by id; unknown ids are left out."""
    counted = select(CaseIngredient.ingredient, func.count()).group_by(CaseIngredient.ingredient)
    counts = {ingredient: number for ingredient, number in session.execute(counted)}
    terms = schemes()["ingredients"].terms
    return {
        slug: CountedIngredient(slug, terms[slug], counts.get(slug, 0))
        for slug in slugs
        if slug in terms
    }


def ingredient_with_notes(session: Session, slug: str) -> CountedIngredient:
    """One ingredient, with what practice told or asked about it.

    Raises UnknownId, and Moved for a deprecated one whose place another took.
    """
    if successor := schemes()["ingredients"].successor_of(slug):
        raise Moved("ingredient", slug, "ingredient", successor.id)
    counted = ingredients(session, [slug]).get(slug)
    if counted is None:
        raise UnknownId(slug, schemes()["ingredients"].terms)
    return replace(counted, practice_notes=practice_notes(session, "ingredient", [slug])[slug])


class FindingOfCase(NamedTuple):
    """A finding as far as its case is judged by it: ids of terms."""

    direction: str
    evidence: str


def findings_by_case(session: Session, ingredient: str) -> dict[str, list[FindingOfCase]]:
    """The cases that have an ingredient, newest first, with the findings of each."""
    rows = (
        select(Case.slug, Finding.direction, Finding.evidence)
        .join(CaseIngredient, CaseIngredient.case_id == Case.id)
        .outerjoin(Finding, Finding.case_id == Case.id)
        .where(CaseIngredient.ingredient == ingredient)
        .order_by(Case.updated_at.desc(), func.coalesce(Case.start_year, 0).desc())
        .order_by(Case.slug, Finding.position)
    )
    findings: dict[str, list[FindingOfCase]] = {}
    for slug, direction, evidence in session.execute(rows):
        own = findings.setdefault(slug, [])
        if direction:
            own.append(FindingOfCase(direction, evidence))
    return findings


def titles(session: Session, slugs: Sequence[str], model: type[Any] = Case) -> dict[str, str]:
    """The titles of these cases, or of other things that are published alone, by id."""
    rows = select(model.slug, model.title).where(model.slug.in_(slugs))
    return {slug: title for slug, title in session.execute(rows)}


def without_their_archetype(session: Session) -> Sequence[str]:
    """The ids of the public cases that name an archetype which is away for now."""
    away = select(Case.slug).where(Case.archetype_slug.is_not(None), Case.archetype_id.is_(None))
    return session.scalars(away).all()


def ids(session: Session, model: type[Published]) -> Sequence[str]:
    """The ids of all published things of one kind."""
    return session.scalars(select(model.slug)).all()


def users_of(session: Session, key: str) -> list[str]:
    """The ids of the published cases, studies and questions that have a term (`scheme/id`)."""
    return sorted(slug for slugs in users_by_kind(session, [key]).values() for slug in slugs)


def users_by_kind(session: Session, keys: Collection[str]) -> dict[str, set[str]]:
    """The ids of what is published by itself and has any of these terms, by kind."""
    users: dict[str, set[str]] = {}
    for kind, statement, key in _with_terms():
        users.setdefault(kind, set()).update(
            slug for slug, _ in session.execute(statement.where(key.in_(keys)))
        )
    for name, crediting in _crediting(session, keys):
        users.setdefault(name, set()).update(crediting)
    return users


def users_of_scheme(session: Session, scheme: str) -> dict[str, dict[str, set[str]]]:
    """The ids of what has each term of a scheme in a field of its own: by term, by kind."""
    users: dict[str, dict[str, set[str]]] = {}
    for kind, statement, key in _with_terms():
        rows = session.execute(statement.where(key.startswith(f"{scheme}/", autoescape=True)))
        for slug, term in rows:
            own = users.setdefault(term.removeprefix(f"{scheme}/"), {})
            own.setdefault(kind, set()).add(slug)
    return users


def _with_terms() -> Iterator[tuple[str, Select[Any], ColumnElement[str]]]:
    """Each column that has terms: the kind whose things have them, (id, key), and the key."""
    owners = {
        f"{kind.name}_id": (kind.name, kind.model())
        for kind in KINDS.values()
        if kind.model and kind.is_published_alone
    }
    kinds = {model.__tablename__: name for name, model in owners.values()}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            referred = {key.target_fullname for key in column.foreign_keys}
            if table.name == "term" or "term.key" not in referred:
                continue
            key = type_coerce(column, String)
            owning = [(name, *owners[name]) for name in owners if name in table.columns]
            for name, kind, model in owning:
                joined = select(model.slug, key).join(table, table.columns[name] == model.id)
                yield kind, joined, key
            if not owning:
                yield kinds[table.name], select(table.columns["slug"], key), key


def _crediting(session: Session, keys: Collection[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """The owners of findings that credit any of these ingredients, by kind."""
    ingredients = [
        key.removeprefix("ingredients/") for key in keys if key.startswith("ingredients/")
    ]
    if not ingredients:
        return
    listed = cast(Finding.ingredients, String)
    credited = or_(*(listed.contains(f'"{each}"', autoescape=True) for each in ingredients))
    for kind, owner, model in (("case", Finding.case_id, Case), ("study", Finding.study_id, Study)):
        slugs = select(model.slug).join(Finding, owner == model.id).where(credited)
        yield kind, session.scalars(slugs).all()
