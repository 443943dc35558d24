"""/v1/oembed: what an editor that knows the standard (oembed.com) needs to show a page of ours."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from flask import request
from flask.views import MethodView
from flask_babel import gettext
from marshmallow import EXCLUDE

from kb.cases import queries
from kb.kinds import INGREDIENT, KINDS
from kb.problems import Moved, NotFound, UnknownId, UnsupportedFormat, Withdrawn
from kb.services import session
from kb.sharing import embed_html
from kb.sharing.embed_addresses import (
    EMBED_PATHS,
    MAP_EMBED_PATH,
    MAP_PATH,
    embed_path,
    page_path,
    with_query,
)
from kb.vocabulary.terms import language, schemes, term
from kb.web.addresses import public_address
from kb.web.blueprint import Blueprint
from kb.web.parsing import is_page_query
from kb.web.redirects import path_now
from schemas.embeds import EmbedLookQuery, EmbedMapQuery, EmbedQuery, Oembed, OembedQuery

blp = Blueprint("oembed", __name__, url_prefix="/v1", description="Pages of ours in other pages.")
ITEM_HEIGHT = 480  # pixels
KIND_BY_EMBED_PATH = {kind.embed_path: kind for kind in KINDS.values() if kind.embed_path}
FRAME_QUERIES = {"/embed/zoeken": EmbedQuery, MAP_EMBED_PATH: EmbedMapQuery}  # of others: the look
CACHE_AGE_SECONDS = 3600


class Frame(NamedTuple):
    """What a frame shows, and its size in pixels when nothing smaller is asked."""

    title: str
    height: int
    width: int = embed_html.FRAME_WIDTH


@blp.before_request
def refuse_xml() -> None:
    """Answer 501 for the other format of the standard, as it asks."""
    if request.args.getlist("format") == ["xml"]:
        raise UnsupportedFormat


@blp.route("/oembed")
class OneEmbed(MethodView):
    @blp.arguments(OembedQuery, location="query", unknown=EXCLUDE)  # as the standard asks
    @blp.response(200, Oembed)
    @blp.alt_responses(404, 501)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """Say how to embed a page of ours: a list, a single thing, or the map of the evidence.

        An answer as oembed.com has it: one iframe, no larger than asked, with the names that the
        standard gives. An address that cannot be shown in a frame is 404, as is one with a
        parameter that the frame cannot read; `format=xml` is 501.
        """
        path, page_query = _parse_own_address(query["url"])
        if "lang" in query and "lang" not in dict(page_query):
            page_query.append(("lang", query["lang"]))
        source = embed_path(path, page_query)
        if source is None:
            raise NotFound
        try:
            frame = _frame(path)
        except Moved as moved:
            path = path_now(unquote(path), moved) or path
            source, frame = embed_path(path, page_query) or path, _frame(path)
        _refuse_unreadable(source)
        title = frame.title
        width = min(frame.width, query.get("maxwidth", frame.width))
        height = min(frame.height, query.get("maxheight", frame.height))
        page_address = public_address(with_query(page_path(path), page_query))
        iframe = embed_html.iframe(public_address(source), title, width, height)
        return {
            "provider_name": gettext("Knowledge base on mixed neighbourhoods"),
            "provider_url": public_address("/"),
            "title": title,
            "html": embed_html.blockquote(page_address, title) + iframe,
            "width": width,
            "height": height,
            "cache_age": CACHE_AGE_SECONDS,
        }


def _parse_own_address(address: str) -> tuple[str, list[tuple[str, str]]]:
    """The path and query of an address of ours, absolute or from its path on.

    Raises NotFound for another website's, and for one beside the path of KB_PUBLIC_URL.
    """
    base = urlsplit(public_address())
    try:
        parts = urlsplit(address)
        is_ours = parts.netloc.lower() in {"", base.netloc.lower()}
        query = parse_qsl(parts.query)
    except ValueError:
        raise NotFound from None
    is_absolute = parts.scheme in {"http", "https"} and parts.netloc
    is_path = not parts.scheme and address.startswith("/")
    is_below_base = f"{parts.path}/".startswith(f"{base.path}/")
    if not is_ours or not (is_path or (is_absolute and is_below_base)):
        raise NotFound
    path = parts.path.removeprefix(base.path) if is_below_base else parts.path
    return path or "/", [pair for pair in query if pair[0] != "fragment"]


def _refuse_unreadable(source: str) -> None:
    """Raises NotFound when the frame could not read its own query, and would show a 400."""
    path, _, query = source.partition("?")
    if not is_page_query(FRAME_QUERIES.get(path, EmbedLookQuery), query):
        raise NotFound


def _frame(path: str) -> Frame:
    """The frame that shows a page of ours. Raises NotFound and Moved."""
    if path in {MAP_PATH, MAP_EMBED_PATH}:
        height, width = embed_html.MAP_FRAME_HEIGHT, embed_html.MAP_FRAME_WIDTH
        return Frame(gettext("Map of the evidence"), height, width)
    folder, _, name = path.rpartition("/")
    slug = unquote(name)
    if folder == INGREDIENT.page_path:
        if slug not in schemes()["ingredients"].terms:
            raise NotFound
        return Frame(term("ingredients", slug).label(language()), embed_html.FRAME_HEIGHT)
    kind = KIND_BY_EMBED_PATH.get(EMBED_PATHS.get(folder, folder))
    if kind is None or kind.model is None:
        return Frame(gettext("Search case studies"), embed_html.FRAME_HEIGHT)
    try:
        title: str = queries.one(session(), kind.model(), slug).title
    except (UnknownId, Withdrawn):
        raise NotFound from None
    return Frame(title, ITEM_HEIGHT)
