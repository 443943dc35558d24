"""The published findings as the rules of evidence read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from kb.cases.case_parts import Source
from kb.cases.model import Case, Finding, Study, StudyCover
from kb.evidence.clusters import FindingRecord
from kb.search.publications import publication_key, study_key
from kb.vocabulary.terms import lane_of


def finding_records(session: Session) -> Iterator[FindingRecord]:
    """Every published finding, in the order of their ids."""
    covers = _covers(session)
    rows = session.execute(
        select(
            *(Finding.slug, Finding.domain, Finding.level, Finding.direction, Finding.evidence),
            *(Finding.programme, Case.slug.label("case"), Study.slug.label("study")),
            func.coalesce(Case.programme, Study.programme).label("owner_programme"),
            func.coalesce(Source.url, Study.url).label("url"),  # one of these is there
            func.coalesce(Source.title, Study.title).label("title"),
            func.coalesce(Source.year, Study.year).label("year"),
        )
        .outerjoin(Case, Finding.case_id == Case.id)
        .outerjoin(Study, Finding.study_id == Study.id)
        .outerjoin(Source, Finding.source_id == Source.id)
        .order_by(Finding.slug)
    )
    for row in rows:
        key = publication_key(row.url, row.title, row.year)
        yield FindingRecord(
            id=row.slug,
            domain=row.domain,
            level=row.level,
            lane=lane_of(row.evidence),
            direction=row.direction,
            publication=frozenset({key, study_key(row.study)} if row.study else {key}),
            programme=row.programme,
            owner_programme=row.owner_programme,
            case=row.case,
            covers=frozenset(covers.get(row.study, ())),
        )


def _covers(session: Session) -> dict[str, list[str]]:
    """The keys of the studies that each review holds, by its id."""
    review = aliased(Study)
    pairs = session.execute(
        select(review.slug, Study.slug)
        .join(StudyCover, StudyCover.review_id == review.id)
        .join(Study, StudyCover.study_id == Study.id)
    )
    covers: dict[str, list[str]] = defaultdict(list)
    for name, covered in pairs:
        covers[name].append(study_key(covered))
    return covers
