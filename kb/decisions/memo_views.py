"""/v1/memos: what is known of chosen things, for who must decide."""

from __future__ import annotations

from typing import Any

from flask import Response, g, redirect
from flask.typing import ResponseReturnValue
from flask.views import MethodView

from kb.decisions.dossier import absent_things
from kb.decisions.memo import Memo, check_change, read_memo
from kb.decisions.representations import write_report
from kb.evidence.summary_writer import method
from kb.search.stored_items import to_json
from kb.services import services, session
from kb.web.blueprint import Blueprint
from kb.web.headers import serve_cached
from kb.web.translation import one_language
from schemas import memos
from schemas.base import cached_schema

blp = Blueprint("memos", __name__, url_prefix="/v1", description="What is known, to decide with.")
blp.before_request(serve_cached)
PAGE_PATH, API_PATH = "/memo", "/v1/memos"


@blp.route("/memos")
class Memos(MethodView):
    representations = memos.REPRESENTATIONS
    ignores_keys = True

    @blp.arguments(memos.MemoQuery, location="query")
    @blp.response(200, memos.Memo)
    @blp.alt_responses(404, 410)
    def get(self, query: dict[str, Any]) -> ResponseReturnValue:
        """Read a memo of two pages and an annex on up to 50 chosen things, for who must decide.

        It is made by tables and templates from what editors wrote: nothing is summed up that nobody
        wrote, and the strongest counter-evidence of the whole knowledge base is always in it. The
        address is permanent; the same choice at the same change gives the same bytes, in every
        form. With `change` the memo says what has changed since. What was withdrawn or is unknown
        is in `absent`; when nothing can be read the answer is that of the first thing.
        """
        with one_language():
            check_change(session(), query.get("change"), "query")
            return _response(_memo(query))

    @blp.arguments(memos.NewMemoQuery, location="query")
    @blp.arguments(memos.MemoInput)
    @blp.response(200, memos.Memo)
    @blp.alt_responses(303, 404, 410)
    def post(self, _query: dict[str, Any], body: dict[str, Any]) -> ResponseReturnValue:
        """Make a memo of what the body names, as GET does of the query; nothing is kept.

        Its permanent address is in `Content-Location`. With `html` the answer leads there.
        """
        g.representation = body.get("representation", g.representation)
        with one_language():
            check_change(session(), body.get("change"), "body")
            memo = _memo(body)
            if g.representation == "html":
                return redirect(memo.address(PAGE_PATH), 303)
            response = _response(memo)
            response.headers["Content-Location"] = _address(memo, g.representation)
            return response


def _memo(parameters: dict[str, Any]) -> Memo:
    return read_memo(
        session(),
        services().search,
        parameters["items"],
        parameters.get("question", ""),
        parameters.get("change"),
    )


def _response(memo: Memo) -> Response:
    """The memo in the representation of this request."""
    if g.representation == "html":
        return Response(services().render_memo(memo), mimetype="text/html")
    if g.representation == "json":
        return Response(to_json(_as_document(memo)), mimetype="application/json")
    return write_report(memo.report, f"memo-{memo.knowledge.change}")


def _as_document(memo: Memo) -> dict[str, Any]:
    """As `schemas.memos.Memo` describes it."""
    text = cached_schema(memos.MemoText).dump(
        {
            "changed_at": memo.knowledge.changed_at,
            "since": memo.since,
            "sections": memo.report.sections,
        }
    )
    return {
        "question": memo.choice.question,
        "items": list(map(str, memo.dossier.choice)),
        "absent": absent_things(memo.dossier),
        "change": memo.knowledge.change,
        "method": method(),
        "effects": [each["id"] for each in memo.knowledge.effects],
        **text,
        "_links": {
            "self": {"href": _address(memo, "json")},
            "html": {"href": memo.address(PAGE_PATH)},
            **{name: {"href": _address(memo, name)} for name in ("markdown", "docx")},
        },
    }


def _address(memo: Memo, representation: str) -> str:
    """Where the memo can be read again in a form."""
    more = {} if representation == "json" else {"format": representation}
    return memo.address(API_PATH, **more)
