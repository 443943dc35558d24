"""sitemap.xml, robots.txt, opensearch.xml and /dcat: what crawlers and catalogues begin with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from flask import Response, render_template, request

from kb.cases import queries
from kb.kinds import KINDS
from kb.problems import NotFound
from kb.services import services, session
from kb.sharing import atom, dcat, rdf
from kb.sharing.last_change import last_change
from kb.vocabulary.terms import schemes
from kb.web.addresses import local_address, public_address
from kb.web.negotiation import REPRESENTATIONS
from kb.web.policy import PagesBlueprint, Policy

blp = PagesBlueprint("discovery", __name__, template_folder="templates")
catalogue = PagesBlueprint("catalogue", __name__, Policy(cacheable=True, cross_origin=True))
FIXED_PAGES = (
    *("/", "/casussen", "/bestanddelen", "/valkuilen", "/vragen", "/onderzoeken", "/bevindingen"),
    *("/strategieen", "/effecten", "/kaart-van-het-bewijs"),
    *("/over", "/werkwijze", "/contact", "/privacy", "/toegankelijkheid"),
)
TERM_PAGES = {  # folders with a page for each term of a scheme
    "/bestanddelen": "ingredients",
    "/strategieen": "strategies",
    "/effecten": "effect-domains",
}
DISALLOWED = ("/v1/search", "/v1/suggestions", "/redactie")  # in robots.txt
DCAT_WRITERS = {"turtle": rdf.turtle, "jsonld": rdf.json_ld}
MAX_SITEMAP_URLS = 50_000  # sitemaps.org
Page = tuple[str, datetime | None]  # its path, and when its content changed last


@blp.get("/sitemap.xml")
def sitemap() -> Response:
    """Every page for people, with the day of its last change where we know one.

    Where there are more than a sitemap may have, it lists the sitemaps that have a part of them.
    """
    text = render_sitemap(list(_pages()), request.args.get("part", ""))
    if text is None:
        raise NotFound
    return _as(text, "application/xml")


def render_sitemap(
    pages: Sequence[Page], part: str, max_urls: int = MAX_SITEMAP_URLS
) -> str | None:
    """A sitemap of all pages, or an index of its parts, or one part; None for an unknown part.

    `part` is empty, or a number counted from 1.
    """
    parts = -(-len(pages) // max_urls)
    if not part and parts > 1:
        return render_template("sitemap_index.xml", parts=parts, public_address=public_address)
    if part and part not in map(str, range(1, parts + 1)):
        return None
    first = (int(part or 1) - 1) * max_urls
    pages = pages[first : first + max_urls]
    return render_template("sitemap.xml", pages=pages, public_address=public_address)


def _pages() -> Iterator[Page]:
    for path in FIXED_PAGES:
        yield path, None
    for kind in KINDS.values():
        if kind.model and kind.page_path:
            for slug, changed_at in queries.dates_changed(session(), kind):
                yield f"{kind.page_path}/{slug}", changed_at
    for folder, scheme in TERM_PAGES.items():
        for term in schemes()[scheme].current:
            yield f"{folder}/{term.id}", None


@blp.get("/robots.txt")
def robots() -> Response:
    """What crawlers may read: everything but searches in the API, which never end."""
    disallowed = "".join(f"Disallow: {local_address(path)}\n" for path in DISALLOWED)
    sitemap_address = public_address("/sitemap.xml")
    return _as(f"User-agent: *\n{disallowed}\nSitemap: {sitemap_address}\n", "text/plain")


@blp.get("/opensearch.xml")
def opensearch() -> Response:
    """How a browser or portal searches here (OpenSearch 1.1)."""
    text = render_template("opensearch.xml", name=atom.NAME, public_address=public_address)
    return _as(text, "application/opensearchdescription+xml")


@catalogue.get("/dcat")
@catalogue.get("/dcat.ttl", defaults={"representation": "turtle"})
@catalogue.get("/dcat.jsonld", defaults={"representation": "jsonld"})
def dcat_catalogue(representation: str = "") -> Response:
    """All that can be taken over, for catalogues of open data (DCAT-AP-NL 3)."""
    representation = representation or _accepted_of_dcat()
    settings = services().settings
    publisher = dcat.Publisher(
        settings.publisher_name, settings.publisher_uri, settings.contact_email
    )
    node = dcat.catalogue(public_address(), publisher, last_change())
    text = DCAT_WRITERS[representation](node)
    return Response(text, content_type=REPRESENTATIONS[representation].content_type)


def _accepted_of_dcat() -> str:
    """The representation that Accept prefers; Turtle when it takes neither, or anything."""
    by_media_type: Mapping[str, str] = {
        REPRESENTATIONS[name].media_type: name for name in DCAT_WRITERS
    }
    media_type = request.accept_mimetypes.best_match(by_media_type)
    return by_media_type.get(media_type or "", "turtle")


def _as(text: str, media_type: str) -> Response:
    return Response(text, content_type=f"{media_type}; charset=utf-8")
