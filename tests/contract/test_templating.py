"""Our environment of Jinja says what Jinja's own does."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.templating import Environment
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import pass_context, pass_environment
from jinja2.runtime import Context
from markupsafe import Markup, escape

from kb.web.templating import TemplateEnvironment, escaped

TEXT_WITH_SIGNS = st.text(alphabet="<>&'\"aé")
VALUES = TEXT_WITH_SIGNS | TEXT_WITH_SIGNS.map(Markup) | st.integers() | st.none()


class OwnHtml:
    """A value that has HTML of its own."""

    def __html__(self) -> str:
        return "<b>!</b>"


@given(VALUES | st.lists(VALUES) | st.just(OwnHtml()))
def test_output_is_escaped_as_markupsafe_does(value: object) -> None:
    assert str(escaped(value)) == str(escape(value))


@pass_context
def word_of(context: Context) -> str:
    return str(context["word"])


@pass_environment
def sign_of(environment: Environment, text: str) -> str:
    return f"{text} {environment.block_start_string}"


@pytest.mark.parametrize(
    "template",
    [
        "{{ word }} {{ word|safe }} {{ number }} {{ absent }} {{ none }}",
        "{{ word_of() }} {{ sign_of('is') }}",
        "{{ names.items()|first|first }} {{ names.key }} {{ names.values is callable }}",
        "{{ word.upper() }} {{ word.absent }} {{ word.split('i', maxsplit=1)|join }}",
        "{% macro m(a, b=2) %}{{ a }}-{{ b }}{% endmacro %}{{ m(word) }}{{ m(1, b=word) }}",
        "{% macro m() %}<p>{{ caller() }}</p>{% endmacro %}{% call m() %}&{{ word }}{% endcall %}",
        "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(word, key=1) }}",
        "{% for n in [1, 2] %}{{ loop.cycle('a', 'b') }}{{ word_of() }}{% endfor %}",
        "{% autoescape false %}{{ word }}{% endautoescape %}{{ word }}",
        "{% set name %}<b>{{ word }}</b>{% endset %}{{ name }}{{ name|length }}",
        "{{ ('a' ~ word)|upper }}{{ word ~ word|safe }}{{ [word]|join('<br>'|safe) }}",
        "{% filter upper %}<a>{{ word }}{% endfilter %}{% block b %}{{ word }}{% endblock %}",
    ],
)
def test_a_template_gives_what_it_gives_in_jinja(template: str) -> None:
    answers = []
    for environment_class in (Environment, TemplateEnvironment):
        environment = environment_class(Flask("templates"), autoescape=True)
        functions = (word_of, sign_of)
        environment.globals |= {function.__name__: function for function in functions}
        page = environment.from_string(template)
        answers.append(page.render(word="<i>", number=3, names={"key": "value", "values": 1}))

    assert answers[0] == answers[1]
