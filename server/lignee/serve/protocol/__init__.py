"""The SPARQL 1.1 Protocol and what belongs to it."""
