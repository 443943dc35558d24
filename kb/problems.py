"""Every way in which a request can fail, with its status; `kb.web` turns them into HTTP.

Texts are English message ids with `%(name)s` places.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kb.input_errors import InputError, Mistake
from kb.suggestions import close_matches
from kb.translation import N_


class Problem(Exception):
    """Something the caller did, or that befell us, with an answer to it.

    `name` ends the problem's `type`, and `explanation` is told at that address; `detail` is of
    this very case. The status and title of each name are below.
    """

    name = "internal-error"
    status = 500
    title = N_("Something went wrong on our side")
    explanation = N_(
        "Something failed on our side; your request need not be wrong. The log has the "
        "details under the number in “instance”: mention that number when you report it."
    )
    detail = N_("The log has the details under the number of this problem. Please try again later.")

    def __init__(self, detail: str | None = None, **values: Any) -> None:
        self.detail = detail or self.detail
        self.values = values
        self.extra: dict[str, Any] = {}
        self.headers: dict[str, str] = {}
        super().__init__(self.detail % values if values else self.detail)


class InvalidInput(Problem):
    """The request is wrong; `errors` are all that is wrong with it."""

    name = "invalid-input"
    status = 400
    title = N_("The request is not right")
    explanation = N_(
        "Something in the address, a parameter or the body is not as it should be. “errors” lists "
        "all that is wrong and where it stands, often with what was probably meant."
    )
    detail = N_("Correct what is listed under “errors” and try again.")

    def __init__(self, errors: list[InputError], detail: str | None = None) -> None:
        super().__init__(detail)
        self.errors = errors


def invalid_body(errors: Iterable[tuple[str, Mistake]]) -> InvalidInput:
    """The problem of a body with these mistakes, each with its JSON Pointer."""
    return InvalidInput([InputError(mistake, "body", pointer) for pointer, mistake in errors])


class Unauthorized(Problem):
    """Nobody is known by what came with the request; the token itself is never repeated."""

    name = "unauthorized"
    status = 401
    title = N_("Who are you?")
    explanation = N_(
        "This address is for editors. Send a token that is in force in the Authorization header: "
        "“Authorization: Bearer …”. The operator of this service makes tokens."
    )
    detail = N_("Send “Authorization: Bearer …” with your token.")

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail)
        error = ', error="invalid_token"' if detail else ""
        self.headers = {"WWW-Authenticate": f'Bearer realm="kennisbank"{error}'}


class Forbidden(Problem):
    """Who asks is known, but may not do this."""

    name = "forbidden"
    status = 403
    title = N_("You may not do this")
    explanation = N_("Your token is in order, but not for this. “detail” says who may do it.")
    detail = N_("This takes the role “%(role)s”; your token has “%(own)s”.")


class NotFound(Problem):
    """Nothing public has this address or id; a draft looks absent too."""

    name = "not-found"
    status = 404
    title = N_("Not found")
    explanation = N_(
        "Nothing public has this address or id. See whether it was typed well; "
        "“suggestions” lists ids that come near."
    )
    detail = N_("There is nothing at this address. The documentation at /docs lists all addresses.")


class NoDraft(NotFound):
    """A thing without a draft: nobody has begun one, or it was published or thrown away."""

    detail = N_("“%(id)s” has no draft.")


class UnknownId(NotFound):
    """A single thing was asked for by an id that nothing has; `suggestions` are near ones."""

    detail = N_("Nothing here has the id “%(id)s”.")

    def __init__(self, id: str, known: Iterable[str]) -> None:
        super().__init__(None, id=id)
        self.extra = {"suggestions": close_matches(id, known)}


class Renamed(NotFound):
    """A thing was to be written under an id that it had before; `suggestions` has the new one."""

    detail = N_("“%(id)s” has the id “%(new)s” now; use that one.")

    def __init__(self, id: str, new: str) -> None:
        super().__init__(None, id=id, new=new)
        self.extra = {"suggestions": [new]}


class Moved(Exception):  # no mistake: `kb.web.redirects` answers 301
    """A single thing was asked for by a former id; `target` answers for it now."""

    def __init__(self, kind: str, slug: str, target_kind: str, target: str) -> None:
        super().__init__(f"{kind} {slug} → {target_kind} {target}")
        self.kind, self.slug = kind, slug
        self.target_kind, self.target = target_kind, target


class Withdrawn(Problem):
    """Something was public and is no longer; the tombstone tells why."""

    name = "withdrawn"
    status = 410
    title = N_("Withdrawn")
    explanation = N_(
        "This was public and is no longer. The answer says why, and what replaces it, if "
        "anything does."
    )
    detail = N_("“%(id)s” was withdrawn: %(reason)s")
    replacement: tuple[str, str] | None = None  # the kind and id of what took its place


class Erased(Problem):
    """A text that was there and is gone for good; `reason` may be empty for an old draft."""

    name = "erased"
    status = 410
    title = N_("Erased")
    explanation = N_(
        "This text was saved and has been erased for good: nobody can read it here any more. "
        "The answer says why and when."
    )
    detail = N_("This text was erased: %(reason)s")

    def __init__(
        self, detail: str | None = None, *, reason: str | None, erased_at: str, **values: Any
    ) -> None:
        super().__init__(detail, reason=reason, **values)
        self.extra = {"reason": reason, "erasedAt": erased_at}


class MethodNotAllowed(Problem):
    """The address exists, but not for this method."""

    name = "method-not-allowed"
    status = 405
    title = N_("This method cannot be used here")
    explanation = N_(
        "The address exists, but not for this method. The Allow header lists the methods "
        "that it knows."
    )
    detail = N_("Use one of the methods in the Allow header.")


class NotAcceptable(Problem):
    """None of the media types that were asked for can be given."""

    name = "not-acceptable"
    status = 406
    title = N_("This form cannot be given")
    explanation = N_("The Accept header asks only for media types that this address cannot give.")
    detail = N_("Ask for %(offered)s in the Accept header.")


class Conflict(Problem):
    """What was asked does not fit the state that things are in."""

    name = "conflict"
    status = 409
    title = N_("This does not fit the present state")
    explanation = N_(
        "The request is right in itself, but does not fit the state that things are in. "
        "“detail” says what stands in its way."
    )


class StaleEdit(Problem):
    """Another has changed it since; `changed` are the top-level keys that differ now."""

    name = "stale-edit"
    status = 412
    title = N_("Another was before you")
    explanation = N_(
        "What you want to write is based on an older text than is there now. Read it again, and "
        "look at the keys in “changed” before you send your own changes anew."
    )
    detail = N_("This has changed since you read it; read it again.")

    def __init__(self, changed: Iterable[str]) -> None:
        super().__init__()
        self.extra = {"changed": list(changed)}


class IfMatchRequired(Problem):
    """A write that does not say which text it is based on."""

    name = "if-match-required"
    status = 428
    title = N_("Say which text this is based on")
    explanation = N_(
        "Whoever writes says which text they have seen, so that nobody overwrites what another "
        "wrote: its ETag, in the If-Match header."
    )
    detail = N_("Send the ETag of what you have read, in the If-Match header.")


class TooLarge(Problem):
    """The body is larger than we take."""

    name = "too-large"
    status = 413
    title = N_("The request is too large")
    explanation = N_("The body of the request is larger than this service takes.")
    detail = N_("Send a smaller document.")


class UnsupportedMediaType(Problem):
    """The body is of a type we do not read."""

    name = "unsupported-media-type"
    status = 415
    title = N_("This media type is not supported")
    explanation = N_("The Content-Type header names a media type that this address does not read.")
    detail = N_("Send %(expected)s.")

    def __init__(self, detail: str | None = None, expected: str = "application/json") -> None:
        super().__init__(detail, expected=expected)


class UnsupportedFormat(Problem):
    """A format of the oEmbed standard that we do not write."""

    name = "unsupported-format"
    status = 501
    title = N_("This format is not written here")
    explanation = N_(
        "The oEmbed standard knows two formats. We write JSON alone, and the standard says to "
        "answer 501 to who asks for XML."
    )
    detail = N_("Ask for format=json.")


class TooManyRequests(Problem):
    """One address asks more often than the operator allows; `seconds` until it may again."""

    name = "too-many-requests"
    status = 429
    title = N_("Too many requests")
    explanation = N_(
        "Your address has asked more often than this service allows. The Retry-After header says "
        "after how many seconds to try again; the limit may be shared by all behind one address."
    )
    detail = N_("Try again in %(seconds)s seconds.")

    def __init__(self, seconds: int) -> None:
        super().__init__(None, seconds=seconds)
        self.seconds = seconds
        self.headers = {"Retry-After": str(seconds)}


class SearchUnavailable(Problem):
    """The index is missing or being rebuilt; everything but the lists still answers."""

    name = "search-unavailable"
    status = 503
    title = N_("Search is being prepared")
    explanation = N_(
        "The search index is missing or is being made anew. Lists and search wait for it; "
        "single things can be read meanwhile. The Retry-After header says when to try "
        "again."
    )
    detail = N_("Lists and search are back in a moment; single things can be read meanwhile.")

    def __init__(self, retry_after: int) -> None:
        """`retry_after` is in seconds."""
        super().__init__()
        self.headers = {"Retry-After": str(retry_after)}


class DatabaseUnavailable(Problem):
    """The database does not do its work; what needs no database goes on."""

    name = "database-unavailable"
    status = 503
    title = N_("The database is not available")
    explanation = N_(
        "The database cannot be reached, is locked, cannot be written or has no room. What "
        "needs no database goes on; the Retry-After header says when to try again."
    )
    detail = N_("The database cannot be reached at this moment; try again in a while.")
    details: Mapping[str, str] = {
        "away": detail,
        "busy": N_("The database is busy with other work; try again in a while."),
        "damaged": N_("The file of the database is damaged; the operator restores a backup."),
        "read-only": N_(
            "The database can only be read at this moment: nothing was saved. Reading goes on."
        ),
        "full": N_("The disk of the database is full: nothing was saved. Reading goes on."),
        "not-upgraded": N_(
            "The tables of the database are not of this release; the operator brings them there "
            "with “kb db upgrade”."
        ),
        "not-seeded": N_(
            "The database lacks terms of this release, so nothing was saved; the operator brings "
            "them there with “kb seed”."
        ),
    }

    def __init__(self, reason: str = "away") -> None:
        super().__init__(self.details[reason])
        self.headers = {"Retry-After": "5"}


class StorageUnavailable(Problem):
    """The folder of images cannot be written."""

    name = "storage-unavailable"
    status = 503
    title = N_("Images cannot be stored")
    explanation = N_(
        "The folder of images cannot be written or has no room. Nothing was saved; all else goes "
        "on."
    )
    detail = N_(
        "The image could not be stored: the operator makes room in the folder of images. Try again "
        "later."
    )


class NotReady(Problem):
    """The database or the index does not answer as it should."""

    name = "not-ready"
    status = 503
    title = N_("Not ready")
    explanation = N_(
        "The database or the search index does not answer as it should; “checks” says "
        "which. The Retry-After header says when to try again."
    )
    detail = N_("A part of this service is not ready; see “checks”.")

    def __init__(self, checks: Mapping[str, str], details: Mapping[str, Any] | None) -> None:
        super().__init__()
        self.extra = {"checks": dict(checks), **({"details": details} if details else {})}
        self.headers = {"Retry-After": "5"}


PROBLEMS_BY_NAME: Mapping[str, type[Problem]] = {
    problem.name: problem
    for problem in (
        InvalidInput,
        Unauthorized,
        Forbidden,
        NotFound,
        MethodNotAllowed,
        NotAcceptable,
        Conflict,
        Withdrawn,
        Erased,
        StaleEdit,
        IfMatchRequired,
        TooManyRequests,
        TooLarge,
        UnsupportedMediaType,
        Problem,
        UnsupportedFormat,
        SearchUnavailable,
        DatabaseUnavailable,
        NotReady,
    )
}
