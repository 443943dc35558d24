"""What requests cost in process: processor time, beside a constant answer in the same run.

Flask's test client asks. Each request has an Accept-Language of its own, which changes nothing but
the key of the response cache: every answer is made anew, of words that this process has met before.
Words that nobody has asked for yet are another kind. The one kind for which the index changes first
is asked last, since that takes from all others what was made of the index once.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, pairwise
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient

from bench.bars import FIRST_MAP, NDJSON_ROWS, NEW_WORDS
from bench.constant import constant_app
from bench.servers import UnexpectedAnswer
from kb.app import create_app
from kb.services import services_of
from kb.settings import Settings

PASSES = 3
PER_PASS = 6  # requests of each kind; the judged queries suffice for new words in all passes
CONSTANT_BYTES = 2**15
CONSTANT_TURNS = 5  # of the constant answer after each request: caches of the processor are cold
MAX_ROWS = 2_000  # that are read of a list in NDJSON
COMMON_WORD = "bewoners"  # which most cases have
FACETS = "strategy,ingredient,scale"
MAP = "/v1/evidence-map?rows=ingredient"
Paths = Mapping[str, Sequence[str]]  # by the kind of request
Cost = dict[str, float]  # ms of the processor, and its ratio to the constant answer
_accept_languages = (f"nl, x-{number}" for number in count())


def measure(folder: Path, queries: Sequence[str], per_pass: int = PER_PASS) -> dict[str, Cost]:
    """The medians of the passes by the kind of request; `folder` is a data directory."""
    app = create_app(Settings(data_dir=folder))
    client, constant = app.test_client(), constant_app(CONSTANT_BYTES).test_client()
    starts = range(per_pass, (2 + PASSES) * per_pass, per_pass)
    new_words = [[_list_path(q) for q in queries[start : start + per_pass]] for start in starts]
    paths = _paths(client, queries[:per_pass])
    gc.collect()
    gc.freeze()  # as a serving process does
    passes = [dict(_one_pass(client, constant, {**paths, NEW_WORDS: each})) for each in new_words]
    for each in passes:
        each.update(_one_pass(client, constant, {FIRST_MAP: [MAP]}))
    del passes[0]  # in which Python and SQLAlchemy learn what is asked of them
    services_of(app).search.close()
    services_of(app).database.dispose()
    return {
        name: {key: median(each[name][key] for each in passes) for key in ("ms", "ratio")}
        for name in passes[0]
    }


def _paths(client: FlaskClient, queries: Sequence[str]) -> Paths:
    page: Any = client.get(f"/v1/cases?pageSize={len(queries) + 1}&fields=id").json
    every, typed = [each["id"] for each in page["items"]], [quote(each) for each in queries]
    ids = every[:-1]
    return {
        "list of 20 with three facets": [*map(_list_path, queries)],
        "page of results": [f"/zoeken?q={q}" for q in typed],
        "case page": [f"/casussen/{each}" for each in ids],
        "front page": ["/"] * len(ids),
        "case": [f"/v1/cases/{each}" for each in ids],
        "similar cases": [f"/v1/cases/{each}/similar-cases" for each in ids],
        NDJSON_ROWS: [f"/v1/cases?q={COMMON_WORD}&format=ndjson"],
        **_evidence_paths(client, every),
    }


def _list_path(query: str) -> str:
    return f"/v1/cases?q={quote(query)}&facets={FACETS}"


def _evidence_paths(client: FlaskClient, ids: Sequence[str]) -> Paths:
    """What findings say together, and cases side by side."""
    effects: Any = client.get("/v1/effects").json
    pairs = [f"case={one}&case={other}" for one, other in pairwise(ids)]
    domains = [each["id"] for each in effects["items"]][: len(pairs)]
    return {
        "map of the evidence, page": ["/kaart-van-het-bewijs"] * len(pairs),
        "map of the evidence": [MAP] * len(pairs),
        "effects, page": ["/effecten"] * len(pairs),
        "effect, page": [f"/effecten/{each}" for each in domains],
        "effects": ["/v1/effects"] * len(pairs),
        "effect": [f"/v1/effects/{each}" for each in domains],
        "comparison, page": [f"/vergelijken?{each}" for each in pairs],
        "comparison": [f"/v1/comparisons?{each}" for each in pairs],
    }


def _one_pass(client: FlaskClient, constant: FlaskClient, paths: Paths) -> Iterator[Any]:
    """Each request in turn with some constant ones."""
    for name, some in paths.items():
        total = constant_total = 0.0
        for path in some:
            if name == FIRST_MAP:
                _change_index(client.application)
            total += _milliseconds(client, path)
            turns = (_milliseconds(constant, "/") for _ in range(CONSTANT_TURNS))
            constant_total += sum(turns) / CONSTANT_TURNS
        yield name, {"ms": total / len(some), "ratio": total / constant_total}


def _change_index(app: Flask) -> None:
    """Have the index committed anew, so that what was made of the last commit is of no use."""
    with services_of(app).search.writing():
        pass


def _milliseconds(client: FlaskClient, path: str) -> float:
    """Of the processor, for one answer; of NDJSON for each thousand rows."""
    start = time.process_time()
    response = client.get(path, headers={"Accept-Language": next(_accept_languages)})
    if response.status_code != 200:
        raise UnexpectedAnswer(f"{response.status}: {path}")
    rows = 0
    for chunk in response.iter_encoded():
        rows += chunk.count(b"\n")
        if rows >= MAX_ROWS:
            break
    response.close()
    milliseconds = (time.process_time() - start) * 1000
    return (
        milliseconds * 1000 / rows if response.mimetype == "application/x-ndjson" else milliseconds
    )
