"""Idempotency-Key on every POST of the API: each view gets it by being registered.

Whose request it is comes first, then the key; the view is called only when nobody else is at work
with this key and no response to it is stored.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from functools import wraps
from io import BytesIO
from typing import Any

from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug import Request as PlainRequest

from kb.database import now
from kb.editors.blueprint import authenticated_editor, database, is_authenticated
from kb.editors.idempotency.lock import locked
from kb.editors.idempotency.responses import (
    HEADER,
    KeyedRequest,
    StoredResponse,
    checked_key,
    find_response,
    save_response,
)
from kb.vocabulary.terms import language

STORED_HEADERS = ("Content-Type", "Location", "ETag")
MAX_BODY_BYTES = 2**26  # bytes that an editor may send with a key; each view has its own limit too
View = Callable[..., Any]
log = logging.getLogger("kb.editors")


def honour_idempotency_keys(app: Flask) -> None:
    """Wrap every view of the API that takes POST.

    A class of views that says `ignores_keys` is left alone: it writes nothing, or answers with a
    secret that is stored nowhere.
    """
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and rule.rule.startswith("/v1/"):
            view = app.view_functions[rule.endpoint]
            is_open = getattr(getattr(view, "view_class", None), "ignores_keys", False)
            if not is_open and not hasattr(view, "honours_keys"):
                app.view_functions[rule.endpoint] = _idempotent(view)


def _idempotent(view: View) -> View:
    @wraps(view)
    def once(*positional: Any, **named: Any) -> Any:
        if request.method != "POST" or HEADER not in request.headers:
            return view(*positional, **named)
        role = getattr(view, "role", None)
        if role:
            authenticated_editor().must_be(role)
        keyed = _keyed_request()
        with locked(database(), keyed):
            with database().reading() as session:
                first = find_response(session, keyed, now())
            if first is not None:
                return Response(first.body, first.status, dict(first.headers))
            g.keyed_request, g.stored_response = keyed, None
            try:
                response = current_app.make_response(view(*positional, **named))
                _store_finished(response)
            finally:
                del g.keyed_request
            return response

    once.honours_keys = True  # type: ignore[attr-defined]
    return once


def respond_once(work: Callable[[Session], Response]) -> Response:
    """Do this in one transaction, and store the response in the same one."""

    def working(session: Session) -> Response:
        response = work(session)
        store_response(session, response)
        return response

    return database().write(working)


def store_response(session: Session, response: Response) -> None:
    """Store the response to a request that has a key, in the transaction that makes it true.

    When the process dies before the request ends, this is what a second request gets.
    """
    keyed: KeyedRequest | None = g.get("keyed_request")
    if keyed is not None:
        g.stored_response = _to_stored(response)
        if g.stored_response is not None:
            save_response(session, keyed, g.stored_response, now())


def _store_finished(response: Response) -> None:
    """Store the response as it is sent, when that is not what the transaction stored."""
    finished = _to_stored(response)
    if finished is None or finished == g.stored_response:
        return
    try:
        database().write(lambda session: save_response(session, g.keyed_request, finished, now()))
    except SQLAlchemyError:  # the work is done, and that is what the client must hear
        log.exception("the response to a request with an Idempotency-Key is not stored")


def _to_stored(response: Response) -> StoredResponse | None:
    """A response as it is stored; None for a refusal, and for what is not a text.

    Without a token only what was made is stored: nobody fills the database with answers.
    """
    wanted = 200 <= response.status_code < 300 and not response.is_streamed
    if not wanted or (not g.keyed_request.owner and response.status_code != 201):
        return None
    try:
        text = response.get_data().decode()
    except UnicodeDecodeError:
        return None
    headers = {name: response.headers[name] for name in STORED_HEADERS if name in response.headers}
    return StoredResponse(response.status_code, headers | {"Content-Language": language()}, text)


def _keyed_request() -> KeyedRequest:
    """This request by its owner, key and fingerprint. Raises InvalidInput, Unauthorized."""
    editor = authenticated_editor() if is_authenticated() else None
    key = checked_key(request.headers[HEADER])
    digest = hashlib.sha256()
    for part in _fingerprint_parts(editor.role if editor else "", is_editor=editor is not None):
        digest.update(hashlib.sha256(part).digest())
    return KeyedRequest(editor.owner if editor else "", key, digest.hexdigest())


def _fingerprint_parts(role: str, *, is_editor: bool) -> Iterator[bytes]:
    """What must be the same in a repeated request: role, address, ETags, media type and body."""
    address = f"{request.method} {request.full_path}"
    tags = sorted(tag or "" for tag in request.if_match.as_set(include_weak=True))
    yield from (each.encode() for each in (role, address, repr(tags), request.mimetype))
    body = _read_body_repeatably(MAX_BODY_BYTES if is_editor else None)
    if request.mimetype != "multipart/form-data":
        yield body
        return
    with PlainRequest({**request.environ, "wsgi.input": BytesIO(body)}) as form:
        for name, text in sorted(form.form.items(multi=True)):  # its boundary may differ
            yield f"{name}\n{text}".encode()
        for name, file in sorted(form.files.items(multi=True), key=lambda pair: pair[0]):
            yield f"{name}\n{file.filename}\n{file.mimetype}".encode()
            yield file.read()


def _read_body_repeatably(largest: int | None) -> bytes:
    """Read the body in such a way that the view can read it again, within its own limit."""
    request.max_content_length = largest
    body = request.get_data(cache=False)
    request.max_content_length = None
    request.environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    for name in ("stream", "content_length"):
        request.__dict__.pop(name, None)
    return body
