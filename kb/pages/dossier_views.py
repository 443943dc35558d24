"""/dossier: what somebody collected, in an address that can be passed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request
from marshmallow import ValidationError

from kb.decisions.dossier import Dossier, read_dossier
from kb.kinds import KIND_NAMES
from kb.pages.content import item_document
from kb.pages.links import dossier_address, link
from kb.pages.list_parsing import parse_list_query, shortened_words
from kb.pages.rendering import render_page
from kb.search import service
from kb.search.engine import SearchUnavailable
from kb.services import services, session
from kb.web.addresses import local_address
from kb.web.headers import serve_cached
from kb.web.policy import PagesBlueprint
from kb.web.translation import one_language
from schemas.dossiers import MOST, DossierItem, DossierItemField
from schemas.errors import printable
from schemas.query_fields import split_at_commas

blp = PagesBlueprint("dossier_pages", __name__, template_folder="templates")
blp.before_request(serve_cached)
MAX_CANDIDATES = 10  # things that a search offers to be added
MOST_COMPARED = 5  # cases
ITEM = DossierItemField()


@dataclass
class Choice:
    """The things that an address names, each once, as far as there is room for them."""

    items: list[DossierItem] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # what names no thing, to be shown
    left_out: int = 0  # how many there is no room for


@blp.get("/dossier")
def dossier() -> tuple[str, int]:
    """Things of all kinds, in the order of who collected them; without any, how to collect."""
    with one_language():
        choice = read_choice()
        read = read_dossier(session(), choice.items)
        worst = max((each.status for each in read.absent.values()), default=200)
        return _render(choice, read), 200 if read.things else worst


def read_choice() -> Choice:
    """The things of this request; what is wrong with it is told beside the rest."""
    choice = Choice()
    items: dict[DossierItem, None] = {}
    for text in filter(None, split_at_commas(request.args.getlist("item"))):
        try:
            item: DossierItem = ITEM.deserialize(text)  # type: ignore[assignment]
            items[item] = None
        except ValidationError:
            choice.refused.append(printable(text))
    choice.items = list(items)[:MOST]
    choice.left_out = len(items) - len(choice.items)
    return choice


def _render(choice: Choice, read: Dossier) -> str:
    items = list(read.choice)
    has_room = len(items) < MOST
    shortened = shortened_words()
    typed = parse_list_query("case", shortened.text if shortened else None)
    words = typed.parameters.get("q", "")
    query = "&".join(f"item={item}" for item in items)
    return render_page(
        "dossier.html",
        choice=choice,
        dossier=read,
        items=items,
        places={item: place for place, item in enumerate(items)},
        most=MOST,
        has_room=has_room,
        words=words,
        candidates=_candidates(items, words) if has_room and words else [],
        address_of=address_of,
        without=without,
        swapped=swapped,
        compared=[item.slug for item in read.things if item.kind == "case"][:MOST_COMPARED],
        moved={str(former): str(item) for former, item in read.moved.items()},
        shortened=shortened,
        api_address=local_address(f"/v1/dossiers?{query}") if read.things else "",
    )


def address_of(items: Sequence[DossierItem | str]) -> str:
    """The address of the dossier with these things."""
    if not items:
        return link("/dossier")
    return dossier_address() + "&item=".join(str(item) for item in items)


def without(items: Sequence[DossierItem], place: int) -> list[DossierItem]:
    """The same things but for the one at a place, counted from 0."""
    return [*items[:place], *items[place + 1 :]]


def swapped(items: Sequence[DossierItem], place: int) -> list[DossierItem]:
    """The same things, the one at a place before its predecessor."""
    return [*items[: place - 1], items[place], items[place - 1], *items[place + 1 :]]


def _candidates(items: Sequence[DossierItem], words: str) -> list[dict[str, Any]]:
    """Things of all kinds that meet the words and are not in the dossier; none without an index."""
    parameters = {"page": 1, "pageSize": MAX_CANDIDATES, "q": words, "facets": ()}
    requested = service.list_request("/v1/search", KIND_NAMES, parameters)
    try:
        page = service.list_page(services().search, requested)
    except SearchUnavailable:
        return []
    documents = [item_document(item) for item in page.items]
    return [each for each in documents if DossierItem(each["type"], each["id"]) not in items]
