"""What quotes, hyphens and other signs of a query mean, in every engine."""

from __future__ import annotations

import pytest

from kb.search.engine import SearchEngine
from kb.search.query.parse import parse
from tests.search.engines import a_document, put, search_ids


@pytest.mark.parametrize(
    "typed",
    [
        "“sociale samenhang”",
        "„sociale samenhang”",
        "„sociale samenhang“",
        "«sociale samenhang»",
        "»sociale samenhang«",
        "‘sociale samenhang’",
        "‚sociale samenhang’",
        "'sociale samenhang'",
        "“ sociale samenhang",
    ],
)
def test_quotes_of_every_shape_make_a_phrase(typed: str) -> None:
    assert parse(typed) == parse('"sociale samenhang"')


@pytest.mark.parametrize(
    ("typed", "like"),
    [
        ("-“sociale samenhang” wijk", '-"sociale samenhang" wijk'),
        ("-‘sociale samenhang’ wijk", '-"sociale samenhang" wijk'),
        ("‘foto’s van wijken’ sloop", '"foto’s van wijken" sloop'),
        ("<b>ouderen</b>", "ouderen"),
        ("<em class='x'>ouderen</em> <br/>samen", "ouderen samen"),
        ("title:ouderen", "title ouderen"),
        ("ouderen/studenten", "ouderen studenten"),
        ("ouderen,studenten", "ouderen, studenten"),
        ("ouderen;studenten|gezinnen", "ouderen studenten gezinnen"),
        ("ouderen+studenten=gezinnen", "ouderen studenten gezinnen"),
        ("ouderen—studenten", "ouderen studenten"),
        ("-ouderen/studenten wijk", "-ouderen -studenten wijk"),
        ("huur/koop OR flat", "huur koop OR flat"),
        ("a OR flat", "flat"),
        ("tuin OR de flat", "tuin OR flat"),
        ("sloop a OR flat", "sloop flat"),
    ],
)
def test_other_signs_mean_what_their_plain_form_does(typed: str, like: str) -> None:
    assert parse(typed) == parse(like)


@pytest.mark.parametrize(
    "typed",
    [
        "'s avonds op straat",
        "’s avonds foto’s",
        "‘veilig’ wonen",
        "regio's en foto's",
        "bij ouders'",
    ],
)
def test_an_apostrophe_makes_no_phrase(typed: str) -> None:
    assert not any(clause.is_phrase for clause in parse(typed).clauses)


@pytest.mark.parametrize("typed", ["24/7", "70/30", "sloop-nieuwbouw", "1,5", "10:30"])
def test_numbers_and_hyphens_part_no_words(typed: str) -> None:
    assert [clause.input for clause in parse(typed).clauses] == [typed]


@pytest.mark.parametrize(
    "typed",
    [
        "ouderenhuisvesting",
        "ouderen-huisvesting",
        "Ouderen-Huisvesting",
        "ouderen huisvesting",
    ],
)
def test_a_compound_is_met_however_it_is_joined(engine: SearchEngine, typed: str) -> None:
    put(
        engine,
        a_document("a", "Ouderenhuisvesting"),
        a_document("b", "Ouderen-huisvesting"),
        a_document("c", "Huisvesting van ouderen"),
        a_document("d", "Verslag", "Een seniorenflat in Ede."),
        a_document("e", "Plein"),
    )

    assert set(search_ids(engine, typed)) == {"a", "b", "c", "d"}


@pytest.mark.parametrize(
    "typed", ["woonzorgcomplex", "woon-zorgcomplex", "woonzorg-complexen", "woon-zorg-complex"]
)
def test_a_hyphen_may_stand_anywhere_in_a_compound(engine: SearchEngine, typed: str) -> None:
    put(engine, a_document("a", "Woonzorgcomplex"), a_document("b", "Woonzorgcomplexen"))
    put(engine, a_document("c", "Wonen"), a_document("d", "Woonzorg-complex"))

    assert set(search_ids(engine, typed)) == {"a", "b", "d"}


def test_the_place_after_a_minus_is_left_out(engine: SearchEngine) -> None:
    put(engine, a_document("a", "Sloop in Den Haag"), a_document("b", "Sloop bij de den"))

    assert search_ids(engine, "sloop -den haag") == ["b"]


@pytest.mark.parametrize(
    ("joined", "written"),
    [
        ("magicmix", "een magic-mix van bewoners"),
        ("magic-mix", "de magic mix"),
        ("Skaevehuse", "Skæve Huse"),
        ("skaeve-huse", "Skaeve Huse"),
        ("denhaag", "in Den Haag"),
        ("den-haag", "in Den Haag"),
        ("righttochallenge", "right to challenge"),
    ],
)
def test_a_name_of_several_words_may_be_typed_as_one(
    engine: SearchEngine, joined: str, written: str
) -> None:
    put(engine, a_document("a", "Verslag", f"Dit is {written}."))
    put(engine, a_document("b", "Haag", "Achter een haag van den staat een mix."))

    assert search_ids(engine, joined) == ["a"]
