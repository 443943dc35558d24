"""Pages of editors, with sessions of their own."""
