"""Signposting (signposting.org): Link headers that tell machines what a thing is."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from flask import Response, request

from kb.kinds import KINDS, STUDY, Kind
from kb.sharing import rdf
from kb.web.addresses import public_address
from kb.web.headers import is_finished

BY_FOLDER = {  # of the addresses of single things: of the API, and their landing pages
    **{f"/v1/{kind.collection}": kind for kind in KINDS.values() if kind.model},
    **{kind.page_path: kind for kind in KINDS.values() if kind.page_path},
}


def add_signposts(response: Response) -> Response:
    """Say of a thing, or its page, what it is, by which address to cite it, and its licence."""
    folder, _, slug = request.path.rpartition("/")
    kind = BY_FOLDER.get(folder) if request.view_args else None
    if kind and response.status_code in {200, 304} and not is_finished():
        for address, relation in _signposts(kind, quote(slug), folder == kind.page_path):
            response.headers.add("Link", f'<{address}>; rel="{relation}"')
    return response


def _signposts(kind: Kind, slug: str, is_page: bool) -> Iterator[tuple[str, str]]:
    """Addresses with their link relations, in the order of the headers."""
    document = public_address(f"/v1/{kind.collection}/{slug}")
    page = public_address(f"{kind.page_path}/{slug}") if kind.page_path else document
    yield page, "cite-as"
    if is_page:
        yield document, 'describedby"; type="application/json'
        yield f"{rdf.SCHEMA}AboutPage", "type"
    yield f"{rdf.SCHEMA}{kind.schema_org_type}", "type"
    if kind is not STUDY:  # a publication has a licence of its own
        yield rdf.LICENCE, "license"
