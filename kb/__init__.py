"""A knowledge base of interventions that keep neighbourhoods mixed."""
