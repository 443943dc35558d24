"""A cluster of OpenSearch: its mapping, queries and writing, for `opensearch_engine.py`."""
