"""The technical rules of the Dutch API Design Rules (Logius, 2.x), by their names there.

The checks on the document are those of the official linter: media/linter.yaml in
https://github.com/Logius-standaarden/API-Design-Rules, and those on answers its “How to test”.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from kb.app import create_app
from kb.settings import Settings
from tests.conftest import PUBLIC_URL, KnowledgeBase
from tests.contract.addresses import EVERY, PATH_EXAMPLES, filled, keys_in, texts_in, with_query

SEMVER = r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
KEBAB_PATH = (
    r"(\/|(\/_[a-z0-9]+|\/(([a-z0-9\-]+|{[^}]+})(\/([a-z0-9\-\.]+|{[^}]+}))*)(\/_[a-z]+)?)\/?)"
)
CAMEL = r"[a-z][a-z\d]*([A-Z][a-z\d]*)*"
NOT_COLLECTIONS = {
    *("search", "openapi.json", "live", "ready", "me", "draft", "history", "_validate", "oembed"),
    *("evidence-map", "case-workbook"),  # one of a kind
}
SCHEMAS = {  # these speak of keys
    *("/v1/openapi.json", "/v1/schemas/case", "/v1/schemas/question", "/v1/schemas/study"),
}
STANDARDS = {filled("/v1/oembed")}  # their keys are those of another standard
ERRORS = ["/v1/nergens", "/v1/cases?x=1", "/v1/cases/nergens", "/v1/cases/", "/v1"]


@pytest.fixture(scope="module")
def document(seeded: KnowledgeBase) -> dict[str, Any]:
    """The document as the API serves it."""
    answer = seeded.client.get("/v1/openapi.json")
    served: dict[str, Any] = answer.get_json()
    return served


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every path, method and operation."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method not in {"parameters", "servers"}:
                yield path, method, operation


def answers(kb: KnowledgeBase) -> Iterator[tuple[str, Any]]:
    """The JSON of every address, with facets and a match where there can be any."""
    for template in EVERY:
        address = filled(template)
        yield address, kb.client.get(address).json
        if template in {"/v1/cases", "/v1/search"}:
            rich = with_query(address, "q=statushouders&facets=ingredient,archetype,evidence")
            yield rich, kb.client.get(rich).json
    for address in ERRORS:
        yield address, kb.client.get(address).get_json(force=True)


def resolved(document: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    """What a `$ref` refers to."""
    if "$ref" not in value:
        return value
    node: Any = document
    for step in value["$ref"].removeprefix("#/").split("/"):
        node = node[step]
    return resolved(document, node)


def test_doc_openapi_and_publish_openapi(seeded: KnowledgeBase) -> None:
    answer = seeded.client.get("/v1/openapi.json", headers={"Origin": "https://elders.nl"})

    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert re.fullmatch(r"3(.\d+){1,2}", answer.json["openapi"])
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_doc_openapi_contact(document: dict[str, Any]) -> None:
    assert document["info"]["contact"]["name"]
    assert document["info"]["contact"]["url"].startswith("http")
    assert document["info"]["license"]["name"]
    assert document["info"]["license"]["url"].startswith("https://")


def test_no_trailing_slash(document: dict[str, Any], seeded: KnowledgeBase) -> None:
    assert not [path for path in document["paths"] if path.endswith("/")]
    assert not [
        rule.rule for rule in seeded.app.url_map.iter_rules() if rule.rule[1:].endswith("/")
    ]


def test_path_segments_kebab_case(document: dict[str, Any]) -> None:
    for path in document["paths"]:
        assert re.fullmatch(KEBAB_PATH, path) or path == "/openapi.json"  # as there
        for segment in path.split("/")[1:]:
            assert re.fullmatch(
                r"[a-z0-9]+(-[a-z0-9]+)*|_[a-z]+|{[a-zA-Z]+}|openapi\.json", segment
            )


def test_naming_collections_in_the_plural(document: dict[str, Any]) -> None:
    for path in document["paths"]:
        segments = path.split("/")[1:]
        for segment, following in zip(segments, [*segments[1:], ""], strict=True):
            if (
                segment in NOT_COLLECTIONS
                or segment.startswith("{")
                or segment in {"case", "study", "question"}
            ):
                continue
            assert segment.endswith("s") or segment == "health"
            below = {"", "live", "ready", "changes", "case", "study", "question", "_validate"}
            assert following.startswith("{") or following in below


def test_there_are_no_file_extensions_in_paths(document: dict[str, Any]) -> None:
    dotted = [path for path in document["paths"] if "." in path]

    assert dotted == ["/openapi.json"]  # the standard asks for this one


def test_query_keys_camel_case(document: dict[str, Any]) -> None:
    for path, _, operation in operations(document):
        for parameter in (resolved(document, each) for each in operation["parameters"]):
            header = parameter["in"] == "header"
            assert header or re.fullmatch(CAMEL, parameter["name"]), (path, parameter["name"])


def test_json_keys_camel_case(document: dict[str, Any], seeded: KnowledgeBase) -> None:
    values_as_keys = set(PATH_EXAMPLES)  # none: names of filters are camelCase too
    for address, body in answers(seeded):
        if address in SCHEMAS | STANDARDS:
            continue
        keys = {key.removeprefix("_") for key in keys_in(body)} - values_as_keys
        assert not [key for key in keys if not re.fullmatch(CAMEL, key)], address
    for name, schema in document["components"]["schemas"].items():
        assert re.fullmatch(r"([A-Z][a-z\d]*)+", name)
        for key in schema["properties"] if name != "Oembed" else ():
            assert re.fullmatch(f"_?{CAMEL}", key), (name, key)


def test_http_methods(document: dict[str, Any]) -> None:
    methods = {method for _, method, _ in operations(document)}

    assert methods <= {"get", "post", "put", "patch", "delete"}


def test_uri_version(document: dict[str, Any], seeded: KnowledgeBase) -> None:
    assert [server["url"] for server in document["servers"]] == [f"{PUBLIC_URL}/v1"]
    for server in document["servers"]:
        assert re.search(r"/v\d+$", server["url"])
    for path, item in document["paths"].items():
        assert not re.search(r"/v\d", path)
        if "servers" in item:
            assert path.startswith("/health/")
    for rule in seeded.app.url_map.iter_rules():
        assert not re.search(r"/v\d+\.", rule.rule)


def test_semver(document: dict[str, Any]) -> None:
    assert re.fullmatch(SEMVER, document["info"]["version"])


def test_version_header(document: dict[str, Any], seeded: KnowledgeBase) -> None:
    for path, _, operation in operations(document):
        for code, response in operation["responses"].items():
            assert "API-Version" in resolved(document, response)["headers"], (path, code)
    for address in [*map(filled, EVERY), *ERRORS, "/", "/docs", "/nergens", "/docs/page.css"]:
        for method in ("GET", "HEAD", "OPTIONS", "POST", "TRACE"):
            answer = seeded.client.open(address, method=method, buffered=True)
            assert answer.headers["API-Version"] == document["info"]["version"]
    tag = seeded.client.get("/v1/cases").headers["ETag"]
    unchanged = seeded.client.get("/v1/cases", headers={"If-None-Match": tag})
    assert unchanged.status_code == 304
    assert unchanged.headers["API-Version"] == document["info"]["version"]


def test_error_handling_problem_details(document: dict[str, Any], seeded: KnowledgeBase) -> None:
    for _, _, operation in operations(document):
        for code, response in operation["responses"].items():
            if code >= "400":
                content = resolved(document, response)["content"]
                assert list(content) == ["application/problem+json"]
                shape = resolved(document, content["application/problem+json"]["schema"])
                assert {"type", "title", "status", "detail", "instance"} <= set(shape["required"])
    for address in ERRORS:
        answer = seeded.client.get(address)
        assert answer.content_type == "application/problem+json"
        assert {"status", "title", "detail"} <= answer.json.keys()


def test_error_handling_invalid_input(document: dict[str, Any]) -> None:
    for _, _, operation in operations(document):
        assert "400" in operation["responses"]
        assert "422" not in operation["responses"]


def test_date_time_format_and_timezone(document: dict[str, Any], seeded: KnowledgeBase) -> None:
    keys = set()
    for address, body in answers(seeded):
        for key, text in texts_in(body):
            if key.endswith("At"):
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text), (address, key)
                assert datetime.fromisoformat(text).tzinfo is not None
                keys.add(key)
            elif key.endswith("Date"):
                date.fromisoformat(text)
            else:
                assert not re.fullmatch(r"\d{4}-\d\d-\d\d([T ].*)?", text), (address, key)
    assert {"publishedAt", "updatedAt"} <= keys
    for shape in document["components"]["schemas"].values():
        for key, schema in shape["properties"].items():
            if key.endswith("At"):
                assert schema["format"] == "date-time"
            elif re.search(r"\w+D(ate|atum)$", key):
                assert schema["format"] == "date"
            else:
                assert schema.get("format") not in {"date", "time", "date-time-local"}


def test_years_are_numbers(seeded: KnowledgeBase) -> None:
    def years(value: Any) -> Iterator[Any]:
        if isinstance(value, dict):
            for key, below in value.items():
                if key == "year" or key.endswith("Year"):
                    yield below
                yield from years(below)
        elif isinstance(value, list):
            for below in value:
                yield from years(below)

    for address, body in answers(seeded):
        if address not in SCHEMAS:
            assert all(year is None or isinstance(year, int) for year in years(body))


@pytest.mark.parametrize("address", [*map(filled, EVERY), *ERRORS, "/", "/docs", "/nergens"])
def test_transport_security_headers(address: str, seeded: KnowledgeBase) -> None:
    for headers in ({}, {"Accept": "text/html"}):
        answer = seeded.client.get(address, headers=headers)

        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "camera=()" in answer.headers["Permissions-Policy"]
        is_page = answer.mimetype == "text/html"
        opener = "same-origin" if is_page else None
        assert answer.headers.get("Cross-Origin-Opener-Policy") == opener
        assert answer.headers["Content-Type"]
        assert answer.headers["Cache-Control"]
        assert "Strict-Transport-Security" not in answer.headers  # this one speaks http


def test_behind_https_a_browser_has_to_stay_there(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, public_url="https://kennisbank.test")
    app = create_app(settings, serving=False)

    answer = app.test_client().get("/v1/vocabularies")

    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert answer.json["items"][0]["_links"]["self"]["href"].startswith("https://kennisbank.test/")


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    tags = {tag["name"] for tag in document["tags"]}

    assert len(set(names)) == len(names)
    assert all(tag["description"] for tag in document["tags"])
    for _, _, operation in operations(document):
        assert re.fullmatch(CAMEL, operation["operationId"])
        assert operation["summary"].endswith(".")
        assert len(operation["description"]) > len("Read this document.")
        assert set(operation["tags"]) <= tags
        parameters = [resolved(document, each) for each in operation["parameters"]]
        assert all(parameter["description"] for parameter in parameters)
