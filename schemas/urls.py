"""Addresses of pages, as a document may refer to them."""

from __future__ import annotations

import re
import unicodedata
from typing import Any
from urllib.parse import urlsplit

from .errors import input_error, printable
from .json_fields import Text
from .text import BLANK

_NOT_IN_URL = rf"\u0000{BLANK}"
_NOT_IN_HOST = rf'{_NOT_IN_URL}/?#@:\[\]\\<>"%'
HOST = rf"[^{_NOT_IN_HOST}.][^{_NOT_IN_HOST}]*|\[[0-9A-Fa-f:.]+\]"
URL = rf"https?://(?:{HOST})(?::[0-9]{{1,5}})?(?:[/?#][^{_NOT_IN_URL}]*)?"
_URL = re.compile(URL)
_HIDDEN = re.compile(f"[{_NOT_IN_URL}]")


class Url(Text):
    """An address of a page that everybody can open."""

    def __init__(self, **options: Any) -> None:
        super().__init__(2000, **options)

    def _normalised(self, text: str) -> str:
        address = text.strip()
        if address and (expected := _expected_of(address)):
            shown = re.sub(r"//[^/?#\\]*@", "//…@", address)  # a report must not hold a password
            raise input_error("bad-format", value=printable(shown), expected=expected)
        return unicodedata.normalize("NFC", address)


def _expected_of(address: str) -> str | None:
    """What an address should have been, as a key of EXPECTED; None when it is right."""
    if not re.match("https?://", address):
        return "url"
    if _HIDDEN.search(address):
        return "visible-url"
    if "@" in re.split(r"[/?#\\]", address.partition("//")[2])[0]:
        return "public-url"
    try:
        right = _URL.fullmatch(address) and urlsplit(address).port != 0
    except ValueError:  # brackets without an address in them, a port beyond the last
        right = False
    return None if right else "whole-url"
