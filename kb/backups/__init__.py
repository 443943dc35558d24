"""Backups: made, kept a number of, proven and restored; the index is made again instead."""
