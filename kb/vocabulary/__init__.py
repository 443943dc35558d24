"""The words we agreed on: term schemes with labels, definitions and synonyms."""
