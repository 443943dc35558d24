"""Representations, as read by parsers that are not ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import rdflib

from tests.conftest import KnowledgeBase
from tests.contract.addresses import local, with_query

CASE = "/v1/cases/place2bu-utrecht"
STUDY = "/v1/studies/kleinhans-2004"
SCHEMA = rdflib.Namespace("https://schema.org/")


def text_of(kb: KnowledgeBase, address: str, representation: str) -> str:
    answer = kb.client.get(with_query(address, f"format={representation}"))
    assert answer.status_code == 200, answer.text
    return answer.get_data().decode()


def graph(kb: KnowledgeBase, address: str, representation: str) -> Any:
    names = {"jsonld": "json-ld", "turtle": "turtle"}
    return rdflib.Graph().parse(
        data=text_of(kb, address, representation), format=names[representation]
    )


def whole(kb: KnowledgeBase, address: str) -> Iterator[dict[str, Any]]:
    """All items of a list, page by page."""
    while address:
        page: Any = kb.client.get(address).json
        yield from page["items"]
        address = local(page["_links"]["next"]["href"]) if "next" in page["_links"] else ""
