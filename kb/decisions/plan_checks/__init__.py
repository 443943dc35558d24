"""Reading a draft plan: what comparable cases ran into, have, found; nothing of the text stays."""
