"""What the OpenAPI document tells of routes beside their views and schemas: texts and bodies."""

from __future__ import annotations

from typing import Any

DESCRIPTION = """
Interventions that keep neighbourhoods mixed: what was tried, which active ingredients made it
work, which pitfalls to avoid, and how strong the evidence is. The content is Dutch; labels and
messages are Dutch or English (`Accept-Language`, or `lang`). No key is needed to read; editors
send a token (`Authorization: Bearer …`).

Every answer has the full version in `API-Version`. Every error is a problem in JSON (RFC 9457)
that says what to do; bad input lists all mistakes at once, each with what was probably meant.
""".strip()
ERRORS = {
    "400": ("InvalidInput", "Something in the request is wrong; `errors` lists everything."),
    "401": ("Unauthorized", "There is no token in force in Authorization."),
    "403": ("Forbidden", "Your token is in order, but not for this; `detail` says who may."),
    "404": ("NotFound", "Nothing has this id; `suggestions` are ids that come near."),
    "406": ("NotAcceptable", "None of the media types in Accept can be given."),
    "409": ("Conflict", "This does not fit the state that things are in; `detail` says why."),
    "410": ("Gone", "The case was withdrawn, or the text erased; `reason` says why."),
    "412": ("StaleEdit", "Another has changed the draft since; `changed` lists the keys."),
    "413": ("TooLarge", "The body is larger than this service takes."),
    "415": ("UnsupportedMediaType", "The body is of a type that this address does not read."),
    "428": ("IfMatchRequired", "If-Match must say which text this is based on."),
    "429": ("TooManyRequests", "Your address asks more often than this service allows."),
    "500": ("InternalError", "Something went wrong on our side."),
    "501": ("UnsupportedFormat", "This format of the standard is not written here."),
    "503": ("Unavailable", "Search is being prepared, or the database does not answer."),
}
FOR_EDITORS = (  # tags of the routes that take a token
    *("drafts", "publishing", "history", "renaming", "imports"),
)
DRAFT = "/v1/cases/{caseId}/draft"
PUBLICATIONS = "/v1/cases/{caseId}/publications"
VERSION = "/v1/cases/{caseId}/versions/{version}"
WITHDRAWALS = "/v1/cases/{caseId}/withdrawals"
RENAMES = "/v1/cases/{caseId}/renames"
WRITES_NOTHING = {"/v1/cases/_validate"}  # what takes POST and no Idempotency-Key
SEEN = {  # what takes If-Match
    *((method, DRAFT) for method in ("put", "patch", "delete")),
    ("post", f"{DRAFT}/reviews"),
    ("post", PUBLICATIONS),
}


def _body(shape: dict[str, Any], *, media: str = "application/json", required: bool = True) -> Any:
    return {"required": required, "content": {media: {"schema": shape}}}


WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
A_DOCUMENT: dict[str, Any] = {
    "type": "object",
    "description": "A case as GET gives it. Bare ids do for terms and references.",
}
EACH = {"description": "A case; one that is wrong is told in its row, and harms no other."}
BODIES: dict[tuple[str, str], Any] = {
    ("post", "/v1/cases"): _body(A_DOCUMENT),
    ("post", DRAFT): _body({"$ref": "#/components/schemas/NextDraft"}, required=False),
    ("put", DRAFT): _body(A_DOCUMENT),
    ("patch", DRAFT): _body({"type": "object"}, media="application/merge-patch+json"),
    ("post", f"{DRAFT}/reviews"): _body({"$ref": "#/components/schemas/Review"}),
    ("post", PUBLICATIONS): _body({"$ref": "#/components/schemas/Publication"}, required=False),
    ("post", "/v1/cases/_validate"): _body({"description": "What would be sent as a case."}),
    ("post", "/v1/imports"): {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "array", "items": EACH}  # of more than 1,000: 413
            },
            "application/x-ndjson": {"schema": {"type": "string"}},
            "text/csv": {"schema": {"type": "string"}},
            WORKBOOK: {"schema": {"type": "string", "format": "binary"}},
        },
    },
    ("post", WITHDRAWALS): _body({"$ref": "#/components/schemas/Withdrawal"}),
    ("post", RENAMES): _body({"$ref": "#/components/schemas/Rename"}),
    ("delete", VERSION): _body({"$ref": "#/components/schemas/Erasure"}),
}
PATH_EXAMPLES = {  # of the first cases
    "caseId": "place2bu-utrecht",
    "pitfallId": "place2bu-utrecht--onrustige-start-op-grote-schaal",
    "findingId": "kleinhans-2004--menging-van-eigendom-leidt-niet-vanzelf-tot-contact-tussen",
    "studyId": "kleinhans-2004",
    "questionId": "leidt-mengen-tot-contact",
    "ingredientId": "buddy-systeem",
    "scheme": "ingredients",
    "version": "1",
    "revision": "1",
    "importId": "0f3c2d1e9b8a7c6d5e4f3a2b",
}
PATH_NAMES = {
    "caseId": "The id of a case.",
    "pitfallId": "The id of a pitfall: that of its case or study, two dashes, a name.",
    "findingId": "The id of a finding: that of its case or study, two dashes, a name.",
    "studyId": "The id of a study.",
    "questionId": "The id of a question.",
    "ingredientId": "The id of an active ingredient; a term of the vocabulary `ingredients`.",
    "scheme": "The id of a vocabulary.",
    "version": "The number of a publication of the case, counted from 1.",
    "revision": "The number of a saved text, as the history of the case has it.",
    "importId": "The id of an import.",
}
