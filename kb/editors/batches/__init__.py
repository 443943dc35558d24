"""Batches: one operation over many things, as drafts that are reviewed and published together."""
