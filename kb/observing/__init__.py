"""What an operator sees of a running system: metrics, logs, and the state of its parts."""
