"""Lignée: build and serve one knowledge graph as verifiable releases."""
