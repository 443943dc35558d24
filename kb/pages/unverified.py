"""What nobody has checked against a source yet, beside the very part that it is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from kb.pages.labels import KEY_LABELS, label_of


class Unverified(NamedTuple):
    """What of one part of a document is not checked: all of it, or only some of its keys."""

    whole: bool
    names: tuple[str, ...]  # of those keys, in words; empty when all of it is meant


def unverified(keys: Iterable[str], *parts: str, but: Collection[str] = ()) -> Unverified | None:
    """What of some parts of a document is among its unverified `keys`; None when nothing is.

    Keys in `but` are noted elsewhere. One part has names only for what lies below it; of several
    parts that share a place, each is named.
    """
    keys = [
        key for key in keys if key not in but and (key in parts or key.rpartition(".")[0] in parts)
    ]
    if not keys:
        return None
    if len(parts) == 1 and parts[0] in keys:
        return Unverified(True, ())
    return Unverified(False, tuple(label_of(KEY_LABELS, key.rpartition(".")[2]) for key in keys))


def unverified_outside(keys: Iterable[str], shown: Sequence[str]) -> list[str]:
    """The unverified keys of a document that are below no part that its page shows."""
    return [key for key in keys if key.partition(".")[0] not in shown]
