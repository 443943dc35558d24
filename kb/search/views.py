"""Every list, /v1/search and /v1/suggestions: each list is a search."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from flask import Response, g, request
from flask.views import MethodView
from marshmallow import Schema

from kb.cases import queries
from kb.input_errors import InputError, Mistake
from kb.kinds import (
    CASE,
    FINDING,
    INGREDIENT,
    KIND_NAMES,
    KINDS,
    LIST_REPRESENTATIONS,
    PITFALL,
    QUESTION,
    STUDY,
    KindName,
)
from kb.problems import InvalidInput
from kb.search import service
from kb.search.analysis.analyzer import TOKEN, fold
from kb.search.engine import Suggestion
from kb.search.execute.highlight import marked_html
from kb.search.execute.suggest import PLACE_FIELDS
from kb.search.more_like_this import similar_cases
from kb.search.stored_items import to_json
from kb.search.suggestions import TERM_TYPES, suggest
from kb.search.term_names import paths_of
from kb.services import services, session
from kb.vocabulary.terms import language
from kb.web.addresses import public_address
from kb.web.blueprint import API, Blueprint
from kb.web.components import header_refs
from kb.web.headers import serve_cached, set_page_links
from kb.web.parsing import api_parameters
from schemas import list_pages, lists, similar
from schemas.base import cached_schema
from schemas.links import thing_links
from schemas.list_parameters import ALL_KEYS, UNPAGED_REPRESENTATIONS

LISTS = replace(API, outlives_errors=True)  # what was erased is not in them in full
blp = Blueprint("search", __name__, LISTS, url_prefix="/v1", description="Every list is a search.")
blp.before_request(serve_cached)
View = Callable[..., Any]
ABOUT_LISTS = (
    "Filters of different names must all be met; repeat a name for “one of these”. Without "
    "matches the list is empty. `facets` counts what each value of a filter would give, and "
    "`_links` and the `Link` header lead to the neighbouring pages."
)
ABOUT_SEARCH = "The answer says of each item what it is and through which words it was found. "


def list_page(query: dict[str, Any], *types: KindName) -> Response:
    """Answer a list of these types, in the representation that was negotiated."""
    requested = service.list_request(request.path, types, api_parameters(query))
    if g.representation != "json":
        return services().write_list(requested)
    page = service.list_page(services().search, requested)
    set_page_links(page.links)
    about = {"clusters": service.count_clusters(requested)} if types == (FINDING.name,) else {}
    return Response(_page_json(page, about), mimetype="application/json")


def _page_json(page: service.ListPage, about: dict[str, Any]) -> str:
    """The page as `schemas.list_pages` describes it; its items are JSON already."""
    items = ",".join(item.json for item in page.items)
    rest = to_json({**about, **cached_schema(list_pages.ListPage).dump(page)})
    return f'{{"items":[{items}],{rest[1:]}'


def list_response(page: type[Schema], about: str = "") -> Callable[[View], View]:
    """Answer with a page of a list; `about` stands before what is said of every list."""

    def decorate(view: View) -> View:
        described = blp.doc(description=about + ABOUT_LISTS)(view)
        answering: View = blp.response(200, page, headers=header_refs("Link"))(described)
        return answering

    return decorate


@blp.route("/cases")
class Cases(MethodView):
    representations = CASE.list_representations

    @blp.arguments(lists.CaseListQuery, location="query")
    @list_response(list_pages.CasePage)
    def get(self, query: dict[str, Any]) -> Response:
        """Find published cases, best match first; without `q` the newest first."""
        if ALL_KEYS in query.get("keys", ()) and g.representation not in UNPAGED_REPRESENTATIONS:
            mistake = Mistake("inconsistent", {"reason": "all-fields"})
            raise InvalidInput([InputError(mistake, "query", "fields")])
        return list_page(query, "case")


@blp.route("/pitfalls")
class Pitfalls(MethodView):
    representations = PITFALL.list_representations

    @blp.arguments(lists.PitfallListQuery, location="query")
    @list_response(list_pages.PitfallPage)
    def get(self, query: dict[str, Any]) -> Response:
        """Find pitfalls of cases and studies; case filters ask about the owning case."""
        return list_page(query, "pitfall")


@blp.route("/findings")
class Findings(MethodView):
    representations = FINDING.list_representations

    @blp.arguments(lists.FindingListQuery, location="query")
    @list_response(list_pages.FindingPage)
    def get(self, query: dict[str, Any]) -> Response:
        """Find findings of cases and studies, contradicting ones side by side."""
        return list_page(query, "finding")


@blp.route("/studies")
class Studies(MethodView):
    representations = STUDY.list_representations

    @blp.arguments(lists.StudyListQuery, location="query")
    @list_response(list_pages.StudyPage)
    def get(self, query: dict[str, Any]) -> Response:
        """Find studies, best match first; without `q` the newest publication first."""
        return list_page(query, "study")


@blp.route("/questions")
class Questions(MethodView):
    representations = QUESTION.list_representations

    @blp.arguments(lists.QuestionListQuery, location="query")
    @list_response(list_pages.QuestionPage)
    def get(self, query: dict[str, Any]) -> Response:
        """Find practitioners' questions, without `q` in their own order."""
        return list_page(query, "question")


@blp.route("/ingredients")
class Ingredients(MethodView):
    representations = INGREDIENT.list_representations

    @blp.arguments(lists.IngredientListQuery, location="query")
    @list_response(list_pages.IngredientPage)
    def get(self, query: dict[str, Any]) -> Response:
        """Find active ingredients, without `q` in their own order."""
        return list_page(query, "ingredient")


@blp.route("/search")
class Search(MethodView):
    representations = LIST_REPRESENTATIONS

    @blp.arguments(lists.SearchQuery, location="query")
    @list_response(list_pages.SearchPage, ABOUT_SEARCH)
    def get(self, query: dict[str, Any]) -> Response:
        """Find things of all kinds at once; a filter leaves out what has no such property."""
        return list_page(query, *KIND_NAMES)


@blp.route("/suggestions")
class Suggestions(MethodView):
    @blp.arguments(lists.SuggestionQuery, location="query")
    @blp.response(200, list_pages.SuggestionList)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """Suggest terms, places, questions, cases, studies and pitfalls that begin as the words do.

        For a search box: ask again with every letter, from the second on. A term is met by its
        other names too, and leads to its page or to the list of what has it, a place to the list
        of its cases. When nothing begins so, a word of five letters or more may have one slip.
        Types may be added: show one that you do not know by its text.
        """
        types = query.get("type") or lists.SUGGESTED
        suggestions = suggest(services().search, query["q"], types, query["page_size"], language())
        return {"items": [_describe_suggestion(each, query["q"]) for each in suggestions]}


@blp.route("/cases/<slug:case_id>/similar-cases")
class SimilarCases(MethodView):
    @blp.arguments(similar.SimilarQuery, location="query")
    @blp.response(200, similar.SimilarCases)
    @blp.alt_responses(301, 410)
    def get(self, query: dict[str, Any], case_id: str) -> Response:
        """Find cases that share terms with this one, each with `reasons`; rare terms weigh more.

        For “more like this”. Cases are compared by ingredients, strategies, target groups,
        categories of pitfalls, scale and archetype; “reasons” names what both have, the most
        telling first. A withdrawn case answers 410.
        """
        queries.check_published(session(), "case", case_id)
        items = similar_cases(
            services().search, case_id, language(), public_address(), query["page_size"]
        )
        return Response(f'{{"items":[{",".join(items)}]}}', mimetype="application/json")


def _describe_suggestion(suggestion: Suggestion, typed: str) -> dict[str, Any]:
    """A suggestion with the beginnings of its words marked, and where it leads."""
    prefixes = [fold(word) for word in TOKEN.findall(typed)]
    ranges = [
        [word.start(), word.start() + max(lengths)]
        for word in TOKEN.finditer(suggestion.text)
        if (lengths := [len(each) for each in prefixes if fold(word.group()).startswith(each)])
    ]
    own, page = _addresses(suggestion)
    return {
        **suggestion._asdict(),
        "html": marked_html(suggestion.text, ranges),
        "links": {"self_": {"href": own}, "html": {"href": page}},
    }


def _addresses(suggestion: Suggestion) -> tuple[str, str]:
    """Where programs and people read on about a suggestion."""
    if field := PLACE_FIELDS.get(suggestion.type):
        query = f"{field}={quote(suggestion.id)}"
        return public_address(f"/v1/cases?{query}"), public_address(f"/zoeken?{query}")
    if suggestion.type in TERM_TYPES:
        own, page = paths_of(suggestion.type, suggestion.id)
        return public_address(own), public_address(page)
    links = thing_links(KINDS[suggestion.type].collection, suggestion.id)
    return links["self"]["href"], links["html"]["href"]
