from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import stock
from bench.corpus import Corpus, corpus
from kb.cases import queries
from kb.cases.model import Case
from kb.database import Database, now
from kb.editors import workflow
from kb.search import documents
from schemas.cases import CaseDocument, as_document, publication_errors


def words(value: object) -> int:
    if isinstance(value, dict):
        return sum(words(each) for each in value.values())
    if isinstance(value, list):
        return sum(words(each) for each in value)
    return len(value.split()) if isinstance(value, str) else 0


def test_a_small_corpus_is_the_beginning_of_a_large_one() -> None:
    ten, later = list(Corpus().cases(10)), list(corpus().cases(40))

    assert later[:10] == ten
    assert len({each["id"] for each in later}) == 40


def test_the_corpus_is_the_same_on_every_machine() -> None:
    def printed(what: str, number: int, hashes: str) -> list[object]:
        command = [sys.executable, "-m", "bench.corpus", what, str(number)]
        environment = {**os.environ, "PYTHONHASHSEED": hashes}
        run = subprocess.run(command, env=environment, capture_output=True, check=True)
        return [json.loads(line) for line in run.stdout.splitlines()]

    assert printed("cases", 25, hashes="1") == list(corpus().cases(25))
    assert printed("queries", 200, hashes="1") == printed("queries", 200, hashes="2")


def test_every_case_can_be_published_and_is_as_long_as_real_ones() -> None:
    cases = list(corpus().cases(200))
    loaded = [CaseDocument().load(each) for each in cases]

    assert [problem for each in loaded for problem in publication_errors(each)] == []
    assert 440 < sum(words(each) for each in cases) / len(cases) < 540


def test_ids_have_no_letters_that_ids_cannot_have() -> None:
    new = Corpus()
    for topic in new.words.topics:
        topic.slots[:] = ["Smørgåsen"]

    assert new.case(100)["id"] == "smrgasen-100"


def test_four_in_ten_queries_have_filters_and_some_come_back() -> None:
    log = corpus().queries()

    assert 0.33 < sum(bool(each.filters) for each in log) / len(log) < 0.5
    assert 400 < len({(each.typed, *each.filters.items()) for each in log}) <= 700
    assert {each.kind for each in log} == {*"common mixed rare compound phrase typo".split()}


@pytest.fixture
def filled(tmp_path: Path) -> Database:
    database = Database(f"sqlite:///{tmp_path / 'kb.sqlite3'}")
    stock.fill(database, 30)
    return database


def test_what_is_searched_is_what_publishing_makes_of_it(filled: Database) -> None:
    with filled.transaction() as session:
        value = CaseDocument().load(corpus().case(30))
        draft = workflow.save_draft(session, value, author="redactie", at=now())
        workflow.publish(session, draft, at=now())

    with filled.reading() as session:
        slugs = [corpus().case(number)["id"] for number in range(31)]
        public = queries.many(session, Case, slugs)
        published = [list(documents.of_case(public[slug])) for slug in slugs]
        written = as_document(public[value["slug"]])

    made = list(stock.search_documents(0, 31))
    assert published[:30] == made[:30]
    assert [each.passages for each in published[30]] == [each.passages for each in made[30]]
    assert written == as_document(value)
