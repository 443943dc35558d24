"""The Dutch of every text that is marked for translation; the English is in the code."""
