"""The form in which one thing is written: made from its JSON Schema, saved through the API."""
