"""How an address is looked at: against a real server that answers as websites do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.editors.link_checks.checker import LinkChecker, Pace
from kb.editors.link_checks.client import LinkClient, LinkError, is_public
from kb.editors.link_checks.judge import STATES, reason_of
from tests.editors.odd_websites import Website, a_website
from tests.sharing.mail_server import certificate

AGENT = "kennisbank-gemengde-wijken/1.1.0 (+https://kennis.example; redactie@kennis.example)"


@pytest.fixture
def website() -> Iterator[Website]:
    """A website on this machine."""
    with a_website() as made:
        yield made


def a_client(timeout: float = 0.5, deadline: float = 1.0) -> LinkClient:
    """A client that may reach this machine, with little patience."""
    return LinkClient(AGENT, may_connect=lambda _: True, timeout=timeout, deadline=deadline)


def a_checker(pause: float = 0.0) -> LinkChecker:
    return LinkChecker(a_client(), Pace(pause))


@pytest.mark.parametrize(
    ("path", "reason", "requests"),
    [
        ("/page", "ok", ["HEAD /page"]),
        ("/404/x", "not-found", ["HEAD /404/x", "GET /404/x"]),
        ("/410/x", "gone", ["HEAD /410/x", "GET /410/x"]),
        ("/401/x", "forbidden", ["HEAD /401/x", "GET /401/x"]),
        ("/403/x", "forbidden", ["HEAD /403/x", "GET /403/x"]),
        ("/999/x", "forbidden", ["HEAD /999/x", "GET /999/x"]),
        ("/500/x", "server-error", ["HEAD /500/x", "GET /500/x"]),
        ("/no-head", "ok", ["HEAD /no-head", "GET /no-head"]),
        ("/head-lies", "ok", ["HEAD /head-lies", "GET /head-lies"]),
        ("/drops-head", "ok", ["HEAD /drops-head", "GET /drops-head"]),
        ("/noise", "connection", ["HEAD /noise", "GET /noise"]),
        ("/silent/3", "timeout", ["HEAD /silent/3"]),
        ("/drips", "timeout", ["HEAD /drips"]),
        ("/page?q=a b#part", "ok", ["HEAD /page?q=a%20b"]),
        ("/café", "ok", ["HEAD /caf%C3%A9"]),
    ],
)
def test_an_address_is_what_its_server_says(
    website: Website, path: str, reason: str, requests: list[str]
) -> None:
    outcome = a_checker().check(website.url(path))

    assert outcome.reason == reason
    assert website.paths() == requests


def test_a_permanent_redirect_suggests_the_new_address(website: Website) -> None:
    outcome = a_checker().check(website.url("/to/301/page"))

    assert (outcome.reason, outcome.moved_to) == ("moved", website.url("/page"))


def test_a_redirect_for_now_is_followed_and_suggests_nothing(website: Website) -> None:
    assert a_checker().check(website.url("/to/302/page")).reason == "ok"
    assert a_checker().check(website.url("/to/307/404")).reason == "not-found"


def test_what_follows_a_redirect_for_now_is_no_suggestion(website: Website) -> None:
    outcome = a_checker().check(website.url("/to/308/to/302/to/301/page"))

    assert (outcome.reason, outcome.moved_to) == ("moved", website.url("/to/302/to/301/page"))


def test_a_permanent_redirect_to_nothing_is_no_suggestion(website: Website) -> None:
    outcome = a_checker().check(website.url("/to/301/404/x"))

    assert (outcome.reason, outcome.moved_to) == ("not-found", None)


def test_five_redirects_are_followed_and_no_more(website: Website) -> None:
    assert a_checker().check(website.url("/chain/5")).reason == "moved"
    website.requests.clear()

    assert a_checker().check(website.url("/chain/6")).reason == "redirects"
    assert len(website.paths()) == 6


def test_a_loop_ends_at_once(website: Website) -> None:
    looping = f"{website.url('/to/302/')}{website.url('/loop')}"
    assert a_checker().check(looping).reason == "ok"  # it only looks like one
    website.requests.clear()

    assert a_checker().check(website.url("/chain/-1")).reason == "redirects"


@pytest.mark.parametrize(
    "target", ["ftp://127.0.0.1/x", "file:///etc/passwd", "http://[::1", "javascript:alert(1)"]
)
def test_a_redirect_to_what_is_no_page_is_not_followed(website: Website, target: str) -> None:
    assert a_checker().check(website.url(f"/to/302/{target}")).reason == "bad-address"


def test_a_body_without_end_is_not_read(website: Website) -> None:
    begin = time.monotonic()

    assert a_checker().check(website.url("/endless")).reason == "ok"
    assert time.monotonic() - begin < 1.0
    assert website.sent < 2**24  # what fits in buffers on the way


def test_a_certificate_that_nobody_trusts_is_reported(tmp_path: Path) -> None:
    _, context = certificate(tmp_path)
    with a_website(context) as website:
        assert a_checker().check(website.url("/page")).reason == "tls"


@pytest.mark.parametrize(
    "url",
    ["http://", "http://:80/x", "http://[/x", "http://a..b/x", "http://127.0.0.1:99999/x",
     f"http://{'a' * 300}.nl/", "http://127.0.0.1:x/"],
)  # fmt: skip
def test_what_is_no_address_is_reported(url: str) -> None:
    assert a_checker().check(url).reason in {"bad-address", "dns"}


def test_a_port_where_nobody_listens_is_no_connection() -> None:
    with a_website() as website:
        url = website.url("/page")

    assert a_checker().check(url).reason == "connection"


def test_a_client_says_who_it_is(website: Website) -> None:
    a_checker().check(website.url("/page"))

    assert website.headers["User-Agent"] == AGENT


def test_between_requests_to_one_host_is_a_pause(website: Website) -> None:
    checker = a_checker(pause=0.2)
    for path in ("/page", "/to/302/page", "/404"):
        checker.check(website.url(path))

    moments = [moment for moment, _, _ in website.requests]
    assert len(moments) == 6  # robots.txt, and the HEAD and GET of 404
    assert all(later - earlier >= 0.19 for earlier, later in pairwise(moments))


@pytest.mark.parametrize(
    ("rules", "path", "reason"),
    [
        ("User-agent: *\nDisallow: /private", "/private/x", "robots"),
        ("User-agent: *\nDisallow: /private", "/page", "ok"),
        ("User-agent: kennisbank-gemengde-wijken\nDisallow: /", "/page", "robots"),
        ("User-agent: other\nDisallow: /", "/page", "ok"),
        ("\x00<html>no rules</html>", "/page", "ok"),
    ],
)
def test_robots_txt_is_respected(website: Website, rules: str, path: str, reason: str) -> None:
    website.robots = rules

    assert a_checker().check(website.url(path)).reason == reason
    assert bool(website.paths()) == (reason == "ok")


def test_robots_txt_is_read_once_and_asks_for_longer_pauses(website: Website) -> None:
    website.robots = "User-agent: *\nCrawl-delay: 1"
    checker = a_checker()
    begin = time.monotonic()
    checker.check(website.url("/page"))

    assert time.monotonic() - begin >= 0.9
    assert [path for _, _, path in website.requests] == ["/robots.txt", "/page"]
    assert checker.pace.seconds_until_free("127.0.0.1") > 0.5


def test_a_server_that_cannot_give_its_rules_is_left_alone(website: Website) -> None:
    website.robots_status = 503

    assert a_checker().check(website.url("/page")).reason == "robots"


def test_a_name_that_leads_into_our_network_is_not_followed(website: Website) -> None:
    checker = LinkChecker(LinkClient(AGENT), Pace(0))
    for host in ("127.0.0.1", "localhost", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"):
        url = website.url("/page").replace("127.0.0.1", host)
        assert checker.check(url).reason in {"private-address", "dns"}, host

    assert website.requests == []


def test_a_redirect_into_our_network_is_not_followed(website: Website) -> None:
    own = LinkClient(AGENT, may_connect=lambda address: address == "127.0.0.1")
    with pytest.raises(LinkError, match="private-address"):
        own.send("HEAD", website.url("/page").replace("127.0.0.1", "127.0.0.2"))

    outcome = LinkChecker(own, Pace(0)).check(website.url("/to/301/http://127.0.0.2/admin"))
    assert outcome.reason == "private-address"


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "172.16.3.4", "192.168.1.1", "127.1.2.3", "169.254.169.254", "100.64.0.1",
     "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1",
     "::ffff:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:a00:1::", "ff02::1"],
)  # fmt: skip
def test_addresses_of_networks_of_our_own_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2a00:1450:4001::1", "::ffff:8.8.8.8"])
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_address_within_another_is_as_public_as_itself(address: object) -> None:
    alone = is_public(str(address))

    assert is_public(f"::ffff:{address}") == alone
    number = int(address)  # type: ignore[call-overload]
    assert is_public(f"64:ff9b::{number >> 16:x}:{number & 0xFFFF:x}") == alone


def test_every_status_has_a_state() -> None:
    assert {STATES[reason_of(status)] for status in range(100, 1000)} <= set(STATES.values())
