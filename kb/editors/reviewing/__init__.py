"""What a draft is judged by before it is public: previews for readers, and comments of editors."""
