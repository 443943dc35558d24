"""Texts for people in the language of the request; a whole page looks for its catalogue once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from flask_babel import get_translations
from markupsafe import Markup

from kb.vocabulary.terms import in_language, language

CACHED_TEXTS = 4096  # of templates, in each language
_catalogue: ContextVar[Any] = ContextVar("catalogue", default=None)


def catalogue() -> Any:
    """The translations into the language of the request."""
    return _catalogue.get() or get_translations()


def gettext(text: str, **values: Any) -> str:
    """A text in the language of the request, with these values in it."""
    translated: str = catalogue().ugettext(text)
    return translated % values if values else translated


def ngettext(singular: str, plural: str, num: int, **values: Any) -> str:
    """One of two texts in the language of the request, by a number; it is in the text as `num`."""
    translated: str = catalogue().ungettext(singular, plural, num)
    return translated % {"num": num, **values}


def page_text(text: str, **values: Any) -> Markup:
    """The same for a template, where it is `_`: values are escaped."""
    translated = _translated(catalogue(), text)
    return translated % values if values or "%" in translated else translated


@lru_cache(maxsize=CACHED_TEXTS)
def _translated(translations: Any, text: str) -> Markup:
    """A text of a template in a language, as HTML."""
    return Markup(translations.ugettext(text))  # noqa: S704  # translators write no pages


def page_ntext(singular: str, plural: str, num: int, **values: Any) -> Markup:
    """One of two texts for a template, where it is `ngettext`."""
    translated = Markup(catalogue().ungettext(singular, plural, num))  # noqa: S704
    return translated % {"num": num, **values}


@contextmanager
def one_language() -> Iterator[None]:
    """Inside, the language of the request stays as it is: its texts are looked for once."""
    token = _catalogue.set(get_translations())
    try:
        with in_language(language()):
            yield
    finally:
        _catalogue.reset(token)
