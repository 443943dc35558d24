"""Memos, and the texts of their sections."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any
from urllib.parse import quote, urlencode

from tests.conftest import KnowledgeBase

CHOICE = (
    *("case:place2bu-utrecht", "case:stek-oost-amsterdam", "ingredient:buddy-systeem"),
    *("question:leidt-mengen-tot-contact", "study:kleinhans-2004"),
)

LISTS = ("cases", "pitfalls", "findings", "studies", "questions", "ingredients")


def address(*items: str, **parameters: Any) -> str:
    pairs = [*(("item", each) for each in items), *parameters.items()]
    return f"/v1/memos?{urlencode(pairs, quote_via=quote)}"


def memo(kb: KnowledgeBase, *items: str, **parameters: Any) -> Any:
    answer = kb.client.get(address(*items, **parameters))
    assert answer.status_code == 200, answer.text
    return answer.json


def texts(blocks: list[Any]) -> Iterator[str]:
    """Each text of some blocks, without its looks."""
    for block in blocks:
        cells = chain.from_iterable(block.get("rows", ()))
        for text in (block.get("text", ()), *block.get("items", ()), *cells):
            yield "".join(run["text"] for run in text)


def section(document: Any, name: str, *, annex: bool = True) -> str:
    """The text of a section, with its annex or without."""
    [chosen] = [each for each in document["sections"] if each["id"] == name]
    parts = [*chosen["blocks"], *(chosen["annex"] if annex else ())]
    return "\n".join(texts(parts))
