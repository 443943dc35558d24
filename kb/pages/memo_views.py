"""/memo: what is known of chosen things, on two pages for who must decide."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import request
from flask.typing import ResponseReturnValue

from kb.decisions.memo import Memo, check_change, read_memo
from kb.pages.links import page_link
from kb.pages.rendering import render_page
from kb.problems import InvalidInput
from kb.services import services, session
from kb.web.addresses import local_address
from kb.web.headers import serve_cached
from kb.web.parsing import parse_page_query
from kb.web.policy import PagesBlueprint
from kb.web.translation import one_language
from schemas.memos import MAX_QUESTION_LENGTH, MemoPageQuery

blp = PagesBlueprint("memo_pages", __name__, template_folder="templates")
blp.before_request(serve_cached)
TOO_LONG = ("question", "too-long")  # a mistake that its field tells


@blp.get("/memo")
def memo() -> ResponseReturnValue:
    """The memo on the things that the address names; without any, how to choose them."""
    try:
        query = parse_page_query(MemoPageQuery)
    except InvalidInput as problem:
        if any((each.where, each.mistake.code) != TOO_LONG for each in problem.errors):
            raise
        return _shorter_question(), 400
    with one_language():
        if not query["items"]:
            return render_page("no_memo.html")
        check_change(session(), query.get("change"), "query")
        return render_memo(
            read_memo(
                session(),
                services().search,
                query["items"],
                query.get("question", ""),
                query.get("change"),
            )
        )


def _shorter_question() -> str:
    """The form for the question with what was typed, and what is wrong with it."""
    return render_page(
        "no_memo.html",
        items=request.args.getlist("item"),
        question=request.args["question"],
        most_characters=MAX_QUESTION_LENGTH,
        local_address=local_address,
    )


def render_memo(memo: Memo) -> str:
    """A memo as a page, to read, to print and to take along."""
    items = urlencode([("item", str(item)) for item in memo.dossier.choice], safe=":")
    return render_page(
        "memo.html",
        memo=memo,
        report=memo.report,
        forms={name: memo.address("/v1/memos", format=name) for name in ("docx", "markdown")},
        api_address=memo.address("/v1/memos"),
        canonical=memo.address("/memo"),
        dossier=f"{local_address('/dossier')}?{items}",
        page_link=page_link,
        most_characters=MAX_QUESTION_LENGTH,
        local_address=local_address,
    )
