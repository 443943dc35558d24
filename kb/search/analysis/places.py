"""Names of places of several words: Den Haag is one name, and neither de nor a haag.

The municipalities of the Netherlands (2025) with a name of several words, and other names of them.
"""

from __future__ import annotations

from collections.abc import Sequence

NAMES = frozenset(  # folded, as words
    tuple(name.split())
    for name in (
        "aa en hunze",
        "alphen aan den rijn",
        "berg en dal",
        "bergen op zoom",
        "capelle aan den ijssel",
        "de bilt",
        "de fryske marren",
        "de ronde venen",
        "de wolden",
        "den bosch",
        "den haag",
        "den helder",
        "dijk en waard",
        "gooise meren",
        "het hogeland",
        "hoeksche waard",
        "hof van twente",
        "hollands kroon",
        "horst aan de maas",
        "krimpen aan den ijssel",
        "land van cuijk",
        "loon op zand",
        "oost gelre",
        "oude ijsselstreek",
        "peel en maas",
        "son en breugel",
        "stede broec",
        "stichtse vecht",
        "utrechtse heuvelrug",
        "valkenburg aan de geul",
        "voorne aan zee",
        "west betuwe",
        "west maas en waal",
        "wijk bij duurstede",
    )
)
LONGEST_NAME = max(map(len, NAMES))  # words


def length_at(words: Sequence[str], start: int) -> int:
    """Of how many of these folded words, from this one, a name consists; 1 when there is none."""
    for length in range(min(LONGEST_NAME, len(words) - start), 1, -1):
        if tuple(words[start : start + length]) in NAMES:
            return length
    return 1
