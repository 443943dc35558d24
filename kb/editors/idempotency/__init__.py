"""Idempotency-Key: a request that comes again gets its first response again."""
