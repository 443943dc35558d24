"""Documents in bulk: read row by row, matched with cases, merged, checked and saved."""
