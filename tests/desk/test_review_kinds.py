"""The review and preview of studies and questions at the desk, as of cases."""

from __future__ import annotations

import re
from typing import Any

import pytest

from kb.kinds import KINDS
from tests.conftest import KnowledgeBase
from tests.desk.conftest import Desk
from tests.desk.test_review import field
from tests.editors.test_studies_and_questions import QUESTION, STUDY, of_each_kind

LABELS = {"study": "Samenvatting", "question": "Antwoord"}
MERGE_PATCH = "application/merge-patch+json"


def create(desk: Desk, collection: str, document: dict[str, Any]) -> str:
    """Begin a draft; gives the path of its page at the desk."""
    answer = desk.call("POST", f"/{collection}", json=document)
    assert answer.status_code == 201, answer.text
    kind = next(each for each in KINDS.values() if each.collection == collection)
    return f"/redactie{kind.page_path}/{answer.get_json()['id']}"


def change(desk: Desk, address: str, **keys: Any) -> None:
    """Begin the next draft of something public and change some keys of it."""
    desk.call("POST", f"{address}/draft", json={})
    etag = desk.call("GET", f"{address}/draft").headers["ETag"]
    headers = {"If-Match": etag, "Content-Type": MERGE_PATCH}
    answer = desk.call("PATCH", f"{address}/draft", json=keys, headers=headers)
    assert answer.status_code == 200, answer.text


def do(desk: Desk, path: str, action: str, **form: str) -> Any:
    """Press a button of the review as it is now."""
    review = f"{path}/beoordelen"
    match = re.search(r'name="etag" value="([^"]*)"', desk.get(review).text)
    etag = match[1].replace("&#34;", '"') if match else ""
    return desk.post(review, {"do": action, "etag": etag, **form}, follow_redirects=True)


@of_each_kind
def test_a_draft_is_submitted_published_and_compared_with_what_is_public(
    kb: KnowledgeBase,
    anna: Desk,
    piet: Desk,
    collection: str,
    kind: str,
    document: dict[str, Any],
    key: str,
) -> None:
    path = create(anna, collection, document)
    address = f"/{collection}/{document['id']}"

    assert "De nieuwe tekst" in anna.get(f"{path}/beoordelen").text
    assert 'value="retract"' in do(anna, path, "submit").text
    done = do(piet, path, "publish", note="Eerste versie")
    assert "Nu openbaar" in done.text
    assert f'href="{KINDS[kind].page_path}/{document["id"]}"' in done.text
    change(anna, address, **{key: "Buren maken met elkaar een tuin."})
    changed = field(anna.get(f"{path}/beoordelen").text, LABELS[kind])

    assert re.search(r"<ins>.*nieuw: </span>", changed)
    assert "<del>" in changed
    assert 'class="review-field" open' in changed


@of_each_kind
def test_comments_and_an_address_for_a_reader(
    kb: KnowledgeBase,
    anna: Desk,
    piet: Desk,
    collection: str,
    kind: str,
    document: dict[str, Any],
    key: str,
) -> None:
    path = create(anna, collection, document)

    do(piet, path, "comment", pointer=f"/{key}", text="Welke bron?")
    made = do(anna, path, "preview", days="3").text

    assert "Welke bron?" in field(anna.get(f"{path}/beoordelen").text, LABELS[kind])
    [shared] = re.findall(r'href="http://kennisbank.test(/voorbeeld/[^"]+)"', made)
    assert document["title"] in kb.client.get(shared).text


@pytest.mark.parametrize(
    ("collection", "document"),
    [
        ("studies", {"id": "tuin"}),
        ("studies", {"title": "Alleen dit"}),
        ("studies", {"title": "Half", "findings": [{"claim": "Zo."}]}),
        ("questions", {"id": "tuin"}),
        ("questions", {"title": "Alleen dit?"}),
    ],
)
@pytest.mark.parametrize(
    ("lang", "sentences"),
    [
        ("nl", ("[ontbreekt nog]", "moeten nog in orde komen", "Naar de beoordeling")),
        ("en", ("[still missing]", "must be mended before", "To the review")),
    ],
)
def test_a_draft_with_hardly_anything_can_be_reviewed_and_seen(
    anna: Desk, collection: str, document: dict[str, Any], lang: str, sentences: tuple[str, ...]
) -> None:
    path = create(anna, collection, document)

    preview = anna.get(f"{path}/voorbeeld?lang={lang}")

    assert anna.get(f"{path}/beoordelen?lang={lang}").status_code == 200
    assert preview.status_code == 200
    for sentence in sentences:
        assert sentence in preview.text, sentence
    assert f'href="{path}/beoordelen' in preview.text
    assert preview.headers["Cache-Control"] == "no-store"


def test_the_fields_are_called_as_the_schema_of_their_kind_has_them(anna: Desk) -> None:
    for collection, document in (("studies", STUDY), ("questions", QUESTION)):
        path = create(anna, collection, document)
        schema = anna.call("GET", f"/schemas/{document_kind(collection)}").get_json()

        page = anna.get(f"{path}/beoordelen").text

        for key in document.keys() - {"id"}:
            assert f"<h3>{schema['properties'][key]['title']}</h3>" in page, key


def document_kind(collection: str) -> str:
    """The name of the kind whose list this is."""
    return next(each.name for each in KINDS.values() if each.collection == collection)


def test_another_title_of_a_study_changes_none_of_its_findings(
    kb: KnowledgeBase, anna: Desk, piet: Desk
) -> None:
    path = create(anna, "studies", STUDY)
    do(anna, path, "submit")
    do(piet, path, "publish", note="Eerste versie")
    [finding] = STUDY["findings"]
    second = {**finding, "id": "onderzoek--b", "claim": "Ook dit"}

    change(anna, "/studies/onderzoek", title="Andere titel", findings=[finding, second])
    findings = field(anna.get(f"{path}/beoordelen").text, "Bevindingen")

    badges = dict(re.findall(r'<h4 dir="auto">([^<]*) <span class="badge change-(\w+)"', findings))
    assert badges == {finding["claim"]: "same", "Ook dit": "added"}
