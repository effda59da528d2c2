"""Makes knowledge graphs of any size in the repository's model, the same bytes for a seed."""
