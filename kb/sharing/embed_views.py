"""/embed: the component's script, and pages and fragments that other websites show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Response, g, render_template, request, send_from_directory
from flask_babel import gettext

from kb import image_names
from kb.cases import queries
from kb.cases.model import Case, Pitfall, Question, Study
from kb.evidence.summary_writer import is_together
from kb.kinds import CASE, KINDS
from kb.problems import NotFound
from kb.search import service
from kb.services import services, session
from kb.sharing import partners, releases
from kb.sharing.embed_addresses import (
    MAP_EMBED_PATH,
    embed_address,
    map_address,
    oembed_address,
    search_address,
    without_defaults,
)
from kb.sharing.evidence_map_content import chosen_filters, embed_anchor, map_content
from kb.vocabulary.terms import language, term
from kb.web.addresses import public_address
from kb.web.headers import MAX_ADDRESS_BYTES, allow_framing, serve_cached
from kb.web.parsing import api_parameters, parse_page_query
from kb.web.policy import PagesBlueprint, Policy, without_rate_limit
from kb.web.translation import one_language
from schemas.effects import includes_studies
from schemas.embeds import EMBED_PARTS, EmbedLookQuery, EmbedMapQuery, EmbedQuery

blp = PagesBlueprint(
    "embed",
    __name__,
    Policy(cacheable=True, cross_origin=True),
    template_folder="templates",
    static_folder="static",
    static_url_path="/embed",
)
YEAR_SECONDS = 365 * 24 * 3600
KIND_BY_NAME = {  # in the address of a frame; cases have a view of their own
    kind.embed_path.removeprefix("/embed/"): kind
    for kind in KINDS.values()
    if kind.embed_path and kind is not CASE
}


@blp.before_request
def let_partners_frame() -> None:
    """Let other websites frame every response, also a problem."""
    settings = services().settings
    g.render_problem = render_problem
    if settings.embed_ancestors == "everyone":
        allow_framing(["*"])
    else:
        allow_framing(["'self'"])  # should reading the partners fail
        allow_framing(["'self'", *_that_fit(partners.frame_ancestors(session()))])


def _that_fit(origins: list[str]) -> list[str]:
    """These origins; where they do not fit in a header, the one of the page around the frame."""
    if len(" ".join(origins)) <= MAX_ADDRESS_BYTES:
        return origins
    g.varies_by_referer = True
    embedding = "/".join((request.referrer or "").split("/")[:3])
    return [origin for origin in origins if origin == embedding]


@blp.after_request
def vary_by_referer(response: Response) -> Response:
    """Say so where the response is another for another page around the frame."""
    if g.get("varies_by_referer"):
        response.vary.add("Referer")
    return response


@blp.get("/embed/kennisbank.js")
@without_rate_limit
def newest_script() -> Response:
    """The component as it is now; it follows our releases."""
    return send_from_directory(releases.FOLDER, f"{releases.newest()}.js")


@blp.get("/embed/<version>/kennisbank.js")
@without_rate_limit
def released_script(version: str) -> Response:
    """The component as it was released under a number; it never changes."""
    if version not in releases.hashes():
        raise NotFound
    response = send_from_directory(releases.FOLDER, f"{version}.js", max_age=YEAR_SECONDS)
    response.cache_control.immutable = True
    return response


@blp.get("/embed/zoeken")
def search() -> str:
    """Search results for a frame, or with `fragment=1` bare HTML for a server to take in."""
    query = parse_page_query(EmbedQuery)
    parameters = api_parameters(query)
    requested = service.list_request("/embed/zoeken", ("case",), parameters)
    page = service.list_page(services().search, requested)
    return render_embed(
        "embed_fragment.html" if query["fragment"] == "1" else "embed_search.html",
        look=query["look"],
        page=page,
        cases=[item.document for item in page.items],
        parameters=without_defaults(parameters),
        q=query.get("q", ""),
        parts=query["show"] or EMBED_PARTS,
        heading_level=query["heading_level"],
        oembed_address=oembed_address(embed_address("/embed/zoeken", parameters)),
        search_address=search_address(parameters),
    )


@blp.get(MAP_EMBED_PATH)
def evidence_map() -> str | Response:
    """The map of the evidence for a frame, or with `fragment=1` its tables as bare HTML."""
    if services().settings.embed_ancestors == "everyone" and (cached := serve_cached()):
        return cached  # else its headers may be another's
    query = parse_page_query(EmbedMapQuery)
    parameters = api_parameters(query)
    is_fragment = query["fragment"] == "1"
    anchor = embed_anchor(query.get("lang"), new_tab=not is_fragment)
    with one_language():
        return render_embed(
            "embed_fragment_map.html" if is_fragment else "embed_map.html",
            look=query["look"],
            has_picture=query.get("picture", "0" if is_fragment else "1") == "1",
            heading_level=query["heading_level"],
            oembed_address=oembed_address(embed_address(MAP_EMBED_PATH, parameters)),
            map_address=map_address(parameters),
            chosen=chosen_filters(parameters),
            includes_studies=includes_studies(parameters),
            is_together=is_together(parameters),
            **map_content(parameters, anchor),
        )


@blp.get("/embed/casus/<slug:case_id>")
def case(case_id: str) -> str:
    """One case for a frame: what it is, and what made it work."""
    query = parse_page_query(EmbedLookQuery)
    row = queries.one(session(), Case, case_id)
    return render_embed(
        "embed_case.html",
        look=query["look"],
        case=row,
        ingredients=[
            (term("ingredients", tag.ingredient).label(language()), tag.how)
            for tag in row.ingredients
        ],
        oembed_address=_oembed_address(query),
    )


@blp.get(f"/embed/<any({', '.join(KIND_BY_NAME)}):name>/<slug:item_id>")
def item(name: str, item_id: str) -> str:
    """A pitfall, question or study for a frame: what it says, and where to read on."""
    query = parse_page_query(EmbedLookQuery)
    kind = KIND_BY_NAME[name]
    assert kind.model
    row = queries.one(session(), kind.model(), item_id)
    facts, texts = _content(row)
    return render_embed(
        "embed_item.html",
        look=query["look"],
        title=row.title,
        facts=facts,
        texts=texts,
        page_address=_page_address(f"{kind.page_path}/{item_id}"),
        oembed_address=_oembed_address(query),
    )


def _content(row: Pitfall | Question | Study) -> tuple[list[str], list[tuple[str, str | None]]]:
    """The short facts of a thing, and its texts with the heading of each, if it needs one."""
    if isinstance(row, Pitfall):
        owner = row.case or row.study
        assert owner
        category, phase = term("pitfall-categories", row.category), term("phases", row.phase)
        facts = [category.label(language()), phase.label(language()), owner.title]
        return facts, [("", row.description), (gettext("How to avoid it"), row.avoidance)]
    if isinstance(row, Question):
        return [term("themes", row.theme).label(language())], [("", row.answer)]
    return [", ".join(row.authors), str(row.year or "")], [("", row.summary)]


def _oembed_address(query: dict[str, Any]) -> str:
    """Where the standard's answer about this very frame is."""
    return oembed_address(embed_address(request.path, api_parameters(query)))


def render_embed(template: str, **content: Any) -> str:
    """A page or fragment in the language of the request."""
    with one_language():
        return render_template(
            template, language=language(), address=_page_address, image_file=_image_file, **content
        )


def _image_file(image: Any) -> dict[str, Any]:
    """The file of an image that suits a frame: the narrowest, or that of 640 pixels."""
    files = image_names.webp_files(image["id"] if isinstance(image, Mapping) else image.id)
    file = files[min(1, len(files) - 1)]
    return {"address": public_address(file.path), "width": file.width, "height": file.height}


def _page_address(path: str) -> str:
    """The address of a page of ours, in the language that this address asks for."""
    code = request.args.get("lang")
    return public_address(quote(path)) + (f"?lang={code}" if code in {"nl", "en"} else "")


def render_problem(body: dict[str, Any]) -> str:
    """What a reader sees in a frame instead of a problem in JSON, which is `body`."""
    is_fragment = request.args.get("fragment") == "1"
    template = "embed_fragment_problem.html" if is_fragment else "embed_problem.html"
    return render_embed(template, look=request.args.get("look", "light"), problem=body)
