"""The addresses and pages of a dataset's own resources."""
