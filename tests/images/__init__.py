"""Images: what becomes of an upload, who sees it, and when it goes."""
