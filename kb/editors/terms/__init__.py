"""Terms as content: proposed, reviewed and published by editors, never removed."""
