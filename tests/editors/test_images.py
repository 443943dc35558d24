"""Images of a case over HTTP: from an upload in a draft to what everybody sees."""

from __future__ import annotations

import json
import os
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from kb.database import now
from kb.editors import image_sweep
from kb.images import folder
from tests.builders import a_case
from tests.cases.test_one_case import differing
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person, codes, somebody
from tests.images.pictures import a_photograph, a_picture, opened

TEXTS = {"alt": "Buren in de tuin.", "maker": "Fotograaf", "licence": "CC BY 4.0"}


def upload(
    person: Person,
    slug: str = "tuin",
    content: bytes | None = None,
    tag: str | None = None,
    texts: dict[str, str] | None = None,
    **headers: str,
) -> TestResponse:
    """Put an image into the draft of a case."""
    sent = {"Authorization": f"Bearer {person.token}", "If-Match": tag or person.tag(slug)}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    file = (BytesIO(a_photograph() if content is None else content), "foto.txt", "text/plain")
    return person.kb.client.post(
        f"/v1/cases/{slug}/draft/images",
        data={"file": file, **(TEXTS if texts is None else texts)},
        headers=sent,
    )


def files_of(kb: KnowledgeBase) -> Path:
    """The folder with the files of images."""
    return kb.app.extensions["kb"].settings.images_path  # type: ignore[no-any-return]


def age(images: Path) -> None:
    """Let the files have been written a day ago."""
    for path in images.iterdir():
        os.utime(path, (time.time() - 86_400,) * 2)


def path_of(href: str) -> str:
    return href.removeprefix("http://kennisbank.test")


@pytest.fixture
def image(anna: Person, piet: Person) -> dict[str, Any]:
    """The image of a case that was published with it."""
    anna.create(a_case())
    upload(anna)
    anna.review("tuin", "submit")
    assert piet.publish("tuin").status_code == 201
    shown: dict[str, Any] = anna.kb.client.get("/v1/cases/tuin").json["images"][0]
    return shown


def test_an_upload_is_an_image_of_the_draft(anna: Person) -> None:
    anna.create(a_case())

    answer = upload(anna)

    assert answer.status_code == 201, answer.text
    shown = answer.json["images"][0]
    assert {key: shown[key] for key in TEXTS} == TEXTS
    assert (shown["width"], shown["height"]) == (900, 1600)
    assert answer.headers["Location"] == shown["href"]
    assert answer.headers["ETag"] == anna.tag("tuin")
    assert answer.json["_draft"]["problemCount"] == 0


def test_before_it_is_public_editors_alone_can_see_it(anna: Person) -> None:
    anna.create(a_case())
    path = path_of(upload(anna).headers["Location"])
    kb = anna.kb

    seen = kb.client.get(path, headers={"Authorization": f"Bearer {anna.token}"})
    assert seen.status_code == 200
    assert seen.headers["Cache-Control"] == "private, no-store"
    assert kb.client.get(path).status_code == 404
    assert kb.client.get(path, headers={"Authorization": "Bearer x"}).status_code == 404


def test_everybody_sees_the_files_of_a_public_case_and_may_keep_them(
    kb: KnowledgeBase, image: dict[str, Any]
) -> None:
    for file in [*image["files"], {"href": image["href"]}]:
        answer = kb.client.get(path_of(file["href"]))
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=2592000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert answer.content_type == f"image/{opened(answer.data).format}".lower()
        assert opened(answer.data).width == file.get("width", 900)
        tag = {"If-None-Match": answer.headers["ETag"]}
        assert kb.client.get(path_of(file["href"]), headers=tag).status_code == 304


def test_other_names_are_of_no_file(kb: KnowledgeBase, image: dict[str, Any]) -> None:
    name = image["id"]
    for other in (f"{name}-321.webp", f"{name}.png", "..%2Fkb.sqlite3", f".{name}.jpg", "x"):
        assert kb.client.get(f"/beelden/{other}").status_code == 404


def test_lists_have_the_first_image_without_a_row(kb: KnowledgeBase, image: dict[str, Any]) -> None:
    items: Any = kb.client.get("/v1/cases?q=tuin").json["items"]

    assert items[0]["image"] == image
    assert differing(kb) == []


def test_a_case_without_images_says_so(kb: KnowledgeBase) -> None:
    kb.publish(a_case())

    assert kb.client.get("/v1/cases/tuin").json["images"] == []
    assert kb.client.get("/v1/cases").json["items"][0]["image"] is None
    assert "images" not in kb.client.get("/v1/cases/tuin/versions/1").json.get("document", {})


def test_publishing_needs_to_know_what_is_seen_who_made_it_and_the_terms(
    anna: Person, piet: Person
) -> None:
    anna.create(a_case())
    answer = upload(anna, texts={})

    problems = {each["pointer"]: each["code"] for each in answer.json["_draft"]["problems"]}
    assert problems == dict.fromkeys(
        ("/images/0/alt", "/images/0/maker", "/images/0/licence"), "required"
    )
    anna.patch("tuin", {"images": [{**answer.json["images"][0], **TEXTS}]})
    anna.review("tuin", "submit")
    assert piet.publish("tuin").status_code == 201


def test_an_image_that_nobody_uploaded_cannot_be_published(anna: Person) -> None:
    unknown = {"id": f"{'0' * 32}-1600x900", **TEXTS}
    created = anna.create(a_case(images=[unknown]))
    wrong = anna.create(a_case("straat", images=[{"id": "foto.jpg", **TEXTS}]))

    assert [each["pointer"] for each in created.json["_draft"]["problems"]] == ["/images/0/id"]
    assert codes(wrong) == {"/images/0/id": "bad-format"}


def test_at_most_twelve_and_each_once(anna: Person) -> None:
    ids = [f"{number:032x}-1600x900" for number in range(13)]

    many = anna.create(a_case(images=[{"id": each} for each in ids]))
    twice = anna.create(a_case(images=[{"id": ids[0]}, {"id": ids[0]}]))

    assert codes(many) == {"/images": "too-long"}
    assert codes(twice) == {"/images/1/id": "duplicate"}


def test_the_same_file_again_replaces_its_texts(anna: Person) -> None:
    anna.create(a_case())
    upload(anna)
    answer = upload(anna, texts={**TEXTS, "alt": "De tuin in mei."})

    assert [each["alt"] for each in answer.json["images"]] == ["De tuin in mei."]


def test_an_upload_on_an_old_text_is_refused(anna: Person) -> None:
    anna.create(a_case())
    tag = anna.tag("tuin")
    anna.patch("tuin", {"title": "Hof"})

    assert upload(anna, tag=tag).status_code == 412
    assert anna.ask("GET", "/cases/tuin/draft").json["images"] == []


def test_an_upload_with_a_key_is_carried_out_once(anna: Person) -> None:
    anna.create(a_case())
    tag = anna.tag("tuin")

    first, second = (upload(anna, tag=tag, Idempotency_Key="foto-1") for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({}, {"/file": "required"}),
        ({"file": (BytesIO(b""), "leeg.jpg")}, {"/file": "required"}),
        ({"file": "tekst", "naam": "x"}, {"/file": "required", "/naam": "unknown-key"}),
    ],
)
def test_a_form_without_a_file_has_its_mistakes_listed(
    anna: Person, form: dict[str, Any], expected: dict[str, str]
) -> None:
    anna.create(a_case())
    sent = {"Authorization": f"Bearer {anna.token}", "If-Match": anna.tag("tuin")}

    answer = anna.kb.client.post(
        "/v1/cases/tuin/draft/images",
        data=form,
        headers=sent,
        content_type="multipart/form-data",
    )

    assert codes(answer) == expected


def test_a_part_of_a_form_without_a_name_is_a_mistake(anna: Person) -> None:
    anna.create(a_case())
    sent = {"Authorization": f"Bearer {anna.token}", "If-Match": anna.tag("tuin")}
    part = b"--x\r\nContent-Disposition: form-data\r\n\r\niets\r\n--x--\r\n"

    for path in ("/v1/cases/tuin/draft/images", "/v1/plan-checks"):
        answer = anna.kb.client.post(
            path, data=part, headers=sent, content_type="multipart/form-data; boundary=x"
        )
        assert answer.status_code == 400
        assert "unknown-key" in codes(answer).values()


def test_what_is_no_image_is_a_problem_and_leaves_no_file(anna: Person) -> None:
    anna.create(a_case())

    svg = upload(anna, content=b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    sent = {"Authorization": f"Bearer {anna.token}", "If-Match": anna.tag("tuin")}
    large = anna.kb.client.post(
        "/v1/cases/tuin/draft/images",
        data=bytes(16 * 2**20),
        headers=sent,
        content_type="multipart/form-data; boundary=x",
    )
    broken = upload(anna, content=a_picture()[:-300])

    assert (svg.status_code, large.status_code) == (415, 413)
    assert "SVG" in svg.json["detail"]
    assert codes(broken) == {"/file": "inconsistent"}
    assert list(folder.names(files_of(anna.kb))) == []


def test_an_image_that_is_taken_out_comes_back_with_an_earlier_text(
    anna: Person, image: dict[str, Any]
) -> None:
    anna.ask("POST", "/cases/tuin/draft", {})
    path = f"/cases/tuin/draft/images/{image['id']}"

    removed = anna.ask("DELETE", path, tag=anna.tag("tuin"))
    again = anna.ask("DELETE", path, tag=anna.tag("tuin"))

    assert removed.json["images"] == []
    assert again.status_code == 404
    age(files_of(anna.kb))
    image_sweep.sweep(anna.kb.database, files_of(anna.kb), now())
    restored = anna.ask("POST", "/cases/tuin/draft", {"fromVersion": 1}, tag=anna.tag("tuin"))
    assert restored.json["images"] == [image]
    assert anna.kb.client.get(path_of(image["href"])).status_code == 200


def test_an_image_of_a_withdrawn_case_is_for_editors_again(
    piet: Person, image: dict[str, Any]
) -> None:
    piet.ask("POST", "/cases/tuin/withdrawals", {"reason": "Verouderd."})

    assert piet.kb.client.get(path_of(image["href"])).status_code == 404


def test_an_image_goes_for_good_with_the_last_text_that_has_it(
    kb: KnowledgeBase, anna: Person, piet: Person, image: dict[str, Any]
) -> None:
    anna.ask("POST", "/cases/tuin/draft", {})
    anna.patch("tuin", {"images": []})
    anna.review("tuin", "submit")
    assert piet.publish("tuin").status_code == 201
    age(files_of(kb))

    piet.ask("DELETE", "/cases/tuin/versions/1", {"reason": "Herkenbaar gezicht."})

    assert list(folder.names(files_of(kb))) == []
    headers = {"Authorization": f"Bearer {anna.token}"}
    assert kb.client.get(path_of(image["href"]), headers=headers).status_code == 404
    anna.ask("POST", "/cases/tuin/draft", {})
    back = anna.patch("tuin", {"images": [image]})
    assert [each["pointer"] for each in back.json["_draft"]["problems"]] == ["/images/0/id"]


def test_an_erased_text_leaves_an_image_that_another_case_has(
    kb: KnowledgeBase, anna: Person, piet: Person, image: dict[str, Any]
) -> None:
    anna.create(a_case("straat"))
    upload(anna, "straat")
    anna.ask("POST", "/cases/tuin/draft", {})
    anna.patch("tuin", {"images": []})
    anna.review("tuin", "submit")
    piet.publish("tuin")
    age(files_of(kb))

    piet.ask("DELETE", "/cases/tuin/versions/1", {"reason": "Herkenbaar gezicht."})

    assert folder.has_all(files_of(kb), image["id"])
    assert anna.ask("GET", "/cases/straat/draft").json["_draft"]["problemCount"] == 0


def test_files_of_an_upload_that_was_not_saved_go_in_time(anna: Person) -> None:
    anna.create(a_case())
    tag = anna.tag("tuin")
    anna.patch("tuin", {"title": "Hof"})
    upload(anna, tag=tag)
    images = files_of(anna.kb)

    assert image_sweep.sweep(anna.kb.database, images, now()) == (0, 0)  # too new
    age(images)
    assert image_sweep.sweep(anna.kb.database, images, now())[1] == 4
    assert list(images.iterdir()) == []


def test_a_folder_that_cannot_be_written_saves_nothing(anna: Person) -> None:
    anna.create(a_case())
    files_of(anna.kb).write_text("geen map")

    answer = upload(anna)

    assert answer.status_code == 503
    assert answer.json["type"].endswith("storage-unavailable")
    assert anna.ask("GET", "/cases/tuin/draft").json["images"] == []


def test_on_postgresql_too(postgres_kb: KnowledgeBase) -> None:
    anna = somebody(postgres_kb, "Anna", "editor")
    piet = somebody(postgres_kb, "Piet", "publisher")
    anna.create(a_case())
    href = path_of(upload(anna).headers["Location"])
    anna.review("tuin", "submit")
    assert piet.publish("tuin").status_code == 201
    assert postgres_kb.client.get(href).status_code == 200
    anna.ask("POST", "/cases/tuin/draft", {})
    anna.patch("tuin", {"images": []})
    anna.review("tuin", "submit")
    piet.publish("tuin")
    age(files_of(postgres_kb))

    piet.ask("DELETE", "/cases/tuin/versions/1", {"reason": "Herkenbaar gezicht."})

    assert list(folder.names(files_of(postgres_kb))) == []


def test_pages_feeds_and_data_show_it_with_its_maker(
    kb: KnowledgeBase, image: dict[str, Any]
) -> None:
    page = kb.client.get("/casussen/tuin").text
    small = path_of(image["files"][0]["href"])

    assert f"{small} 320w" in page
    assert 'alt="Buren in de tuin."' in page
    assert "Fotograaf" in page
    assert "CC BY 4.0" in page
    assert f'<meta property="og:image" content="{image["href"]}">' in page
    assert small in kb.client.get("/casussen").text
    assert small in kb.client.get("/").text
    assert image["href"] in kb.client.get("/v1/cases?format=atom").text
    data = json.loads(kb.client.get("/v1/cases/tuin?format=jsonld").text)
    assert "Fotograaf" in json.dumps(data)
    assert image["href"] in json.dumps(data)


@pytest.mark.parametrize("path", ["/embed/zoeken", "/embed/zoeken?fragment=1", "/embed/casus/tuin"])
def test_frames_show_it_with_its_maker(kb: KnowledgeBase, image: dict[str, Any], path: str) -> None:
    frame = kb.client.get(path).text

    assert image["files"][1]["href"] in frame
    assert "Fotograaf" in frame


def test_tables_name_it(kb: KnowledgeBase, image: dict[str, Any]) -> None:
    whole = kb.client.get("/v1/cases?format=csv&fields=all").text
    items = kb.client.get("/v1/cases?format=csv").text

    assert image["id"] in whole
    assert "image1.alt" in whole
    assert image["href"] in items
