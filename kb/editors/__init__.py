"""Who may write, and how a draft becomes public."""
