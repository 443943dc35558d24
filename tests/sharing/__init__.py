"""What other websites get."""
