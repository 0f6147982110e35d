"""Forms of weights that are read by products alone."""
