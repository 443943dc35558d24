"""/v1/oembed: what an editor that knows the standard (oembed.com) needs to show a page of ours."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from flask import request
from flask.views import MethodView
from flask_babel import gettext
from marshmallow import EXCLUDE

from kb.cases import queries
from kb.kinds import KINDS
from kb.problems import Moved, NotFound, UnknownId, UnsupportedFormat, Withdrawn
from kb.services import session
from kb.sharing import embed_html
from kb.vocabulary.terms import language, schemes, term
from kb.web.addresses import public_address
from kb.web.blueprint import Blueprint
from kb.web.redirects import path_now
from schemas.embeds import Oembed, OembedQuery

blp = Blueprint("oembed", __name__, url_prefix="/v1", description="Pages of ours in other pages.")
THING_HEIGHT = 480  # pixels
SHOWN = {kind.embed_path: kind for kind in KINDS.values() if kind.embed_path}  # in a frame
FRESH = 3600  # seconds that an answer is as good as new


@blp.before_request
def give_json_only() -> None:
    """The standard's other format has an answer of its own: 501."""
    if request.args.getlist("format") == ["xml"]:
        raise UnsupportedFormat


@blp.route("/oembed")
class OneEmbed(MethodView):
    @blp.arguments(OembedQuery, location="query", unknown=EXCLUDE)  # as the standard asks
    @blp.response(200, Oembed)
    @blp.alt_responses(404, 501)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """Say how to embed a page of ours: a list, or a single thing.

        An answer as oembed.com has it: one iframe, no larger than asked, with the names that the
        standard gives. An address that cannot be shown in a frame is 404; `format=xml` is 501.
        """
        path, asked = _ours(query["url"])
        if "lang" in query and "lang" not in dict(asked):
            asked.append(("lang", query["lang"]))
        source = embed_html.framed(path, asked)
        if source is None:
            raise NotFound
        try:
            title, height = _told(path)
        except Moved as moved:
            path = path_now(unquote(path), moved) or path
            source, (title, height) = embed_html.framed(path, asked) or path, _told(path)
        width = min(embed_html.WIDTH, query.get("maxwidth", embed_html.WIDTH))
        height = min(height, query.get("maxheight", height))
        read_on = public_address(embed_html.with_query(embed_html.page_of(path), asked))
        frame = embed_html.iframe(public_address(source), title, width, height)
        return {
            "provider_name": gettext("Knowledge base on mixed neighbourhoods"),
            "provider_url": public_address("/"),
            "title": title,
            "html": embed_html.quoted(read_on, title) + frame,
            "width": width,
            "height": height,
            "cache_age": FRESH,
        }


def _ours(url: str) -> tuple[str, list[tuple[str, str]]]:
    """The path and query of an address of ours. Raises NotFound for another's."""
    base = urlsplit(public_address())
    try:
        parts = urlsplit(url)
        known = parts.netloc.lower() in {"", base.netloc.lower()}
        pairs = parse_qsl(parts.query)
    except ValueError:
        raise NotFound from None
    is_whole = parts.scheme in {"http", "https"} and parts.netloc
    if not known or not (is_whole or (not parts.scheme and url.startswith("/"))):
        raise NotFound
    is_below = f"{parts.path}/".startswith(f"{base.path}/")
    if is_whole and not is_below:
        raise NotFound
    path = parts.path[len(base.path) :] if is_below else parts.path
    return path or "/", [pair for pair in pairs if pair[0] != "fragment"]


def _told(path: str) -> tuple[str, int]:
    """The title of what is embedded, and how high it is. Raises NotFound and Moved."""
    room, _, name = path.rpartition("/")
    slug = unquote(name)
    if room == "/bestanddelen":
        if slug not in schemes()["ingredients"].terms:
            raise NotFound
        return term("ingredients", slug).label(language()), embed_html.HEIGHT
    kind = SHOWN.get(embed_html.FRAMES.get(room, room))
    if kind is None or kind.model is None:
        return gettext("Search case studies"), embed_html.HEIGHT
    try:
        title: str = queries.one(session(), kind.model(), slug).title
    except (UnknownId, Withdrawn):
        raise NotFound from None
    return title, THING_HEIGHT
