"""Tests of the editors room."""
