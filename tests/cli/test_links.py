"""`kb links check`: what an operator runs, and a timer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

from tests.builders import a_case, a_source
from tests.cli.commands import Run, failed, succeeded, write
from tests.editors.odd_websites import Website, a_website

CONTACT = {
    "KB_PUBLIC_URL": "https://kennis.example",
    "KB_CONTACT_EMAIL": "redactie@kennis.example",
}
CHECK = ("links", "check", "--pause", "0.01", "--allow-loopback")


@pytest.fixture
def website() -> Iterator[Website]:
    """A website on this machine."""
    with a_website() as made:
        yield made


@pytest.fixture
def cited(run: Run, small: Path, prepared: None, website: Website) -> None:
    """Two cases that refer to it."""
    for slug, path in (("tuin", "/page"), ("straat", "/to/301/page")):
        write(small, a_case(slug, sources=[a_source(url=website.url(path))]))
    succeeded(run("seed", small))


def test_addresses_are_checked_and_counted(run: Run, cited: None, website: Website) -> None:
    output = succeeded(run(*CHECK, **CONTACT))

    assert "Links: 1 ok, 1 redirected." in output
    assert (
        f"redirected (moved 200): {website.url('/to/301/page')} → {website.url('/page')}" in output
    )
    agent = website.headers["User-Agent"]
    assert "https://kennis.example" in agent
    assert "redactie@kennis.example" in agent
    assert "none is due" in succeeded(run(*CHECK, **CONTACT))
    assert "1 ok" in succeeded(run(*CHECK, "--older-than", "0", "--limit", "1", **CONTACT))


def test_the_exit_code_says_that_something_is_gone(
    run: Run, cited: None, small: Path, website: Website
) -> None:
    write(small, a_case("tuin", sources=[a_source(url=website.url("/404"))]))
    succeeded(run("seed", small))

    assert f"gone (not-found 404): {website.url('/404')}" in failed(run(*CHECK, **CONTACT))


def test_one_address_can_be_checked_now(run: Run, cited: None, website: Website) -> None:
    output = succeeded(run(*CHECK, "--url", website.url("/403"), **CONTACT))

    assert "Links: 1 refused." in output
    wrong = run(*CHECK, "--url", "ftp://x.example", **CONTACT)
    assert wrong.exit_code == 2
    assert "http://" in wrong.output


def test_this_machine_is_out_of_reach_unless_a_test_says_so(
    run: Run, cited: None, website: Website
) -> None:
    output = succeeded(run("links", "check", **CONTACT))

    assert "refused (private-address)" in output
    assert website.requests == []


def test_a_second_run_does_not_join_in(run: Run, cited: None, tmp_path: Path) -> None:
    with FileLock(tmp_path / "var" / "links.lock"):
        assert "Another" in failed(run(*CHECK, **CONTACT))
