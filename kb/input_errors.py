"""What can be wrong with the input of a caller: codes, their texts, and where it stands.

Texts are English message ids with `%(name)s` places.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kb.translation import N_

DETAILS: Mapping[str, str] = {
    "unknown-parameter": N_("This address has no parameter “%(value)s”."),
    "unknown-key": N_("There is no key “%(value)s” here; leave it out or correct its name."),
    "repeated": N_("Give this parameter once."),
    "empty": N_("Give a value, or leave this out."),
    "required": N_("This is required."),
    "null": N_("This cannot be null."),
    "wrong-type": N_("This must be %(expected)s."),
    "too-long": N_("At most %(maximum)s characters, not %(actual)s."),
    "too-short": N_("At least %(minimum)s characters, not %(actual)s."),
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
UNIT_DETAILS: Mapping[tuple[str, str], str] = {  # by code and `unit`, where no characters count
    ("too-long", "words"): N_("At most %(maximum)s words, not %(actual)s."),
    ("too-long", "bytes"): N_("At most %(maximum)s bytes, not %(actual)s."),
    ("too-long", "items"): N_("At most %(maximum)s items, not %(actual)s."),
    ("too-short", "items"): N_("At least %(minimum)s items, not %(actual)s."),
}
NOTHING_DETAILS = {  # of `too-short`, by `unit`, where one is needed and there is none
    "items": N_("At least one is needed."),
    "": N_("Fill this in."),
}
ONE_OF = N_("“%(value)s” is not one of these: %(choices)s.")  # where there are few choices
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
    "column": N_("what stands above a column, a colon, and a name of the codebook or nothing"),
    "source": N_("source in this document"),
    "archetype": N_("published archetype"),
    "credited-ingredient": N_("active ingredient in this document"),
    "study": N_("published study"),
    "question": N_("published question"),
    "term-reference": N_("term"),
    "moment": N_("a moment such as 2026-11-25T09:30:00Z"),
    "key": N_("a key of this document, such as startYear or pitfalls.avoidance"),
    "case": N_("published case"),
    "pitfall": N_("published pitfall"),
    "ingredient": N_("active ingredient"),
    "email": N_("an e-mail address such as naam@example.org"),
    "version": N_("version"),
    "revision": N_("saved text"),
    "draft-place": N_("place in this draft"),
    "pointer": N_("a JSON Pointer such as /summary or /pitfalls/0/title, or nothing for all of it"),
    "cursor": N_("a “nextCursor” that this address gave"),
    "dossier-item": N_("a kind, a colon and an id, such as case:place2bu-utrecht"),
    "image-id": N_("the id of an image, as uploading it gave it"),
    "image": N_("uploaded image"),
    "readable-file": N_("a file whose text can be read"),
    "visible": N_("a text of visible ASCII characters"),
}
REASONS = {
    "years": N_("The end year lies before the start year."),
    "archetype": N_("An archetype cannot have an archetype itself."),
    "owner": N_("The id of an owned item begins with the id of its owner and two dashes."),
    "order": N_("Years: the first lies after the last."),
    "range": N_("The lowest number is above the highest."),
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
    "error-cell": N_(
        "The spreadsheet could not calculate this cell (#N/A and the like); put the value in it."
    ),
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
    "changed-since": N_(
        "The case has changed since the dry run, or the dry run refused this row. Try the file "
        "once more, and see what this row would change now."
    ),
    "empty-file": N_("There is nothing in this file."),
    "protected-workbook": N_(
        "This workbook has a password. Save it without one (in Excel: File, Info, Protect "
        "Workbook) and choose it again."
    ),
    "old-workbook": N_(
        "This is a workbook of an old Excel (.xls). Open it, save it as .xlsx, and choose that."
    ),
    "other-office-file": N_(
        "This is not an Excel workbook. Save the table as .xlsx or CSV, and choose that."
    ),
    "no-table": N_("This is no table, and no JSON: choose an Excel workbook (.xlsx) or CSV."),
    "no-rows": N_("There is nothing below the names of the columns."),
    "dry-run-alone": N_(
        "“fromDryRun” does what that dry run showed; leave the other parameters and the body out."
    ),
    "file-and-body": N_("“file” names what was uploaded; leave the body out."),
    "meanwhile": N_("Another wrote this case at the same moment; try again."),
    "file-name": N_("The id must be the name of the file."),
    "clusters": N_("A list by clusterDirection has no facets; ask for them without it."),
    "moving-image": N_("This image moves; send a still one."),
    "small-image": N_("This image is too small: at least 320 by 200 pixels are needed."),
    "damaged-image": N_("This image is damaged or cut off; save it anew and try again."),
    "two-texts": N_("Begin from a version or from a saved text, not from both."),
    "consent": N_("Without your consent nothing can be kept; give it, or do not send this."),
    "leave-empty": N_("This is for machines that fill in whatever they see; leave it empty."),
    "nomination": N_("A nomination is of a project that is not here yet; leave this out."),
    "key-used": N_("This key came with another request before; take a new one."),
    "itself": N_("A case cannot be replaced by itself."),
    "same-text": N_("This is what stands there already; nothing would change."),
    "ids-or-filters": N_("Give ids or filters: one of both."),
    "no-such-terms": N_("Things of this kind have no such terms."),
    "itself-term": N_("A term cannot be replaced by itself."),
    "fixed-scheme": N_(
        "Programs count with the terms of this vocabulary: their labels, definition and synonyms "
        "can change, nothing else."
    ),
    "no-groups": N_("The terms of this vocabulary are in no groups; leave it out."),
    "deprecated-term": N_("This term is deprecated; take another one."),
    "replaced-term": N_("This term is deprecated; take “%(successor)s”."),
    "encoding": N_("It is not UTF-8."),
    "byte-order-mark": N_("It begins with a byte order mark; leave that out."),
    "json-syntax": N_("It goes wrong at line %(line)s, character %(column)s."),
    "json-twice": N_("The key “%(key)s” stands in one object twice."),
    "json-constant": N_("“%(constant)s” is not JSON."),
    "json-number": N_("There is a number of far too many digits in it."),
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


def detail_of(mistake: Mistake) -> str:
    """The text of a mistake, in which its values are still to be put."""
    if "choices" in mistake.values:
        return ONE_OF
    unit = mistake.values.get("unit", "")
    is_nothing = (mistake.values.get("minimum"), mistake.values.get("actual")) == (1, 0)
    if mistake.code == "too-short" and is_nothing and unit in NOTHING_DETAILS:
        return NOTHING_DETAILS[unit]
    return UNIT_DETAILS.get((mistake.code, unit)) or DETAILS[mistake.code]


MAX_ERRORS = 100  # that one answer lists; it says how many there are in all
