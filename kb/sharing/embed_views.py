"""/embed: the component's script, and pages and fragments that other websites show."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, g, render_template, request, send_from_directory
from flask_babel import gettext

from kb.cases import queries
from kb.cases.model import Case, Pitfall, Question, Study
from kb.kinds import CASE, KINDS
from kb.problems import NotFound
from kb.search import service
from kb.services import services, session
from kb.sharing import embed_html, partners, releases
from kb.vocabulary.terms import language, term
from kb.web.addresses import public_address
from kb.web.headers import MAX_ADDRESS_BYTES, allow_framing
from kb.web.parsing import api_parameters, parse_page_query
from kb.web.policy import PagesBlueprint, Policy, without_rate_limit
from schemas.embeds import EMBED_PARTS, EmbedLookQuery, EmbedQuery

blp = PagesBlueprint(
    "embed",
    __name__,
    Policy(cacheable=True, cross_origin=True),
    template_folder="templates",
    static_folder="static",
    static_url_path="/embed",
)
YEAR = 365 * 24 * 3600  # seconds
SHOWN = {  # in a frame, by the name in its address; cases have one of their own
    kind.embed_path.removeprefix("/embed/"): kind
    for kind in KINDS.values()
    if kind.embed_path and kind is not CASE
}


@blp.before_request
def may_be_framed() -> None:
    """Let other websites show what stands here, also when it is a problem."""
    settings = services().settings
    g.render_problem = render_problem
    if settings.embed_ancestors == "everyone":
        allow_framing(["*"])
    else:
        allow_framing(["'self'"])  # whatever befalls us while we look
        allow_framing(["'self'", *_with_room(partners.frame_ancestors(session()))])


def _with_room(origins: list[str]) -> list[str]:
    """These origins; where they do not fit in a header, the one of the page that asks, if any."""
    if len(" ".join(origins)) <= MAX_ADDRESS_BYTES:
        return origins
    g.depends_on_page = True
    asking = "/".join((request.referrer or "").split("/")[:3])
    return [origin for origin in origins if origin == asking]


@blp.after_request
def depend_on_page(response: Response) -> Response:
    """Say so where the answer is another for another page around it."""
    if g.get("depends_on_page"):
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
    response = send_from_directory(releases.FOLDER, f"{version}.js", max_age=YEAR)
    response.cache_control.immutable = True
    return response


@blp.get("/embed/zoeken")
def search() -> str:
    """Search results for a frame, or with `fragment=1` bare HTML for a server to take in."""
    query = parse_page_query(EmbedQuery)
    parameters = api_parameters(query)
    bare = public_address("/embed/zoeken")
    address = bare + embed_html.query_of(parameters)
    asked = service.ListRequest(bare, ("case",), parameters, language())
    answer = service.list_page(services().search, session(), asked)
    is_fragment = query["fragment"] == "1"
    return page(
        "embed_fragment.html" if is_fragment else "embed_search.html",
        look=query["look"],
        answer=answer,
        parameters=embed_html.chosen(parameters),
        q=query.get("q", ""),
        shown=query["show"] or EMBED_PARTS,
        level=query["heading_level"],
        oembed=public_address("/v1/oembed" + embed_html.asking_oembed(address)),
        everything=public_address(
            "/zoeken" + embed_html.query_of(embed_html.of_search(parameters))
        ),
    )


@blp.get("/embed/casus/<slug:case_id>")
def one_case(case_id: str) -> str:
    """One case for a frame: what it is, and what made it work."""
    query = parse_page_query(EmbedLookQuery)
    case = queries.one(session(), Case, case_id)
    address = public_address(f"/embed/casus/{case_id}{embed_html.query_of(api_parameters(query))}")
    told = [(term("ingredients", one.ingredient), one.how) for one in case.ingredients]
    return page(
        "embed_case.html",
        look=query["look"],
        case=case,
        oembed=public_address("/v1/oembed" + embed_html.asking_oembed(address)),
        ingredients=[(each.label(language()), how) for each, how in told],
    )


@blp.get(f"/embed/<any({', '.join(SHOWN)}):name>/<slug:thing_id>")
def one_thing(name: str, thing_id: str) -> str:
    """A pitfall, question or study for a frame: what it says, and where to read on."""
    query = parse_page_query(EmbedLookQuery)
    model = SHOWN[name].model
    assert model
    thing = queries.one(session(), model(), thing_id)
    facts, parts = _told(thing)
    shown = public_address(
        quote(f"/embed/{name}/{thing_id}") + embed_html.query_of(api_parameters(query))
    )
    return page(
        "embed_thing.html",
        look=query["look"],
        thing=thing,
        facts=facts,
        parts=parts,
        page=_page_address(f"{SHOWN[name].page_path}/{thing_id}"),
        oembed=public_address("/v1/oembed" + embed_html.asking_oembed(shown)),
    )


def _told(thing: Pitfall | Question | Study) -> tuple[list[str], list[tuple[str, str | None]]]:
    """The short facts of a thing, and its texts with the heading of each, if it needs one."""
    if isinstance(thing, Pitfall):
        owner = thing.case or thing.study
        assert owner
        category, phase = term("pitfall-categories", thing.category), term("phases", thing.phase)
        facts = [category.label(language()), phase.label(language()), owner.title]
        advice = gettext("How to avoid it")
        return facts, [("", thing.description), (advice, thing.avoidance)]
    if isinstance(thing, Question):
        return [term("themes", thing.theme).label(language())], [("", thing.answer)]
    return [", ".join(thing.authors), str(thing.year or "")], [("", thing.summary)]


def page(template: str, **content: Any) -> str:
    """A page or fragment in the language of the request."""
    return render_template(template, language=language(), address=_page_address, **content)


def _page_address(path: str) -> str:
    """The address of a page of ours; who asked for a language keeps it."""
    asked = request.args.get("lang")
    kept = f"?lang={asked}" if asked in {"nl", "en"} else ""
    return public_address(quote(path)) + kept


def render_problem(body: dict[str, Any]) -> str:
    """What a reader sees in a frame instead of a problem in JSON."""
    bare = request.args.get("fragment") == "1"
    template = "embed_fragment_problem.html" if bare else "embed_problem.html"
    return page(template, look=request.args.get("look", "light"), problem=body)
