"""What the index holds of a finding is all that the rules of evidence need of it."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from kb.cases import queries
from kb.cases.model import Case, Study
from kb.search.documents import of_case, of_study
from kb.search.engine import SearchDocument
from tests.builders import a_finding, a_study
from tests.conftest import KnowledgeBase
from tests.evidence.records import FindingRecord, finding_records


def finding_documents(session: Session) -> Iterator[SearchDocument]:
    """The documents of all findings."""
    of_cases = (each for case in queries.every(session, Case) for each in of_case(case))
    of_studies = (each for study in queries.every(session, Study) for each in of_study(study))
    yield from (each for each in (*of_cases, *of_studies) if each.type == "finding")


def record_of(document: SearchDocument) -> FindingRecord:
    """A finding as the rules read it, of its document."""
    [row] = document.findings
    columns = document.columns
    [programme] = columns.get("programme", (None,))
    [owner_programme] = columns.get("ownerProgramme", (None,))
    [case] = columns.get("case", (None,))
    return FindingRecord(
        id=document.id,
        domain=row.effectDomain,
        level=row.effectLevel,
        lane=row.lane,
        direction=row.effectDirection,
        publication=frozenset(columns["publicationKey"]),
        programme=programme,
        owner_programme=owner_programme,
        case=case,
        covers=frozenset(columns.get("covers", ())),
    )


def index_says_what_documents_say(kb: KnowledgeBase) -> bool:
    with kb.database.reading() as session:
        records = {record_of(each) for each in finding_documents(session)}
    return records == set(finding_records(kb.engine.table("finding")))


def test_the_index_says_what_documents_say(seeded: KnowledgeBase) -> None:
    assert index_says_what_documents_say(seeded)


def test_the_finding_of_a_review_says_what_it_covers(kb: KnowledgeBase) -> None:
    finding = {key: value for key, value in a_finding("review").items() if key != "source"}
    kb.take(studies=[a_study("deel"), a_study("review", covers=["deel"], findings=[finding])])

    [record] = finding_records(kb.engine.table("finding"))
    assert record.covers == {"study:deel"}
    assert "study:review" in record.publication
    assert index_says_what_documents_say(kb)


def test_a_finding_has_the_year_of_its_source_beside_that_of_its_case(
    seeded: KnowledgeBase,
) -> None:
    with seeded.database.reading() as session:
        for case in queries.every(session, Case):
            _, *owned = of_case(case)
            shown = {each.id: each.year for each in owned if each.type == "finding"}

            assert shown == {finding.slug: finding.source.year for finding in case.findings}
            assert {each.start_year for each in owned} <= {case.start_year}
