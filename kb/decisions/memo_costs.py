"""What a memo says of costs: the sentences that name an amount, as editors wrote them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kb.decisions.memo_choice import OPTIONS, Choice, Document, named
from kb.decisions.report import Text, content, joined, words
from kb.web.translation import gettext

NUMBER = r"(?:\d|\b(?:honderd|duizend|ton|miljoen|miljard|mln\.?|mld\.?|million|billion))"
CURRENCY = r"(?:dollars?|pond(?:en)?|kro(?:on|nen)|frank|guldens?|yen|pounds?|kroner)"
AMOUNT = re.compile(
    r"[€£]|\$\s?\d|\beuro(?:'s|’s)?\b|\b(?:EUR|USD|AUD|CAD|GBP|SEK|DKK|NOK|CHF)\b"
    rf"|{NUMBER}\s(?:\w+e\s)?{CURRENCY}\b",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"(?<=[.!?])(?<!\bca\.)(?<!\bmln\.)(?<!\bmld\.)(?<!\bbijv\.)\s+")
TEXTS = (  # of a case in which an amount may stand, in the order of its page
    *("summary", "context", "approach", "results", "collaboration"),
    *("events.what", "ingredients.how"),
    *("pitfalls.title", "pitfalls.description", "pitfalls.avoidance"),
    *("findings.claim", "findings.conditions"),
)


def costs(choice: Choice) -> Iterator[Text]:
    """The sentences that name an amount, as they are; of the other options that it is unknown."""
    heading = words(gettext("Costs"), strong=True)
    silent: list[Text] = []
    for option in choice.of(*OPTIONS):
        sentences = dict.fromkeys(_sentences_with_amounts(option))
        if not sentences:
            silent.append((named(option),))
        for each in sentences:
            yield (
                heading,
                words(" " + gettext("named in") + " "),
                named(option),
                words(": "),
                content(f"“{each}”"),
            )
    label = gettext("unknown of") if silent else gettext("unknown")
    if silent or not choice.of(*OPTIONS):
        yield heading, words(f": {label} "), *joined(silent, "; ")


def _sentences_with_amounts(option: Document) -> Iterator[str]:
    for key in TEXTS:
        for text in _texts(option, key.split(".")):
            yield from filter(AMOUNT.search, SENTENCE_END.split(text))


def _texts(value: Any, keys: Sequence[str]) -> Iterator[str]:
    """The texts under keys, one below the other, of a document or of each in a list."""
    if isinstance(value, str) and not keys:
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, keys)
    elif isinstance(value, Mapping) and keys:
        yield from _texts(value.get(keys[0]), keys[1:])
