"""Publishing: loading a release into a SPARQL server that is to answer queries on it."""
