"""A response is served from the cache until something changes."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kb.app import create_app
from kb.cases.aliases import Thing
from kb.database import Database, now
from kb.editors import workflow
from kb.settings import Settings
from tests.builders import a_case
from tests.conftest import KnowledgeBase, until


@pytest.fixture
def followed(kb: KnowledgeBase, tmp_path: Path) -> Iterator[Flask]:
    """A second application on the same data, which follows it."""
    kb.publish(a_case("tuin"))
    settings: Settings = kb.app.extensions["kb"].settings
    app = create_app(settings)
    app.extensions["kb"].background.start()
    yield app
    app.extensions["kb"].background.stop()
    app.extensions["kb"].search.close()
    database: Database = app.extensions["kb"].database
    database.dispose()


@pytest.fixture
def reader(followed: Flask) -> FlaskClient:
    """Who reads it."""
    until(lambda: followed.extensions["kb"].background.newest_change is not None)
    return followed.test_client()


@pytest.mark.parametrize(
    "address",
    ["/v1/cases?q=tuin&facets=scale", "/v1/cases?municipality=nergens"],  # with rows, without
)
def test_the_same_question_is_worked_out_once(reader: FlaskClient, address: str) -> None:
    first = reader.get(address)
    parts = reader.application.extensions["kb"]
    reader.application.extensions["kb"] = replace(parts, search=None)  # nobody can search now
    again = reader.get(address)
    reader.application.extensions["kb"] = parts

    assert again.data == first.data
    without = {"Date"}
    assert {k: v for k, v in again.headers.items() if k not in without} == {
        k: v for k, v in first.headers.items() if k not in without
    }


def test_a_cached_response_is_304_for_who_has_it(reader: FlaskClient) -> None:
    etag = reader.get("/v1/cases").headers["ETag"]

    assert reader.get("/v1/cases", headers={"If-None-Match": etag}).status_code == 304


def test_a_response_is_compressed_once(reader: FlaskClient) -> None:
    headers = {"Accept-Encoding": "gzip"}
    plain = reader.get("/v1/cases?facets=scale")
    first = reader.get("/v1/cases?facets=scale", headers=headers)
    reader.application.extensions.pop("kb.compress")  # nothing can be compressed now
    again = reader.get("/v1/cases?facets=scale", headers=headers)
    tags = {"If-None-Match": first.headers["ETag"]}

    assert gzip.decompress(again.data) == plain.data
    assert again.headers["ETag"] == first.headers["ETag"] != plain.headers["ETag"]
    assert reader.get("/v1/cases?facets=scale", headers=headers | tags).status_code == 304


@pytest.mark.parametrize("form", ['"{}-gzip"', '"ander", W/"{}-gzip"'])
def test_a_cached_response_knows_its_etag_from_a_proxy(reader: FlaskClient, form: str) -> None:
    tag = reader.get("/v1/cases").headers["ETag"].strip('"')

    answer = reader.get("/v1/cases", headers={"If-None-Match": form.format(tag)})

    assert answer.status_code == 304


def test_another_language_is_another_answer(reader: FlaskClient) -> None:
    address = "/v1/cases?facets=scale"
    dutch = reader.get(address)
    english = reader.get(address, headers={"Accept-Language": "en"})

    assert dutch.json != english.json
    assert reader.get(address).json == dutch.json


def test_a_problem_is_not_cached(reader: FlaskClient) -> None:
    numbers = {reader.get("/v1/cases?scale=x").json["instance"] for _ in range(2)}

    assert len(numbers) == 2


def test_links_to_neighbours_are_cached_too(reader: FlaskClient, kb: KnowledgeBase) -> None:
    kb.publish(a_case("plein"))
    until(lambda: reader.get("/v1/cases").json["page"]["totalItems"] == 2)

    links = [reader.get("/v1/cases?pageSize=1").headers["Link"] for _ in range(2)]

    assert links[0] == links[1]
    assert 'rel="next"' in links[0]


def test_a_published_case_is_seen_within_two_seconds(
    reader: FlaskClient, kb: KnowledgeBase
) -> None:
    reader.get("/v1/cases")
    kb.publish(a_case("plein"))

    until(lambda: reader.get("/v1/cases").json["page"]["totalItems"] == 2)


def test_a_withdrawn_case_goes_before_the_index_follows_and_its_item_when_it_does(
    reader: FlaskClient, kb: KnowledgeBase
) -> None:
    assert reader.get("/v1/cases").json["items"]
    assert reader.get("/v1/cases/tuin").status_code == 200
    with kb.engine.writing():  # another process holds the index
        with kb.database.transaction() as session:
            workflow.withdraw(
                session, Thing("case", "tuin"), reason="Verouderd.", at=now(), by="redactie"
            )
        until(lambda: reader.get("/v1/cases/tuin").status_code == 410)
        assert reader.get("/v1/cases").json["items"]
    until(lambda: not reader.get("/v1/cases").json["items"])


def test_a_cached_response_counts_for_the_partner_who_requests_it(
    reader: FlaskClient, kb: KnowledgeBase
) -> None:
    headers = {"Origin": "https://partner.example"}
    for _ in range(3):
        assert reader.get("/v1/cases", headers=headers).status_code == 200

    counted = reader.application.extensions["kb"].background.partner_use._counted
    assert sum(number for (origin, _), number in counted.items() if origin in headers.values()) == 3


def test_where_requests_are_limited_cached_responses_count_too(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    settings: Settings = kb.app.extensions["kb"].settings
    app = create_app(replace(settings, rate_limit="3 per minute"))
    try:
        answers = [app.test_client().get("/v1/cases").status_code for _ in range(5)]
    finally:
        app.extensions["kb"].background.stop()
        app.extensions["kb"].database.dispose()

    assert answers == [200, 200, 200, 429, 429]
