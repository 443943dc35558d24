"""A dossier: things of several kinds, each in full, in the order of who collected them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from kb.cases import queries
from kb.editors.published import published_cases
from kb.kinds import KINDS
from kb.problems import Moved, Problem, UnknownId, Withdrawn
from kb.vocabulary.terms import schemes
from kb.web.translation import gettext
from schemas.base import cached_schema
from schemas.dossiers import DossierItem

Document = Mapping[str, Any]  # a thing as its own address has it in JSON


@dataclass(frozen=True)
class Dossier:
    """What there is of a choice, and what there is not any more."""

    things: Mapping[DossierItem, Document]  # by their present ids, in the order of the choice
    absent: Mapping[DossierItem, Problem]  # UnknownId or Withdrawn, by the ids of the choice
    moved: Mapping[DossierItem, DossierItem]  # former ids, and those of now
    choice: tuple[DossierItem, ...]  # all of it, with present ids, each once

    @property
    def documents(self) -> list[Document]:
        """The things that can be read."""
        return list(self.things.values())


def read_dossier(session: Session, items: Sequence[DossierItem]) -> Dossier:
    """The published things that these items name.

    A former id gives what answers for it now. What is unknown or withdrawn takes nothing from the
    rest: it is in `absent`.
    """
    documents = _documents(session, items)
    absent: dict[DossierItem, Problem] = {}
    moved: dict[DossierItem, DossierItem] = {}
    for item in items:
        if item not in documents:
            reason = _absence(session, item)
            if isinstance(reason, Moved):
                moved[item] = DossierItem(reason.target_kind, reason.target)
            else:
                absent[item] = reason
    documents |= _documents(session, [item for item in moved.values() if item not in documents])
    for former, item in moved.items():
        if item not in documents and isinstance(reason := _absence(session, item), Problem):
            absent[former] = reason
    moved = {former: item for former, item in moved.items() if item in documents}
    choice = tuple(dict.fromkeys(moved.get(item, item) for item in items))
    return Dossier(
        {item: documents[item] for item in choice if item in documents}, absent, moved, choice
    )


def _documents(session: Session, items: Iterable[DossierItem]) -> dict[DossierItem, Document]:
    """The things that are published, each kind read at once."""
    slugs: dict[str, list[str]] = {}
    for item in items:
        slugs.setdefault(item.kind, []).append(item.slug)
    return {
        DossierItem(kind, slug): document
        for kind, some in slugs.items()
        for slug, document in _of_kind(session, kind, some).items()
    }


def _of_kind(session: Session, kind: str, slugs: Sequence[str]) -> Mapping[str, Document]:
    if kind == "case":
        return published_cases(session, slugs)
    schema = cached_schema(KINDS[kind].schema())
    rows = queries.many_of_kind(session, KINDS[kind], slugs)
    return {slug: schema.dump(row) for slug, row in rows.items()}


def _absence(session: Session, item: DossierItem) -> Problem | Moved:
    """Why nothing is published under this id."""
    kind = KINDS[item.kind]
    if kind.model:
        return queries.absence(session, kind.name, item.slug)
    return UnknownId(item.slug, schemes()[kind.scheme].terms)


def nothing_readable(dossier: Dossier) -> Problem:
    """The problem of the first thing, where none can be read; what it suggests are items."""
    item, problem = next(iter(dossier.absent.items()))
    if "suggestions" in problem.extra:
        problem.extra = {**problem.extra, "suggestions": _suggested_items(item, problem)}
    return problem


def _suggested_items(item: DossierItem, problem: Problem) -> list[str]:
    return [f"{item.kind}:{slug}" for slug in problem.extra.get("suggestions", ())]


def replacement_of(problem: Problem) -> str | None:
    """What took the place of something withdrawn, as an item of a dossier."""
    replacement = problem.replacement if isinstance(problem, Withdrawn) else None
    return ":".join(replacement) if replacement else None


def absent_things(dossier: Dossier) -> list[dict[str, Any]]:
    """What cannot be read, as `schemas.dossiers.AbsentThing` describes each."""
    things = []
    for item, problem in dossier.absent.items():
        things.append(
            {
                "item": str(item),
                "status": problem.status,
                "detail": gettext(problem.detail, **problem.values),
                "suggestions": _suggested_items(item, problem),
                "reason": problem.extra.get("reason"),
                "withdrawnAt": problem.extra.get("withdrawnAt"),
                "replacedBy": replacement_of(problem),
            }
        )
    return things
