"""The names by which people call countries, for their codes (ISO 3166-1 alpha-2)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from babel import Locale

from .text import comparable


def country_code(name: str) -> str | None:
    """The code of the country with this name in Dutch or English, or with this code."""
    return _codes().get(comparable(name))


@cache
def _codes() -> Mapping[str, str]:
    territories = [
        (code, name)
        for language in ("en", "nl")
        for code, name in Locale(language).territories.items()
        if len(code) == 2 and code.isalpha()
    ]
    return {comparable(each): code for code, name in territories for each in (code, name)}
