"""Whatever happens to a file of the index, an answer is right or 503, and the index heals itself.

While arrays are made again an answer may be degraded: slower, in another order by relevance.

No file is known by name here: the tests harm every file that they find in a healthy index, in
place, as a bad disk would.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from flask import Response
from flask.testing import FlaskClient

from kb.app import create_app
from kb.kinds import KIND_NAMES
from kb.search import consistency
from kb.search.engine import SearchEngine, SearchRequest, SearchUnavailable
from kb.search.query.parse import parse
from kb.search.whoosh_engine import WhooshEngine
from kb.settings import Settings
from tests.builders import a_case, a_finding, a_pitfall, a_study
from tests.conftest import PUBLIC_URL, KnowledgeBase, make, until
from tests.durability.following import following
from tests.durability.test_backup import publish_in_the_database

LISTS = (
    "/v1/cases?facets=ingredient,municipality",
    "/v1/search?q=tuin&facets=type",
    "/v1/pitfalls?q=geld&municipality=Utrecht",
    "/v1/findings?q=overlast&sort=title",
    "/v1/search?q=tuim",  # misspelt
    "/v1/suggestions?q=tu",
)
OTHERS = ("/v1/cases/tuin", "/v1/pitfalls/tuin--korte-adem", "/v1/vocabularies", "/health/live")


def cut(path: Path) -> None:
    """Lose the second half."""
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def empty(path: Path) -> None:
    """Lose everything but the name."""
    with path.open("r+b") as file:
        file.truncate(0)


def noise(path: Path) -> None:
    """Turn into something else of the same length."""
    with path.open("r+b") as file:
        file.write(random.Random(4).randbytes(path.stat().st_size))


HARMS = [
    pytest.param(cut, id="cut"),
    pytest.param(empty, id="empty", marks=pytest.mark.slow),
    pytest.param(noise, id="noise", marks=pytest.mark.slow),
    pytest.param(Path.unlink, id="removed", marks=pytest.mark.slow),
]


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose index was written in several goes, with texts that were replaced."""
    folder = tmp_path_factory.mktemp("healthy")
    kb = make(folder)
    slugs = ("tuin", "plein", "straat")
    kb.take(
        studies=[a_study("rapport", pitfalls=[a_pitfall("rapport")])],
        cases=[a_case(slug, summary="Eerst stond hier iets anders.") for slug in slugs],
    )
    owned = {slug: {"pitfalls": [a_pitfall(slug)], "findings": [a_finding(slug)]} for slug in slugs}
    kb.publish(*(a_case(slug, **owned[slug]) for slug in slugs))
    kb.withdraw("straat")
    assert kb.client.get(LISTS[0]).json["page"]["totalItems"] == 2
    kb.close()
    return folder


@contextmanager
def opened(folder: Path) -> Iterator[KnowledgeBase]:
    """The knowledge base in a folder."""
    app = create_app(Settings(data_dir=folder, public_url=PUBLIC_URL), serving=False)
    kb = KnowledgeBase(app, app.extensions["kb"].database, app.extensions["kb"].search)
    yield kb
    kb.close()


@pytest.fixture
def each_file(
    healthy: Path, tmp_path: Path, harm: Callable[[Path], None]
) -> Iterator[tuple[str, Path, Path]]:
    """Of every file that can be harmed: its name, a data folder for it alone, its place there."""

    def copies() -> Iterator[tuple[str, Path, Path]]:
        files = [path for path in sorted((healthy / "index").rglob("*")) if path.is_file()]
        filled = [path for path in files if path.stat().st_size]
        assert filled
        for number, file in enumerate(files if harm is Path.unlink else filled):
            copy = tmp_path / str(number)
            shutil.copytree(healthy, copy)
            yield file.name, copy, copy / file.relative_to(healthy)

    return copies()


def results_of(engine: SearchEngine) -> list[object]:
    """What an engine finds: without words, by words, as a suggestion, as the nearest word."""
    facets = ("ingredient", "municipality", "pitfallCategory")
    requests = [
        SearchRequest(types=KIND_NAMES, facets=facets, sort=("title",), limit=100),
        SearchRequest(types=("case",), facets=facets, filters={"municipality": ("Utrecht",)}),
        SearchRequest(types=KIND_NAMES, query=parse("tuin"), facets=("type",)),
        SearchRequest(types=KIND_NAMES, query=parse('"geld op"'), limit=100),
        SearchRequest(types=KIND_NAMES, query=parse("bewoners gemeente"), limit=100),
    ]
    results = [engine.search(request) for request in requests]
    return [
        *([(hit.type, hit.id) for hit in result.hits] for result in results[:2]),
        *({(hit.type, hit.id) for hit in result.hits} for result in results[2:]),
        *((result.total, result.facets) for result in results),
        engine.suggest("tu", ("case", "pitfall", "place", "ingredient"), 8),
        engine.spelling_suggestion("tuim"),
        engine.counts(),
        set(engine.keys()),
    ]


def results_or_none(engine: SearchEngine) -> list[object] | None:
    """What an engine finds; None when it says that there is no index to ask."""
    try:
        return results_of(engine)
    except SearchUnavailable:
        return None


@pytest.mark.parametrize("harm", HARMS)
def test_a_process_that_starts_on_a_damaged_index(
    each_file: Iterator[tuple[str, Path, Path]], harm: Callable[[Path], None]
) -> None:
    wrong: list[str] = []
    for name, folder, path in each_file:
        with opened(folder) as kb, with_harm_named(name, wrong):
            right = results_of(kb.engine)
            kb.engine.close()
            harm(path)

            assert results_or_none(WhooshEngine(folder / "index")) in (right, None)
            kb.catch_up()

            fresh = WhooshEngine(folder / "index")
            assert results_of(fresh) == results_of(kb.engine) == right
            assert not consistency.check(kb.database, fresh)
            fresh.close()
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("harm", HARMS)
def test_an_application_whose_index_is_damaged_while_it_runs(
    each_file: Iterator[tuple[str, Path, Path]], harm: Callable[[Path], None]
) -> None:
    """What it has in memory may go on answering; it heals at the next publication at the latest."""
    wrong: list[str] = []
    for name, folder, path in each_file:
        with opened(folder) as kb, with_harm_named(name, wrong):
            heals_while_it_runs(kb, folder, partial(harm, path))
    assert not wrong, "\n".join(wrong)


def heals_while_it_runs(kb: KnowledgeBase, folder: Path, harm: Callable[[], None]) -> None:
    """Harm an index that is open; look at what is answered, until it is healed."""
    right = [kb.client.get(address).json for address in LISTS]
    kb.engine.close()
    assert ask(kb.client, right, LISTS[:1]) == {200}
    harm()

    outcomes = ask(kb.client, right)
    ready = kb.client.get("/health/ready").status_code
    if len(outcomes) == 1 and outcomes == ask(kb.client, right, LISTS[:1]):
        assert outcomes == {ready}, f"lists answer {outcomes}, readiness {ready}"

    with following(kb):
        until(lambda: ask(kb.client, right, LISTS[:1]) == {200})
        until(lambda: ask(kb.client, right) == {200})
        publish_in_the_database(kb, "park")
        until(lambda: finds(kb.client, "park"))
    fresh = WhooshEngine(folder / "index")
    assert results_of(fresh) == results_of(kb.engine)
    assert not consistency.check(kb.database, fresh)
    fresh.close()


def test_an_index_in_which_nothing_was_saved_is_not_an_empty_one(tmp_path: Path) -> None:
    engine = WhooshEngine(tmp_path / "index")
    with pytest.raises(KeyboardInterrupt), engine.writing(afresh=True):
        raise KeyboardInterrupt  # as when the first making of an index is broken off

    with pytest.raises(SearchUnavailable):
        engine.search(SearchRequest(types=KIND_NAMES))
    with pytest.raises(SearchUnavailable):
        engine.counts()
    assert (engine.change(), engine.fingerprint()) == (0, "")


def test_a_degraded_answer_says_so_and_nobody_keeps_it(healthy: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(healthy, folder)
    with opened(folder) as kb:
        right = kb.client.get(LISTS[1])
        kb.engine.close()
        for path in (folder / "index").glob("*.arrays"):
            path.unlink()
        with FileLock(folder / "index.lock"):  # as a writer holds it: nobody repairs meanwhile
            degraded = kb.client.get(LISTS[1])
            ready = kb.client.get("/health/ready")
        until(lambda: kb.client.get(LISTS[1]).json == right.json)

        assert degraded.json["query"]["degraded"]
        assert comparable(degraded.json) == comparable(right.json)
        assert degraded.headers["Cache-Control"] == "no-store"
        assert (ready.status_code, ready.json["checks"]["search"]) == (200, "degraded")
        assert not right.json["query"]["degraded"]
        until(lambda: kb.client.get(LISTS[1]).headers["Cache-Control"].startswith("public"))


def test_nobody_keeps_a_degraded_answer_that_takes_longer_than_the_repair(
    healthy: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(healthy, folder)
    for path in (folder / "index").glob("*.arrays"):
        path.unlink()
    with opened(folder) as kb, FileLock(folder / "index.lock") as lock:

        @kb.app.after_request
        def repair(response: Response) -> Response:
            lock.release()
            until(lambda: not kb.engine.is_degraded())
            return response

        answer = kb.client.get(LISTS[1])

        assert answer.json["query"]["degraded"]
        assert answer.headers["Cache-Control"] == "no-store"


@contextmanager
def with_harm_named(name: str, wrong: list[str]) -> Iterator[None]:
    """Go on with the next file when something is wrong with this one, and tell it in the end."""
    try:
        yield
    except Exception as error:
        wrong.append(f"{name}: {error!r}"[:400])


def ask(client: FlaskClient, right: list[object], addresses: tuple[str, ...] = LISTS) -> set[int]:
    """The statuses of the lists, each of which is right or away; all else answers."""
    statuses = set()
    for address, expected in zip(addresses, right, strict=False):
        answer = client.get(address)
        assert answer.status_code in {200, 503}, f"{address}: {answer.text}"
        if answer.status_code == 200:
            assert comparable(answer.json) == comparable(expected), address
        else:
            assert answer.headers["Retry-After"], address
        statuses.add(answer.status_code)
    assert {client.get(address).status_code for address in OTHERS} == {200}
    return statuses


def comparable(answer: Any) -> dict[str, Any]:
    """An answer without its order by relevance, and whether it is degraded."""
    items = answer["items"]
    if "relevance" in answer.get("query", {}).get("sort", ()):
        items = sorted(items, key=lambda item: (item["type"], item["id"]))
    query = {**answer.get("query", {}), "degraded": False}
    return {**answer, "items": items, "query": query}


def finds(client: FlaskClient, slug: str) -> bool:
    """Whether a case is in the list by now."""
    answer = client.get(f"/v1/cases?q={slug}")
    assert answer.status_code in {200, 503}, answer.text
    return answer.status_code == 200 and [each["id"] for each in answer.json["items"]] == [slug]
