"""Persons and organisations are told apart, as reference managers need it."""

from __future__ import annotations

from typing import Any

import pytest
import rispy
from bibtexparser.entrypoint import parse_string as parse_bibtex
from bibtexparser.middlewares import NameParts, SeparateCoAuthors, SplitNameParts
from hypothesis import given
from hypothesis import strategies as st

from kb.sharing.authors import parse_author
from kb.sharing.citations import bibtex, highwire, reference, ris

PERSONS = {  # what is written: family name, given names
    "Yajna Govind": ("Govind", "Yajna"),
    "Wouter van Gent": ("van Gent", "Wouter"),
    "Herman van de Werfhorst": ("van de Werfhorst", "Herman"),
    "Laura Van Raemdonck": ("Van Raemdonck", "Laura"),
    "Mirjan Oude Vrielink": ("Oude Vrielink", "Mirjan"),
    "Tijne Berg-le Clercq": ("Berg-le Clercq", "Tijne"),
    "Paul 't Hart": ("'t Hart", "Paul"),
    "Roel in 't Veld": ("in 't Veld", "Roel"),
    "F. van Dam": ("van Dam", "F."),
    "R.B.P. Hesseling": ("Hesseling", "R.B.P."),
    "Lawrence F. Katz": ("Katz", "Lawrence F."),
    "Mérove Gijsberts": ("Gijsberts", "Mérove"),
    "Hartmut Häußermann": ("Häußermann", "Hartmut"),
    "Lyndal Bond": ("Bond", "Lyndal"),  # nor is this a union
    "Marjolijn Das": ("Das", "Marjolijn"),
    "Jan de Raad": ("de Raad", "Jan"),
    "Wim van Wijk": ("van Wijk", "Wim"),
    "Maria van Utrecht": ("van Utrecht", "Maria"),
    "Lisa-Marie d'Hont": ("d'Hont", "Lisa-Marie"),
    "Conan O'Brien": ("O'Brien", "Conan"),
    "Ali al-Hassan": ("al-Hassan", "Ali"),
    "Prof. dr. Jan Latten": ("Latten", "Jan"),
    "H.J.M. (Henk) de Vries": ("de Vries", "H.J.M."),
    "Иван Петров": ("Петров", "Иван"),
    "Eysink Smeets, Marnix": ("Eysink Smeets", "Marnix"),
    "Gent, Wouter van": ("van Gent", "Wouter"),
    "Kling, JR": ("Kling", "JR"),
}
ORGANISATIONS = (
    *("Platform31", "RIGO", "Aedes", "TU Delft", "Gemeente Utrecht", "De Alliantie", "Atelier ZZ"),
    *("Sociaal en Cultureel Planbureau (SCP)", "Verwey-Jonker Instituut", "'t Groene Sticht"),
    *(
        "Department for Communities and Local Government",
        "Raad voor de leefomgeving",
        "DUIC / Mitros",
    ),
    *("Gemeente Deventer, Kennis en Verkenning", "Universiteit van Amsterdam", "Woonbron B.V."),
    *("Stichting De Tussenvoorziening", "U.S. General Accounting Office", "Universität Wien"),
    *(
        "Joseph Rowntree Foundation",
        "Urban Institute",
        "Housing Europe",
        "Omroep Utrecht",
        "World Bank",
    ),
    *(
        "Nederlands Jeugdinstituut",
        "Rekenkamer Rotterdam",
        "Vlaamse overheid",
        "Wonen Limburg",
        "山田 太郎",
    ),
)


def a_publication(*names: str, **keys: Any) -> dict[str, Any]:
    study = {"id": "a", "title": "Titel", "authors": list(names), "year": 2025}
    study |= {"publisher": "IZA", "url": "https://iza.org/a", "sourceType": {"id": "rapport"}}
    return study | keys


def names_in_bibtex(*names: str) -> list[NameParts]:
    [entry] = parse_bibtex(
        "".join(bibtex([a_publication(*names)])),
        append_middleware=[SeparateCoAuthors(), SplitNameParts()],
    ).entries
    parts: list[NameParts] = entry["author"]
    return parts


@pytest.mark.parametrize("name", PERSONS)
def test_a_person_has_a_family_name(name: str) -> None:
    who = parse_author(name)
    family, first = PERSONS[name]

    assert (who.family, who.given) == (family, first)
    [parts] = names_in_bibtex(name)
    assert " ".join(parts.von + parts.last) == family
    assert " ".join(parts.first) == first
    [record] = rispy.loads("".join(ris([a_publication(name)])))
    assert record["authors"] == [f"{family}, {first}"]
    assert ("citation_author", f"{family}, {first}") in highwire(a_publication(name))


@pytest.mark.parametrize("name", ORGANISATIONS)
def test_an_organisation_stays_whole(name: str) -> None:
    assert not parse_author(name).is_person
    [parts] = names_in_bibtex(name)
    assert not parts.first
    [record] = rispy.loads("".join(ris([a_publication(name)])))
    [written] = record["authors"]
    assert "," not in written
    assert written.replace(" -", ",") == name


def test_others_are_not_a_name() -> None:
    for others in ("e.a.", "et al.", "en anderen"):
        [first, rest] = names_in_bibtex("Jens Ludwig", others)
        assert first.last == ["Ludwig"]
        assert " ".join(rest.last) == "others"
        assert ("citation_author", others) not in highwire(a_publication("Jens Ludwig", others))


def test_a_suffix_stands_where_each_form_has_it() -> None:
    [parts] = names_in_bibtex("Martin Luther King Jr.")

    assert (parts.last, parts.jr, parts.first) == (["King"], ["Jr."], ["Martin", "Luther"])
    assert parse_author("King, Jr., Martin Luther") == parse_author("King, Jr., Martin Luther")
    [record] = rispy.loads("".join(ris([a_publication("Martin Luther King Jr.")])))
    assert record["authors"] == ["King, Martin Luther, Jr."]


@given(st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=3))
def test_no_name_breaks_a_reference(names: list[str]) -> None:
    publication = a_publication(*names)

    assert not parse_bibtex("".join(bibtex([publication]))).failed_blocks
    assert len(rispy.loads("".join(ris([publication])))) == 1
    assert reference(publication, "z.d.")
    assert all("\n" not in text for _, text in highwire(publication))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"authors": ["Yajna Govind", "Jan-Willem de Wit", "Sara Signorelli"]},
            "Govind, Y., de Wit, J.-W., & Signorelli, S. (2025). Titel. IZA. https://iza.org/a",
        ),
        ({"authors": ["Platform31"]}, "Platform31. (2025). Titel. IZA. https://iza.org/a"),
        ({"authors": []}, "IZA. (2025). Titel. https://iza.org/a"),
        ({"authors": [], "publisher": None}, "Titel. (2025). https://iza.org/a"),
        (
            {"authors": ["R. Jansen"], "year": None},
            "Jansen, R. (z.d.). Titel. IZA. https://iza.org/a",
        ),
        ({"authors": ["R. Jansen"], "url": None}, "Jansen, R. (2025). Titel. IZA."),
        (
            {"authors": ["R. Jansen"], "title": "Kan het?"},
            "Jansen, R. (2025). Kan het? IZA. https://iza.org/a",
        ),
        (
            {"authors": ["Jens Ludwig", "e.a."]},
            "Ludwig, J., et al. (2025). Titel. IZA. https://iza.org/a",
        ),
    ],
)
def test_a_reference_reads_as_in_a_list_of_sources(fields: dict[str, Any], expected: str) -> None:
    assert reference(a_publication(**{"authors": [], **fields}), "z.d.") == expected
