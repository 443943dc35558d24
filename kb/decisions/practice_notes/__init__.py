"""Experience, questions and nominations from practice: anybody sends, publishers decide."""
