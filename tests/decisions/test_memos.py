"""/v1/memos: the same choice gives the same memo, in every form; and what has changed since."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from kb.cases.aliases import Thing
from kb.decisions.memo import read_memo
from kb.services import services, session
from schemas.dossiers import DossierItem
from tests.builders import a_case, a_finding, a_pitfall
from tests.conftest import PUBLIC_URL, KnowledgeBase
from tests.contract.addresses import local
from tests.decisions.memos import CHOICE, LISTS, address, memo, section, texts
from tests.decisions.reports import PAGE_HEIGHT, height_in_word, read_word, word_texts


def test_what_cannot_be_read_stands_in_the_memo(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"), a_case("weg"))
    kb.withdraw("weg", reason="Klopte niet.")

    document = memo(kb, "case:tuin", "case:weg", "case:nergens")
    gone = kb.client.get(address("case:weg"))

    assert [each["status"] for each in document["absent"]] == [410, 404]
    assert "Klopte niet." in section(document, "absent")
    assert gone.status_code == 410


@pytest.mark.parametrize("form", ["json", "markdown", "docx"])
def test_a_form_without_a_question_gives_the_memo(kb: KnowledgeBase, form: str) -> None:
    kb.publish(a_case("tuin"))

    answer = kb.client.get("/v1/memos?item=case:tuin&question=&format=" + form)
    without = kb.client.get("/v1/memos?item=case:tuin&format=" + form)

    assert answer.status_code == 200
    assert answer.data == without.data


def test_a_memo_leads_to_the_transfer_check_of_each_case(seeded: KnowledgeBase) -> None:
    text = seeded.client.get(address(*CHOICE, format="markdown")).text

    for slug in ("place2bu-utrecht", "stek-oost-amsterdam"):
        check = f"/past-het-hier?case={slug}"
        assert f"(<{PUBLIC_URL}{check}>)" in text
        assert seeded.client.get(check).status_code == 200


def test_a_memo_says_what_has_changed_since(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", findings=[a_finding("tuin")]), a_case("los"))
    kb.publish(a_case("ander", findings=[a_finding("ander")]))
    first = memo(kb, "case:tuin")
    permalink = local(first["_links"]["self"]["href"])
    assert kb.client.get(permalink).json["since"]["isUnchanged"]

    kb.publish(a_case("tuin", title="Tuin nieuw", findings=[a_finding("tuin")]))
    kb.publish(a_case("ander", title="Ander", findings=[a_finding("ander", "meer-rust")]))
    kb.publish(a_case("los", title="Los nieuw"))
    later = kb.client.get(permalink).json

    assert first["since"] is None
    since = later["since"]
    assert not since["isUnchanged"]
    assert since["change"] == first["change"]
    assert [each["id"] for each in since["chosen"]] == ["tuin"]
    assert [each["id"] for each in since["basis"]] == ["ander"]
    assert since["others"] == 1
    assert "Casus Tuin nieuw (tuin): gewijzigd" in section(later, "since")
    assert "Casus Ander (ander): gewijzigd" in section(later, "since")
    assert f"/v1/changes?cursor={first['change']}" in kb.client.get(permalink).text


@pytest.mark.parametrize("is_withdrawn", [False, True])
def test_a_case_that_lost_a_finding_since_counted_then(
    kb: KnowledgeBase, is_withdrawn: bool
) -> None:
    kb.publish(a_case("tuin", findings=[a_finding("tuin")]))
    kb.publish(a_case("ander", findings=[a_finding("ander")]), a_case("los"))
    permalink = local(memo(kb, "case:tuin")["_links"]["self"]["href"])

    kb.publish(a_case("ander", title="Ander"), a_case("los", title="Los"))
    if is_withdrawn:
        kb.withdraw("ander")
    since = kb.client.get(permalink).json["since"]

    assert not since["isUnchanged"]
    assert [each["id"] for each in since["basis"]] == ["ander"]
    assert since["others"] == 1


def test_the_permanent_address_stands_at_the_end(seeded: KnowledgeBase) -> None:
    items = [
        f"case:{each['id']}" for each in seeded.client.get("/v1/cases?pageSize=50").json["items"]
    ]
    markdown = seeded.client.get(address(*items, format="markdown")).text

    main, annex = markdown.split("\n---\n")
    assert "](<http" in main[:400]
    assert len(main[: main.index("\n## ")]) < 3000
    assert annex.rstrip().endswith(">")


def test_a_former_id_is_written_as_it_is_now(kb: KnowledgeBase) -> None:
    from kb.database import now
    from kb.editors import renaming

    kb.publish(a_case("een"))
    with kb.database.transaction() as session:
        renaming.rename(session, Thing("case", "een"), "twee", who="redactie", at=now())
    kb.catch_up()

    document = memo(kb, "case:een", change=1)

    assert "(twee): hernoemd" in section(document, "since")
    assert document["items"] == ["case:twee"]
    assert "item=case:twee" in document["_links"]["self"]["href"]


HASHES = """
import hashlib, sys
from pathlib import Path
from tests.conftest import _opened
kb = _opened(Path(sys.argv[1]), "")
for address in sys.argv[2:]:
    print(hashlib.sha256(kb.client.get(address).data).hexdigest())
kb.close()
"""


@pytest.mark.slow
def test_the_same_choice_gives_the_same_bytes_everywhere(seeded: KnowledgeBase) -> None:
    folder = seeded.app.extensions["kb"].settings.data_dir
    addresses = [
        address(*CHOICE, question="Wat nu?", change=1, lang=language, format=form)
        for language in ("nl", "en")
        for form in ("json", "markdown", "docx", "html")
    ]
    here = [hashlib.sha256(seeded.client.get(each).data).hexdigest() for each in addresses]

    elsewhere = subprocess.run(
        [sys.executable, "-c", HASHES, str(folder), *addresses],
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert elsewhere.stdout.split() == here


def test_a_memo_in_word_has_all_of_its_text(seeded: KnowledgeBase) -> None:
    document = memo(seeded, *CHOICE, question="Wat nu?", lang="en")
    answer = seeded.client.get(address(*CHOICE, question="Wat nu?", lang="en", format="docx"))
    word = read_word(answer.data)

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert (word.core_properties.title, word.core_properties.language) == ("Wat nu?", "en-GB")
    written = word_texts(word)
    for each in document["sections"]:
        assert each["title"] in written
        assert set(texts([*each["blocks"], *each["annex"]])) <= set(written)


def test_pages_of_word_have_numbers_and_no_strange_picture(seeded: KnowledgeBase) -> None:
    data = seeded.client.get(address(*CHOICE, format="docx")).data

    with ZipFile(BytesIO(data)) as parts:
        assert not [name for name in parts.namelist() if "thumbnail" in name]
        assert "PAGE" in "".join(
            parts.read(name).decode() for name in parts.namelist() if "footer" in name
        )


def test_tables_have_few_columns(seeded: KnowledgeBase) -> None:
    document = memo(seeded, *CHOICE)

    blocks = [block for each in document["sections"] for block in each["blocks"] + each["annex"]]
    assert max(len(each["header"]) for each in blocks if each["type"] == "table") <= 5


def test_a_memo_is_made_of_a_body_too(seeded: KnowledgeBase) -> None:
    body = {"items": list(CHOICE), "question": "Wat nu?"}

    document = seeded.client.post("/v1/memos", json=body)
    markdown = seeded.client.post("/v1/memos", json={**body, "format": "markdown"})
    page = seeded.client.post("/v1/memos", json={**body, "format": "html"})

    assert document.json == memo(seeded, *CHOICE, question="Wat nu?")
    assert markdown.mimetype == "text/markdown"
    assert page.status_code == 303
    for answer in (document, markdown):
        permanent = seeded.client.get(local(answer.headers["Content-Location"]))
        assert permanent.mimetype == answer.mimetype
    assert seeded.client.get(local(page.headers["Location"])).status_code == 200


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/items", "required"),
        ({"items": []}, "/items", "too-short"),
        ({"items": ["case:a"] * 2}, "/items/1", "duplicate"),
        ({"items": ["case:a"], "question": "x" * 301}, "/question", "too-long"),
        ({"items": ["case:a"], "question": " "}, "/question", "empty"),
        ({"items": ["case:a"], "format": "pdf"}, "/format", "not-in-vocabulary"),
        ({"items": ["case:a"], "change": 10**9}, "/change", "out-of-range"),
        ({"items": ["case:a"], "zonder": "tegenbewijs"}, "/zonder", "unknown-key"),
        ({"items": ["kast:a"]}, "/items/0", "not-in-vocabulary"),
    ],
)
def test_a_body_that_is_wrong_is_refused(
    body: Any, pointer: str, code: str, seeded: KnowledgeBase
) -> None:
    answer = seeded.client.post("/v1/memos", json=body)

    assert answer.status_code == 400
    assert [(each["pointer"], each["code"]) for each in answer.json["errors"]] == [(pointer, code)]


def test_no_parameter_switches_counter_evidence_off(seeded: KnowledgeBase) -> None:
    parameters = {
        each["name"]
        for each in seeded.app.extensions["kb"].api_document()["paths"]["/memos"]["get"][
            "parameters"
        ]
    }

    assert parameters == {"item", "question", "change", "format", "lang"}


def test_hostile_texts_break_no_form(kb: KnowledgeBase) -> None:
    wild = "</w:t><script>alert(1)</script> **a** | [b](javascript:c) \u202e" + "x" * 300
    kb.publish(
        a_case(
            "tuin",
            title=wild[:200],
            summary=wild,
            findings=[a_finding("tuin", claim=wild, direction="negatief", conditions=wild)],
            pitfalls=[a_pitfall("tuin", description=wild, avoidance=wild)],
        )
    )
    for form in ("json", "html", "markdown", "docx"):
        answer = kb.client.get(address("case:tuin", question=wild[:300], format=form))
        assert answer.status_code == 200
        if form == "html":
            assert "<script>alert" not in answer.text
        if form == "docx":
            assert any("<script>" in each for each in word_texts(read_word(answer.data)))


def test_links_of_a_memo_lead_somewhere(seeded: KnowledgeBase) -> None:
    markdown = seeded.client.get(address(*CHOICE, format="markdown")).text
    ours = set(re.findall(rf"<({re.escape(PUBLIC_URL)}/[^>#]*)", markdown))

    assert len(ours) > 10
    for each in sorted(ours)[:30]:
        assert seeded.client.get(local(each)).status_code == 200


@pytest.mark.parametrize(
    "numbers", [{"cases": 50}, {"questions": 30, "studies": 20}, dict.fromkeys(LISTS, 8)]
)
def test_the_main_part_of_fifty_things_is_two_pages(
    seeded: KnowledgeBase, numbers: dict[str, int]
) -> None:
    items = [
        DossierItem(each["type"], each["id"])
        for name, number in numbers.items()
        for each in seeded.client.get(f"/v1/{name}?pageSize={number}").json["items"]
    ]
    with seeded.app.test_request_context():
        report = read_memo(session(), services().search, items).report

    assert height_in_word(report) < 2 * PAGE_HEIGHT
    assert len(items) > 30
