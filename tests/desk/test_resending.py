"""Forms that were sent when their session had ended: nothing typed is lost, nothing is done."""

from __future__ import annotations

import re
from html import unescape

from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.desk.conftest import Desk

WITHDRAW = "/redactie/casussen/tuin/intrekken"
REASON = "Opgegaan in\r\nhet <hof>."


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the form in the main part of a page."""
    main = page.partition("<main")[2]
    fields = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', main)
    return {name: unescape(value) for name, value in fields}


def test_what_was_typed_outlives_the_session(kb: KnowledgeBase, piet: Desk) -> None:
    kb.publish(a_case("tuin"))
    piet.post("/redactie/afmelden")

    ended = piet.post(WITHDRAW, {"reason": REASON, "replacedBy": ""})
    assert ended.status_code == 401
    assert 'href="/redactie/aanmelden?next=' in ended.text
    piet.sign_in()
    shown = piet.client.post(WITHDRAW, data=hidden(ended.text))

    assert shown.status_code == 403
    assert "Opgegaan in\r\nhet &lt;hof&gt;." in shown.text
    assert kb.client.get("/v1/cases/tuin").status_code == 200  # nothing was done
    sent = hidden(shown.text)
    assert (sent["reason"], sent["csrf"]) == (REASON, piet.csrf)
    assert piet.client.post(WITHDRAW, data=sent).status_code == 303
    withdrawn = kb.client.get("/v1/cases/tuin")
    assert withdrawn.status_code == 410
    assert withdrawn.json["reason"].split() == ["Opgegaan", "in", "het", "<hof>."]


def test_a_button_without_a_text_leads_to_signing_in(anna: Desk) -> None:
    anna.post("/redactie/afmelden")

    answer = anna.post("/redactie/casussen/tuin/beginnen")

    assert answer.status_code == 303
    assert answer.location == "/redactie/aanmelden"


def test_another_website_is_shown_no_secret(kb: KnowledgeBase, piet: Desk) -> None:
    kb.publish(a_case("tuin"))

    answer = kb.client.post(
        WITHDRAW, data={"reason": "Kwaad."}, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert answer.status_code == 403
    assert 'name="reason"' not in answer.text
    assert kb.client.get("/v1/cases/tuin").status_code == 200
