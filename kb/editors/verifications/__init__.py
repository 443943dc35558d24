"""What editors checked against a source: which key of which text, when, and against what."""
