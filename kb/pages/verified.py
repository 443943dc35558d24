"""What was checked against a source, as readers see it: when and against what, never by whom."""

from __future__ import annotations

from typing import NamedTuple

from kb.cases.aliases import Thing
from kb.editors.verifications.queries import checks_in_force
from kb.pages.labels import format_day
from kb.services import session


class Verified(NamedTuple):
    """A key that was checked."""

    key: str
    day: str
    source: str


def verified_parts(kind: str, slug: str) -> list[Verified]:
    """What was checked of the public text of a thing."""
    return [
        Verified(
            each.key,
            format_day(each.at),
            f"{each.source_title} ({each.reference})"
            if each.source_title and each.reference
            else each.source_title or each.reference or "",
        )
        for each in checks_in_force(session(), Thing(kind, slug))
    ]
