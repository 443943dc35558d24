from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from bench import lifecycle, report, speed, stock
from bench.bars import RATIOS, REQUEST_BARS, THIS_SYSTEM, WORDS_ALONE, bars, http_bars
from bench.corpus import LogLine, corpus
from bench.over_http import DatasetteFile
from bench.page_peers import PostgreSQL, Tantivy
from bench.speed import Effort
from bench.systems import Peer, SameWork, ThisSystem
from bench.timing import interleaved, summary
from kb.search.engine import SearchRequest

LITTLE = Effort(
    budget=3,
    warm_up=5,
    lines=20,
    counted=20,
    cold=5,
    worst=4,
    typed=5,
    published=1,
    requests=1,
    http=False,
)


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    measured = speed.measure(tmp_path_factory.mktemp("bench"), [40], None, LITTLE)
    return dict(json.loads(json.dumps(measured)))


@pytest.mark.long
def test_a_small_run_asks_every_system_the_same(numbers: dict[str, Any]) -> None:
    page = numbers["sizes"]["40"]["page"]

    assert {name: each["n"] for name, each in page.items()} == dict.fromkeys(
        [THIS_SYSTEM, WORDS_ALONE, "SQLite FTS5", "tantivy", "tantivy, two fields", "plain Whoosh"],
        20,
    )
    assert page[WORDS_ALONE]["ratio"] == 1
    assert all(0 < each["p50"] <= each["p95"] <= each["max"] for each in page.values())


def test_the_same_work_as_peers_do_is_no_order_by_meaning_or_tags(tmp_path: Path) -> None:
    with closing(ThisSystem(tmp_path)) as built, closing(SameWork(tmp_path)) as same:
        with built.engine.writing(afresh=True) as batch:
            for case in stock.search_documents(0, 12):
                for document in case:
                    batch.put(document)
        ranked = SearchRequest(("case",), same.parse("wonen bewoners gemeente"), limit=12)

        in_order = list(_scores(same, ranked))

        by_words_alone = _scores(built, replace(ranked, sort=("title",)))
        assert len(in_order) > 1
        assert in_order == sorted(by_words_alone, key=lambda each: -by_words_alone[each])
        assert in_order != list(_scores(built, ranked))


def _scores(system: ThisSystem, request: SearchRequest) -> dict[str, float]:
    return {hit.id: hit.score for hit in system.engine.search(request).hits}


@pytest.mark.long
def test_systems_that_do_the_same_work_find_about_as_much(numbers: dict[str, Any]) -> None:
    totals = numbers["sizes"]["40"]["totals"]

    same = [total for name, total in totals.items() if name != THIS_SYSTEM]
    assert min(same) > 0.2 * max(same)  # not all stem, or take parts below as many matches


@pytest.mark.long
def test_the_page_tells_what_was_measured(numbers: dict[str, Any], tmp_path: Path) -> None:
    report.write(numbers, tmp_path)

    page = (tmp_path / "performance.md").read_text("utf-8")
    assert all(name in page for name in ("## 40 cases", "| tantivy |", "publishing until found"))
    picture = ElementTree.parse(tmp_path / "performance.svg")
    assert len(picture.findall(".//{*}circle")) == 6


@pytest.mark.long
def test_each_requirement_is_met_or_not(numbers: dict[str, Any]) -> None:
    small = numbers["sizes"]["40"]
    faster = {
        **small,
        "page": {**small["page"], "tantivy": dict.fromkeys(RATIOS, 0.9)},
        "requests": {"case": {"ms": 1.0, "ratio": 5.0}, "front page": {"ms": 9.0, "ratio": 90.0}},
    }
    slower = {**small, "build": {"this system": small["build"]["this system"] * 1000}}

    met = {
        bar.requirement: bar.met
        for bar in bars({**numbers, "sizes": {"10000": faster, "40": slower}})
    }

    assert met["10,000 cases: a page, 1x tantivy or more"] is False
    assert met["10,000 cases: case, 1.5 ms or less"] is True
    assert met["10,000 cases: front page, 8 ms or less"] is False
    assert met["indexing 1,000 cases takes no longer in a larger index"] is True
    assert not any("Datasette" in each for each in met)  # nothing was asked over HTTP


@pytest.mark.long
def test_requests_cost_a_multiple_of_the_constant_answer(numbers: dict[str, Any]) -> None:
    for costs in (numbers["seed"], numbers["sizes"]["40"]["requests"]):
        assert costs.keys() == REQUEST_BARS.keys()
        assert all(cost["ratio"] > 1 and cost["ms"] > 0 for cost in costs.values())


def test_first_and_repeated_requests_are_compared_with_the_constant_answer() -> None:
    http = {
        "uncached": {"constant answer": {"ratio": 0.05}},
        "cached": {THIS_SYSTEM: {"ratio": 1.25}},
    }

    assert list(http_bars(http, "here", 8)) == [
        ("here: asked before, 0.9 of the constant answer or more", "0.80", False),
        ("here: asked first, 0.12 of the constant answer or more", "0.05", False),
    ]


def test_who_has_used_its_time_has_no_more_turns() -> None:
    calls: list[int] = []
    times = interleaved({"quick": calls.append, "slow": calls.append}, [1, 2, 3], budget=0.0)

    assert (times, calls) == ({"quick": [], "slow": []}, [])


def test_ratios_are_over_the_same_questions() -> None:
    figures = summary([20.0, 20.0], of=[10.0, 10.0, 1000.0])

    assert {name: figures[name] for name in ("n", *RATIOS)} == {
        "n": 2,
        **dict.fromkeys(RATIOS, 2.0),
    }


@pytest.mark.postgresql
def test_postgresql_finds_what_tantivy_finds(postgres_url: str, tmp_path: Path) -> None:
    systems: list[Peer] = [Tantivy(tmp_path), PostgreSQL(postgres_url, 40)]
    lifecycle.build(systems, 40)
    for system in systems:
        system.open()
    lines = [
        LogLine("common", ("bewoners",)),
        LogLine("mixed", ("bewoners", "gemeente")),
        LogLine("common", ("bewoners",), {"scale": "wijk"}),
        LogLine(
            "common", ("bewoners",), {"ingredient": "buddy-systeem", "municipality": "Nergens"}
        ),
    ]

    counts = [[system.page(each) for each in lines] for system in systems]
    for system in systems:
        system.close()

    assert counts[0] == counts[1]
    assert counts[0][0] >= counts[0][1] > counts[0][2] > counts[0][3] == 0


def test_datasette_gets_every_case_with_its_tags(tmp_path: Path) -> None:
    file = DatasetteFile(tmp_path)
    lifecycle.build([file], 30)

    with closing(sqlite3.connect(file.path)) as connection:
        [row] = connection.execute("SELECT id, strategy, scale FROM cases WHERE number = 25")
        [count] = connection.execute("SELECT count(*) FROM cases_fts WHERE cases_fts MATCH 'en'")

    case = corpus().case(24)
    assert row == (case["id"], json.dumps(case["strategies"]), case["scale"])
    assert count == (30,)
