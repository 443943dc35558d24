"""What an operator installs from `deploy/`, checked by the programs that read it."""
