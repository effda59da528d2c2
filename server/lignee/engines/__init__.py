"""Engines: whatever evaluates a SPARQL query on one release."""
