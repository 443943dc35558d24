"""What went wrong, across cases and phases."""
