"""How often one visitor may have a plan checked or reject a remark, and how much is linked."""

from __future__ import annotations

CHECKS_LIMIT = "120 per 10 minutes"  # beside the limit of the operator
MOST_LINKED = 50  # pitfalls: as many as a dossier has room for
