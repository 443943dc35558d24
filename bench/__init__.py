"""The same work on this system and on its peers, in one run."""
