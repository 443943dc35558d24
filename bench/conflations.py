"""List the words that share a term though their lemmas have little in common.

    python -m bench.conflations [word list]

Without a list: the words of the first content, and those that compounds are made of. What is
listed is suspicious, not wrong: `loten` and `loterij` belong together. A lemma that the analysis
takes for the participle of a verb counts as that verb.
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations, takewhile
from pathlib import Path

import simplemma

from bench.compounds import content
from kb.search.analysis.analyzer import DUTCH, fold
from kb.search.analysis.dutch import NOUNS_OF_VERBS
from kb.search.analysis.morphology import part_words, verb_of

LONG_BEGINNING = 5  # letters that two lemmas have in common, or all but ENDING of the shorter one
SHORT_BEGINNING, ENDING = 3, 2


def conflations(words: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    """By term: the words of each lemma, where two lemmas have little in common."""
    groups: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for word in sorted(set(words)):
        groups[DUTCH.term(word)][lemma(word)].append(word)
    return {
        term: dict(lemmas)
        for term, lemmas in sorted(groups.items())
        if not all(are_alike(*pair) for pair in combinations(lemmas, 2))
    }


def lemma(word: str) -> str:
    """The lemma of a word, or the verb that it is a form or noun of."""
    own = simplemma.lemmatize(word, lang="nl").lower().replace("_", "")
    return fold(NOUNS_OF_VERBS.get(own) or verb_of(own) or own)


def are_alike(lemma: str, other: str) -> bool:
    """Whether two lemmas begin alike, however their vowels and consonants are written."""
    a, b = (_spelling(each) for each in (lemma, other))
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))
    shorter = min(len(a), len(b))
    return common >= LONG_BEGINNING or SHORT_BEGINNING <= common >= shorter - ENDING


def _spelling(lemma: str) -> str:
    return re.sub(r"(.)\1", r"\1", lemma).replace("v", "f").replace("z", "s")


def main() -> None:
    """Print the suspicious terms, with their lemmas and words."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("list", type=Path, nargs="?", help="a word a line")
    path = parser.parse_args().list
    if path:
        lists = {path.name: {word for word in path.read_text("utf-8").split() if word.isalpha()}}
    else:
        lists = {"first content": set(content()), "parts of compounds": set(part_words())}
    for name, words in lists.items():
        suspicious = conflations(words)
        print(f"# {name}: {len(words)} words, {len(suspicious)} suspicious terms")
        for term, lemmas in suspicious.items():
            print(term, *(f"{own}={','.join(forms)}" for own, forms in lemmas.items()), sep="  ")


if __name__ == "__main__":
    main()
