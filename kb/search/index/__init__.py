"""The index on disk: Whoosh's segments, and beside them the arrays of our fast read side."""
