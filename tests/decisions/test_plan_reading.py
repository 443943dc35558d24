"""How a plan is read: sentences with their places, and what small words do with the others."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.plan_check import plan_text, read_plans
from kb.decisions.plan_checks.claims import claims
from kb.decisions.plan_checks.context import recognise_context
from kb.decisions.plan_checks.patterns import Pattern, PatternBook, parse_pattern, words_of
from kb.decisions.plan_checks.reading import Status, read_plan
from kb.decisions.plan_checks.rules import Key, rules
from kb.decisions.plan_checks.text import read_sentences, without_endless_words
from kb.vocabulary.terms import schemes
from tests.work import calls_of

PIECES = st.sampled_from(
    [
        *("Er komt geen huismeester. ", "De overlast daalt, ", "o.a. ", "\n\n", "- ", "1. ", "é "),
        *("Wat levert het op\n", "we onderzoeken of ", "tijdelijk contract ", "?", "\u0301", "😀"),
    ]
)


@given(st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=40).map("".join)))
def test_a_sentence_stands_where_it_says(text: str) -> None:
    sentences = read_sentences(text)

    for sentence in sentences:
        assert text[sentence.start : sentence.end] == sentence.text
        for word in sentence.words:
            assert sentence.start <= word.start < word.end <= sentence.end
    places = [sentence.start for sentence in sentences]
    assert places == sorted(set(places))


@given(st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=40).map("".join)))
def test_the_same_text_is_read_the_same(text: str) -> None:
    assert read_plan(text, rules()) == read_plan(text, rules())


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Eén. Twee! Drie?", ["Eén.", "Twee!", "Drie?"]),
        ("Dit is o.a. Jan en bijv. Piet. Klaar.", ["Dit is o.a. Jan en bijv. Piet.", "Klaar."]),
        ("Het kost 1.200 euro. Meer niet.", ["Het kost 1.200 euro.", "Meer niet."]),
        ("- eerste punt\n- tweede punt", ["eerste punt", "tweede punt"]),
        ("Beheer\nEr is niemand.", ["Beheer", "Er is niemand."]),
        ("", []),
        (" \n\n … ", []),
    ],
)
def test_text_is_parted_into_sentences(text: str, sentences: list[str]) -> None:
    assert [sentence.text for sentence in read_sentences(text)] == sentences


def test_a_line_that_goes_on_is_one_sentence() -> None:
    text = "Dit is een regel uit een pdf die zomaar\nverder gaat op de volgende regel. Einde."

    assert len(read_sentences(text)) == 2


def test_headings_stand_above_sentences() -> None:
    heading, sentence = read_sentences("Wat levert het op\n\nDe buurt knapt er van op.")

    assert (heading.is_heading, sentence.is_heading) == (True, False)
    assert sentence.heading == heading.number


@pytest.mark.parametrize(
    ("pattern", "text", "words"),
    [
        ("bewoner", "Alle bewoners komen.", "bewoners"),
        ("=bewoner", "Alle bewoners komen.", None),
        ("*coach", "Er komen wooncoaches bij.", "wooncoaches"),
        ("leerwerk*", "Een leerwerkplek erbij.", "leerwerkplek"),
        ("na … besluit", "Na uw tweede besluit volgt meer.", "Na uw tweede besluit"),
        ("na … besluit", "Na een lang en erg taai stuk besluit.", None),
        (
            "na …8 besluit",
            "Na een heel lang en erg taai besluit.",
            "Na een heel lang en erg taai besluit",
        ),
        ("# jaar", "Voor twee jaar, of 12 jaar.", "twee jaar"),
        ("boos|boze", "Een boze buur.", "boze"),
        ("sloop-nieuwbouw", "Over sloop-nieuwbouw.", "sloop-nieuwbouw"),
    ],
)
def test_a_pattern_meets_words(pattern: str, text: str, words: str | None) -> None:
    book = PatternBook([Pattern(parse_pattern(pattern), "x")])
    [sentence] = read_sentences(text)
    matches = list(book.matches(sentence))

    assert (words_of(sentence, matches[0]) if matches else None) == words


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("De huismeester is er elke dag.", Status.AFFIRMED),
        ("Er komt geen huismeester.", Status.DENIED),
        ("Een huismeester is niet begroot.", Status.DENIED),
        ("Een huismeester is vooralsnog niet voorzien.", Status.DENIED),
        ("We doen het zonder huismeester.", Status.DENIED),
        ("Een huismeester, gelet op de kosten, nemen we niet.", Status.DENIED),
        ("Een huismeester is besproken, maar wordt niet nodig gevonden.", Status.DENIED),
        ("Graag een huismeester. Daar is geen geld voor.", Status.DENIED),
        ("Er is niet alleen een huismeester.", Status.AFFIRMED),
        ("Zonder huismeester beginnen we niet.", Status.AFFIRMED),
        ("Er komt niet minder huismeester.", Status.AFFIRMED),
        ("Niemand klaagt, de huismeester is er.", Status.AFFIRMED),
        ("We onderzoeken of een huismeester helpt.", Status.DOUBTED),
        ("We overwegen een huismeester.", Status.INTENDED),
        ("Wellicht komt er later een huismeester.", Status.INTENDED),
        ("Komt er een huismeester?", Status.DOUBTED),
    ],
)
def test_negation_intention_and_doubt(text: str, status: Status) -> None:
    reading = read_plan(text, rules())

    statuses = {each.status for each in reading.of("ingredients", "sociaal-beheerder-aanwezig")}
    assert statuses == {status}


HOSTILE = (
    *(".", "a", "geen ", "niet, ", "1.", "a'", '."', "- ", "Doel\n", "woningbouwbeleidsplan"),
    *("bewoners geen beheerder\n", "(", " ", "A.\n\n"),
)
SIZE = 99_000  # characters, as many as a plan may have


def seconds(text: str) -> float:
    """What reading a text takes."""
    begin = time.process_time()
    read_plan(text, rules())
    without_endless_words(text)
    return time.process_time() - begin


@pytest.mark.parametrize("piece", HOSTILE)
def test_no_text_takes_much_longer_than_a_plan(piece: str) -> None:
    plan = "\n\n".join(plan_text(each) for each in read_plans("dev"))
    usual = seconds((plan * (SIZE // len(plan) + 1))[:SIZE])

    assert seconds((piece * SIZE)[:SIZE]) < 12 * usual


@pytest.mark.parametrize("piece", ["meer\nveiligheid\n", "Meer veiligheid.\n"])
def test_many_short_lines_take_no_more_work_than_they_are(piece: str) -> None:
    def work(number: int) -> int:
        reading = read_plan(piece * number, rules())
        return calls_of(lambda: (claims(rules(), reading), recognise_context(reading)))

    work(1)  # rules are read once

    assert work(1600) < 5 * work(400)


def test_what_a_plan_is_about_is_recognised() -> None:
    text = (
        "Projectplan Kaaiweg\n\nIn het gebouw komen studio's voor jongeren en statushouders, die "
        "er gemengd wonen. De jongeren zijn dragers.\n\nStart bouw is in mei."
    )
    context = recognise_context(read_plan(text, rules()))

    assert context.strategies == ("gemengd-wonencomplex",)
    assert context.target_groups == ("jongeren", "statushouders")
    assert context.scale == "complex"


def test_every_rule_has_an_id_of_its_own_and_terms_that_exist() -> None:
    document = rules().document
    assert set(document["pitfalls"]) == set(schemes()["pitfall-categories"].terms)
    assert set(document["effects"]) <= set(schemes()["effect-domains"].terms)
    assert set(document["ingredients"]["words"]) == set(schemes()["ingredients"].terms)
    assert set(document["context"]["strategies"]) == set(schemes()["strategies"].terms)
    assert set(document["context"]["targetGroups"]) == set(schemes()["target-groups"].terms)
    for rule in document["pitfalls"].values():
        assert set(rule["strategies"]) <= set(schemes()["strategies"].terms)
    number = len(document["pitfalls"]) + len(document["effects"]) + len(document["questions"]) + 2
    assert len(rules().by_id) == number
    assert all(key.about for key in (Key("x", each) for each in rules().by_id))


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("Ouderen. Ouderen. Ouderen. Er komen woningen voor statushouders.", True),
        ("Ouderen. Ouderen. Ouderen. Er komen geen woningen voor statushouders.", False),
        ("Ouderen. Ouderen. Ouderen. Elders was er onderzoek naar statushouders.", False),
    ],
)
def test_who_will_live_there_counts_when_named_once(text: str, groups: bool) -> None:
    context = recognise_context(read_plan("Plan. " * 7 + text, rules()))

    assert ("statushouders" in context.target_groups) is groups
