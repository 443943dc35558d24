"""What was typed → clauses, each with the expansions that meet it."""
