"""Texts for people are English message ids; `kb/translations` has the Dutch ones."""

from __future__ import annotations


def N_(text: str) -> str:
    """Mark a text for translation, where it is written; it is translated where it is shown."""
    return text
