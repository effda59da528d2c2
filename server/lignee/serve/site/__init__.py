"""The pages and files for people."""
