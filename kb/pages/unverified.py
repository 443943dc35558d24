"""What nobody has checked against a source yet, told beside the very part that it is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from kb.pages.labels import KEYS, one_of


class Unchecked(NamedTuple):
    """What of one part of a document is not checked: all of it, or only some of its keys."""

    whole: bool
    names: tuple[str, ...]  # of those keys, in words; empty when all of it is meant


def unchecked(
    unverified: Iterable[str], *parts: str, but: Collection[str] = ()
) -> Unchecked | None:
    """What is not checked of these keys of a document, or below them; None when nothing is.

    Keys in `but` are told elsewhere. One part has names only for what lies below it; of several
    parts that share a place, each is named.
    """
    keys = [
        key
        for key in unverified
        if key not in but and (key in parts or key.rpartition(".")[0] in parts)
    ]
    if not keys:
        return None
    if len(parts) == 1 and parts[0] in keys:
        return Unchecked(True, ())
    return Unchecked(False, tuple(one_of(KEYS, key.rpartition(".")[2]) for key in keys))


def elsewhere(unverified: Iterable[str], shown: Sequence[str]) -> list[str]:
    """The keys that no part of the page tells of."""
    return [key for key in unverified if key.partition(".")[0] not in shown]
