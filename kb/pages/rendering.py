"""What every page has: its language, addresses that keep to it, what its template may call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote, urlencode

from flask import render_template, request
from flask_babel import gettext

from kb.pages import labels, outcomes, page_metadata
from kb.pages.unverified import elsewhere, unchecked
from kb.sharing.representations import json_ld_of, json_ld_of_site
from kb.vocabulary.terms import language
from kb.web.addresses import local_address, public_address

Query = Mapping[str, Any]  # a text, a number or several texts by the name of the parameter


def page(template: str, **content: Any) -> str:
    """A page in the language of the request."""
    return render_template(
        template,
        language=language(),
        labels=labels,
        open_graph=page_metadata.open_graph,
        citation_tags=page_metadata.citation_tags,
        reference=page_metadata.reference,
        downloads=page_metadata.downloads,
        outcomes=outcomes,
        unchecked=unchecked,
        unchecked_elsewhere=elsewhere,
        feed_address=feed_address,
        oembed_address=oembed_address,
        kept_language=kept_language,
        link=link,
        page_of=page_of,
        public_address=public_address,
        rooms=rooms,
        more_rooms=more_rooms,
        here=here,
        other_language=other_language,
        describe=json_ld_of,
        describe_site=json_ld_of_site,
        **content,
    )


def kept_language() -> str | None:
    """The language that was asked for in the address, to be kept by what is followed."""
    asked = request.args.get("lang")
    return asked if asked in {"nl", "en"} else None


def link(path: str, query: Query | None = None) -> str:
    """The address of a page of ours; who asked for a language keeps it."""
    asked = kept_language()
    kept = {"lang": asked} if asked else {}
    return with_query(local_address(quote(path)), {**(query or {}), **kept})


def feed_address(list_address: str) -> str:
    """The Atom feed of a list of the API."""
    joint = "&" if "?" in list_address else "?"
    return f"{list_address}{joint}format=atom"


def oembed_address() -> str:
    """Where other sites learn how to show this very page."""
    here = public_address(quote(request.path))
    if asked := request.query_string.decode("ascii", "replace"):
        here = f"{here}?{asked}"
    return with_query(public_address("/v1/oembed"), {"url": here})


def page_of(thing: Mapping[str, Any]) -> str:
    """The address of the page of a thing as the API tells it; of a finding, its place there."""
    href: str = thing["_links"]["html"]["href"]
    path, hash_, place = unquote(href.removeprefix(public_address())).partition("#")
    return f"{link(path)}{hash_}{place}"


def with_query(path: str, query: Query) -> str:
    """A path and what is asked of it, in the order given."""
    pairs = [
        (name, str(each))
        for name, value in query.items()
        for each in (value if isinstance(value, (tuple, list)) else (value,))
    ]
    return f"{path}?{urlencode(pairs, quote_via=quote)}" if pairs else path


def other_language() -> str:
    """This very page in the other language."""
    asked = {name: request.args.getlist(name) for name in request.args if name != "lang"}
    path = local_address(quote(request.path))
    return with_query(path, {**asked, "lang": "nl" if language() == "en" else "en"})


def rooms() -> list[tuple[str, str]]:
    """Where the head of every page leads."""
    return [
        ("/casussen", gettext("Cases")),
        ("/bestanddelen", gettext("Active ingredients")),
        ("/valkuilen", gettext("Pitfalls")),
        ("/vragen", gettext("Questions")),
    ]


def more_rooms() -> list[tuple[str, str]]:
    """Where the foot of every page leads too."""
    return [
        ("/onderzoeken", gettext("Studies")),
        ("/bevindingen", gettext("Findings")),
        ("/werkwijze", gettext("How we work")),
        ("/over", gettext("About")),
        ("/contact", gettext("Contact")),
        ("/privacy", gettext("Privacy")),
        ("/toegankelijkheid", gettext("Accessibility")),
        ("/insluiten", gettext("Embed")),
    ]


def here(path: str) -> str | None:
    """Whether a room is this very page, or the one that it stands in, as `aria-current` has it."""
    if request.path == path:
        return "page"
    return "true" if request.path.startswith(f"{path}/") else None
