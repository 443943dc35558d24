"""How much room the headers of an answer have together.

nginx reads them into one buffer of 4,096 bytes unless told otherwise, and answers 502 when they do
not fit. So ours stay below 3.5 KB whatever is asked: a link that does not fit is left to the body.
"""

from __future__ import annotations

from werkzeug.datastructures import Headers

MAX_HEADER_BYTES = 3_500  # with the status line
RESERVED_BYTES = (
    500  # bytes of these, for the status line, ETag, Cache-Control and what servers add
)
MAX_ADDRESS_BYTES = 2_000  # of Location, and of the list of who may show a frame


def fit_links(headers: Headers) -> None:
    """Leave out the links for which there is no room; the first ones matter most."""
    links = headers.getlist("Link")
    headers.remove("Link")
    left = MAX_HEADER_BYTES - RESERVED_BYTES - sum(_size(name, value) for name, value in headers)
    for link in links:
        if (size := _size("Link", link)) <= left:
            headers.add("Link", link)
            left -= size


def _size(name: str, value: str) -> int:
    return len(f"{name}: {value}\r\n".encode("utf-8", "replace"))
