"""What a page tells how to follow: a list with its words and filters, or one case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from kb.editors.published import published_case
from kb.kinds import CASE, KINDS
from kb.pages.links import FOLLOWED_LISTS, link, with_query
from kb.pages.list_parsing import Slip, parse_list_query
from kb.pages.list_state import ListState
from kb.pages.rendering import render_page
from kb.problems import NotFound
from kb.search import service
from kb.services import services, session
from kb.sharing.list_titles import list_heading
from kb.sharing.subscriptions import Followed
from kb.vocabulary.terms import language
from kb.web.addresses import public_address

NOT_FOLLOWED = ("page", "pageSize", "sort", "facets", "fields")  # a feed has the newest first


@dataclass(frozen=True)
class Following:
    """Something to follow, and its pages."""

    heading: str
    back: str  # the address of its own page
    feed: str  # absolute; empty when nothing is left to follow
    what: Followed
    errors: list[Slip] = field(default_factory=list)


def list_to_follow(name: str) -> Following:
    """The list of this request; `name` is that of its page. Raises NotFound."""
    if name not in FOLLOWED_LISTS:
        raise NotFound
    kind = FOLLOWED_LISTS[name]
    query = parse_list_query(kind)
    chosen = _followed(query.state.parameters)
    path = f"/v1/{KINDS[kind].collection}"
    requested = service.list_request(path, (kind,), _followed(query.parameters))
    return Following(
        heading=list_heading(services().search, requested),
        back=ListState(f"/{name}", chosen).address,
        feed="" if query.refused else _feed(path, chosen),
        what=Followed(kind, chosen),
        errors=query.errors,
    )


def case_to_follow(case_id: str) -> Following:
    """One case. Raises UnknownId and Withdrawn."""
    shown = published_case(session(), case_id)
    return Following(
        heading=shown["title"],
        back=link(f"/casussen/{case_id}"),
        feed=_feed(f"/v1/cases/{case_id}", {}),
        what=Followed(CASE.name, slug=shown["id"]),
    )


def render_following(following: Following, **form: Any) -> str:
    """The page that tells how; `form` is what was typed into the form for e-mail, and errors."""
    return render_page(
        "follow.html",
        following=following,
        sends_mail=services().settings.sends_mail,
        form=form,
    )


def _feed(path: str, parameters: Mapping[str, Any]) -> str:
    """The absolute address of the feed of a list or thing of the API, in the reader's language."""
    spoken = {"lang": "en"} if language() == "en" else {}
    return with_query(public_address(quote(path)), {**parameters, "format": "atom", **spoken})


def _followed(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that choose things."""
    return {name: value for name, value in parameters.items() if name not in NOT_FOLLOWED}
