"""Every name of the API is explained where it is used, or in Dutch in docs/glossary.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kb.app import create_app
from kb.editors.model import STATES
from kb.input_errors import DETAILS
from kb.problems import PROBLEMS_BY_NAME
from kb.settings import Settings
from kb.vocabulary.terms import SCHEMES, schemes
from schemas.lists import ITEMS

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"
ROW = re.compile(
    r"^\| (?P<names>`[^|]+) \| (?P<dutch>[^|]+) \| (?P<meaning>[^|]+) \|$", re.MULTILINE
)
NAME = re.compile(r"`([^`]+)`")
CHOICES = {"any", "all", "relevance"}  # values of parameters that are no terms
STANDARDS = {
    *("_links", "self", "next", "prev", "href"),  # HAL
    *("detail", "instance"),  # RFC 9457
    *("op", "path"),  # RFC 6902
    *("oembed", "provider_name", "provider_url", "cache_age"),  # oEmbed
    *("maxwidth", "maxheight", "width", "height"),
    "openapi.json",
}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The OpenAPI document: it has every name that crosses the border."""
    app = create_app(Settings(data_dir=tmp_path_factory.mktemp("glossary")), serving=False)
    made: dict[str, Any] = app.extensions["kb"].api_document()
    return made


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The JSON Schema of a case: its keys have Dutch titles."""
    app = create_app(Settings(data_dir=tmp_path_factory.mktemp("form")), serving=False)
    schema: dict[str, Any] = app.test_client().get("/v1/schemas/case").get_json()
    return schema


@pytest.fixture(scope="module")
def explained_where_used(document: dict[str, Any], form: dict[str, Any]) -> set[str]:
    """What the document and the form describe, and what has a text that readers get."""
    texts = {
        **{name: each.explanation for name, each in PROBLEMS_BY_NAME.items()},
        **DETAILS,
        **{name: scheme.labels["nl"] for name, scheme in schemes().items()},
    }
    described = {*described_in(document), *described_in(form)}
    return described | {name for name, text in texts.items() if text}


def described_in(value: Any) -> Iterator[str]:
    """The parameters and keys below it that have a title or a description."""
    if isinstance(value, dict):
        if value.get("in") in ("query", "path") and value.get("description"):
            yield value["name"]
        properties = value.get("properties")
        for key, shape in properties.items() if isinstance(properties, dict) else ():
            if isinstance(shape, dict) and (shape.get("description") or shape.get("title")):
                yield key
    below = value.values() if isinstance(value, dict) else value
    for each in below if isinstance(value, (dict, list)) else ():
        yield from described_in(each)


@pytest.fixture(scope="module")
def explained() -> set[str]:
    """The names in the first column of the glossary's tables."""
    rows = ROW.finditer(GLOSSARY.read_text("utf-8"))
    return {name for row in rows for name in NAME.findall(row["names"])}


def resources_of(document: dict[str, Any]) -> set[str]:
    parts = {part for path in document["paths"] for part in path.split("/") if part}
    return {part.strip("{}") for part in parts}


def keys_of(document: dict[str, Any]) -> set[str]:
    shapes = document["components"]["schemas"].values()
    return {key for shape in shapes for key in shape.get("properties", ())}


def parameters_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("in") in {"query", "path"} and "schema" in value:
            yield value["name"]
        for each in value.values():
            yield from parameters_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from parameters_in(each)


def known_names(document: dict[str, Any]) -> dict[str, set[str]]:
    """Every name of the API, by what it is."""
    return {
        "resources": resources_of(document),
        "types": {*ITEMS, "vocabulary", "place"},
        "keys": keys_of(document),
        "parameters": set(parameters_in(document["paths"])),
        "choices": CHOICES,
        "vocabularies": set(SCHEMES),
        "problems": set(PROBLEMS_BY_NAME),
        "codes": set(DETAILS),
        "states": set(STATES),
    }


@pytest.mark.parametrize(
    "what",
    [
        *("resources", "types", "keys", "parameters", "choices"),
        *("vocabularies", "problems", "codes", "states"),
    ],
)
def test_every_name_is_explained(
    what: str, document: dict[str, Any], explained: set[str], explained_where_used: set[str]
) -> None:
    assert sorted(known_names(document)[what] - explained - explained_where_used - STANDARDS) == []


def test_no_name_is_explained_that_is_none(document: dict[str, Any], explained: set[str]) -> None:
    documented = {name for names in known_names(document).values() for name in names}

    assert sorted((explained | STANDARDS) - documented) == []
