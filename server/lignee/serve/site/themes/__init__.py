"""Concept schemes as trees to browse."""
