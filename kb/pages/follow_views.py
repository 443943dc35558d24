"""/volgen: how to hear of what is new in a list, or of a case, for who never used a feed."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from kb.editors.published import published_case
from kb.kinds import KINDS
from kb.pages.links import FOLLOWED_LISTS, link, with_query
from kb.pages.list_parsing import PageQuery, parse_list_query
from kb.pages.list_state import ListState
from kb.pages.rendering import render_page
from kb.problems import NotFound
from kb.search import service
from kb.services import services, session
from kb.sharing.list_titles import list_heading
from kb.vocabulary.terms import language
from kb.web.addresses import public_address
from kb.web.headers import serve_cached
from kb.web.policy import PagesBlueprint

blp = PagesBlueprint("follow_pages", __name__, template_folder="templates")
blp.before_request(serve_cached)
NOT_FOLLOWED = ("page", "pageSize", "sort", "facets", "fields")  # a feed has the newest first


@blp.get("/volgen/<slug:name>")
def follow_list(name: str) -> str:
    """How to follow a list, with its words and filters."""
    if name not in FOLLOWED_LISTS:
        raise NotFound
    kind = FOLLOWED_LISTS[name]
    query = parse_list_query(kind)
    state = ListState(f"/{name}", _followed(query.state.parameters))
    requested = service.list_request(
        f"/v1/{KINDS[kind].collection}", (kind,), _followed(query.parameters)
    )
    return _page(
        heading=list_heading(services().search, requested),
        back=state.address,
        feed="" if query.refused else _feed_of(ListState(requested.path, state.parameters)),
        query=query,
    )


@blp.get("/volgen/casussen/<slug:case_id>")
def follow_case(case_id: str) -> str:
    """How to follow one case."""
    shown = published_case(session(), case_id)
    return _page(
        heading=shown["title"],
        back=link(f"/casussen/{case_id}"),
        feed=_feed_of(ListState(f"/v1/cases/{case_id}", {})),
        query=None,
    )


def _page(*, heading: str, back: str, feed: str, query: PageQuery | None) -> str:
    return render_page(
        "follow.html",
        heading=heading,
        back=back,
        feed=feed,
        errors=query.errors if query else [],
    )


def _feed_of(state: ListState) -> str:
    """The absolute address of the feed of a list or thing of the API, in the reader's language."""
    spoken = {"lang": "en"} if language() == "en" else {}
    return with_query(
        public_address(quote(state.path)), {**state.parameters, "format": "atom", **spoken}
    )


def _followed(parameters: Any) -> dict[str, Any]:
    """The parameters that choose things."""
    return {name: value for name, value in parameters.items() if name not in NOT_FOLLOWED}
