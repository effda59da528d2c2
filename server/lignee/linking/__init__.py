"""Candidates for links: what in one vocabulary may mean the same as something in another."""
