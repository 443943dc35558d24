"""Many threads of one process ask at once: each gets what it would have got alone."""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from flask import Flask

from kb.app import create_app
from kb.settings import Settings
from tests.conftest import KnowledgeBase

THREADS = 8
LISTS = ("cases", "pitfalls", "findings", "studies", "questions", "ingredients", "search")
QUERIES = (
    *("", "q=statushouders", "q=gemengd+wonen&lang=en", "q=sloopnieuwbou", "q=%22sociale+huur%22"),
    *("q=buren+-flat&lang=en", "pageSize=3&page=2", "format=ndjson", "format=csv", "sort=nergens"),
)
OTHERS = (
    *("/v1/suggestions?q=sta", "/v1/vocabularies", "/v1/vocabularies/ingredients?lang=en"),
    *("/v1/cases/bestaat-niet", "/v1/changes", "/v1/openapi.json", "/embed/zoeken?q=buurt"),
    *("/", "/zoeken?q=buurt", "/zoeken?q=buurt&lang=en", "/valkuilen", "/v1/cases?format=atom"),
)


@pytest.fixture
def eager() -> Iterator[None]:
    """Let threads take turns far more often than they would."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual)


def addresses(app: Flask) -> list[str]:
    items = app.test_client().get("/v1/search?pageSize=20").json["items"]
    lists = [f"/v1/{kind}?{query}" for kind, query in product(LISTS, QUERIES)]
    singles = [
        each["_links"]["self"]["href"].removeprefix(app.config["KB_PUBLIC_URL"]) for each in items
    ]
    return [*lists, *singles, *OTHERS]


def answer(app: Flask, address: str) -> tuple[int, bytes, str | None]:
    got = app.test_client().get(address)
    body = got.json if got.is_json else None
    body = repr({**body, "instance": None}).encode() if isinstance(body, dict) else got.data
    return got.status_code, body, got.headers.get("ETag")


def soak(alone: Flask, together: Flask, part: float) -> None:
    """Ask a part of all addresses from each thread, in an order of its own."""
    paths = addresses(alone)
    expected = {address: answer(alone, address) for address in paths}
    begin, wrong = threading.Barrier(THREADS), list[str]()

    def ask(chance: random.Random) -> None:
        begin.wait()
        for address in chance.sample(paths, int(len(paths) * part)):
            try:
                if answer(together, address) != expected[address]:
                    wrong.append(address)
            except Exception as error:
                wrong.append(f"{address}: {error!r}")

    threads = [threading.Thread(target=ask, args=(random.Random(n),)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {status for status, _, _ in expected.values()} == {200, 400, 404}
    assert wrong == []


@pytest.mark.slow
def test_threads_get_what_one_gets(seeded: KnowledgeBase, eager: None) -> None:
    settings: Settings = seeded.app.extensions["kb"].settings
    together = create_app(replace(settings, threads=THREADS))  # with answers that are given again
    together.extensions["kb"].background.start()
    try:
        soak(seeded.app, together, part=0.3)
    finally:
        together.extensions["kb"].background.stop()
        together.extensions["kb"].search.close()
        together.extensions["kb"].database.dispose()


@pytest.mark.long
def test_threads_get_what_one_gets_for_long(seeded: KnowledgeBase, eager: None) -> None:
    settings: Settings = seeded.app.extensions["kb"].settings
    for _ in range(3):
        together = create_app(replace(settings, threads=THREADS), serving=False)
        soak(seeded.app, together, part=1)
        together.extensions["kb"].search.close()
        together.extensions["kb"].database.dispose()
