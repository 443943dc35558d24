"""What many operations of the API share: headers, parameters and responses, each by its name."""

from __future__ import annotations

from typing import Any

from flask_smorest import Api

from kb.web.headers import API_VERSION

ERRORS = {  # by status: the name of the response, and when it comes
    400: ("InvalidInput", "Something in the request is wrong; `errors` lists everything."),
    401: ("Unauthorized", "There is no token in force in Authorization."),
    403: ("Forbidden", "Your token is in order, but not for this; `detail` says who may."),
    404: ("NotFound", "Nothing has this id; `suggestions` are ids that come near."),
    406: ("NotAcceptable", "None of the media types in Accept can be given."),
    409: ("Conflict", "This does not fit the state that things are in; `detail` says why."),
    410: ("Gone", "It was withdrawn, or the text erased; `reason` says why."),
    412: ("StaleEdit", "Another has changed it since; `changed` lists the keys."),
    413: ("TooLarge", "The body is larger than this service takes."),
    415: ("UnsupportedMediaType", "The body is of a type that this address does not read."),
    428: ("IfMatchRequired", "If-Match must say which text this is based on."),
    429: ("TooManyRequests", "Your address asks more often than this service allows."),
    500: ("InternalError", "Something went wrong on our side."),
    501: ("UnsupportedFormat", "This format of the standard is not written here."),
    503: ("Unavailable", "Search is being prepared, or the database does not answer."),
}
ERROR_HEADERS = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}
RESPONSE_NAMES = {301: "Moved", 303: "SeeOther", 304: "NotModified"} | {
    status: name for status, (name, _) in ERRORS.items()
}
TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "A token that the operator made with `kb token create`.",
}
PARAMETERS: dict[str, dict[str, Any]] = {
    "If-Match": {
        "required": True,
        "description": "The ETag of what you change, as you have read it.",
        "schema": {"type": "string"},
    },
    "Idempotency-Key": {
        "description": "The same key with the same request gives the first answer again, "
        "for 24 hours; refusals are not remembered. While the first is at work: 409 with "
        "Retry-After.",
        "schema": {"type": "string", "pattern": "^[!-~]+$", "maxLength": 200},
    },
}
HEADERS: dict[str, dict[str, Any]] = {
    "API-Version": {
        "description": "The full version of this API.",
        "schema": {"type": "string", "examples": [API_VERSION]},
    },
    "ETag": {
        "description": "Send it as If-None-Match to hear whether anything changed.",
        "schema": {"type": "string"},
    },
    "Location": {
        "description": "Where what was made, or has another id now, can be read.",
        "schema": {"type": "string", "format": "uri"},
    },
    "WWW-Authenticate": {
        "description": "That a token is needed, as `Bearer`.",
        "schema": {"type": "string"},
    },
    "Link": {
        "description": "The next and the previous page, where there are any, and the other forms.",
        "schema": {"type": "string"},
    },
    "Row-Count": {
        "description": "With `csv`, `ndjson`, `bibtex` and `ris`: how many the whole list "
        "has. Fewer have come when the answer broke off, or something was withdrawn "
        "meanwhile.",
        "schema": {"type": "integer"},
    },
    "Retry-After": {
        "description": "Seconds after which to try again.",
        "schema": {"type": "integer"},
    },
}


def header_refs(*names: str) -> dict[str, str]:
    """Headers of a response, as flask-smorest's decorators take references to components."""
    return {name: name for name in ("API-Version", *names)}


def register(api: Api) -> None:
    """Let operations refer to all of these."""
    components = api.spec.components
    components.security_scheme("token", TOKEN)
    for name, parameter in PARAMETERS.items():
        components.parameter(name, "header", {**parameter})
    for name, header in HEADERS.items():
        components.header(name, header)
    components.response(
        "NotModified",
        {
            "description": "Nothing has changed since the answer whose ETag If-None-Match named.",
            "headers": header_refs("ETag"),
        },
    )
    components.response(
        "Moved",
        {
            "description": "What was asked for has another id now; Location is its address.",
            "headers": header_refs("Location"),
        },
    )
    components.response(
        "SeeOther",
        {
            "description": "What was made can be read at Location.",
            "headers": header_refs("Location"),
        },
    )
    for status, (name, description) in ERRORS.items():
        more = ERROR_HEADERS.get(status)
        components.response(
            name,
            {
                "description": description,
                "headers": header_refs(*([more] if more else [])),
                "content": {"application/problem+json": {"schema": "Problem"}},
            },
        )
