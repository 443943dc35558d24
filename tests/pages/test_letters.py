"""Pages bring their own letters: few bytes, from nowhere else, and never fetched twice."""

from __future__ import annotations

import hashlib
import re
from importlib import resources

import pytest

from tests.conftest import KnowledgeBase

FOLDER = resources.files("kb.pages") / "static/fonts"
FILES = sorted(each.name for each in FOLDER.iterdir() if each.name.endswith(".woff2"))
MAX_BYTES = 90_000  # of all together


def test_the_files_are_small_and_carry_their_licence() -> None:
    sizes = [len((FOLDER / name).read_bytes()) for name in FILES]

    assert len(FILES) == 2
    assert sum(sizes) <= MAX_BYTES
    for name in FILES:
        licence = (FOLDER / f"{name.partition('.')[0]}.OFL.txt").read_text("utf-8")
        assert "SIL OPEN FONT LICENSE Version 1.1" in licence


def test_the_style_and_the_head_of_a_page_name_the_files_that_are_there(
    seeded: KnowledgeBase,
) -> None:
    style = seeded.client.get("/static/site.css", buffered=True).text
    page = seeded.client.get("/").text

    assert sorted(re.findall(r'url\("fonts/([^"]+)"\)', style)) == FILES
    assert sorted(re.findall(r'rel="preload" as="font".*?/fonts/([^"]+)"', page)) == FILES


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_fetched_once_and_for_good(name: str, seeded: KnowledgeBase) -> None:
    answer = seeded.client.get(f"/static/fonts/{name}", buffered=True)

    assert answer.status_code == 200
    assert answer.content_type == "font/woff2"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert hashlib.sha256(answer.data).hexdigest()[:8] == name.split(".")[1]


def test_letters_may_come_from_here_and_nowhere_else(seeded: KnowledgeBase) -> None:
    policy = seeded.client.get("/").headers["Content-Security-Policy"]

    assert "font-src 'self';" in policy
