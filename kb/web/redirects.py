"""Former ids lead, with 301, to the address of what answers for them now."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from flask import Flask, Response, request

from kb.kinds import KINDS
from kb.problems import Moved, UnknownId
from kb.web.addresses import public_address
from kb.web.errors import problem_response
from kb.web.headers import MAX_ADDRESS_BYTES, PUBLIC_CACHE


def init_app(app: Flask) -> None:
    """Redirect whoever asks for a former id."""
    app.register_error_handler(Moved, _redirect)


def path_now(path: str, moved: Moved) -> str | None:
    """The path, ready for an address, of what is now at a path that names a former id.

    None when the path does not begin with the folder and id of the thing.
    """
    for folder, new_folder in zip(*map(_folders, (moved.kind, moved.target_kind)), strict=True):
        begin = f"{folder}/{moved.slug}"
        if folder and f"{path}/".startswith(f"{begin}/"):
            below = path.removeprefix(begin) if moved.kind == moved.target_kind else ""
            return quote(f"{new_folder}/{moved.target}{below}")
    return None


def query_now(moved: Moved) -> str | None:
    """The query of this request with the new id in the place of a former one.

    None when no parameter that is called after the kind has it.
    """
    pairs = [
        (name, _renewed(value, moved) if name == moved.kind == moved.target_kind else value)
        for name, value in request.args.items(multi=True)
    ]
    is_renewed = pairs != list(request.args.items(multi=True))
    return urlencode(pairs, quote_via=quote) if is_renewed else None


def _renewed(value: str, moved: Moved) -> str:
    """The ids of a parameter, between commas, with the new one in the place of the former."""
    ids = (each.strip() for each in value.split(","))
    return ",".join(moved.target if each == moved.slug else each for each in ids)


def _folders(name: str) -> tuple[str, str, str, str]:
    """Where things of a kind stand for programs, people, frames and followers; empty: nowhere."""
    kind = KINDS[name]
    following = f"/volgen{kind.page_path}" if kind.page_path else ""
    return f"/v1/{kind.collection}", kind.page_path, kind.embed_path, following


def _redirect(moved: Moved) -> Response:
    path, query = path_now(request.path, moved), request.query_string.decode("latin-1")
    if path is None and (renewed := query_now(moved)):
        path, query = quote(request.path), renewed
    if path is None:  # the id stands elsewhere in the request
        return problem_response(UnknownId(moved.slug, [moved.target]))
    query = f"?{query}" if query else ""
    address = public_address(path) + query
    if len(address) > MAX_ADDRESS_BYTES:  # of one thing it says little: a language, or how it looks
        address = public_address(path)
    response = Response(status=301, mimetype="text/plain")
    response.headers["Location"] = address
    response.headers["Cache-Control"] = PUBLIC_CACHE
    return response
