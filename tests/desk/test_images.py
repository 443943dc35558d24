"""Images of a draft at the desk, without script."""

from __future__ import annotations

import re
from io import BytesIO

from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.desk.conftest import Desk
from tests.images.pictures import a_picture

PAGE = "/redactie/casussen/tuin/beelden"
TEXTS = {"alt": "Buren in de tuin.", "maker": "Fotograaf", "licence": "CC BY 4.0"}


def etag_on(desk: Desk) -> str:
    match = re.search(r'name="etag" value="([^"]+)"', desk.get(PAGE).text)
    assert match
    return match[1].replace("&#34;", '"')


def ids(desk: Desk) -> list[str]:
    return [each["id"] for each in desk.call("GET", "/cases/tuin/draft").json["images"]]


def add(desk: Desk, colour: str, texts: dict[str, str] = TEXTS) -> int:
    file = (BytesIO(a_picture(colour=colour)), "foto.jpg")
    return desk.post(PAGE, {"file": file, "etag": etag_on(desk), **texts}).status_code


def test_an_image_is_added_described_put_first_and_taken_out(kb: KnowledgeBase, anna: Desk) -> None:
    kb.draft(a_case())
    assert [add(anna, colour) for colour in ("navy", "green")] == [303, 303]
    first, second = ids(anna)
    assert "Buren in de tuin." in anna.get(PAGE).text
    assert 'class="button quiet-button" name="action" value="remove"' in anna.get(PAGE).text
    assert anna.get(f"/beelden/{first}.jpg").status_code == 200  # the session opens it

    form = {"etag": etag_on(anna), **TEXTS, "alt": "De tuin in mei.", "action": "first"}
    assert anna.post(f"{PAGE}/{second}", form).status_code == 303
    assert ids(anna) == [second, first]
    assert "De tuin in mei." in anna.get(PAGE).text
    anna.post(f"{PAGE}/{first}", {"etag": etag_on(anna), "action": "remove"})
    assert ids(anna) == [second]


def test_what_is_refused_keeps_what_was_typed(kb: KnowledgeBase, anna: Desk) -> None:
    kb.draft(a_case())

    file = (BytesIO(b"<svg/>"), "foto.svg")
    answer = anna.post(PAGE, {"file": file, "etag": etag_on(anna), **TEXTS})

    assert answer.status_code == 415
    assert "SVG" in answer.text
    assert 'value="Fotograaf"' in answer.text


def test_what_an_image_lacks_is_named_and_leads_to_the_images(
    kb: KnowledgeBase, anna: Desk
) -> None:
    kb.draft(a_case())
    add(anna, "navy")
    add(anna, "green", {"alt": "De tuin."})

    labels = ["Beeld 2: Maker van het beeld", "Beeld 2: Licentie van het beeld"]
    for path in ("beoordelen", "bewerken"):
        page = anna.get(f"/redactie/casussen/tuin/{path}").text
        assert re.findall(rf'<a href="{PAGE}">(Beeld[^<]+ [^<]+)</a>', page) == labels
    assert labels[0] in anna.get("/redactie/casussen/tuin/voorbeeld").text


def test_an_old_page_changes_nothing(kb: KnowledgeBase, anna: Desk) -> None:
    kb.draft(a_case())
    etag = etag_on(anna)
    add(anna, "navy")

    file = (BytesIO(a_picture(colour="green")), "foto.jpg")
    assert anna.post(PAGE, {"file": file, "etag": etag, **TEXTS}).status_code == 412
    assert len(ids(anna)) == 1


def test_the_same_file_again_keeps_its_texts(kb: KnowledgeBase, anna: Desk) -> None:
    kb.draft(a_case())
    add(anna, "navy")
    add(anna, "green")
    first, second = anna.call("GET", "/cases/tuin/draft").json["images"]

    assert add(anna, "navy", {"alt": "", "maker": "Een ander", "licence": ""}) == 303

    images = anna.call("GET", "/cases/tuin/draft").json["images"]
    assert images == [first | {"maker": "Een ander"}, second]
