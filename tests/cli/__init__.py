"""The side door: what each command does, says and ends with."""
