"""Alembic's steps, the same for SQLite and PostgreSQL."""
