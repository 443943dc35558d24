"""Dutch text → terms: tokens, lemmas, stems, compounds and the vocabulary's synonyms."""
