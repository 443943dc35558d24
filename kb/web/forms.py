"""The form of a request, read in memory: an upload may hold a plan, and no disk sees it."""

from __future__ import annotations

from io import BytesIO
from typing import IO, TypeVar

from flask import request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import parse_form_data

T = TypeVar("T")
MAX_FIELD_BYTES = 500_000  # of all fields that are no files; with room for a text that is too long


def read_form(largest: int) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
    """The fields and the files of this request; one of more bytes than `largest` is 413.

    A part without a name has the empty one.
    """
    _, form, files = parse_form_data(
        request.environ,
        stream_factory=_in_memory,
        max_form_memory_size=MAX_FIELD_BYTES,
        max_content_length=largest,
        silent=True,
    )
    return _named(form), _named(files)


def _named(parts: MultiDict[str, T]) -> MultiDict[str, T]:
    return MultiDict([(name or "", part) for name, part in parts.items(multi=True)])


def _in_memory(*_positional: object, **_named: object) -> IO[bytes]:
    return BytesIO()
