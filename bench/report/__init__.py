"""Results as something to read: a page, plots, and what changed between two."""
