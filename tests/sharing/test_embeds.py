"""What other websites show of us: pages in frames, fragments and the component's script."""

from __future__ import annotations

import gzip
import re
from importlib import resources
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kb.app import create_app
from kb.database import now
from kb.settings import Settings
from kb.sharing import partners, releases
from tests.builders import a_case, a_pitfall, a_question, a_study
from tests.conftest import PUBLIC_URL, KnowledgeBase
from tests.sharing.test_oembed import Tags
from tools import embed_releases

MAX_SCRIPT_BYTES = 12 * 1024  # bytes of the script, packed
EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\" onload='alert(1)' {{7*7}}"


def policy_of(client: FlaskClient, address: str) -> dict[str, str]:
    """The directives of an answer's policy."""
    header = client.get(address).headers["Content-Security-Policy"]
    return dict(each.strip().partition(" ")[::2] for each in header.split(";"))


def test_the_script_is_small_and_needs_nothing_that_policies_forbid(client: FlaskClient) -> None:
    answer = client.get("/embed/kennisbank.js", buffered=True)

    assert answer.mimetype == "text/javascript"
    assert len(gzip.compress(answer.data, 9)) <= MAX_SCRIPT_BYTES
    for forbidden in ("eval(", "innerHTML", "outerHTML", "new Function", "<style", "import("):
        assert forbidden not in answer.text
    assert answer.text.isascii()  # also where a page of another encoding serves a copy
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_release_never_changes_and_may_be_cached_for_ever(client: FlaskClient) -> None:
    for version, header in releases.hashes().items():
        answer = client.get(f"/embed/{version}/kennisbank.js", buffered=True)

        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert embed_releases.sri(answer.data) == header, (
            f"{version} was released: give a new number"
        )
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        again = client.get(
            f"/embed/{version}/kennisbank.js",
            headers={"If-None-Match": answer.headers["ETag"]},
            buffered=True,
        )
        assert again.status_code == 304
    assert client.get("/embed/0.0.1/kennisbank.js").status_code == 404


def test_the_newest_release_is_what_the_short_address_gives(client: FlaskClient) -> None:
    newest = client.get(f"/embed/{releases.newest()}/kennisbank.js", buffered=True).data

    assert client.get("/embed/kennisbank.js", buffered=True).data == newest
    assert embed_releases.hashes_of_files() == dict(releases.hashes()), "make docs"


def test_the_docs_tell_every_release() -> None:
    page = (Path(__file__).parents[2] / "docs" / "embedding.md").read_text("utf-8")

    assert embed_releases.markdown_table(releases.hashes()) in page, "make docs"


def test_a_release_that_was_changed_is_not_taken_up() -> None:
    known = {"1.0.0": "sha384-a"}

    assert embed_releases.with_new_releases(known, {"1.0.0": "sha384-a", "1.1.0": "sha384-b"}) == {
        "1.0.0": "sha384-a",
        "1.1.0": "sha384-b",
    }
    for now_ in ({"1.0.0": "sha384-c"}, {"1.1.0": "sha384-b"}):
        with pytest.raises(embed_releases.ReleaseChanged, match=r"1\.0\.0"):
            embed_releases.with_new_releases(known, now_)


@pytest.mark.parametrize(
    "address",
    ["/embed/zoeken?q=jongeren", "/embed/casus/place2bu-utrecht", "/embed/zoeken?scale=dorp"],
)
def test_any_website_may_frame_an_embed(address: str, seeded: KnowledgeBase) -> None:
    answer = seeded.client.get(address, headers={"Accept": "text/html"})

    assert "X-Frame-Options" not in answer.headers
    assert policy_of(seeded.client, address)["frame-ancestors"] == "*"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_no_other_page_may_be_framed(seeded: KnowledgeBase) -> None:
    for address in ("/docs", "/v1/cases", "/problems/not-found"):
        answer = seeded.client.get(address)

        assert answer.headers["X-Frame-Options"] == "DENY"
        assert policy_of(seeded.client, address)["frame-ancestors"] == "'none'"


def test_only_partners_may_frame_when_the_operator_says_so(kb: KnowledgeBase) -> None:
    settings = Settings(
        data_dir=kb.app.extensions["kb"].settings.data_dir,
        public_url=PUBLIC_URL,
        embed_ancestors="partners",
    )
    client = create_app(settings, serving=False).test_client()
    with kb.database.transaction() as session:
        partners.add(session, "Platform", ["https://www.platform.example"], now())

    policy = policy_of(client, "/embed/zoeken")

    assert policy["frame-ancestors"] == "'self' https://www.platform.example"


def test_a_frame_shows_what_was_requested(seeded: KnowledgeBase) -> None:
    query = "q=statushouders&scale=complex&pageSize=2&show=search&show=count&look=dark"
    listed = seeded.client.get("/v1/cases?q=statushouders&scale=complex&pageSize=2").json
    page = seeded.client.get(f"/embed/zoeken?{query}").text

    titles = re.findall(r"<h2><a href=\"([^\"]+)\"", page)
    assert titles == [f"{PUBLIC_URL}/casussen/{item['id']}" for item in listed["items"]]
    assert f"{listed['page']['totalItems']} praktijkvoorbeelden gevonden" in page
    assert '<html lang="nl" data-look="dark">' in page
    assert '<input type="hidden" name="scale" value="complex">' in page
    assert 'name="pageSize" value="2"' in page
    assert listed["items"][0]["summary"][:40] not in page
    assert "CC BY 4.0" in page
    assert 'rel="next"' not in page  # `more` was not asked


def test_a_frame_leads_to_its_next_page(seeded: KnowledgeBase) -> None:
    first = seeded.client.get("/embed/zoeken?scale=wijk&look=auto").text
    [link] = re.findall(r'<a rel="next" href="([^"]+)"', first)
    second = seeded.client.get(link.replace("&amp;", "&").removeprefix(PUBLIC_URL)).text

    assert 'data-look="auto"' in second
    assert 'rel="prev"' in second
    listed = seeded.client.get("/v1/cases?scale=wijk&pageSize=5&page=2").json["items"]
    for item in listed:
        assert f"/casussen/{item['id']}" in second


def test_a_fragment_is_bare_html_with_an_etag_for_any_website(seeded: KnowledgeBase) -> None:
    answer = seeded.client.get("/embed/zoeken?q=statushouders&fragment=1&headingLevel=2")
    again = seeded.client.get(
        "/embed/zoeken?q=statushouders&fragment=1&headingLevel=2",
        headers={"If-None-Match": answer.headers["ETag"]},
    )

    assert answer.text.startswith('<section lang="nl">')
    assert answer.text.endswith("</section>")
    assert "<h2><a href=" in answer.text
    for not_bare in ("<html", "<script", "<style", "<link", " style=", " id=", "<form"):
        assert not_bare not in answer.text
    assert "/zoeken?q=statushouders" in answer.text
    assert "CC BY 4.0" in answer.text
    assert again.status_code == 304
    assert again.headers["Access-Control-Allow-Origin"] == "*"


def test_empty_and_unknown_parameters_are_passed_over(seeded: KnowledgeBase) -> None:
    bare = seeded.client.get("/embed/zoeken?q=jongeren").text
    busy = seeded.client.get("/embed/zoeken?q=jongeren&scale=&utm_source=nieuws&look=").text

    assert busy == bare


@pytest.mark.parametrize("fragment", ["", "&fragment=1"])
def test_a_wrong_value_is_reported_in_the_frame(fragment: str, seeded: KnowledgeBase) -> None:
    answer = seeded.client.get(
        f"/embed/zoeken?scale=dorp{fragment}", headers={"Accept": "text/html"}
    )

    assert answer.status_code == 400
    assert "scale: “dorp”" in answer.text
    assert ("<html" in answer.text) is not bool(fragment)


def test_a_case_in_a_frame_tells_what_made_it_work(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", title="Tuin voor iedereen"))

    page = kb.client.get("/embed/casus/tuin").text

    assert f'<a href="{PUBLIC_URL}/casussen/tuin"' in page
    assert "Tuin voor iedereen" in page
    assert "Buren helpen elkaar." in page
    assert "CC BY 4.0" in page
    kb.withdraw("tuin")
    gone = kb.client.get("/embed/casus/tuin", headers={"Accept": "text/html"})
    assert gone.status_code == 410
    assert "Verouderd." in gone.text
    assert "frame-ancestors *" in gone.headers["Content-Security-Policy"]
    assert kb.client.get("/embed/casus/nergens").status_code == 404


def test_hostile_texts_stay_texts(kb: KnowledgeBase) -> None:
    evil = dict.fromkeys(("title", "summary", "context", "approach", "results"), EVIL)
    place = {"country": "BE", "province": EVIL, "municipality": EVIL, "neighbourhood": EVIL}
    how = [{"id": "buddy-systeem", "how": EVIL}]
    pitfall = a_pitfall("boos", title=EVIL, description=EVIL, avoidance=EVIL)
    kb.publish(a_case("boos", **evil, place=place, ingredients=how, pitfalls=[pitfall]))
    kb.take(
        studies=[a_study("rapport", title=EVIL, summary=EVIL, authors=[EVIL])],
        questions=[a_question("waarom", title=EVIL, answer=EVIL)],
    )

    for address in (
        "/embed/zoeken?q=alert",
        "/embed/zoeken?q=alert&fragment=1",
        "/embed/casus/boos",
        f"/embed/valkuil/{pitfall['id']}",
        "/embed/onderzoek/rapport",
        "/embed/vraag/waarom",
    ):
        page = kb.client.get(address).text

        assert "alert" in page
        assert not re.search(r"<(script>|img)", page), address
        attributes = [name for _, each in Tags(page).links for name in each]
        assert not [name for name in attributes if name.startswith("on")], address
        assert "49" not in page
    typed = kb.client.get("/embed/zoeken", query_string={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in typed


def test_frames_and_fragments_speak_english_too(seeded: KnowledgeBase) -> None:
    page = seeded.client.get("/embed/zoeken?q=jongeren&lang=en").text

    assert '<html lang="en"' in page
    assert "cases found" in page
    assert '<bdi dir="auto" lang="nl">' in page  # the content is Dutch
    assert 'name="lang" value="en"' in page
    assert re.search(r'href="http://kennisbank.test/casussen/[^"]+\?lang=en"', page)
    assert f'href="{PUBLIC_URL}/?lang=en"' in page
    case = seeded.client.get("/embed/casus/place2bu-utrecht?lang=en").text
    assert f'href="{PUBLIC_URL}/casussen/place2bu-utrecht?lang=en"' in case


@pytest.mark.parametrize("name", ["frame.css", "frame.js", "height.js"])
def test_the_files_of_frames_are_served(name: str, client: FlaskClient) -> None:
    file = resources.files("kb.sharing") / "static" / name

    assert client.get(f"/embed/{name}", buffered=True).data == file.read_bytes()
    assert client.get("/embed/niets.js").status_code == 404
