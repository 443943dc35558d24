"""Tests of the vocabulary room."""
