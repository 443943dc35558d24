"""Whether the addresses in published texts still answer; looked at by a command alone."""
