"""Three real nodes of OpenSearch and a server, through one fault after the other."""
