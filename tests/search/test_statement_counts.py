"""A list asks the database nothing: the index has all that it shows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from kb.kinds import LIST_REPRESENTATIONS, STUDY
from tests.builders import a_case, a_finding, a_pitfall, a_question, a_study
from tests.conftest import KnowledgeBase

LISTS = ("cases", "pitfalls", "findings", "studies", "questions", "ingredients", "search")
QUERIES = (
    "sort=title",
    "q=tuin",
    "q=tuin&sort=-updatedAt",
    *(f"format={form}" for form in LIST_REPRESENTATIONS),
)
REQUESTS = [
    *itertools.product(LISTS, QUERIES),
    *(
        ("studies", f"format={form}")
        for form in STUDY.list_representations
        if form not in LIST_REPRESENTATIONS
    ),
    *itertools.product(("cases", "search"), ("facets=archetype", "q=tuin&facets=municipality")),
]
NUMBER = 30  # of things of each kind


@contextmanager
def counted(kb: KnowledgeBase) -> Iterator[list[str]]:
    """The statements that the database executes meanwhile.

    But for the look at the last change of a vocabulary, which happens once a second where no
    follower does it.
    """
    executed: list[str] = []

    def listen(*arguments: object) -> None:
        statement = str(arguments[2])
        if not statement.startswith("SELECT change.mark"):
            executed.append(statement)

    event.listen(kb.database.engine, "before_cursor_execute", listen)
    yield executed
    event.remove(kb.database.engine, "before_cursor_execute", listen)


def test_no_list_asks_the_database(kb: KnowledgeBase) -> None:
    names = [f"tuin-{number}" for number in range(NUMBER)]
    owned = {name: {"pitfalls": [a_pitfall(name)], "findings": [a_finding(name)]} for name in names}
    studies = [
        a_study(f"r-{name}", pitfalls=[a_pitfall(f"r-{name}")], title=f"Tuin {name}")
        for name in names
    ]
    kb.take(
        cases=[a_case(name, title=f"Tuin {name}", **owned[name]) for name in names],
        studies=studies,
        questions=[
            a_question(f"v-{name}", title=f"Tuin {name}?", studies=[f"r-{name}"]) for name in names
        ],
    )
    wrong = []
    for name, query in REQUESTS:
        with counted(kb) as executed:
            answer = kb.client.get(f"/v1/{name}?pageSize=100&{query}")
            assert answer.status_code == 200, answer.text
            assert answer.data
        if executed and (name, query) != ("ingredients", "format=atom"):  # terms have no dates
            wrong.append(f"{name}?{query}: {executed}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("page", ["/zoeken?q=tuin", "/valkuilen?q=tuin", "/embed/zoeken?q=tuin"])
def test_no_page_asks_for_each_row(kb: KnowledgeBase, page: str) -> None:
    statements = []
    for first in (0, NUMBER):
        names = [f"tuin-{number}" for number in range(first, first + 6)]
        kb.publish(*(a_case(name, title=name, pitfalls=[a_pitfall(name)]) for name in names))
        with counted(kb) as executed:
            assert kb.client.get(page).status_code == 200
        statements.append(len(executed))

    assert statements[0] == statements[1]
