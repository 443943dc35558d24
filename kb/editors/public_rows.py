"""Public rows: what a text says, in the tables that readers are served from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from kb.cases.aliases import Thing
from kb.cases.case_parts import CaseImage, CaseStrategy, CaseTargetGroup, Party, Source
from kb.cases.model import Case, CaseIngredient, Finding, Pitfall

TAGS = (
    (CaseStrategy, "strategies", "strategy"),
    (CaseTargetGroup, "target_groups", "target_group"),
)
OWNED: Sequence[Any] = (  # by a case; findings refer to sources
    *(Finding, Source, Pitfall, CaseIngredient, Party, CaseImage),
    *(model for model, *_ in TAGS),
)
RELATIONS = (
    *("findings", "pitfalls", "sources", "ingredients", "parties", "images"),
    *("strategy_tags", "target_group_tags"),
)


def write_plain(case: Case, document: Mapping[str, Any]) -> None:
    """Put the text of a document in the row of its case."""
    plain = (
        *("kind", "title", "summary", "context", "approach", "results", "collaboration"),
        *("start_year", "end_year", "status", "scale", "dwellings"),
        *("events", "search_terms", "programme", "unverified"),
    )
    for name in plain:
        setattr(case, name, document[name])
    for name, value in document["place"].items():
        setattr(case, name, value)


def write_owned(
    session: Session, texts: Sequence[tuple[Case, Mapping[str, Any]]], older: Sequence[int]
) -> None:
    """Put what the documents own in place of what these cases had; `older` have something."""
    if older:
        for model in OWNED:
            session.execute(delete(model).where(model.case_id.in_(older)))
    for model, key, name in TAGS:
        _insert(session, model, texts, key, name)
    for model, key in ((Party, "parties"), (CaseIngredient, "ingredients"), (Pitfall, "pitfalls")):
        _insert(session, model, texts, key)
    _insert(session, Source, texts, "sources")
    _insert(session, CaseImage, texts, "images")
    ids = [case.id for case, _ in texts]
    rows = session.execute(
        select(Source.case_id, Source.slug, Source.id).where(Source.case_id.in_(ids))
    )
    sources = {(case_id, slug): source_id for case_id, slug, source_id in rows}
    findings = [
        {
            **{key: value for key, value in each.items() if key != "source"},
            "case_id": case.id,
            "source_id": sources[case.id, each["source"]],
            "position": place,
        }
        for case, document in texts
        for place, each in enumerate(document["findings"])
    ]
    if findings:
        session.execute(insert(Finding), findings)
    for case, _ in texts:
        session.expire(case, RELATIONS)


def rename(row: Any, thing: Thing, new: str) -> list[tuple[Thing, Thing]]:
    """Give a row, and the pitfalls and findings that it owns, new ids: which became which."""
    return list(_renamed(row, thing, new))


def _renamed(row: Any, thing: Thing, new: str) -> Iterator[tuple[Thing, Thing]]:
    owned = [("pitfall", each) for each in getattr(row, "pitfalls", ())]
    owned += [("finding", each) for each in getattr(row, "findings", ())]
    for kind, each in ((thing.kind, row), *owned):
        before = each.slug
        each.slug = new + before.removeprefix(thing.slug)
        yield Thing(kind, before), Thing(kind, each.slug)


def _insert(
    session: Session,
    model: Any,
    texts: Sequence[tuple[Case, Mapping[str, Any]]],
    key: str,
    name: str | None = None,
) -> None:
    """Write the items of one list of all documents at once; bare ids under `name`."""
    rows = [
        {**({name: each} if name else each), "case_id": case.id, "position": place}
        for case, document in texts
        for place, each in enumerate(document[key])
    ]
    if rows:
        session.execute(insert(model), rows)
