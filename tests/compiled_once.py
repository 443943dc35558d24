"""What libraries compile for an application, compiled once: every test makes an application.

Templates are shared by all processes of a run, SQL statements and the rules of URLs by all
applications of a process. What is compiled is the same; only how often differs.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Engine
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]
STATEMENTS: LRUCache[Any, Any] = LRUCache(1_500)
BUILDERS: dict[Any, Builder] = {}


class SharedStatements:
    """A dialect whose engines share their compiled statements, which are kept by dialect."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        """What SQLAlchemy calls for each engine that it has made."""
        engine._compiled_cache = STATEMENTS


class SQLite(SharedStatements, SQLiteDialect_pysqlite):
    """SQLite, as `sqlite:///…` names it."""

    supports_statement_cache = True


class PostgreSQL(SharedStatements, PGDialect_psycopg):
    """PostgreSQL, as `postgresql+psycopg://…` names it."""

    supports_statement_cache = True


compile_builder = Rule._compile_builder


def builder(rule: Rule, append_unknown: bool = True) -> Builder:
    """The function that makes URLs of a rule; it is made of this key alone."""
    key = (tuple(rule._trace), tuple(sorted((rule.defaults or {}).items())), append_unknown)
    if key not in BUILDERS:
        BUILDERS[key] = compile_builder(rule, append_unknown)
    return BUILDERS[key]


def share(folder: Path) -> None:
    """Let what is compiled be compiled once; templates are written to the folder."""
    Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(str(folder))}
    registry.register("sqlite", __name__, SQLite.__name__)
    registry.register("postgresql.psycopg", __name__, PostgreSQL.__name__)
    Rule._compile_builder = builder  # type: ignore[assignment]
