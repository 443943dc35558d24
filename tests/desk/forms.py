"""Forms as a browser without script has them: their fields, changed and sent."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from werkzeug.test import TestResponse

from tests.desk.conftest import Desk

FORM = "/redactie/casussen/tuin/bewerken"
Pairs = list[tuple[str, str]]  # the names and values of fields


class Fields(HTMLParser):
    """What a browser sends of the form with this class: names and values, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.pairs: Pairs = []
        self._inside = self._in_template = False
        self._select: str | None = None
        self._area: str | None = None
        self._text = ""
        self._options: list[tuple[str, bool]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form":
            self._inside = "thing-form" in (values.get("class") or "")
        self._in_template = self._in_template or tag == "template"
        if not self._inside or self._in_template:
            return
        name, value = values.get("name") or "", values.get("value") or ""
        if tag == "input" and name:
            if values.get("type") not in {"checkbox", "radio"} or "checked" in values:
                self.pairs.append((name, value))
        elif tag == "select":
            self._select, self._options = name, []
        elif tag == "option":
            self._options.append((value, "selected" in values))
        elif tag == "textarea":
            self._area, self._text = name, ""

    def handle_data(self, data: str) -> None:
        self._text += data if self._area else ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "template":
            self._in_template = False
        elif tag == "select" and self._select:
            chosen = [value for value, selected in self._options if selected]
            self.pairs.append((self._select, (chosen or [self._options[0][0]])[0]))
            self._select = None
        elif tag == "textarea" and self._area:
            text = self._text.removeprefix("\n").replace("\n", "\r\n")
            self.pairs.append((self._area, text))
            self._area = None


def opened(desk: Desk, path: str = FORM) -> Pairs:
    """The fields of a form, as the browser has them."""
    answer = desk.get(path)
    assert answer.status_code == 200, answer.text[:2000]
    return Fields(answer.text).pairs


def send(desk: Desk, pairs: Pairs, path: str = FORM, **more: str) -> TestResponse:
    """Send fields, with others in place of those of the same name."""
    form: dict[str, list[str]] = {}
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    form |= {name: [value] for name, value in more.items()}
    return desk.client.post(path, data=form, content_type="multipart/form-data")


def draft(desk: Desk, slug: str = "tuin") -> Any:
    """The draft as the API gives it."""
    return desk.call("GET", f"/cases/{slug}/draft").json
