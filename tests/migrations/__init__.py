"""Alembic's steps on both databases."""
