"""Images of cases: what people upload becomes clean files in a folder beside the database."""
