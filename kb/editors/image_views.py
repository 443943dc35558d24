"""/v1/cases/{id}/draft/images: putting an image into a draft, and taking it out."""

from __future__ import annotations

from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from kb import image_names
from kb.cases.aliases import Thing
from kb.database import now
from kb.editors import image_references
from kb.editors.blueprint import (
    EditorsBlueprint,
    EditorView,
    current_editor,
    database,
)
from kb.editors.drafts import edit_draft, lock_draft
from kb.editors.idempotency.requests import respond_once
from kb.editors.response_bodies import draft_response
from kb.images import folder, processing
from kb.input_errors import InputError, Mistake
from kb.problems import InvalidInput, NotFound, StorageUnavailable
from kb.services import services
from kb.translation import N_
from kb.web.addresses import public_address
from kb.web.components import header_refs
from kb.web.forms import read_form
from kb.web.parsing import check_media_type
from schemas.drafts import DraftCase
from schemas.errors import printable
from schemas.lists import LanguageQuery

MULTIPART = "multipart/form-data"
FORM_OVERHEAD_BYTES = 2**16  # of a form, beside the file in it
TEXT_KEYS = ("alt", "maker", "licence")
BODY: dict[str, Any] = {
    MULTIPART: {
        "type": "object",
        "required": ["file"],
        "properties": {
            "file": {
                "type": "string",
                "format": "binary",
                "description": "JPEG, PNG or WebP: at most 15 MiB and 50 million pixels, no side "
                "over 16,383, and at least 320 by 200.",
            },
            **{name: {"type": "string"} for name in TEXT_KEYS},
        },
    }
}
blp = EditorsBlueprint("images", __name__, "Images of cases.")


@blp.route("/cases/<slug:case_id>/draft/images")
class DraftImages(EditorView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.if_match
    @blp.response(201, DraftCase, headers=header_refs("ETag", "Location"))
    @blp.body(BODY)
    def post(self, _query: dict[str, Any], case_id: str, etags: set[str]) -> Response:
        """Upload an image into a draft.

        What the file is, its content decides. Only its pixels are used: upright, in a few widths,
        without the place and the camera that a photograph tells of. It comes last in `images`; one
        that is there already keeps its place, and what was said of it save for what is sent now.
        `alt`, `maker` and `licence` may come later (PATCH `images`); publishing needs them. Until
        a text with it is public, editors alone can read its files.
        """
        texts, content = _read_form()
        image = processing.process(content)
        try:
            folder.write(services().settings.images_path, image.files)
        except OSError:
            raise StorageUnavailable from None

        def add(session: Session) -> Response:
            draft = lock_draft(session, Thing("case", case_id), etags)
            who, at = current_editor().owner, now()
            image_references.register(session, image.id, who=who, at=at)
            images = {each["id"]: each for each in draft.document.get("images", ())}
            images[image.id] = images.get(image.id, {"id": image.id}) | texts
            sent = {"images": list(images.values())}
            document = draft.document | sent
            edit_draft(session, draft, document, body=sent, who=who, at=at)
            response = draft_response(session, draft, 201, sent=sent)
            response.headers["Location"] = public_address(image_names.jpeg_file(image.id).path)
            return response

        return respond_once(add)


@blp.route("/cases/<slug:case_id>/draft/images/<image_id>")
class OneDraftImage(EditorView):
    @blp.arguments(LanguageQuery, location="query")
    @blp.if_match
    @blp.response(200, DraftCase, headers=header_refs("ETag"))
    def delete(
        self, _query: dict[str, Any], case_id: str, image_id: str, etags: set[str]
    ) -> Response:
        """Take an image out of a draft.

        Earlier texts keep it, so it comes back with them. Its files go when the last text that has
        it is erased.
        """

        def remove(session: Session) -> Response:
            draft = lock_draft(session, Thing("case", case_id), etags)
            images = draft.document.get("images", ())
            left = [each for each in images if each["id"] != image_id]
            if len(left) == len(images):
                raise NotFound(N_("This draft has no such image; its “images” lists them."))
            sent = {"images": left}
            document = draft.document | sent
            who, at = current_editor().owner, now()
            edit_draft(session, draft, document, body=sent, who=who, at=at)
            return draft_response(session, draft, sent=sent)

        return database().write(remove)


def _read_form() -> tuple[dict[str, str], bytes]:
    """What the form says of the image, and the file in it. Raises InvalidInput, TooLarge."""
    check_media_type(MULTIPART)
    form, files = read_form(image_names.MAX_UPLOAD_BYTES + FORM_OVERHEAD_BYTES)
    file = files.get("file")
    errors = [
        InputError(Mistake("unknown-key", {"value": printable(name)[:80]}), "body", _pointer(name))
        for name in (*form, *(each for each in files if each != "file"))
        if name not in (*TEXT_KEYS, "csrf")
    ]
    if file is None or not (content := file.read()):
        errors.append(InputError(Mistake("required"), "body", "/file"))
    if errors:
        raise InvalidInput(errors)
    texts = {name: form[name] for name in TEXT_KEYS if form.get(name, "").strip()}
    return texts, content


def _pointer(name: str) -> str:
    """Where a field of the form stands, as a JSON Pointer."""
    return "/" + printable(name)[:80].replace("~", "~0").replace("/", "~1")
