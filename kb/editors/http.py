"""What the routes of editors share: who asks, what they have seen, and how a draft is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from itertools import islice
from typing import Any, ClassVar, TypeVar

from flask import Response, g, jsonify, request
from flask.views import MethodView
from sqlalchemy.orm import Session

from kb.cases.model import Tombstone
from kb.database import Database, now
from kb.editors import access, case_documents, revisions, workflow
from kb.editors.advice import Advice, spelling_advice
from kb.editors.model import Revision
from kb.input_errors import MAX_ERRORS
from kb.problems import IfMatchRequired
from kb.services import services
from kb.vocabulary.terms import language
from kb.web.addresses import public_address
from kb.web.blueprint import Blueprint, add_responses, apidoc
from kb.web.errors import error_item, translated
from kb.web.policy import Policy
from schemas.drafts import DraftCase
from schemas.links import page_links
from schemas.text import visible_changes

POLICY = Policy(cross_origin=True, for_programs=True)
View = TypeVar("View", bound=Callable[..., Any])


class EditorsBlueprint(Blueprint):
    """Routes whose answers are for editors alone, and kept by nobody."""

    def __init__(self, name: str, module: str, description: str) -> None:
        super().__init__(
            name,
            module,
            POLICY,
            url_prefix="/v1",
            description=description,
            statuses=(401, 403, 503),
        )
        self.after_request(_finish)

    def if_match(self, view: View) -> View:
        """Give a view the ETags of If-Match, as `etags`. Raises IfMatchRequired."""

        @wraps(view)
        def checked(*positional: Any, **named: Any) -> Any:
            return view(*positional, etags=if_match_etags(), **named)

        apidoc(checked)["request_headers"] = ["If-Match"]
        return self.alt_responses(409, 412, 428)(checked)  # type: ignore[return-value]

    def _store_endpoint_docs(self, endpoint: str, obj: Any, *args: Any, **options: Any) -> None:
        """Document the token, and the keys that `keyed_posts` honours."""
        super()._store_endpoint_docs(endpoint, obj, *args, **options)
        methods = self._docs[endpoint].keys() - {"parameters"}
        for method in methods:
            doc = self._docs[endpoint][method]
            doc.setdefault("manual_doc", {})["security"] = [{"token": []}]
            if method == "post" and not getattr(obj, "writes_nothing", False):
                doc["request_headers"] = ["Idempotency-Key", *doc.get("request_headers", ())]
                add_responses(doc, (409,))


def _finish(response: Response) -> Response:
    for rel in ("next", "prev"):
        if rel in g.get("links", {}):
            response.headers.add("Link", f'<{g.links[rel]["href"]}>; rel="{rel}"')
    return response


def for_role(role: str) -> Callable[[View], View]:
    """Let a view be asked only by who has this role; before anything else is looked at."""

    def guarding(view: View) -> View:
        @wraps(view)
        def guarded(*given: Any, **named: Any) -> Any:
            g.editor = authenticated()
            g.editor.must_be(role)
            return view(*given, **named)

        guarded.role = role  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return guarding


class ForEditors(MethodView):
    """Addresses for everybody with a token."""

    decorators: ClassVar[list[Any]] = [for_role("editor")]


class ForPublishers(MethodView):
    """Addresses for publishers."""

    decorators: ClassVar[list[Any]] = [for_role("publisher")]


def authenticated() -> access.Editor:
    """Whose token this request has, looked up once. Raises Unauthorized."""
    if "kb.editor" not in request.environ:
        header = request.headers.get("Authorization")
        request.environ["kb.editor"] = access.authenticate(database(), header, now())
    found: access.Editor = request.environ["kb.editor"]
    return found


def editor() -> access.Editor:
    """Who is asking."""
    asking: access.Editor = g.editor
    return asking


def database() -> Database:
    """The database of this application."""
    return services().database


def if_match_etags() -> set[str]:
    """The ETags in If-Match, without their language; `*` names none. Raises IfMatchRequired.

    A proxy that compresses makes our tags weak, or writes `-gzip` behind them: they still name
    the same text, so an ETag counts up to its first dash.
    """
    if "If-Match" not in request.headers or request.if_match.star_tag:
        raise IfMatchRequired
    return {tag.partition("-")[0] for tag in request.if_match.as_set(include_weak=True) if tag}


def told_with_facts(
    session: Session, revision: Revision, document: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A text as an editor may send it back: with what we tell of its case now.

    It is the newest text of the revision, or `document`, an earlier one.
    """
    facts = revisions.publications(session, revision.slug)
    return case_documents.with_titles(session, document or revision.document) | {
        "version": facts.last,
        "published_at": facts.first_at,
        "updated_at": facts.last_at,
    }


def page_of(items: list[Any], total: int, query: dict[str, Any]) -> dict[str, Any]:
    """A page of a list of editors; its neighbours come in the Link header too."""
    number, size = query["page"], query["page_size"]
    pages = -(-total // size)
    asked = request.args.items(multi=True)
    g.links = page_links(public_address(request.path), asked, number, pages)
    page = {"number": number, "size": size, "total_items": total, "total_pages": pages}
    return {"items": items, "page": page, "links": {"self_": g.links["self"], **g.links}}


def told_advice(found: Iterable[Advice]) -> list[dict[str, Any]]:
    """Advice, in the language of the request; the first of it."""
    return [
        {
            "code": each.code,
            "pointer": each.pointer,
            "detail": translated(each.detail, each.values),
            "related": each.related,
        }
        for each in islice(found, MAX_ERRORS)
    ]


def tell(session: Session, draft: Revision, status: int = 200, *, sent: Any = None) -> Response:
    """A draft with its ETag: the text, who did what, and what must still be mended.

    `sent` is what its editor has just sent of it: what reads otherwise now is told too.
    """
    problems = workflow.open_errors(session, draft)
    shown = told_with_facts(session, draft) | {
        "draft": {
            "state": draft.state,
            "author": draft.author,
            "saved_at": draft.saved_at,
            "based_on": draft.based_on,
            "withdrawn": session.get(Tombstone, draft.slug),
            "history": revisions.events_of(session, draft),
            "problems": [error_item(each) for each in problems[:MAX_ERRORS]],
            "problem_count": len(problems),
            "advice": told_advice(spelling_advice(visible_changes(sent, draft.document))),
        },
    }
    response = jsonify(DraftCase().dump(shown))
    response.status_code = status
    response.set_etag(f"{draft.etag}-{language()}")
    if status == 201:
        response.headers["Location"] = public_address(f"/v1/cases/{draft.slug}/draft")
    return response
