"""Many read while one writes: every answer is whole, and of one moment of the index.

What is promised, and what is looked at here in every answer:

- Hits, total and facets are of one snapshot of the index: what one transaction wrote (a round,
  see `rounds.py`) is in it as a whole or not at all. Two answers may be of different snapshots,
  also a later answer of an older one: each process moves on by itself.
- The rows of a page are of one moment of the database, which is never before that of the index:
  the index follows the database, and the rows are read after it was asked. So a row may be newer
  than its place in the page, and a thing that was withdrawn meanwhile is left out; but no row is
  older than the counts, and no two rows are of different rounds.
- Whoever asks gets an answer, and soon after a commit it is the newest.
"""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kb.kinds import KindName
from kb.search import catch_up
from kb.search.engine import SearchRequest, SearchResult
from kb.search.query.parse import ParsedQuery, parse
from kb.search.whoosh_engine import WhooshEngine
from kb.settings import Settings
from tests.conftest import KnowledgeBase, slow, until
from tests.durability import rounds
from tests.durability.served import Served, serving
from tests.processes import beside

READERS = 4
MIN_ROUNDS = 5  # rounds that must be seen, or nothing was tested
TIMEOUT_SECONDS = 1800.0  # on a busy machine
PATHS = (
    "/v1/cases?facets=municipality",
    "/v1/cases?facets=municipality,ingredient&sort=title&pageSize=3",
    "/v1/pitfalls?facets=municipality",
    "/v1/search?q=tuin&type=case&facets=municipality",
    "/v1/cases?q=gemeente+-flat&facets=municipality",
    "/v1/cases?facets=municipality&q=ronde{}",
    "/v1/pitfalls?facets=municipality&q=ronde{}",
)


@pytest.mark.slow
def test_no_answer_over_http_mixes_two_rounds(any_kb: KnowledgeBase, tmp_path: Path) -> None:
    soak(any_kb, tmp_path, answers=200)


@pytest.mark.long
def test_none_of_many_answers_over_http_mixes_two_rounds(
    any_kb: KnowledgeBase, tmp_path: Path
) -> None:
    soak(any_kb, tmp_path, answers=8000)


def soak(kb: KnowledgeBase, folder: Path, *, answers: int) -> None:
    """Serve, write and read; then look whether the last round is found, and found soon."""
    settings: Settings = kb.app.extensions["kb"].settings
    rounds.take_round(kb.database, 1)
    kb.catch_up()
    with serving(folder, settings.database_url) as served:
        reader = Reader()
        with (
            writing(settings, 1) as last,
            reading(lambda chance: reader.ask(served, chance)) as errors,
        ):
            until(lambda: bool(errors) or is_enough(reader.rounds, answers), TIMEOUT_SECONDS)
        until(lambda: all(newest(served, last()) for _ in range(20)))
        assert served.get("/health/ready")[0] == 200
        assert served.run("index", "check").returncode == 0
    output = served.log.read_text()
    assert not re.search("WARNING|ERROR|CRITICAL|Traceback", output), output


def is_enough(rounds_read: Counter[int], answers: int) -> bool:
    """Whether there were so many answers, and of some rounds."""
    return rounds_read.total() >= answers and len(rounds_read) >= MIN_ROUNDS


@contextmanager
def writing(settings: Settings, first: int) -> Iterator[Callable[[], int]]:
    """Let a process take rounds during the block; tells the last one when it has ended."""
    last = first
    with beside(rounds.take_rounds, settings, first) as child:
        assert child.receive() == "begun"
        try:
            yield lambda: last
        finally:
            child.connection.send("end")
            last = child.receive()
            child.end()


@contextmanager
def reading(ask: Callable[[random.Random], None]) -> Iterator[list[BaseException]]:
    """Ask from several threads during the block, which gets what they raise; so does its end."""
    ended, errors = threading.Event(), list[BaseException]()

    def read(chance: random.Random) -> None:
        while not ended.is_set() and not errors:
            try:
                ask(chance)
                time.sleep(chance.random() / 100)  # or nothing else gets its turn
            except BaseException as error:
                errors.append(error)

    threads = [threading.Thread(target=read, args=(random.Random(n),)) for n in range(READERS)]
    for thread in threads:
        thread.start()
    try:
        yield errors
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    if errors:
        raise errors[0]


class Reader:
    """The rounds that answers were of."""

    def __init__(self) -> None:
        self.rounds: Counter[int] = Counter()

    def ask(self, served: Served, chance: random.Random) -> None:
        """Ask one of the lists, perhaps for the words of a round, and look at the answer."""
        number = max(self.rounds, default=1) + chance.choice((-1, 0, 0, 1))
        path = chance.choice(PATHS).format(number)
        status, body = served.get(path)
        assert status == 200, f"{path}: {status} {body!r}"
        of = round_of(json.loads(body), path)
        if of:
            self.rounds[of] += 1


def round_of(answer: Any, path: str) -> int | None:
    """The one round that an answer is of; None when it found nothing, as it may by a round's word.

    Fails when its parts are of different rounds.
    """
    context, total, items = f"{path}: {answer}", answer["page"]["totalItems"], answer["items"]
    facet = answer["facets"]["municipality"]
    counts = {each["value"]: each["count"] for each in facet["values"] if each["count"]}
    if total == 0:
        assert "q=ronde" in path, context
        assert not counts, context
        assert not items, context
        return None
    [(where, count)] = counts.items()
    number = int(where.removeprefix("Plaats"))
    assert count == total == rounds.size(number), context
    assert facet["missing"] == 0, context
    interpretation = answer["query"]["interpretation"]
    if interpretation and "q=ronde" in path:
        words = (
            interpretation["didYouMean"] if interpretation["corrected"] else answer["query"]["q"]
        )
        assert words == rounds.word(number), context
    assert_rows(items, number, answer["page"]["size"], context)
    return number


def assert_rows(items: list[Any], number: int, page: int, context: str) -> None:
    """All rows are of one round, that of the counts or a later one, and none is left out there."""
    of = {int(item["title"].rpartition("ronde")[2]) for item in items}
    assert len(of) == 1, context
    [later] = of
    assert later >= number, context
    if later == number:
        assert len(items) == min(rounds.size(number), page), context
    both = set(rounds.slugs(number)) & set(rounds.slugs(later))
    ids = [item["id"].partition("--")[0] for item in items]
    assert len(set(ids)) == len(ids), context
    assert set(ids) <= both, context
    assert page < rounds.MAX_SIZE or set(ids) == both, context


def newest(served: Served, number: int) -> bool:
    """Whether an answer is of this round."""
    status, body = served.get(PATHS[0])
    assert status == 200, body
    return round_of(json.loads(body), PATHS[0]) == number


@pytest.mark.parametrize("writes", [6, *slow(20)])
def test_threads_share_an_engine_while_another_writes(kb: KnowledgeBase, writes: int) -> None:
    soak_an_engine(kb, writes=writes)


@pytest.mark.long
def test_threads_share_an_engine_while_another_writes_much(kb: KnowledgeBase) -> None:
    soak_an_engine(kb, writes=600)


def soak_an_engine(kb: KnowledgeBase, *, writes: int) -> None:
    """Search with one engine from several threads, while another one follows and rebuilds."""
    number = 1
    rounds.take_round(kb.database, number)
    kb.catch_up()
    shared = WhooshEngine(kb.app.extensions["kb"].settings.index_dir)
    answers: Counter[int] = Counter()

    def ask(chance: random.Random) -> None:
        types: tuple[KindName, ...] = chance.choice((("case",), ("pitfall",), ("case", "pitfall")))
        words = chance.choice((None, "gemeente", f"ronde{number}", f"ronde{number - 1}"))
        request = SearchRequest(
            types=types,
            query=parse(words) if words else ParsedQuery(),
            facets=("municipality", "type"),
            sort=chance.choice((("relevance",), ("title",), ("-updatedAt",))),
        )
        of = assert_one_round(shared.search(request), types, words)
        answers[of] += 1

    with reading(ask) as errors:
        while not errors and (number <= writes or len(answers) < MIN_ROUNDS):
            number += 1
            rounds.take_round(kb.database, number)
            if number % 5:
                kb.catch_up()
            else:
                catch_up.rebuild(kb.database, kb.engine)
    request = SearchRequest(types=("case",), facets=("municipality",))
    until(
        lambda: rounds.place(number) in shared.search(request).facets["municipality"].counts,
    )
    shared.close()


def assert_one_round(result: SearchResult, types: tuple[KindName, ...], words: str | None) -> int:
    """The one round that a result is of, 0 for none; fails when its parts differ."""
    if result.total == 0:
        assert words, result
        assert words.startswith("ronde"), result
        assert (result.hits, result.facets["municipality"].counts) == ((), {}), result
        return 0
    [(where, count)] = result.facets["municipality"].counts.items()
    number = int(where.removeprefix("Plaats"))
    assert count == result.total == rounds.size(number) * len(types), result
    assert result.facets["type"].counts == dict.fromkeys(types, rounds.size(number)), result
    assert result.facets["municipality"].missing == 0, result
    if words and words.startswith("ronde"):
        assert words == rounds.word(number), result
    hits = {(hit.type, hit.id.partition("--")[0]) for hit in result.hits}
    expected = {(each, slug) for each in types for slug in rounds.slugs(number)}
    assert hits == expected, result
    assert len(result.hits) == result.total, result
    return number
