"""Measures builds of generated graphs and keeps the results."""
