"""What worked, across cases."""
