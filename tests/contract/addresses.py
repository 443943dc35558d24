"""Every address of the API with ids that the seed has, to walk all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from flask import Flask

from kb.app import create_app
from kb.settings import Settings
from schemas.base import camel
from schemas.paths import PATH_PARAMETERS

PATH_EXAMPLES = {camel(name): f"{each.example}" for name, each in PATH_PARAMETERS.items()}
LISTS = {
    "cases": "case",
    "pitfalls": "pitfall",
    "findings": "finding",
    "studies": "study",
    "questions": "question",
    "ingredients": "ingredient",
}
NEEDED = {  # parameters that cannot be left out
    "/v1/suggestions": "?q=stat",
    "/v1/comparisons": "?case=place2bu-utrecht&case=stek-oost-amsterdam",
    "/v1/dossiers": "?item=case:place2bu-utrecht&item=question:leidt-mengen-tot-contact",
    "/v1/memos": "?item=case:place2bu-utrecht",
    "/v1/transfer-checks": "?case=place2bu-utrecht",
    "/v1/oembed": "?url=/casussen/place2bu-utrecht",
    "/v1/cases/{caseId}/versions/{version}/changes": "?from=1",
    "/v1/studies/{studyId}/versions/{version}/changes": "?from=1",
    "/v1/questions/{questionId}/versions/{version}/changes": "?from=1",
}
SINGLE = ("/v1/cases/{}", "/v1/pitfalls/{}", "/v1/findings/{}", "/v1/studies/{}")
PUBLIC_URL = "http://kennisbank.test"


def template_of(path: str) -> str:
    """The address of a path of the document, which leaves out the base path."""
    return path if path.startswith("/health/") else f"/v1{path}"


def templates(app: Flask) -> Iterator[str]:
    """The addresses that programs read without a token: `/v1/cases/{caseId}`."""
    for path, item in app.extensions["kb"].api_document()["paths"].items():
        if "get" in item and not item["get"]["security"]:
            yield template_of(path)


def filled(template: str) -> str:
    """The address with the ids that the document gives as examples."""
    path = re.sub(r"{(\w+)}", lambda match: PATH_EXAMPLES[match[1]], template)
    return path + NEEDED.get(template, "")


def every_template() -> list[str]:
    """All addresses, without a database: for parameters of tests."""
    return sorted(templates(create_app(Settings(), serving=False)))


EVERY = every_template()
EVERY_LIST = [f"/v1/{name}" for name in LISTS] + ["/v1/search"]


def with_query(address: str, query: str) -> str:
    """The address with more parameters."""
    return f"{address}{'&' if '?' in address else '?'}{query}"


def local(url: str) -> str:
    """An absolute address of ours as the test client takes it."""
    assert url.startswith(f"{PUBLIC_URL}/"), url
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def keys_in(value: Any) -> Iterator[str]:
    """Every key in an answer, however deep."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield key
            yield from keys_in(below)
    elif isinstance(value, list):
        for below in value:
            yield from keys_in(below)


def texts_in(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text in an answer with the key it stands under."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from texts_in(below, key)
    elif isinstance(value, list):
        for below in value:
            yield from texts_in(below, path)
    elif isinstance(value, str):
        yield path, value
