"""Our own API, called within the process: the one way in which the desk reads and writes.

A call goes through routing, parsing, the view and the error handlers like any request, in the
name of the editor of the page and in its language; only the network is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import Context
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import Flask, current_app, request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from kb.editors.blueprint import EDITOR, authenticated_editor
from kb.problems import InvalidInput
from kb.vocabulary.terms import language
from kb.web.policy import WITHIN
from kb.web.translation import gettext

MOVED = {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.PERMANENT_REDIRECT}  # to another id
NOTHING_TYPED = {"empty", "null", "required"}  # codes of errors
MERGE_PATCH = "application/merge-patch+json"


@dataclass(frozen=True)
class ApiResponse:
    """What the API answered: its status, its JSON (None without a body) and its headers."""

    status: int
    json: Any
    headers: Headers

    @property
    def ok(self) -> bool:
        """Whether it did what it was to do."""
        return self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def etag(self) -> str | None:
        """The ETag as If-Match takes it, in its quotes."""
        return self.headers.get("ETag")

    @property
    def mistakes(self) -> dict[str, str]:
        """What is wrong with a body, by JSON Pointer (or the name of a parameter); the first each.

        An error about the whole body has an empty pointer.
        """
        errors = self.json.get("errors", ()) if isinstance(self.json, dict) else ()
        texts: dict[str, str] = {}
        for error in errors:
            texts.setdefault(error.get("pointer", error.get("name", "")), error["detail"])
        return texts


class ApiProblem(Exception):
    """The API refused what a page needs; `response.json` is the problem (RFC 9457)."""

    def __init__(self, response: ApiResponse) -> None:
        super().__init__(f"{response.status}")
        self.response = response


def read(path: str, query: Mapping[str, Any] | None = None) -> Any:
    """The JSON of an address below /v1 that a page cannot do without. Raises ApiProblem."""
    return succeed(call("GET", path, query=query)).json


def succeed(response: ApiResponse) -> ApiResponse:
    """The response, when it is no refusal. Raises ApiProblem."""
    if not response.ok:
        raise ApiProblem(response)
    return response


def call(
    method: str,
    path: str,
    *,
    query: Mapping[str, Any] | None = None,
    json: Any = None,
    etag: str | None = None,
    body: bytes | None = None,
    content_type: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> ApiResponse:
    """Call an address below /v1: `/cases/tuin/draft`, not percent-encoded. Never raises.

    `json` is sent as JSON (PATCH: as JSON Merge Patch); else `body` as it is. `etag` goes into
    If-Match. A list in `query` repeats its parameter; None leaves it out.
    """
    named = {"Accept": "application/json", "Accept-Language": language(), **(headers or {})}
    if etag is not None:
        named["If-Match"] = etag
    sent = Headers({name: _header(value) for name, value in named.items()})
    if json is not None:
        body = current_app.json.dumps(json).encode()
        content_type = MERGE_PATCH if method == "PATCH" else "application/json"
    builder = EnvironBuilder(
        method=method,
        path=f"/v1{quote(path)}",
        base_url=request.host_url,
        query_string={key: value for key, value in (query or {}).items() if value is not None},
        headers=sent,
        data=body,
        content_type=content_type,
        environ_overrides={
            EDITOR: authenticated_editor(),
            WITHIN: True,
            "REMOTE_ADDR": request.remote_addr or "",
            "HTTP_X_REQUEST_ID": request.headers.get("X-Request-Id", ""),
        },
    )
    try:
        environ = builder.get_environ()
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        answer = Context().run(_dispatch, app, environ)  # nothing of this request is left there
    finally:
        builder.close()
    if answer.status == HTTPStatus.BAD_REQUEST and answer.mistakes:
        _speak_of_forms(answer.json)
    return answer


def _speak_of_forms(problem: dict[str, Any]) -> None:
    """Have a problem speak to who sees a form: of fields, and never of JSON."""
    if problem["detail"] == gettext(InvalidInput.detail):
        problem["detail"] = gettext("Mend what is said below, and try again.")
    for error in problem["errors"]:
        if error["code"] in NOTHING_TYPED:
            error["detail"] = gettext("Fill this in.")


def _header(text: str) -> str:
    """A text as the value of a header, also one that a form sent: in a line of ASCII."""
    return "".join(each if each.isascii() and each.isprintable() else "?" for each in text)


def _dispatch(app: Flask, environ: Mapping[str, Any]) -> ApiResponse:
    """Have the application answer, in contexts of its own."""
    with app.request_context(dict(environ)):
        response = app.full_dispatch_request()
        return ApiResponse(
            response.status_code, response.get_json(silent=True), Headers(response.headers)
        )
