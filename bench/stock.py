"""The generated cases in every form that a measurement takes: rows, search documents, a database.

Rows are made by the workflow's own hand, so what is measured is what would be published.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from bench.corpus import ARCHETYPES, corpus
from kb.cases import changes, queries
from kb.cases.case_parts import CaseStrategy, CaseTargetGroup, Party, Source
from kb.cases.model import Case, CaseIngredient, Finding, Pitfall
from kb.database import Database
from kb.editors import public_rows, seed, seed_files
from kb.editors.model import Revision
from kb.migrations import steps
from kb.search import documents
from kb.search.engine import SearchDocument
from schemas.cases import CaseDocument, as_document

Progress = Callable[[int, int], None]  # (cases that are done, of how many)
FIRST_DAY = datetime(2020, 1, 1, tzinfo=UTC)
CASES_PER_TRANSACTION = 500


def rows(document: Mapping[str, Any], number: int, archetypes: Mapping[str, Case]) -> Case:
    """The rows of a document, in no session; `number` is its place in the corpus."""
    loaded = _schema().load(document)
    at = FIRST_DAY + timedelta(minutes=number)
    case = Case(slug=loaded["slug"], version=1, published_at=at, updated_at=at)
    case.archetype = archetypes[loaded["archetype"]] if loaded["archetype"] else None
    public_rows.write_plain(case, loaded)
    case.strategy_tags = [CaseStrategy(strategy=each) for each in loaded["strategies"]]
    case.target_group_tags = [
        CaseTargetGroup(target_group=each) for each in loaded["target_groups"]
    ]
    case.parties = [Party(**each) for each in loaded["parties"]]
    case.ingredients = [CaseIngredient(**each) for each in loaded["ingredients"]]
    case.pitfalls = [Pitfall(**each) for each in loaded["pitfalls"]]
    case.sources = [Source(**each) for each in loaded["sources"]]
    sources = {source.slug: source for source in case.sources}
    for each in loaded["findings"]:
        own = {key: value for key, value in each.items() if key != "source"}
        case.findings.append(Finding(**own, case_source=sources[each["source"]]))
    return case


def _revision(case: Case, document: Mapping[str, Any]) -> Revision:
    """The text that was published as the rows of a case."""
    return Revision(
        slug=case.slug,
        state="published",
        version=case.version,
        document=as_document(_schema().load(document)),
        author="bench",
        saved_at=case.updated_at,
        published_at=case.updated_at,
    )


def search_documents(first: int, last: int) -> Iterator[list[SearchDocument]]:
    """Of each case from `first` until `last`: the case itself, then what it owns."""
    for number in range(first, last):
        case = rows(corpus().case(number), number, _archetypes())
        yield list(documents.of_case(case))


@cache
def _schema() -> CaseDocument:
    return CaseDocument()


@cache
def _archetypes() -> dict[str, Case]:
    cases = [corpus().case(number) for number in range(ARCHETYPES)]
    return {each["id"]: rows(each, number, {}) for number, each in enumerate(cases)}


def fill(database: Database, number: int, progress: Progress = lambda done, total: None) -> None:
    """Bring a new database the terms and that many public cases, each with its public revision.

    Whole rows are added many at once, which takes a fifth of the time that publishing takes.
    """
    steps.upgrade(database)
    files = seed_files.read_folder(Path(str(resources.files("seed_data"))))
    seed.seed(database, dataclasses.replace(files, cases=[], studies=[], questions=[]))
    for first in range(0, number, CASES_PER_TRANSACTION):
        last = min(first + CASES_PER_TRANSACTION, number)
        with database.transaction() as session:
            _add(session, range(first, last))
        progress(last, number)


def _add(session: Session, numbers: Sequence[int]) -> None:
    slugs = [f"archetype-{number}" for number in range(ARCHETYPES)]
    archetypes: dict[str, Case] = dict(queries.many(session, Case, slugs))
    for number in numbers:
        document = corpus().case(number)
        case = rows(document, number, archetypes)
        if number < ARCHETYPES:
            archetypes[case.slug] = case
        session.add_all([case, _revision(case, document)])
    session.flush()
    at = FIRST_DAY + timedelta(minutes=numbers[-1])
    changes.record(session, "created", "case", case.slug, at)
