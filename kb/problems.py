"""Every mistake a caller can understand, in plain Python; `kb.web` turns them into HTTP.

Texts are English message ids with `%(name)s` places; `kb/translations` has the Dutch ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import fuzz, process


def N_(text: str) -> str:
    """Mark a text for translation, where it is written; it is translated where it is shown."""
    return text


DETAILS: Mapping[str, str] = {
    "unknown-parameter": N_("This address has no parameter “%(value)s”."),
    "unknown-key": N_("There is no key “%(value)s” here; leave it out or correct its name."),
    "repeated": N_("Give this parameter once."),
    "empty": N_("Give a value, or leave this out."),
    "required": N_("This is required."),
    "null": N_("This cannot be null."),
    "wrong-type": N_("This must be %(expected)s."),
    "too-long": N_("At most %(maximum)s characters, words or items, not %(actual)s."),
    "too-short": N_("At least %(minimum)s characters or items, not %(actual)s."),
    "out-of-range": N_("This must be between %(minimum)s and %(maximum)s."),
    "bad-format": N_("“%(value)s” is not %(expected)s."),
    "not-in-vocabulary": N_("“%(value)s” is not one of the known values."),
    "unknown-reference": N_("There is no %(expected)s “%(value)s”."),
    "duplicate": N_("“%(value)s” stands here more than once."),
    "inconsistent": N_("%(reason)s"),
    "other-history": N_("This database has no such change; begin anew, without a cursor."),
    "read-only": N_("This cannot be changed."),
    "invalid-json": N_("This is not valid JSON: %(reason)s"),
}
EXPECTED = {
    "string": N_("a text"),
    "integer": N_("a whole number"),
    "boolean": N_("true or false"),
    "list": N_("a list"),
    "object": N_("an object"),
    "term": N_("the id of a term, or an object with that id"),
    "reference": N_("an id, or an object with that id"),
    "id": N_("an id of lower-case letters, digits and single dashes"),
    "province": N_(
        "one of the twelve provinces: Drenthe, Flevoland, Friesland, Gelderland, Groningen, "
        "Limburg, Noord-Brabant, Noord-Holland, Overijssel, Utrecht, Zeeland or Zuid-Holland"
    ),
    "country": N_("a country code of two capitals, such as NL"),
    "url": N_("an address that begins with http:// or https://"),
    "visible-url": N_("an address without spaces and invisible characters; type it anew"),
    "public-url": N_("an address for everybody; leave out the user name and password before the @"),
    "whole-url": N_("a whole address, such as https://www.example.nl/rapport"),
    "characters": N_("text: there is a NUL or half a character in it; type it anew"),
    "source": N_("source in this document"),
    "archetype": N_("published archetype"),
    "study": N_("study"),
    "term-reference": N_("term"),
    "moment": N_("a moment such as 2026-11-25T09:30:00Z"),
    "key": N_("a key of this document, such as startYear or pitfalls.avoidance"),
    "case": N_("published case"),
    "version": N_("version"),
    "revision": N_("saved text"),
    "cursor": N_("a “nextCursor” that this address gave"),
    "visible": N_("a text of visible ASCII characters"),
}
REASONS = {
    "years": N_("The end year lies before the start year."),
    "archetype": N_("An archetype cannot have an archetype itself."),
    "owner": N_("The id of an owned item begins with the id of its owner and two dashes."),
    "order": N_("Years: the first lies after the last."),
    "quotes": N_("The quotation marks from here on do not match, or a cell is far too long."),
    "cells": N_("There is no name above this column."),
    "workbook": N_("This is not a workbook (.xlsx) that can be read; save it anew as .xlsx."),
    "sheet-size": N_("This workbook is too large; leave out what is not a row of the table."),
    "no-sheet": N_("There is no visible sheet with something in it."),
    "date-cell": N_(
        "The spreadsheet made a date of this cell. Give the cell the form “text” and type it again."
    ),
    "boolean-cell": N_("The spreadsheet made true or false of this cell; make it a text."),
    "formula-cell": N_("This cell has a formula without a value; put the value in its place."),
    "all-fields": N_("“all” goes with format=csv and format=ndjson only."),
    "item-list": N_(
        "This column takes nothing but [leeg] or [empty]; items have columns of their own, such as "
        "pitfall1.title."
    ),
    "charset": N_("It is not in the encoding that it says, or in more than one."),
    "other-draft": N_(
        "Another wrote in the draft of this case, and this row does not show that you read that. "
        "Change the draft itself, or send it as it was read, with its “_draft”."
    ),
    "list-item": N_(
        "This is an item of a list, which has a part of the text only. Send whole cases "
        "(/v1/cases?format=ndjson&fields=all, or /v1/cases/{id}), or only the keys that change, "
        "without “type”, “match” and “_links”."
    ),
    "withdrawn": N_("This case was withdrawn; only an editor can bring it back, with a draft."),
    "meanwhile": N_("Another wrote this case at the same moment; try again."),
    "file-name": N_("The id must be the name of the file."),
    "two-texts": N_("Begin from a version or from a saved text, not from both."),
    "key-used": N_("This key came with another request before; take a new one."),
    "itself": N_("A case cannot be replaced by itself."),
    "encoding": N_("It is not UTF-8."),
    "byte-order-mark": N_("It begins with a byte order mark; leave that out."),
    "depth": N_("Its lists and objects lie too deep in each other."),
}


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong with the input; the text of its code is in DETAILS."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
    hint: str | Callable[[], str | None] | None = field(  # `suggestion`, or how to find it
        default=None, compare=False
    )
    allowed: str | None = None  # the path below the public address that lists what is allowed

    @property
    def suggestion(self) -> str | None:
        """The nearest thing that would be right; looked for only when it is to be shown."""
        return self.hint() if callable(self.hint) else self.hint


@dataclass(frozen=True)
class InputError:
    """A mistake and where it stands."""

    mistake: Mistake
    location: str  # body | query | path | header
    where: str  # a JSON Pointer in a body, the name of a parameter elsewhere


MOST_ERRORS = 100  # that one answer lists; it says how many there are in all
LONGEST_COMPARED = 200  # characters; who sends more than any name has meant none of them


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The word that was probably meant, if any comes near."""
    if len(word) > LONGEST_COMPARED:
        return None
    known = {known.casefold(): known for known in words}
    close = process.extractOne(word.casefold(), list(known), scorer=fuzz.ratio, score_cutoff=60)
    return known[close[0]] if close else None


def _near(word: str, words: Iterable[str]) -> list[str]:
    """The three words that come nearest, best first."""
    if len(word) > LONGEST_COMPARED:
        return []
    close = process.extract(word, list(words), scorer=fuzz.ratio, limit=3, score_cutoff=50)
    return [each for each, _, _ in close]


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
    """The request is wrong; `mistakes` are all that is wrong with it."""

    name = "invalid-input"
    status = 400
    title = N_("The request is not right")
    explanation = N_(
        "Something in the address, a parameter or the body is not as it should be. "
        "“errors” lists all that is wrong and where it stands, often with what was "
        "probably meant."
    )
    detail = N_("Correct what is listed under “errors” and try again.")

    def __init__(self, mistakes: list[InputError], detail: str | None = None) -> None:
        super().__init__(detail)
        self.mistakes = mistakes


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
    """A case without a draft: nobody has begun one, or it was published or thrown away."""

    detail = N_("The case “%(id)s” has no draft.")


class UnknownId(NotFound):
    """A single thing was asked for by an id that nothing has; `suggestions` are near ones."""

    detail = N_("Nothing here has the id “%(id)s”.")

    def __init__(self, id: str, known: Iterable[str]) -> None:
        super().__init__(None, id=id)
        self.extra = {"suggestions": _near(id, known)}


class Renamed(NotFound):
    """A case was to be written under an id that it had before; `suggestions` has the new one."""

    detail = N_("The case “%(id)s” has the id “%(new)s” now; use that one.")

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
    """The case was public and is no longer; the tombstone tells why."""

    name = "withdrawn"
    status = 410
    title = N_("Withdrawn")
    explanation = N_(
        "This case was public and is no longer. The answer says why, and which case "
        "replaces it, if one does."
    )
    detail = N_("The case “%(id)s” was withdrawn: %(reason)s")


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
    """Another has changed the draft since; `changed` are the top-level keys that differ now."""

    name = "stale-edit"
    status = 412
    title = N_("Another was before you")
    explanation = N_(
        "What you want to write is based on an older text than is there now. Read it again, and "
        "look at the keys in “changed” before you send your own changes anew."
    )
    detail = N_("The draft has changed since you read it; read it again.")

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
        "wrote: the ETag of the draft, in the If-Match header."
    )
    detail = N_("Send the ETag of the draft that you have read, in the If-Match header.")


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

    def __init__(self) -> None:
        super().__init__()
        self.headers = {"Retry-After": "5"}


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

    def __init__(self, checks: Mapping[str, str]) -> None:
        super().__init__()
        self.extra = {"checks": dict(checks)}
        self.headers = {"Retry-After": "5"}


KNOWN: Mapping[str, type[Problem]] = {
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
