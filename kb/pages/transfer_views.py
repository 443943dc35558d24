"""/past-het-hier: does a case fit another place? The address holds what one says of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import request

from kb.decisions.transfer_check import answered_by_user, context_of
from kb.decisions.transfer_report import ANSWER_LABELS, report
from kb.editors.published import published_case
from kb.pages.labels import format_number
from kb.pages.links import link
from kb.pages.list_parsing import Slip, parse_query
from kb.pages.rendering import render_page
from kb.problems import UnknownId
from kb.services import services, session
from kb.vocabulary.places import places
from kb.vocabulary.terms import Term, schemes
from kb.web.addresses import local_address
from kb.web.headers import serve_cached
from kb.web.policy import PagesBlueprint
from kb.web.translation import gettext, one_language
from schemas.errors import printable
from schemas.json_fields import KEBAB
from schemas.transfer_checks import OwnPlaceQuery

blp = PagesBlueprint("transfer_pages", __name__, template_folder="templates")
blp.before_request(serve_cached)
MAX_ID_LENGTH = 80  # characters
MARKS = {"equal": "=", "different": "≠", "unknown": "?"}
SELECTED = ("urbanity-levels", "scales", "phases")  # of each one term is chosen
TICKED = ("target-groups", "strategies", "party-roles")  # and of these several


@blp.get("/past-het-hier")
def transfer_check() -> str:
    """Twelve questions about a case and one's own place; without a case, how to come to one."""
    slug = request.args.get("case", "").strip()
    if not slug:
        return render_page("transfer_start.html")
    if len(slug) > MAX_ID_LENGTH or not KEBAB.fullmatch(slug):
        raise UnknownId(printable(slug), [])
    with one_language():
        case = published_case(session(), slug)
        query = parse_query(OwnPlaceQuery)
        answer = report(services().search, case, context_of(query.parameters))
        chosen = {"case": slug, **query.state.parameters}
        return render_page(
            "transfer.html",
            case=case,
            answer=answer,
            errors=[_with_case(each, slug) for each in query.errors],
            chosen=query.parameters,
            meant=[
                (name, link("/past-het-hier", {**chosen, "municipality": name}))
                for name in answer["context"]["suggestions"]
            ],
            unknown_municipality=_is_unknown(answer["context"]),
            municipalities=[each.name for each in places().municipalities],
            source=places().source,
            choices={name: _terms(name) for name in (*SELECTED, *TICKED)},
            own_questions=answered_by_user(),
            answer_labels={name: gettext(text) for name, text in ANSWER_LABELS.items()},
            marks=MARKS,
            own_place=list(_own_place(answer["context"])),
            has_chosen=bool(query.state.parameters),
            api_address=local_address(link("/v1/transfer-checks", chosen)),
        )


def _with_case(slip: Slip, slug: str) -> Slip:
    """The same slip, with an address that keeps the case."""
    return slip._replace(address=slip.address.replace("?", f"?case={slug}&", 1))


def _terms(scheme: str) -> tuple[Term, ...]:
    return schemes()[scheme].current


def _own_place(context: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What is known of one's own place, for paper: labels and values."""
    texts = {
        gettext("Your municipality"): context["municipality"],
        gettext("Urbanity"): context["urbanity"] and context["urbanity"]["label"],
        gettext("Inhabitants"): _number(context["population"]),
        gettext("Housing association dwellings (percent)"): _number(context["socialRent"]),
        gettext("Phase"): context["phase"] and context["phase"]["label"],
    }
    yield from ((label, text) for label, text in texts.items() if text)


def _number(number: int | None) -> str:
    return "" if number is None else format_number(number)


def _is_unknown(context: dict[str, Any]) -> bool:
    """Whether somebody names a municipality of which we have no figures."""
    return bool(context["municipality"]) and context["figuresYear"] is None
