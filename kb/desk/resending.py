"""A form that was sent when its session had ended: what was typed stays, and is sent once more.

The page that answers has all fields of the form. Who has signed in again sees what was typed, and
sends it from there; nothing is done before.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import request

from kb.desk.rendering import render_desk
from kb.editors.session_cookie import CSRF_FIELD

MACHINE_FIELDS = {
    "etag",
    "key",
    "do",
    "seen",
    "decision",
    "find-now",
    "action",
}  # nobody typed these
Pairs = list[tuple[str, str]]  # the names and values of fields


def sent_fields() -> Pairs:
    """The fields of this request's form, in order; files are not among them."""
    return [pair for pair in request.form.items(multi=True) if pair[0] != CSRF_FIELD]


def ended_page() -> tuple[str, int]:
    """The page for who sent a form without a session: sign in elsewhere, and come back to it."""
    return _page("desk/form_ended.html"), HTTPStatus.UNAUTHORIZED


def send_again_page() -> tuple[str, int]:
    """The page for who sent a form of an earlier session: what was typed, and a button."""
    texts = [value for name, value in sent_fields() if name not in MACHINE_FIELDS and value.strip()]
    return _page("desk/send_again.html", texts=texts), HTTPStatus.FORBIDDEN


def _page(template: str, **content: Any) -> str:
    """A page with all fields of the form; it says so when a file must be chosen once more."""
    had_files = any(file.filename for file in request.files.values())
    return render_desk(template, fields=sent_fields(), had_files=had_files, **content)
