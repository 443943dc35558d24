"""The side door: the `kb` command, for content and for operation."""
