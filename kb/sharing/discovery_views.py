"""sitemap.xml, robots.txt, opensearch.xml and /dcat: how machines find their way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from xml.sax.saxutils import escape

from flask import Blueprint, Response, request
from flask_babel import gettext

from kb.cases import queries
from kb.problems import NotFound
from kb.services import services, session
from kb.sharing import atom, dcat, linked_data
from kb.sharing.http import last_change
from kb.vocabulary.terms import schemes
from kb.web.addresses import local_address, public_address
from kb.web.negotiation import REPRESENTATIONS

blp = Blueprint("finding", __name__)
PAGES = {"case": "casussen", "pitfall": "valkuilen", "question": "vragen", "study": "onderzoeken"}
LISTS = (
    *("/", "/casussen", "/bestanddelen", "/valkuilen", "/vragen", "/onderzoeken", "/bevindingen"),
    *("/over", "/werkwijze", "/contact", "/privacy", "/toegankelijkheid"),
)
CLOSED = ("/v1/search", "/v1/suggestions", "/redactie")  # for crawlers
CATALOGUE = {"turtle": linked_data.turtle, "jsonld": linked_data.json_ld}  # how it can be written
MOST = 50_000  # addresses that a sitemap may have
Dated = tuple[str, datetime | None]  # a path, and when what stands there changed


@blp.get("/sitemap.xml")
def sitemap() -> Response:
    """Every page for people, with the day of its last change where we know one.

    Where there are more than a sitemap may have, it lists the sitemaps that have a part of them.
    """
    told = sitemap_of(list(_pages()), request.args.get("part", ""))
    if told is None:
        raise NotFound
    return _told(told, "application/xml")


def sitemap_of(pages: Sequence[Dated], part: str, most: int = MOST) -> str | None:
    """All pages, or where their parts are, or a part of them; None when there is no such part."""
    parts = -(-len(pages) // most)
    if not part and parts > 1:
        listed = [(f"/sitemap.xml?part={number}", None) for number in range(1, parts + 1)]
        return _xml("sitemapindex", "sitemap", listed)
    if part and part not in map(str, range(1, parts + 1)):
        return None
    first = (int(part or 1) - 1) * most
    return _xml("urlset", "url", pages[first : first + most])


def _xml(whole: str, one: str, listed: Iterable[Dated]) -> str:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f'<{whole} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">')
    for path, changed in listed:
        day = f"<lastmod>{changed:%Y-%m-%d}</lastmod>" if changed else ""
        lines.append(f"<{one}><loc>{escape(public_address(path))}</loc>{day}</{one}>")
    return "\n".join([*lines, f"</{whole}>\n"])


def _pages() -> Iterator[Dated]:
    for path in LISTS:
        yield path, None
    for kind, folder in PAGES.items():
        for slug, changed in queries.moments(session(), kind):
            yield f"/{folder}/{slug}", changed
    for ingredient in schemes()["ingredients"].terms:
        yield f"/bestanddelen/{ingredient}", None


@blp.get("/robots.txt")
def robots() -> Response:
    """What crawlers may read: everything but searches in the API, which never end."""
    closed = "".join(f"Disallow: {local_address(path)}\n" for path in CLOSED)
    text = f"User-agent: *\n{closed}\nSitemap: {public_address('/sitemap.xml')}\n"
    return _told(text, "text/plain")


@blp.get("/opensearch.xml")
def opensearch() -> Response:
    """How a browser or portal searches here (OpenSearch 1.1)."""
    name = escape(atom.NAME)
    about = escape(gettext("Search cases, pitfalls and research on mixed neighbourhoods"))
    page = escape(public_address("/zoeken?q={searchTerms}"))
    feed = escape(public_address("/v1/search?format=atom&q={searchTerms}&page={startPage?}"))
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">\n'
        f"<ShortName>Kennisbank</ShortName><LongName>{name}</LongName>\n"
        f"<Description>{about}</Description>\n"
        f'<Url type="text/html" template="{page}"/>\n'
        f'<Url type="application/atom+xml" template="{feed}"/>\n'
        "<InputEncoding>UTF-8</InputEncoding><OutputEncoding>UTF-8</OutputEncoding>\n"
        "</OpenSearchDescription>\n"
    )
    return _told(text, "application/opensearchdescription+xml")


@blp.get("/dcat")
@blp.get("/dcat.ttl", defaults={"representation": "turtle"})
@blp.get("/dcat.jsonld", defaults={"representation": "jsonld"})
def dcat_catalogue(representation: str = "") -> Response:
    """All that can be taken over, for catalogues of open data (DCAT-AP-NL 3)."""
    if not representation:
        offered = {REPRESENTATIONS[each].media_type: each for each in CATALOGUE}
        media_type = request.accept_mimetypes.best_match(offered, "text/turtle")
        representation = offered[media_type]
    settings = services().settings
    publisher = dcat.Publisher(
        settings.publisher_name, settings.publisher_uri, settings.contact_email
    )
    nodes = dcat.catalogue(public_address(), publisher, last_change())
    return Response(
        CATALOGUE[representation](*nodes), content_type=REPRESENTATIONS[representation].content_type
    )


def _told(text: str, media: str) -> Response:
    return Response(text, content_type=f"{media}; charset=utf-8")
