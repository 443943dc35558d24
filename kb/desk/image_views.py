"""/redactie/casussen/{id}/beelden: the images of a draft, with or without script."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import redirect, request
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart
from werkzeug.wrappers import Response

from kb.desk import api
from kb.desk.blueprint import DeskBlueprint
from kb.desk.rendering import render_desk
from kb.desk.things import DeskThing
from kb.image_names import MAX_UPLOAD_BYTES
from kb.kinds import CASE
from kb.pages.links import link

TEXT_KEYS = ("alt", "maker", "licence")
FORM_OVERHEAD_BYTES = 2**16  # of a form, beside the file in it
IMAGES = "/casussen/<slug:case_id>/beelden"
blp = DeskBlueprint("desk_images", __name__, max_bytes=MAX_UPLOAD_BYTES + FORM_OVERHEAD_BYTES)


@blp.get(IMAGES)
def images(case_id: str) -> str:
    """The images of a draft, each with what is told of it, and a form for one more."""
    return _page(case_id)


@blp.post(IMAGES)
def add_image(case_id: str) -> Any:
    """Upload an image."""
    file = request.files.get("file")
    content = file.read() if file else b""
    if file:
        file.close()
    values: dict[str, Any] = {name: request.form.get(name, "") for name in TEXT_KEYS}
    boundary, body = encode_multipart(values | ({"file": _part(content)} if content else {}))
    answer = api.call(
        "POST",
        f"{_draft(case_id)}/images",
        body=body,
        content_type=f"multipart/form-data; boundary={boundary}",
        etag=request.form.get("etag", ""),
    )
    return _done(case_id) if answer.ok else (_page(case_id, answer), answer.status)


@blp.post(f"{IMAGES}/<image_id>")
def change_image(case_id: str, image_id: str) -> Any:
    """Change what is told of an image, put it first, or take it out."""
    etag, action = request.form.get("etag", ""), request.form.get("action", "save")
    if action == "remove":
        answer = api.call("DELETE", f"{_draft(case_id)}/images/{image_id}", etag=etag)
    else:
        present = api.read(_draft(case_id))["images"]
        texts = {name: request.form.get(name, "").strip() or None for name in TEXT_KEYS}
        changed = [each | texts if each["id"] == image_id else each for each in present]
        if action == "first":
            changed.sort(key=lambda each: each["id"] != image_id)
        answer = api.call("PATCH", _draft(case_id), json={"images": changed}, etag=etag)
    return _done(case_id) if answer.ok else (_page(case_id, answer), answer.status)


def _draft(case_id: str) -> str:
    return f"/{CASE.collection}/{case_id}/draft"


def _part(content: bytes) -> FileStorage:
    """A file of a form; its name says nothing, and so it has none of the editor's."""
    return FileStorage(BytesIO(content), filename="image")


def _done(case_id: str) -> Response:
    return redirect(link(f"{DeskThing(CASE, case_id).path}/beelden", {"done": "saved"}), 303)


def _page(case_id: str, refused: api.ApiResponse | None = None) -> str:
    draft = api.succeed(api.call("GET", _draft(case_id)))
    return render_desk(
        "desk/images.html",
        thing=DeskThing(CASE, case_id),
        case=draft.json,
        etag=draft.etag,
        refusal=refused and refused.json,
        mistakes=refused.mistakes if refused else {},
        typed=request.form if refused else {},
    )
