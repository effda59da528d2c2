"""What a release refers to for its words: the ontology, the shapes, the validation report."""
