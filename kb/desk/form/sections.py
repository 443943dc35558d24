"""The sections of a form: its fields as they stand together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kb.desk.form.layout import REST, SECTIONS
from kb.desk.form.model import Field


class Section(NamedTuple):
    """Fields that stand together, under one heading."""

    id: str
    title: str  # a message; empty: that of its only field
    fields: tuple[Field, ...]


def sections(fields: Sequence[Field]) -> list[Section]:
    """The sections of a form, without the empty ones."""
    by_key = {each.path: each for each in fields}
    made = [
        Section(name, title, tuple(by_key.pop(key) for key in keys if key in by_key))
        for name, title, keys in SECTIONS
    ]
    made.append(Section(*REST, tuple(by_key.values())))
    return [section for section in made if section.fields]
