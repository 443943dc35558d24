"""A parsed query on an index reader: ranking, filters and facets, sort, suggestions, highlights."""
