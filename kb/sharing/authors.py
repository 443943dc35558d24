"""Who wrote a publication: the names of persons in their parts, those of organisations whole.

Publications name their authors as people write them: “Wouter van Gent”, “F. van Dam”, “Gemeente
Utrecht”. Reference managers sort and shorten persons by their family name, and must leave an
organisation alone. What is written as “Oude Vrielink, Mirjan” is taken at its word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

CACHED_NAMES = 4096  # that stay parsed: pages have the same ones again and again
PARTICLES = frozenset(
    "van von vom de der den dem het 't 's ter ten te tot op in aan bij uit over onder zu zum "
    "zur la le les los las lo du des di da dal del della delle do dos das e y af av el al ben bin "
    "ibn bint abu st. st".split()
)
FAMILY_NAME_PREFIXES = frozenset(
    "oude olde groot grote groote klein kleine nieuwe lutje ó ní mac".split()
)
SUFFIXES = frozenset("jr jr. sr sr. ii iii iv".split())
ET_AL = frozenset(("e.a.", "e.a", "ea", "et al.", "et al", "and others", "en anderen", "u.a."))
TITLES = frozenset("drs. drs dr. dr prof. prof ir. ir ing. ing mr. mr em.".split())
ORGANISATION_WORD = re.compile(  # a whole word of a name
    "(?:gemeente|gemeenten|municipality|stad|city|provincie|province|ministeries?|ministry"
    "|department|departement|afdeling|directie|dienst|universiteit|universit[äéy]\\w*|universiteiten"
    "|hogeschool|hochschule|college|faculteit|faculty|school|academie|academy|akademie|instituut"
    "|institut\\w*|centrum|centre|center|zentrum|bureau|buro|planbureau|stichting|foundation"
    "|fondation|stiftung|fonds|fund|vereniging|association|verein|verbond|federatie|federation"
    "|society|genootschap|raad|council|kamer|commissie|commission|committee|comité|redactie"
    "|editors|werkgroep|projectgroep|stuurgroep|team|groep|group|groupe|gruppe|netwerk|network"
    "|platform|alliantie|alliance|coalitie|coalition|coöperatie|cooperatie|cooperative|corporatie"
    "|corporaties|agency|agentschap|authority|autoriteit|office|government"
    "|overheid|partners|consultants|consultancy|consulting|advies|adviseurs|research|onderzoek"
    "|trust|union|unie|holding|media|nieuws|news|krant|courant|dagblad|omroep|magazine|press|journal|review|studies"
    "|housing|wonen|wijk|wijken|zorg|welzijn|sociale?|social|urban|world|national|nationale?|nederlandse?"
    "|dutch|internationa\\w+|europ\\w+|nederland|vlaanderen|vlaamse?|belgië|duitsland|bewoners"
    "|huurders|b\\.?v\\.?|n\\.?v\\.?|gmbh|inc\\.?|ltd\\.?|llc|llp|plc|vzw|asbl|e\\.v\\.|ag)",
    re.IGNORECASE,
)
ORGANISATION_COMPOUND = re.compile(  # how Dutch and German names of organisations end, or begin
    r".{3,}(?:bureau|instituut|institut|centrum|stichting|vereniging|verbond|commissie|ministerie"
    r"|corporatie|coöperatie|cooperatie|universiteit|academie|platform|netwerk|gemeente|provincie"
    r"|werkgroep|groep|dienst|federatie|genootschap|fonds|kamer|raden|bedrijf|winkel|nieuws)"
    r"|(?:woon|woning|bewoners|huurders|volkshuisvesting|rijks|kennis|stads|wijk).{3,}",
    re.IGNORECASE,
)
PLACES = frozenset(  # the last word of who is named after where they are: “Omroep Utrecht”
    "amsterdam rotterdam utrecht eindhoven groningen tilburg almere breda nijmegen enschede arnhem "
    "haarlem zaanstad amersfoort zwolle leiden leeuwarden maastricht dordrecht delft deventer "
    "zeist nieuwegein antwerpen brussel overijssel gelderland drenthe fryslân friesland flevoland "
    "zeeland limburg noord-brabant noord-holland zuid-holland".split()
)
CONJUNCTIONS = frozenset("voor en and of for the und et pour für een één & + / | :".split())
ARTICLES = frozenset(("De", "Het", "The", "'t", "Die", "Das", "Les"))  # as a name begins
INITIALS = r"(?:[^\W\d_]{1,2}\.-?)+"  # R.B.P., W.J., Th., J.-P.
WORD = re.compile(rf"(?:{INITIALS}|[^\W\d_](?:[^\W\d_]|['’.\-](?=[^\W\d_]))*\.?|['’][st])")


@dataclass(frozen=True)
class Author:
    """A person by `family` and `given` name, or else an organisation by its `name`."""

    name: str  # as the publication has it
    family: str = ""
    given: str = ""
    suffix: str = ""  # Jr., III

    @property
    def is_person(self) -> bool:
        """Whether this is one person, whose name has parts."""
        return bool(self.family)

    @property
    def is_et_al(self) -> bool:
        """Whether this is not a name, but says that there are more authors."""
        return self.name.casefold() in ET_AL

    @property
    def initials(self) -> str:
        """The given names shortly: Jan-Willem is `J.-W.`."""
        parts = [re.split("(-)", part) for part in _split_given_names(self.given)]
        return " ".join(
            "".join(each if each == "-" else f"{each[0]}." for each in part if each)
            for part in parts
        )


def parse_authors(names: Iterable[str]) -> list[Author]:
    """The authors of a publication, in their order."""
    return [parse_author(name) for name in names]


@lru_cache(maxsize=CACHED_NAMES)
def parse_author(name: str) -> Author:
    """One author. A name that is not surely of a person is left whole, as of an organisation."""
    name = " ".join(name.split())
    whole = Author(name)
    name = re.sub(r"(?<=\.) \([^\W\d_]+\)", "", name)  # R.J. (Roel)
    if whole.is_et_al or _is_organisation(name):
        return whole
    if "," in name:
        return _inverted(name) or whole
    words = name.split()
    while words and words[0].casefold() in TITLES:
        words.pop(0)
    suffix = words.pop() if len(words) > 2 and words[-1].casefold() in SUFFIXES else ""
    if not 2 <= len(words) <= 7 or not _are_of_person(words):
        return whole
    start = _family_index(words)
    if start == 0:
        return whole
    return Author(whole.name, " ".join(words[start:]), " ".join(words[:start]), suffix)


def _inverted(name: str) -> Author | None:
    """“Family, Given”, “Family, Suffix, Given”, and “Gent, Wouter van” as Dutch lists have it."""
    family, *rest = [part.strip() for part in name.split(",")]
    suffix = next((part for part in rest if part.casefold() in SUFFIXES), "")
    if suffix and len(rest) > 1:
        rest.remove(suffix)
    else:
        suffix = ""
    words = rest[0].split() if len(rest) == 1 else []
    while len(words) > 1 and words[-1].casefold() in PARTICLES:
        family = f"{words.pop()} {family}"
    small_words = PARTICLES | FAMILY_NAME_PREFIXES
    each_is_a_name = all(
        WORD.fullmatch(word) or word.casefold() in small_words for word in family.split() + words
    )
    if not family or not words or len(words) > 5 or not each_is_a_name:
        return None
    return Author(name, family, " ".join(words), suffix)


def _is_organisation(name: str) -> bool:
    words = name.replace(",", " ").split()
    if len(words) == 1 or re.search(r"[\d&/|:()@+]", name):
        return True
    if re.fullmatch(r"[^,]+, [A-Z]{1,3}", name):  # Kling, JR
        return False
    if "," not in name and words[0] in ARTICLES:
        return True
    last = len(words) - 1 if "," not in name else None
    return any(
        _is_of_organisation(word) or (place == last and word.casefold() in PLACES)
        for place, word in enumerate(words)
        if place == 0 or words[place - 1].casefold() not in PARTICLES  # but “Jan de Raad”
    )


def _is_of_organisation(word: str) -> bool:
    return bool(
        word.casefold() in CONJUNCTIONS
        or ORGANISATION_WORD.fullmatch(word)
        or ORGANISATION_COMPOUND.fullmatch(word)
        or (re.fullmatch(r"[^\W\d_]{2,}", word) and word.isupper())  # RIGO, TU, but not W.J.
    )


def _are_of_person(words: list[str]) -> bool:
    """Whether each is a name, initials or one of the small words between them."""
    for place, word in enumerate(words):
        if word.casefold() in PARTICLES:
            continue
        may_be_small = place and re.match("[a-z]{1,3}['’-]", word)  # d'Hont, al-Hassan
        if not WORD.fullmatch(word) or not (word[0].isupper() or may_be_small):
            return False
    return words[0][0].isupper() and not words[-1].islower()


def _family_index(words: list[str]) -> int:
    """The index of the word with which the family name begins: its first particle, or the last."""
    for place, word in enumerate(words[1:-1], start=1):
        last = word.rpartition("-")[2] if "-" in word else word
        if last.casefold() in PARTICLES or word.casefold() in FAMILY_NAME_PREFIXES:
            return place
    return len(words) - 1


def _split_given_names(given: str) -> list[str]:
    """Given names one by one, those that stand as initials too."""
    words = re.findall(r"[^\s.]+", given.replace(".-", "-"))
    return [
        each for word in words for each in (word if word.isupper() and len(word) < 4 else [word])
    ]
