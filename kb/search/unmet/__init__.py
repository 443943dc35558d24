"""What people looked for and did not find: counts of words, of nobody in particular."""
