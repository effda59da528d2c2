"""From curated files to a release: validate, derive, describe, write, verify."""
