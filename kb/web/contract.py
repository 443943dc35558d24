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
ABOUT_LISTS = (
    "Filters of different names must all be met; repeat a name for “one of these”. Without "
    "matches the list is empty. `facets` counts what each value of a filter would give, and "
    "`_links` and the `Link` header lead to the neighbouring pages."
)
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
ABOUT: dict[
    str | tuple[str, str], str
] = {  # what each address is for, beyond its summary; the others by their beginning
    "/v1/search": "The answer says of each item what it is and through which words it was found. "
    + ABOUT_LISTS,
    "/v1/suggestions": "For a search box: ask again with every letter, from the second on. A place "
    "leads to the list of its cases.",
    "/v1/cases/{caseId}": "The whole text, as an editor may send it back. `unverified` lists the "
    "keys that nobody has checked against a source yet. A withdrawn case answers 410.",
    "/v1/cases/{caseId}/similar-cases": "For “more like this”. Cases are compared by ingredients, "
    "strategies, target groups, categories of pitfalls, scale and archetype; “reasons” names what "
    "both have, the most telling first. A withdrawn case answers 410.",
    ("post", "/v1/cases"): "What is missing may come later: `_draft.problems` lists it. What is "
    "wrong is 400, all of it at once, and then nothing is saved. `_draft.advice` tells what is "
    "saved in another spelling. Without an `id` one is made from the title. With an "
    "Idempotency-Key the same request is answered the same for 24 hours.",
    ("get", DRAFT): "The whole text, as it may be sent back, with `_draft`: who saved it, who did "
    "what, and what must be mended before it can be published. Its ETag goes into If-Match.",
    ("post", DRAFT): "The public text stays as it is until the draft is published. `fromRevision` "
    "makes any saved text current again, also that of a draft that was discarded; with the ETag "
    "of an open draft in If-Match it takes the place of that one's text (200).",
    ("put", DRAFT): "What is left out becomes empty, except `unverified`. A pitfall, finding or "
    "source without an id keeps that of the one with the same title (claim). A submitted draft "
    "becomes a draft again.",
    ("patch", DRAFT): "Send only the keys that change; null makes one empty. A submitted draft "
    "becomes a draft again.",
    ("delete", DRAFT): "By who began it, or a publisher. `/v1/drafts?state=discarded` lists it for "
    "90 days, and `fromRevision` brings it back; then its text is erased. The id of a case that "
    "was never published is free at once.",
    f"{DRAFT}/changes": "The operations that make the public text that of the draft; a case that "
    "is not public is compared with nothing. They leave out what is not text.",
    "/v1/cases/{caseId}/history": "Also of discarded drafts and withdrawals. Each step links to "
    "the text as it was after it.",
    "/v1/cases/{caseId}/revisions/{revision}": "It may be sent back as the text of a draft. A text "
    "that was erased answers 410.",
    ("post", f"{DRAFT}/reviews"): "`submit` asks for approval; `return` is for publishers and "
    "needs a note.",
    ("post", PUBLICATIONS): "Publishing is strict: everything that is missing is told at once. "
    "`change` is the number that every copy follows, `searchable` whether search knows already.",
    (
        "post",
        RENAMES,
    ): "Its pitfalls and findings, its draft, its versions and what other cases say "
    "of it follow. Reading a former id answers 301; writing to one is 404 with the new id in "
    "`suggestions`. In `/v1/changes` the former id is withdrawn and the new one created. A former "
    "id is given to no other case; the case itself may have it back.",
    ("post", WITHDRAWALS): "The case answers 410 with the reason. Publishing a next draft with "
    "`reinstate` brings it back.",
    ("delete", VERSION): "For privacy, say. Its text goes everywhere, and so do all saved texts of "
    "the case that are no version, since they may repeat it. The public text cannot be erased: "
    "withdraw it first, or publish another. Backups and exports that were made before keep it.",
    ("post", "/v1/cases/_validate"): "The same checks as when it is published. `advice` tells of "
    "likely duplicates, missing evidence, ingredients that the text seems to mention, and texts "
    "that would be saved in another spelling.",
    (
        "post",
        "/v1/imports",
    ): "Each document is taken over by itself: one that is wrong is rejected, with all its errors, "
    "and harms no other. A key that is left out stays as it is, and so does a part that is left "
    "out of `place`, or of an item that was there already (by its id, or else by its title, claim "
    "or name); `null` and `[]` make empty. `changes` tells this key by key, and `advice` what is "
    "saved in another spelling. A table (CSV, .xlsx) has the columns of the codebook "
    "(docs/codebook.md); there an empty cell is left out. A row without an id is about the case "
    "with the same title, municipality and first year, when it has all three, and else begins a "
    "new one. Sending the same again changes nothing. At most 1,000 documents; a dry run does the "
    "very same, takes it back and answers 200.",
    "/v1/imports/{importId}": "As it was answered then.",
    "/v1/schemas/case": "JSON Schema 2020-12, for editors' tools. What publishing needs on top of "
    "a draft is marked with `x-required-to-publish`.",
    "/v1/drafts": "Of all editors, with how far each is and what is still open.",
    "/v1/me": "So that a tool can greet its user, and warn before the token expires.",
    "/v1/cases/{caseId}/versions": "A version is a text as it was published; it never changes. "
    "As long as the case is public, so are they.",
    ("get", VERSION): "The whole text; `updatedAt` is when it was published. A version of a "
    "withdrawn case answers 410, and so does one that was erased.",
    "/v1/cases/{caseId}/versions/{version}/changes": "The operations that lead from version "
    "`from` to this one. They leave out `version`, `publishedAt`, `updatedAt` and `_links`.",
    "/v1/changes": "For who keeps a copy: read on with “nextCursor” until “items” is empty, and "
    "come back later with the same one. For each change read the thing anew; one that answers 404 "
    "or 410 is gone. After a restore from a backup a cursor may lie beyond the last change: that "
    "is 400, and the copy must begin anew.",
    "/v1/oembed": "An answer as oembed.com has it: one iframe, no larger than asked, with the "
    "names that the standard gives. An address that cannot be shown in a frame is 404; "
    "`format=xml` is 501.",
    "/v1/vocabularies": "The terms are left out here; each vocabulary has them.",
    "/v1/vocabularies/{scheme}": "The ids are the values of the filter in `parameter`; the "
    "synonyms are words that search understands as the term.",
    "/v1/openapi.json": "This document, for programs; any website may read it.",
    "/health/live": "For who runs this: restart the process when it does not answer.",
    "/health/ready": "For who runs this: send no requests while it answers 503; `checks` says "
    "what is wrong.",
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
