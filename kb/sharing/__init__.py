"""For other websites: other forms of what is public, changes to follow, and partners by name."""
