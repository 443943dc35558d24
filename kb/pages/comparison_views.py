"""/vergelijken: cases side by side, and how people add one and take one away."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import request

from kb.editors.published import published_case
from kb.evidence.comparison_limits import limits
from kb.evidence.comparisons import GAPS, Row, compare, similarities
from kb.pages.content import item_document, read_related
from kb.pages.links import link
from kb.pages.list_parsing import parse_list_query, shortened_words
from kb.pages.rendering import render_page
from kb.problems import UnknownId, Withdrawn
from kb.search.engine import SearchUnavailable
from kb.search.more_like_this import similar_cases
from kb.services import services, session
from kb.translation import N_
from kb.vocabulary.terms import language
from kb.web.addresses import local_address, public_address
from kb.web.headers import serve_cached
from kb.web.policy import PagesBlueprint
from kb.web.translation import gettext, one_language
from schemas.comparisons import FEWEST, MOST
from schemas.errors import printable
from schemas.json_fields import KEBAB
from schemas.query_fields import split_at_commas

blp = PagesBlueprint("comparison_pages", __name__, template_folder="templates")
blp.before_request(serve_cached)
MAX_CANDIDATES = 6  # cases that are offered to be added
MAX_ID_LENGTH = 80  # characters
GROUP_LABELS = {
    "context": N_("Place, years and size"),
    "targetGroups": N_("Target groups"),
    "strategies": N_("Strategies"),
    "ingredients": N_("Active ingredients"),
    "pitfalls": N_("Pitfalls"),
    "findings": N_("Findings"),
    "parties": N_("Parties"),
}


@dataclass
class Choice:
    """The cases that an address names, each once, as far as there is room for them."""

    cases: list[dict[str, Any]] = field(default_factory=list)
    absent: dict[str, UnknownId | Withdrawn] = field(default_factory=dict)  # by id
    left_out: list[str] = field(default_factory=list)  # ids for which there is no column

    @property
    def ids(self) -> list[str]:
        """Of the cases that are there."""
        return [case["id"] for case in self.cases]

    @property
    def status(self) -> int:
        """What the API would answer for the worst of the ids."""
        return max((problem.status for problem in self.absent.values()), default=200)


@blp.get("/vergelijken")
def comparison() -> tuple[str, int]:
    """Two to five cases side by side; with fewer, a way to choose them."""
    with one_language():
        choice = read_choice()
        return _render(choice), choice.status


def _render(choice: Choice) -> str:
    is_complete = len(choice.cases) >= FEWEST
    rows = compare(choice.cases) if is_complete else []
    has_room = len(choice.cases) < MOST
    query = urlencode([("case", slug) for slug in choice.ids])
    shortened = shortened_words()
    typed = parse_list_query("case", shortened.text if shortened else None)
    words = typed.parameters.get("q", "")
    is_refused = "q" in typed.refused or (shortened is not None and not words)
    return render_page(
        "comparison.html",
        choice=choice,
        address_of=address_of,
        has_room=has_room,
        most=MOST,
        words=words,
        shortened=shortened,
        is_refused=is_refused,
        candidates=_candidates(choice.ids, words) if has_room and not is_refused else [],
        groups=group_rows(row for row in rows if not row["isEqual"]),
        equal_rows=[row for row in rows if row["isEqual"]],
        group_labels=GROUP_LABELS,
        gaps={name: gettext(text) for name, text in GAPS.items()},
        short_titles=[case["title"].partition(":")[0] for case in choice.cases],
        zip=zip,
        similarities=similarities(choice.cases) if is_complete else [],
        limits=list(limits(choice.cases)) if is_complete else [],
        api_address=local_address(f"/v1/comparisons?{query}") if is_complete else "",
    )


def read_choice() -> Choice:
    """The cases of this request. A former id raises Moved, which leads to the new one."""
    choice = Choice()
    named = (slug for slug in split_at_commas(request.args.getlist("case")) if slug)
    slugs = list(dict.fromkeys(named))
    choice.left_out = slugs[MOST:]
    for slug in slugs[:MOST]:
        try:
            choice.cases.append(_read_case(slug))
        except (UnknownId, Withdrawn) as problem:
            choice.absent[slug] = problem
    return choice


def _read_case(slug: str) -> dict[str, Any]:
    if len(slug) > MAX_ID_LENGTH or not KEBAB.fullmatch(slug):
        raise UnknownId(printable(slug), [])
    return published_case(session(), slug)


def address_of(ids: Iterable[str], *, without: str = "", plus: str = "") -> str:
    """The address of the comparison of these cases, without one of them or with one more."""
    others = [slug for slug in ids if slug != without]
    return link("/vergelijken", {"case": [*others, *([plus] if plus else [])]})


def _candidates(ids: list[str], words: str) -> list[dict[str, Any]]:
    """Cases to add: those that meet the words, or else those most like the first one chosen."""
    if words:
        items, _ = read_related("case", {"q": words, "pageSize": MAX_CANDIDATES + len(ids)})
        documents = [item_document(item) for item in items]
    elif ids:
        documents = _similar(ids[0], MAX_CANDIDATES + len(ids))
    else:
        return []
    return [each for each in documents if each["id"] not in ids][:MAX_CANDIDATES]


def _similar(slug: str, limit: int) -> list[dict[str, Any]]:
    """The cases most like a case; none without an index."""
    try:
        items = similar_cases(services().search, slug, language(), public_address(), limit)
    except SearchUnavailable:
        return []
    return [json.loads(item) for item in items]


def group_rows(rows: Iterable[Row]) -> Mapping[str, list[Row]]:
    """The rows by their group, in their own order."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["group"], []).append(row)
    return groups
