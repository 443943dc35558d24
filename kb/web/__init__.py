"""Our dialect of HTTP: parsing, negotiation, headers, errors and the response cache."""
