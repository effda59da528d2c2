"""Sources, what each of their clauses states, and where they do not agree."""
