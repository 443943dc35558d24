"""A document becomes a form and a form becomes a document: nothing gets lost on the way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.desk.form import values
from kb.desk.form.model import FormModel, form_model
from schemas.cases import CaseDocument, CaseInput, as_document
from tests.builders import a_case, a_finding, a_source
from tests.conftest import KnowledgeBase
from tests.strategies import cases, examples, raw_texts

Json = dict[str, Any]
NAMES = [
    *("findings", "findings.0._", "startYear", "sources"),
    *("findings.0.source", "place", "sources.0._"),
]


@pytest.fixture(scope="module")
def model(seeded: KnowledgeBase) -> FormModel:
    """The form of a case, from what the API says of one."""
    schema = seeded.client.get("/v1/schemas/case").json
    assert schema is not None
    return form_model(schema)


def there_and_back(model: FormModel, document: Json) -> Json:
    """What the form sends when nobody changed anything, as browsers send it."""
    entries = values.entries_of(model, document)
    sent = [(name, value.replace("\n", "\r\n")) for name, value in entries]
    return {"id": document["id"], **values.read_entries(model, sent).document}


@examples(12)
@given(document=cases())
def test_a_form_that_nobody_changed_is_the_same_document(model: FormModel, document: Json) -> None:
    back = there_and_back(model, document)

    assert as_document(CaseInput().load(back)) == as_document(CaseDocument().load(document))


@examples(8)
@given(document=cases(), keys=st.dictionaries(st.from_regex(r"[a-z]{5,9}"), raw_texts()))
def test_keys_of_items_that_the_form_does_not_show_stay(
    model: FormModel, document: Json, keys: dict[str, str]
) -> None:
    unknown = {f"later{key}": value for key, value in keys.items()}
    document["findings"] = [{**each, **unknown} for each in document["findings"]]

    back = there_and_back(model, document)

    assert [unknown.items() <= each.items() for each in back["findings"]] == [
        True for _ in document["findings"]
    ]


def test_what_the_api_gives_comes_back_as_what_it_takes(
    model: FormModel, seeded: KnowledgeBase
) -> None:
    for path in Path("seed_data/cases").glob("*.json"):
        document = json.loads(path.read_text("utf-8"))
        answer = seeded.client.get(f"/v1/cases/{document['id']}").json
        assert answer is not None

        shown = values.shown_part(model, answer)

        assert shown == values.shown_part(model, document)
        assert "lane" not in str(shown["findings"])


def submitted(model: FormModel, document: Json, *entries: values.Entry) -> values.Submission:
    """A form with this document, and these fields behind it."""
    return values.read_entries(model, [*values.entries_of(model, document), *entries])


def test_items_come_in_the_order_of_their_tokens(model: FormModel) -> None:
    document = a_case(findings=[a_finding("tuin", "een"), a_finding("tuin", "twee")])
    entries = values.entries_of(model, document)
    rest = [each for each in entries if each[0] != "findings"]

    moved = values.read_entries(model, [("findings", "1"), ("findings", "0"), *rest])

    assert [each["id"] for each in moved.document["findings"]] == ["tuin--twee", "tuin--een"]
    assert moved.tokens["findings"] == ["1", "0"]


def test_a_source_that_is_picked_before_it_was_saved_gets_an_id(model: FormModel) -> None:
    document = a_case(findings=[a_finding("tuin", source=None)], sources=[a_source("bron-4")])
    new = [("sources", "n7"), ("sources.n7.title", "Krant")]
    entries = [each for each in values.entries_of(model, document) if each[0][-6:] != "source"]

    sent = values.read_entries(model, [*entries, *new, ("findings.0.source", "n7")]).document

    assert sent["sources"][1] == {
        "id": "bron-5",
        "title": "Krant",
        **dict.fromkeys(("sourceType", "year", "publisher", "url")),
        "authors": [],
    }
    assert sent["findings"][0]["source"] == "bron-5"


def test_a_source_that_is_gone_stays_picked_until_another_is(model: FormModel) -> None:
    document = a_case(findings=[a_finding("tuin", source="bron-9")])

    assert there_and_back(model, document)["findings"][0]["source"] == "bron-9"


def test_items_without_anything_in_them_are_not_sent(model: FormModel) -> None:
    document = a_case(parties=[{"name": "De Hof", "role": "woningcorporatie"}])
    new = [("parties", "n1"), ("parties", "n2"), ("parties.n2.name", "Gemeente")]

    whole = submitted(model, document, *new)
    sent = whole.without_empty_items(model)

    assert [each.get("name") for each in whole.document["parties"]] == ["De Hof", None, "Gemeente"]
    assert sent.document["parties"][1] == {"name": "Gemeente"}
    assert sent.tokens["parties"] == ["0", "n2"]


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        *(("2016", 2016), (" 490 ", 490), ("1.200", 1200), ("12 500", 12500), ("-3", -3)),
        *(("", None), ("ca. 40", "ca. 40"), ("1.5", "1.5"), ("9" * 400, "9" * 400)),
    ],
)
def test_a_number_is_read_as_people_write_it(typed: str, number: Any) -> None:
    assert values.number_of(typed) == number


@given(
    entries=st.lists(
        st.tuples(
            st.sampled_from(
                ["findings", "findings.0._", "startYear", "sources", "findings.0.source", "place"]
            ),
            raw_texts(),
        )
    )
)
def test_any_form_becomes_a_document(model: FormModel, entries: list[values.Entry]) -> None:
    sent = values.read_entries(model, entries)

    assert set(sent.document) == {each.key for each in model.fields}
