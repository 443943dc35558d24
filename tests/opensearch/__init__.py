"""OpenSearch behind the promise of a search engine, on a real node."""
