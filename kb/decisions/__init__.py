"""From finding to deciding: dossiers, memos, plan checks, transfer checks and practice notes."""
