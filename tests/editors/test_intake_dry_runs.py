"""A dry run tells what the real one does, whatever the rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from kb.database import Base
from kb.editors.case_texts import CASE
from kb.editors.model import Revision
from schemas.cases import CaseDocument
from tests import strategies
from tests.builders import a_case
from tests.conftest import KnowledgeBase, make
from tests.editors.bulk import everything, outcomes, run
from tests.strategies import examples


@pytest.fixture(scope="module")
def emptied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    """A knowledge base to be emptied for each example."""
    made = make(tmp_path_factory.mktemp("emptied"))
    yield made
    made.close()


def empty(kb: KnowledgeBase) -> None:
    with kb.database.transaction() as session:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in {"term", "change_counter"}:
                session.execute(table.delete())


@st.composite
def batches(draw: st.DrawFn) -> list[Any]:
    """Rows about a few cases: right, incomplete, broken, archetypes and what names them."""
    rows: list[Any] = []
    for _ in range(draw(st.integers(1, 6))):
        slug = draw(st.sampled_from(("a", "b", "c", "d")))
        names = (None, "a", "b", "c")
        document = draw(strategies.cases(id=slug)) | {"archetype": draw(st.sampled_from(names))}
        document |= draw(
            st.sampled_from(
                ({}, {}, {"title": "Vast"}, {"title": None}, {"scale": "x"}, {"kind": "archetype"})
            )
        )
        rows.append(draw(st.sampled_from((document, document, document, a_case(slug), []))))
    return rows


def state_of(kb: KnowledgeBase) -> Any:
    """The texts of all cases and what became of them, without moments and numbers of rows."""
    with kb.database.reading() as session:
        return [
            (each.slug, each.state, each.version, each.document, each.author)
            for each in session.scalars(select(Revision).order_by(Revision.id))
        ]


@pytest.mark.slow
@examples(20)
@given(
    st.lists(st.tuples(batches(), st.booleans(), st.sampled_from(("sanne", "joris"))), max_size=3)
)
def test_what_a_dry_run_tells_the_real_one_does(
    emptied: KnowledgeBase, imports: Iterable[tuple[list[Any], bool, str]]
) -> None:
    kb = emptied
    empty(kb)
    for rows, publish, author in imports:
        before = everything(kb)
        tried = run(kb, *rows, publish=publish, author=author, dry_run=True)
        assert everything(kb) == before

        done = run(kb, *rows, publish=publish, author=author)

        assert done.rows == tried.rows
        stored = state_of(kb)
        again = run(kb, *rows, publish=publish, author=author)
        assert not {"created", "updated"} & set(outcomes(again))
        assert state_of(kb) == stored
        with kb.database.reading() as session:
            for revision in session.scalars(select(Revision).where(Revision.state == "published")):
                case = CaseDocument().load(revision.document)
                wrong = {at for at, _ in CASE.publication_errors(session, case)}
                assert wrong <= {"/archetype"}  # which a later row may have made a project
