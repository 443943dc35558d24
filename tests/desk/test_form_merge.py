"""Two editors in one text: what each did is put together, and the rest is theirs to choose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.desk.form import values
from kb.desk.form.merge import CHOICES, Merge, merge
from kb.desk.form.model import FormModel, form_model
from tests.builders import a_case, a_finding, a_pitfall, a_source
from tests.conftest import KnowledgeBase
from tests.strategies import cases, examples

Json = dict[str, Any]


@pytest.fixture(scope="module")
def model(seeded: KnowledgeBase) -> FormModel:
    """The form of a case."""
    schema = seeded.client.get("/v1/schemas/case").json
    assert schema is not None
    return form_model(schema)


def merged(
    model: FormModel, base: Json, mine: Json, theirs: Json, choices: Mapping[str, str] | None = None
) -> Merge:
    """The merge of three documents as the API gives them."""
    base, mine, theirs = (values.shown_part(model, each) for each in (base, mine, theirs))
    return merge(model, base, mine, theirs, choices)


@pytest.mark.slow
@examples(8)
@given(one=cases("tuin"), other=cases("tuin"))
def test_what_one_changed_alone_is_taken_over(model: FormModel, one: Json, other: Json) -> None:
    expected = values.shown_part(model, other)

    for mine, theirs in ((one, other), (other, one), (other, other)):
        merge_ = merged(model, one, mine, theirs)

        assert merge_.document == expected
        assert merge_.conflicts == []


@examples(8)
@given(
    sides=st.tuples(*[cases("tuin")] * 3),
    choice=st.sampled_from(CHOICES),
)
def test_a_choice_for_each_conflict_settles_it(
    model: FormModel, sides: tuple[Json, Json, Json], choice: str
) -> None:
    conflicts = merged(model, *sides).conflicts
    choices = {each.id: choice if choice in each.choices else "theirs" for each in conflicts}

    settled = merged(model, *sides, choices)

    assert settled.conflicts == []
    assert set(settled.document) == {each.key for each in model.fields}


def test_texts_that_both_changed_are_a_conflict(model: FormModel) -> None:
    base = a_case()
    mine, theirs = base | {"summary": "Van mij."}, base | {"summary": "Van hen.", "dwellings": 12}

    merge_ = merged(model, base, mine, theirs)

    assert [each.id for each in merge_.conflicts] == ["summary"]
    assert merge_.document["summary"] == "Van mij."
    assert merge_.document["dwellings"] == 12
    assert [each.path for each in merge_.from_theirs] == ["dwellings"]


@pytest.mark.parametrize(
    ("choice", "text"),
    [("mine", "Van mij."), ("theirs", "Van hen."), ("both", "Van hen.\n\nVan mij.")],
)
def test_a_text_becomes_what_was_chosen(model: FormModel, choice: str, text: str) -> None:
    base = a_case()
    sides = base | {"summary": "Van mij."}, base | {"summary": "Van hen."}

    assert merged(model, base, *sides, {"summary": choice}).document["summary"] == text


def test_both_of_a_list_is_what_either_added_without_what_either_removed(model: FormModel) -> None:
    base = a_case(targetGroups=["jongeren", "statushouders"])
    mine = base | {"targetGroups": ["jongeren", "senioren"]}
    theirs = base | {"targetGroups": ["gezinnen", "jongeren", "statushouders"]}

    joined = merged(model, base, mine, theirs, {"targetGroups": "both"})

    assert joined.document["targetGroups"] == ["gezinnen", "jongeren", "senioren"]


def test_a_line_cannot_be_both(model: FormModel) -> None:
    base = a_case()
    mine, theirs = base | {"title": "Van mij"}, base | {"title": "Van hen"}

    merge_ = merged(model, base, mine, theirs, {"title": "both"})

    assert merge_.conflicts[0].choices == ("mine", "theirs")


def test_items_are_merged_one_by_one(model: FormModel) -> None:
    one, two = a_finding("tuin", "een"), a_finding("tuin", "twee")
    base = a_case(findings=[one, two])
    mine = base | {"findings": [one | {"claim": "Van mij"}, two, {"claim": "Nieuw van mij"}]}
    theirs = base | {"findings": [one, two | {"claim": "Van hen"}, {"claim": "Nieuw van hen"}]}

    merge_ = merged(model, base, mine, theirs)

    assert merge_.conflicts == []
    claims = [each["claim"] for each in merge_.document["findings"]]
    assert claims == ["Van mij", "Van hen", "Nieuw van mij", "Nieuw van hen"]


def test_an_item_that_one_removed_and_the_other_changed_is_a_conflict(model: FormModel) -> None:
    base = a_case(pitfalls=[a_pitfall("tuin")])
    mine = base | {"pitfalls": []}
    theirs = base | {"pitfalls": [a_pitfall("tuin", title="Anders")]}

    merge_ = merged(model, base, mine, theirs)

    assert [each.id for each in merge_.conflicts] == ["pitfalls/tuin--korte-adem"]
    assert merge_.conflicts[0].choices == ("mine", "theirs")
    assert merge_.document["pitfalls"] == []


def test_both_of_an_item_are_two_items_of_which_one_is_new(model: FormModel) -> None:
    base = a_case(pitfalls=[a_pitfall("tuin")])
    mine, theirs = (base | {"pitfalls": [a_pitfall("tuin", title=title)]} for title in ("A", "B"))

    choice = {"pitfalls/tuin--korte-adem": "both"}
    both = merged(model, base, mine, theirs, choice).document["pitfalls"]

    assert [(each["title"], each.get("id")) for each in both] == [
        ("B", "tuin--korte-adem"),
        ("A", None),
    ]


def test_an_order_that_one_changed_stays(model: FormModel) -> None:
    one, two = a_finding("tuin", "een"), a_finding("tuin", "twee")
    base = a_case(findings=[one, two])
    moved = base | {"findings": [two, one]}
    more = base | {"findings": [one, two, {"claim": "Nieuw"}]}

    for mine, theirs in ((moved, more), (more, moved)):
        findings = merged(model, base, mine, theirs).document["findings"]

        assert [each["claim"] for each in findings] == ["Twee", "Een", "Nieuw"]


def test_new_sources_of_both_stay_apart_with_their_findings(model: FormModel) -> None:
    base = a_case()
    mine = base | {
        "sources": [a_source(), a_source("bron-2", title="Van mij")],
        "findings": [{"claim": "Mijn bevinding", "source": "bron-2"}],
    }
    theirs = base | {"sources": [a_source(), a_source("bron-2", title="Van hen")]}

    merge_ = merged(model, base, mine, theirs)

    assert merge_.conflicts == []
    titles = {each["id"]: each["title"] for each in merge_.document["sources"]}
    assert titles == {"bron-1": "Verslag van de buurt", "bron-2": "Van hen", "bron-3": "Van mij"}
    assert merge_.document["findings"][0]["source"] == "bron-3"


def test_the_same_party_twice_is_merged_as_a_list(model: FormModel) -> None:
    twice = [{"name": "De Hof", "role": role} for role in ("gemeente", "woningcorporatie")]
    base = a_case(parties=twice)
    mine, theirs = base | {"parties": twice[:1]}, base | {"parties": twice[1:]}

    merge_ = merged(model, base, mine, theirs)

    assert [each.id for each in merge_.conflicts] == ["parties"]
