"""The page for an error: what a person can do next."""

from __future__ import annotations

import re
from typing import Any

from flask import request
from rapidfuzz import fuzz

from kb.cases import queries
from kb.kinds import CASE, KINDS, Kind
from kb.pages.content import read_related
from kb.pages.rendering import footer_links, header_links, render_page
from kb.services import session
from kb.suggestions import closest_match
from kb.vocabulary.terms import language

MIN_SIMILARITY = 80  # of 100: an address with a slip of the keyboard, and the one that was meant
MAX_WORDS = 6  # of an address, to search with
BY_PAGE_PATH = {kind.page_path: kind for kind in KINDS.values() if kind.page_path}


def render_problem(body: dict[str, Any]) -> str:
    """The page that a person sees instead of a problem in JSON, which is `body`."""
    is_absent = body["status"] == 404
    return render_page(
        "problem.html",
        problem=body,
        suggestions=_suggestions(body) if is_absent else [],
        replacements=_replacements(body["replacedBy"]) if body.get("replacedBy") else [],
        words=_words_of_address() if is_absent else "",
    )


def _suggestions(body: dict[str, Any]) -> list[tuple[str, str]]:
    """Paths and titles of pages that were probably meant by an address that is not there."""
    folder, _, name = request.path.rpartition("/")
    kind = BY_PAGE_PATH.get(folder)
    if kind and (slugs := body.get("suggestions")):
        return [(f"{folder}/{slug}", title) for slug, title in _titles(kind, slugs)]
    pages = {path.strip("/"): (path, title) for path, title in (*header_links(), *footer_links())}
    closest = closest_match(name, pages) if not folder else None
    if closest and fuzz.ratio(name, closest) >= MIN_SIMILARITY:
        return [pages[closest]]
    if not (words := _words_of_address()):
        return []
    items, _ = read_related("case", {"pageSize": 3, "q": words})
    cases = [item.document for item in items]
    return [
        (f"{CASE.page_path}/{case['id']}", case["title"])
        for case in cases
        if "title" in case["match"]["fields"]
    ]


def _replacements(slug: str) -> list[tuple[str, str]]:
    """The path and title of what took the place of what this page was about."""
    kind = BY_PAGE_PATH.get(request.path.rpartition("/")[0], CASE)
    name, slug = queries.replacement_of(session(), kind.name, slug)
    [(slug, title)] = _titles(KINDS[name], [slug])
    return [(f"{KINDS[name].page_path}/{slug}", title)]


def _titles(kind: Kind, slugs: list[str]) -> list[tuple[str, str]]:
    """Ids with what each thing is called; the id itself of one that is no more."""
    rows = queries.many_of_kind(session(), kind, slugs)
    titles = {
        slug: row.label(language()) if kind.scheme else row.title for slug, row in rows.items()
    }
    return [(slug, titles.get(slug, slug)) for slug in slugs]


def _words_of_address() -> str:
    """The words in the last part of the address, to search with; empty when they look like none."""
    words = re.findall(r"\w+", request.path.rpartition("/")[2])
    return " ".join(words[:MAX_WORDS])[:100] if all(len(word) < 40 for word in words) else ""
