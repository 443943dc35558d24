"""The page for an error: what a person can do next."""

from __future__ import annotations

import re
from typing import Any

from flask import request
from rapidfuzz import fuzz

from kb.cases import queries
from kb.kinds import CASE, KINDS, Kind
from kb.pages.http import beside
from kb.pages.rendering import more_rooms, page, rooms
from kb.services import session
from kb.suggestions import closest_match
from kb.vocabulary.terms import language

TYPO = 80  # how alike, of 100, two addresses are of which one has a slip of the keyboard
MOST_TYPED = 6  # words of an address that search is asked for
BY_PAGE_PATH = {kind.page_path: kind for kind in KINDS.values() if kind.page_path}


def problem_page(body: dict[str, Any]) -> str:
    """The page that a person sees instead of a problem in JSON."""
    is_absent = body["status"] == 404
    return page(
        "problem.html",
        problem=body,
        near=_near(body) if is_absent else [],
        instead=_titles(CASE, [body["replacedBy"]]) if body.get("replacedBy") else [],
        typed=_typed() if is_absent else "",
    )


def _near(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Pages that were probably meant by an address that is not there: each path and title."""
    folder, _, name = request.path.rpartition("/")
    kind = BY_PAGE_PATH.get(folder)
    if kind and (slugs := body.get("suggestions")):
        return [(f"{folder}/{slug}", title) for slug, title in _titles(kind, slugs)]
    known = {path.strip("/"): (path, title) for path, title in (*rooms(), *more_rooms()) if path}
    if not folder and (meant := closest_match(name, known)) and fuzz.ratio(name, meant) >= TYPO:
        return [known[meant]]
    if not (typed := _typed()):
        return []
    listed, _ = beside("case", {"pageSize": 3, "q": typed})
    named = [each for each in listed if each.match and "title" in each.match.fields_]
    return [(f"/casussen/{each.row.slug}", each.row.title) for each in named]


def _titles(kind: Kind, slugs: list[str]) -> list[tuple[str, str]]:
    """What things are called, by id."""
    rows = queries.many_of_kind(session(), kind, slugs)
    titles = {
        slug: row.label(language()) if kind.scheme else row.title for slug, row in rows.items()
    }
    return [(slug, titles.get(slug, slug)) for slug in slugs]


def _typed() -> str:
    """The words in the last part of the address, to search with."""
    words = re.findall(r"\w+", request.path.rpartition("/")[2])
    return " ".join(words[:MOST_TYPED])[:100] if all(len(each) < 40 for each in words) else ""
