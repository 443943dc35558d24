"""How often one visitor may have a plan checked, or reject a remark."""

from __future__ import annotations

CHECKS_LIMIT = "120 per 10 minutes"  # beside the limit of the operator
