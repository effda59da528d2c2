"""Running the server: which release is served, what is counted, what is logged."""
