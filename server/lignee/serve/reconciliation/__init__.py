"""Reconciliation: what the names in somebody's table mean, as entities of a release."""
