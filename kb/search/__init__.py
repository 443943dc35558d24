"""Words in; ranked cases, pitfalls and all else out."""
