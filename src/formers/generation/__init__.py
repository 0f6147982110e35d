"""Text generation: options, rules on scores, beams, the decode loops. Written once, on the `ops` of a backend."""
